// File descriptors.
//
// A descriptor is a page at FDTABLE, and may have a second page of data at
// FILEDATA. Both are marked PTE_SHARE, so that a child that fork or spawn makes
// has the same open file, offset included. A file is open for as long as its
// descriptor's page is mapped anywhere. The threads of a process have all descriptors in
// common, and may make any of the library's calls on them at once.
#ifndef INC_FD_H
#define INC_FD_H

#include <inc/fs.h>
#include <inc/types.h>

struct Dev;

struct FdFile {
	int id; // the file server's name for it
};

struct Fd {
	int fd_dev_id;
	off_t fd_offset;
	int fd_omode; // O_*
	union {
		struct FdFile fd_file;
	};
	volatile uint32_t fd_lock; // lib/fdlock.c
};

struct Stat {
	char st_name[MAXNAMELEN];
	off_t st_size;
	int st_isdir;
	struct Dev *st_dev;
};

// Each function returns >= 0 or -E_NAME. dev_close is called when the last
// descriptor of the open file in this program is closed.
struct Dev {
	int dev_id;
	const char *dev_name;
	ssize_t (*dev_read)(struct Fd *fd, void *buf, size_t len);
	ssize_t (*dev_write)(struct Fd *fd, const void *buf, size_t len);
	int (*dev_close)(struct Fd *fd);
	int (*dev_stat)(struct Fd *fd, struct Stat *stat);
	int (*dev_trunc)(struct Fd *fd, off_t length);
};

#define MAXFD 32
#define FDTABLE 0xD0000000
#define FILEDATA (FDTABLE + MAXFD * PGSIZE)

#define INDEX2FD(i) ((struct Fd *)(FDTABLE + (i)*PGSIZE))
#define INDEX2DATA(i) ((char *)(FILEDATA + (i)*PGSIZE))

extern struct Dev devfile;
extern struct Dev devcons;
extern struct Dev devpipe;

// lib/fd.c
char *fd2data(struct Fd *fd);
int fd2num(struct Fd *fd);
int fd_alloc(struct Fd **fd_store);
int fd_dup(int oldfdnum);
int fd_close(struct Fd *fd, bool must_exist);
int fd_lookup(int fdnum, struct Fd **fd_store);
int dev_lookup(int devid, struct Dev **dev_store);

#endif
