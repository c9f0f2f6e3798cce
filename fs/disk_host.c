// A disk for the host's tools, fs/disk.h on an image in a file; and the cache's pages
// there.
//
// inc/fs.h is not for this file: <fcntl.h> has O_* of its own.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fs/disk.h>
#include <fs/disk_host.h>
#include <fs/pages.h>
#include <inc/assert.h>
#include <inc/error.h>
#include <inc/mmu.h>

static int fd = -1;
static int first_errno;

// QEMU has shared locks in this range of bytes of an image that it uses.
#define LOCK_START 100
#define LOCK_LEN 200

static int
lock_image(void)
{
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_START, .l_len = LOCK_LEN};

	if (fcntl(fd, F_SETLK, &lock) == 0)
		return 0;
	if (errno == EACCES || errno == EAGAIN)
		return DISK_IN_USE;
	return 0; // no locks on this file system
}

int
disk_host_open(const char *path, bool create, uint32_t nblocks)
{
	int r = 0;

	first_errno = 0;
	fd = open(path, O_RDWR | (create ? O_CREAT : 0), 0666);
	if (fd < 0)
		return errno;
	r = lock_image();
	// Not before it is ours: another may be making it.
	if (r == 0 && create &&
	    (ftruncate(fd, 0) < 0 || ftruncate(fd, (off_t)nblocks * PGSIZE) < 0))
		r = errno;
	if (r) {
		close(fd);
		fd = -1;
	}
	return r;
}

int
disk_host_resize(uint32_t nblocks)
{
	return ftruncate(fd, (off_t)nblocks * PGSIZE) < 0 ? errno : 0;
}

int
disk_host_close(void)
{
	int r = first_errno;

	if (fsync(fd) < 0 && !r)
		r = errno;
	if (close(fd) < 0 && !r)
		r = errno;
	fd = -1;
	return r;
}

int
disk_host_errno(void)
{
	return first_errno;
}

// -E_IO, and the reason for disk_host_errno.
static int
io_error(int reason)
{
	if (!first_errno)
		first_errno = reason;
	return -E_IO;
}

int
disk_init(void)
{
	struct stat st;

	if (fd < 0)
		return -E_NO_DEV;
	if (fstat(fd, &st) < 0)
		return io_error(errno);
	if (!S_ISREG(st.st_mode))
		return 0;
	return st.st_size / PGSIZE > 0x7fffffff ? 0x7fffffff : (int)(st.st_size / PGSIZE);
}

int
disk_read(uint32_t block, uint32_t n, void *const bufs[])
{
	for (uint32_t i = 0; i < n; i++) {
		ssize_t got = pread(fd, bufs[i], PGSIZE, (off_t)(block + i) * PGSIZE);

		if (got != PGSIZE)
			return io_error(got < 0 ? errno : EIO);
	}
	return 0;
}

int
disk_write(uint32_t block, uint32_t n, void *const bufs[])
{
	for (uint32_t i = 0; i < n; i++) {
		ssize_t put = pwrite(fd, bufs[i], PGSIZE, (off_t)(block + i) * PGSIZE);

		if (put != PGSIZE)
			return io_error(put < 0 ? errno : ENOSPC);
	}
	return 0;
}

int
disk_flush(void)
{
	return fsync(fd) < 0 ? io_error(errno) : 0;
}

int
pages_grow(void *store[], int want)
{
	static char pages[CACHE_BLOCKS][PGSIZE] __attribute__((aligned(PGSIZE)));
	static int npages;
	int n;

	for (n = 0; n < want && npages < CACHE_BLOCKS; n++)
		store[n] = pages[npages++];
	return n;
}

void
pages_changed(uint32_t block)
{
	(void)block; // nobody maps anything here
}

void
_panic(const char *file, int line, const char *fmt, ...)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, fmt);
	abort();
}
