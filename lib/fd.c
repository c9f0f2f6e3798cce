// File descriptors: the table, and the calls that go by a descriptor's device.
// inc/fd.h says what a descriptor is.
//
// A descriptor's page is what keeps the file open, its data what the device needs
// beside it. Its page comes last and goes first: see lib/pipe.c.
#include "lib/libcall.h"
#include "lib/share.h"

static struct Dev *const devices[] = {&devfile, &devpipe, &devcons};

// ---- The table --------------------------------------------------------------------

// The descriptor's number.
int
fd2num(struct Fd *fd)
{
	return ((uintptr_t)fd - FDTABLE) / PGSIZE;
}

// The address of the descriptor's data page, which need not be mapped.
char *
fd2data(struct Fd *fd)
{
	return INDEX2DATA(fd2num(fd));
}

// Finds the lowest descriptor that is not open, for the caller to map a page there:
// until then it is free. 0; or -E_MAX_OPEN and *fd_store is NULL.
int
fd_alloc(struct Fd **fd_store)
{
	for (int i = 0; i < MAXFD; i++) {
		*fd_store = INDEX2FD(i);
		if (!pte_at((uintptr_t)*fd_store))
			return 0;
	}
	*fd_store = NULL;
	return -E_MAX_OPEN;
}

// The descriptor of that number. 0; or -E_INVAL if it is not open.
int
fd_lookup(int fdnum, struct Fd **fd_store)
{
	if (fdnum < 0 || fdnum >= MAXFD || !pte_at((uintptr_t)INDEX2FD(fdnum)))
		return -E_INVAL;
	*fd_store = INDEX2FD(fdnum);
	return 0;
}

// The device of that id. 0; or -E_INVAL and *dev_store is NULL.
int
dev_lookup(int devid, struct Dev **dev_store)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(devices); i++) {
		*dev_store = devices[i];
		if (devices[i]->dev_id == devid)
			return 0;
	}
	*dev_store = NULL;
	return -E_INVAL;
}

// The open descriptor and its device. 0 or -E_INVAL.
static int
find(int fdnum, struct Fd **fd, struct Dev **dev)
{
	int r = fd_lookup(fdnum, fd);

	return r < 0 ? r : dev_lookup((*fd)->fd_dev_id, dev);
}

// Whether another descriptor of ours is of the same open file.
static bool
is_dup(struct Fd *fd)
{
	physaddr_t page = PTE_ADDR(uvpt[PGNUM(fd)]);

	for (int i = 0; i < MAXFD; i++) {
		pte_t pte = pte_at((uintptr_t)INDEX2FD(i));
		if (pte && INDEX2FD(i) != fd && PTE_ADDR(pte) == page)
			return true;
	}
	return false;
}

// Closes a descriptor. 0, or the error of the device, whatever that is: it is closed
// then, too. One that is not open: -E_INVAL if it must exist, else 0.
int
fd_close(struct Fd *fd, bool must_exist)
{
	struct Fd *open;
	struct Dev *dev;
	int r;

	if ((r = fd_lookup(fd2num(fd), &open)) < 0 || open != fd)
		return must_exist ? -E_INVAL : 0;
	if ((r = dev_lookup(fd->fd_dev_id, &dev)) == 0 && dev->dev_close && !is_dup(fd))
		r = dev->dev_close(fd);
	lib_page_unmap(0, fd);
	if (pte_at((uintptr_t)fd2data(fd)))
		lib_page_unmap(0, fd2data(fd));
	return r;
}

// ---- Calls ------------------------------------------------------------------------

// Closes the descriptor: 0; -E_INVAL if it is not open. For a file that was opened for
// writing all is on the disk then; if it can't be, -E_IO and the like, and the
// descriptor is closed nevertheless.
int
close(int fdnum)
{
	struct Fd *fd;
	int r = fd_lookup(fdnum, &fd);

	return r < 0 ? r : fd_close(fd, true);
}

// Closes all.
void
close_all(void)
{
	if (!(uvpd[PDX(FDTABLE)] & PTE_P))
		return;
	for (int i = 0; i < MAXFD; i++)
		close(i);
}

// The same at the end of a program, but for unmapping: the kernel will do that, a
// descriptor's page before its data.
void
fd_end_all(void)
{
	struct Dev *dev;
	struct Fd *fd;

	if (!(uvpd[PDX(FDTABLE)] & PTE_P))
		return;
	for (int i = 0; i < MAXFD; i++)
		if (find(i, &fd, &dev) == 0 && dev->dev_close)
			dev->dev_close(fd);
}

