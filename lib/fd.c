// File descriptors: the calls that go by a descriptor's device. inc/fd.h says what a
// descriptor is, lib/fdtable.c how threads share them.
//
// A descriptor's page is what keeps the file open, its data what the device needs
// beside it. Its page comes last and goes first: see lib/pipe.c.
#include "lib/fdtable.h"
#include "lib/libcall.h"

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
// until then it is free, also for other threads. 0; or -E_MAX_OPEN and *fd_store is
// NULL.
int
fd_alloc(struct Fd **fd_store)
{
	for (int i = 0; i < MAXFD; i++) {
		*fd_store = INDEX2FD(i);
		if (fd_is_free(i))
			return 0;
	}
	*fd_store = NULL;
	return -E_MAX_OPEN;
}

// The descriptor of that number. 0; or -E_INVAL if it is not open.
int
fd_lookup(int fdnum, struct Fd **fd_store)
{
	if (!fd_is_there(fdnum))
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

// Begins to use an open descriptor. Its device; or NULL: it is not open, or of none.
static struct Dev *
get(int fdnum, struct FdUse *use)
{
	struct Dev *dev;

	if (fd_get(fdnum, use) < 0)
		return NULL;
	if (dev_lookup(use->fd->fd_dev_id, &dev) < 0)
		fd_put(use);
	return dev;
}

// Whether another descriptor of ours is, and stays, of the same open file.
static bool
is_dup(struct Fd *fd)
{
	physaddr_t page = PTE_ADDR(uvpt[PGNUM(fd)]);

	for (int i = 0; i < MAXFD; i++) {
		pte_t pte = vm_present((uintptr_t)INDEX2FD(i));
		if (pte && INDEX2FD(i) != fd && PTE_ADDR(pte) == page && !fd_is_leaving(i))
			return true;
	}
	return false;
}

// Tells the device of a descriptor that is leaving. Two that leave at once may both be
// the last, so that one is.
static int
close_device(struct Fd *fd)
{
	struct Dev *dev;
	int r = dev_lookup(fd->fd_dev_id, &dev);

	return r == 0 && dev->dev_close && !is_dup(fd) ? dev->dev_close(fd) : r;
}

// Closes a descriptor. 0, or the error of the device, whatever that is: it is closed
// then, too. One that is not open: -E_INVAL if it must exist, else 0.
int
fd_close(struct Fd *fd, bool must_exist)
{
	struct FdUse use;
	int n = fd2num(fd), r;

	if (n < 0 || n >= MAXFD || INDEX2FD(n) != fd || fd_leave(fd, &use) < 0)
		return must_exist ? -E_INVAL : 0;
	r = close_device(fd);
	fd_put(&use);
	return r;
}

// ---- Calls ------------------------------------------------------------------------

// Closes the descriptor: 0; -E_INVAL if it is not open. For a file that was opened for
// writing all is on the disk then; if it can't be, -E_IO and the like, and the
// descriptor is closed nevertheless. Calls of other threads that use it go on; its number
// is free when they have come to their ends.
int
close(int fdnum)
{
	return fdnum < 0 || fdnum >= MAXFD ? -E_INVAL : fd_close(INDEX2FD(fdnum), true);
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
// descriptor's page before its data. Other threads may be anywhere, and go no further:
// nothing that they have is waited for.
void
fd_end_all(void)
{
	struct FdUse use;

	if (!(uvpd[PDX(FDTABLE)] & PTE_P))
		return;
	for (int i = 0; i < MAXFD; i++) {
		if (!fd_get_now(i, &use))
			continue;
		if (use.fd->fd_dev_id == devfile.dev_id)
			file_end(use.fd);
		fd_put(&use);
	}
}

// Makes newfdnum, which is closed first if it is open, another descriptor of what
// oldfdnum is: they have one offset. Returns newfdnum. Calls of other threads that use
// newfdnum are waited for, and it is always open to those that come meanwhile. -E_INVAL:
// oldfdnum is not open, or newfdnum out of range, or in use by what the caller, a
// page-fault handler, interrupted; -E_NO_MEM: and newfdnum is not open.
int
dup(int oldfdnum, int newfdnum)
{
	struct FdUse use;
	struct Fd *new = INDEX2FD(newfdnum);
	int r;

	if (oldfdnum < 0 || oldfdnum >= MAXFD || newfdnum < 0 || newfdnum >= MAXFD)
		return -E_INVAL;
	if (newfdnum == oldfdnum) {
		if ((r = fd_get(oldfdnum, &use)) < 0)
			return r;
		fd_put(&use);
		return newfdnum;
	}
	if ((r = fd_replace(oldfdnum, newfdnum, &use)) < 0)
		return r;
	if (vm_present((uintptr_t) new)) {
		close_device(new);
		fd_unmap(new);
	}
	r = fd_map(use.fd, new);
	fd_replaced(newfdnum);
	fd_put(&use);
	return r < 0 ? r : newfdnum;
}

// The same under the lowest free number, which is returned, or -E_MAX_OPEN.
int
fd_dup(int oldfdnum)
{
	struct FdUse use;
	struct Fd *new;
	int r = fd_get(oldfdnum, &use);

	if (r < 0)
		return r;
	if ((r = fd_reserve(&new)) == 0) {
		if ((r = fd_map(use.fd, new)) < 0)
			fd_give_up(new);
		else
			fd_publish(&new, 1, false);
	}
	fd_put(&use);
	return r < 0 ? r : fd2num(new);
}

// Reads up to n bytes. How many; 0 at the end. -E_INVAL: not open, or not for reading;
// -E_NOT_SUPP: its device can't be read; or the device's error.
ssize_t
read(int fdnum, void *buf, size_t n)
{
	struct FdUse use;
	struct Dev *dev = get(fdnum, &use);
	ssize_t r;

	if (!dev)
		return -E_INVAL;
	struct Fd *fd = use.fd;
	bool may = (fd->fd_omode & O_ACCMODE) != O_WRONLY;
	// A key may never come, and the console itself is always there.
	if (dev == &devcons) {
		fd_put(&use);
		return may ? dev->dev_read(fd, buf, n) : -E_INVAL;
	}
	if (!may)
		r = -E_INVAL;
	else
		r = dev->dev_read ? dev->dev_read(fd, buf, n) : -E_NOT_SUPP;
	fd_put(&use);
	return r;
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
	struct FdUse use;
	struct Dev *dev = get(fdnum, &use);
	ssize_t r;

	if (!dev)
		return -E_INVAL;
	if ((use.fd->fd_omode & O_ACCMODE) == O_RDONLY)
		r = -E_INVAL;
	else
		r = dev->dev_write ? dev->dev_write(use.fd, buf, n) : -E_NOT_SUPP;
	fd_put(&use);
	return r;
}

// Sets where the next read or write is to be, from the beginning, for all descriptors
// of the same open file. 0; -E_INVAL: not open, or offset is negative.
int
seek(int fdnum, off_t offset)
{
	struct FdUse use;
	int r = fd_get(fdnum, &use);

	if (r < 0)
		return r;
	if (offset < 0) {
		r = -E_INVAL;
	} else {
		bool locked = fd_lock(use.fd); // not in the middle of a read or write
		use.fd->fd_offset = offset;
		fd_unlock(use.fd, locked);
	}
	fd_put(&use);
	return r;
}

// Sets the offset back by n bytes that were read and are not wanted.
void
fd_unread(int fdnum, size_t n)
{
	struct FdUse use;

	if (n == 0 || fd_get(fdnum, &use) < 0)
		return;
	bool locked = fd_lock(use.fd);
	use.fd->fd_offset -= n;
	fd_unlock(use.fd, locked);
	fd_put(&use);
}

// Whether the descriptor is of that device; -E_INVAL if it is not open.
int
fd_is_of(int fdnum, const struct Dev *dev)
{
	struct FdUse use;
	int r = fd_get(fdnum, &use);

	if (r < 0)
		return r;
	r = use.fd->fd_dev_id == dev->dev_id;
	fd_put(&use);
	return r;
}

// Whether the descriptor is open, and of a file.
bool
fd_is_file(int fdnum)
{
	return fd_is_of(fdnum, &devfile) > 0;
}

// Cuts the file to size, or extends it with zeroes. 0; -E_INVAL: not open, not for
// writing, or size is negative; -E_NOT_SUPP; or the device's error.
int
ftruncate(int fdnum, off_t size)
{
	struct FdUse use;
	struct Dev *dev = get(fdnum, &use);
	int r;

	if (!dev)
		return -E_INVAL;
	if ((use.fd->fd_omode & O_ACCMODE) == O_RDONLY)
		r = -E_INVAL;
	else
		r = dev->dev_trunc ? dev->dev_trunc(use.fd, size) : -E_NOT_SUPP;
	fd_put(&use);
	return r;
}

// Tells about what the descriptor is of. 0; -E_INVAL: not open; -E_NOT_SUPP; or the
// device's error.
int
fstat(int fdnum, struct Stat *stat)
{
	struct FdUse use;
	struct Dev *dev = get(fdnum, &use);
	int r;

	if (!dev)
		return -E_INVAL;
	if (dev->dev_stat) {
		memset(stat, 0, sizeof(*stat));
		stat->st_dev = dev;
		r = dev->dev_stat(use.fd, stat);
	} else {
		r = -E_NOT_SUPP;
	}
	fd_put(&use);
	return r;
}

// The same of a path. Errors are open's and fstat's.
int
stat(const char *path, struct Stat *stat)
{
	int fdnum = file_open(path, O_RDONLY, true);

	if (fdnum < 0)
		return fdnum;
	int r = fstat(fdnum, stat);
	close(fdnum);
	return r;
}
