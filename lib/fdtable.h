// The table of descriptors among the threads of a process. lib/fdtable.c explains it.
#ifndef LIB_FDTABLE_H
#define LIB_FDTABLE_H

#include "lib/places.h"
#include "lib/share.h"

// Behind descriptors and their data, at the numbers from ASIDE on, are descriptors
// of calls that have stepped aside; then pages of requests to the file server.
#define ASIDE (2 * MAXFD)
#define NASIDE 32
static_assert(NASIDE <= MAXFD && NASIDE <= PLACES_MAX, "what is aside has its data behind it");
#define FSREQ_PAGES (FDTABLE + 4 * MAXFD * PGSIZE)
#define FD_AREA_TOP (FDTABLE + 5 * MAXFD * PGSIZE)

// A call's use of a descriptor, on its stack: fd does not go away before fd_put.
struct FdUse {
	struct Fd *fd;
	struct FdUse *next; // of this thread, begun before it
	bool counted;       // in the table
};

int fd_get(int fdnum, struct FdUse *use);
void fd_put(struct FdUse *use);
bool fd_get_now(int fdnum, struct FdUse *use);
struct Fd *fd_step_aside(struct Fd *fd);

int fd_reserve(struct Fd **fd_store);
void fd_publish(struct Fd *const *fd, int n, bool hidden);
void fd_give_up(struct Fd *fd);
int fd_leave(struct Fd *fd, struct FdUse *use);
int fd_replace(int oldfdnum, int newfdnum, struct FdUse *use);
void fd_replaced(int fdnum);
int fd_map(struct Fd *from, struct Fd *to);
void fd_unmap(struct Fd *fd);

bool fd_is_there(int fdnum);
bool fd_is_free(int fdnum);
bool fd_is_leaving(int fdnum);
bool fd_is_hidden(int fdnum);

// For fork, around all that makes the child.
void fd_lock_all(void);
void fd_unlock_all(void);

// Before the process's first thread is made.
void fd_count_uses(void);

// Before a thread that is not its process's first ends.
void fd_thread_end(void);

// lib/fdlock.c: a lock of the open file, among all that share it.
bool fd_lock(struct Fd *fd);
void fd_unlock(struct Fd *fd, bool locked);

// lib/fsreq.c: requests to the file server.
extern struct Places fsreq_places;
union Fsipc *fsreq_begin(void);
union Fsipc *fsreq_begin_last(void);
void fsreq_end(union Fsipc *page);
int fsreq_call(uint32_t word, void *page, void *dstva);
int fsreq_send(uint32_t word, void *page, int perm, void *dstva, bool trap);

// lib/file.c
int file_open(const char *path, int mode, bool hidden);
void file_end(struct Fd *fd);

extern struct Places spawn_places; // lib/fdopen.c

// lib/fd.c, for lib/console.c and lib/readline.c
int fd_is_of(int fdnum, const struct Dev *dev);
bool fd_is_file(int fdnum);
void fd_unread(int fdnum, size_t n);

#endif