// Makes newfdnum, which is closed first if it is open, another descriptor of what
// oldfdnum is: they have one offset. Returns newfdnum. -E_INVAL: oldfdnum is not
// open, or newfdnum out of range; -E_NO_MEM: and newfdnum is not open.
int
dup(int oldfdnum, int newfdnum)
{
	struct Fd *old, *new;
	pte_t pte;
	int r;

	if ((r = fd_lookup(oldfdnum, &old)) < 0)
		return r;
	if (newfdnum < 0 || newfdnum >= MAXFD)
		return -E_INVAL;
	if (newfdnum == oldfdnum)
		return newfdnum;
	close(newfdnum);
	new = INDEX2FD(newfdnum);

	pte = pte_at((uintptr_t)fd2data(old));
	if (pte && (r = lib_page_map(0, fd2data(old), 0, fd2data(new), pte & PTE_SYSCALL)) < 0)
		return r;
	pipe_sharing(old);
	r = lib_page_map(0, old, 0, new, uvpt[PGNUM(old)] & PTE_SYSCALL);
	if (r < 0 && pte)
		lib_page_unmap(0, fd2data(new));
	pipe_shared(old);
	return r < 0 ? r : newfdnum;
}

// Reads up to n bytes. How many; 0 at the end. -E_INVAL: not open, or not for reading;
// -E_NOT_SUPP: its device can't be read; or the device's error.
ssize_t
read(int fdnum, void *buf, size_t n)
{
	struct Fd *fd;
	struct Dev *dev;
	int r = find(fdnum, &fd, &dev);

	if (r < 0)
		return r;
	if ((fd->fd_omode & O_ACCMODE) == O_WRONLY)
		return -E_INVAL;
	return dev->dev_read ? dev->dev_read(fd, buf, n) : -E_NOT_SUPP;
}

// Reads n bytes, fewer only if the end comes before. How many, or read's error, even
// if some have been read.
ssize_t
readn(int fdnum, void *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = read(fdnum, (char *)buf + done, n - done);
		if (r < 0)
			return r;
		if (r == 0)
			break;
		done += r;
	}
	return done;
}

// Writes n bytes. How many were written, fewer if there was an error after some.
// -E_INVAL: not open, or not for writing; -E_NOT_SUPP; or the device's error.
ssize_t
write(int fdnum, const void *buf, size_t n)
{
	struct Fd *fd;
	struct Dev *dev;
	int r = find(fdnum, &fd, &dev);

	if (r < 0)
		return r;
	if ((fd->fd_omode & O_ACCMODE) == O_RDONLY)
		return -E_INVAL;
	return dev->dev_write ? dev->dev_write(fd, buf, n) : -E_NOT_SUPP;
}

// Sets where the next read or write is to be, from the beginning, for all descriptors
// of the same open file. 0; -E_INVAL: not open, or offset is negative.
int
seek(int fdnum, off_t offset)
{
	struct Fd *fd;
	int r = fd_lookup(fdnum, &fd);

	if (r < 0)
		return r;
	if (offset < 0)
		return -E_INVAL;
	fd->fd_offset = offset;
	return 0;
}

// Cuts the file to size, or extends it with zeroes. 0; -E_INVAL: not open, not for
// writing, or size is negative; -E_NOT_SUPP; or the device's error.
int
ftruncate(int fdnum, off_t size)
{
	struct Fd *fd;
	struct Dev *dev;
	int r = find(fdnum, &fd, &dev);

	if (r < 0)
		return r;
	if ((fd->fd_omode & O_ACCMODE) == O_RDONLY)
		return -E_INVAL;
	return dev->dev_trunc ? dev->dev_trunc(fd, size) : -E_NOT_SUPP;
}

// Tells about what the descriptor is of. 0; -E_INVAL: not open; -E_NOT_SUPP; or the
// device's error.
int
fstat(int fdnum, struct Stat *stat)
{
	struct Fd *fd;
	struct Dev *dev;
	int r = find(fdnum, &fd, &dev);

	if (r < 0)
		return r;
	if (!dev->dev_stat)
		return -E_NOT_SUPP;
	memset(stat, 0, sizeof(*stat));
	stat->st_dev = dev;
	return dev->dev_stat(fd, stat);
}

// The same of a path. Errors are open's and fstat's.
int
stat(const char *path, struct Stat *stat)
{
	int fdnum = open(path, O_RDONLY);

	if (fdnum < 0)
		return fdnum;
	int r = fstat(fdnum, stat);
	close(fdnum);
	return r;
}
