// xv6's calls of files and descriptors, made of the library's. All return -1 for any
// error.
//
// In parentheses, a name is that of the library's function.
#include "lib/xv6.h"

// ---- Descriptors ------------------------------------------------------------------

// Opens a file, or with O_CREATE makes one. Its descriptor.
int
xv6_open(const char *path, int mode)
{
	return result((open)(path, mode));
}

int
xv6_close(int fd)
{
	return result((close)(fd));
}

// Reads at most n bytes: how many, 0 at the end.
int
xv6_read(int fd, void *buf, int n)
{
	return n < 0 ? -1 : result((read)(fd, buf, n));
}

// Writes n bytes, all of them: n.
int
xv6_write(int fd, const void *buf, int n)
{
	return n < 0 || (write)(fd, buf, n) != n ? -1 : n;
}

// Makes the lowest free descriptor the same open file. Its number.
int
xv6_dup(int fd)
{
	return result(fd_dup(fd));
}

int
xv6_pipe(int *fds)
{
	return result((pipe)(fds));
}

static void
convert(struct stat *st, const struct Stat *from)
{
	bool disk = from->st_dev == &devfile;

	*st = (struct stat){
		.type = from->st_isdir ? T_DIR
			: disk         ? T_FILE
				       : T_DEV,
		.dev = disk ? 1 : 2,
		.nlink = 1,
		.size = from->st_size,
	};
}

int
xv6_fstat(int fd, struct stat *st)
{
	struct Stat from;

	if ((fstat)(fd, &from) < 0)
		return -1;
	convert(st, &from);
	return 0;
}

// ---- Paths ------------------------------------------------------------------------

int
xv6_stat(const char *path, struct stat *st)
{
	struct Stat from;

	if ((stat)(path, &from) < 0)
		return -1;
	convert(st, &from);
	return 0;
}

// Removes a file, or an empty directory.
int
xv6_unlink(const char *path)
{
	return result(remove(path));
}

int
xv6_mkdir(const char *path)
{
	return result((mkdir)(path));
}

// A file has one name: -1.
int
xv6_link(const char *from, const char *to)
{
	return -1;
}

// There are no device files: -1.
int
xv6_mknod(const char *path, short major, short minor)
{
	return -1;
}

// All paths begin at the root: 0 for that, else -1.
int
xv6_chdir(const char *path)
{
	return strcmp(path, "/") == 0 || strcmp(path, ".") == 0 ? 0 : -1;
}
