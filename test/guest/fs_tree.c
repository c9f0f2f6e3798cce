// Shows the whole tree as it is, as fs/fsck.c does with -s: "PATH d" for a directory,
// "PATH f SIZE HASH" for a file.

#include <inc/lib.h>
#include <test/guest/check.h>
#include <test/guest/fsmodel.h>

static void
show_file(int fd, const char *path, int32_t size)
{
	static uint8_t buf[PGSIZE];
	uint64_t hash = HASH_START;
	int n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		hash = hash_bytes(hash, buf, n);
	CHECK_EQ(n, 0);
	cprintf("%s f %d %016llx\n", path, size, hash);
}

static void
show(const char *path)
{
	char below[4 * MAXNAMELEN];
	struct Stat stat;
	struct File file;
	int fd, n;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		panic("%s: %e", path, fd);
	CHECK_EQ(fstat(fd, &stat), 0);
	if (!stat.st_isdir) {
		show_file(fd, path, stat.st_size);
	} else {
		cprintf("%s d\n", path);
		while ((n = readn(fd, &file, sizeof(file))) == sizeof(file)) {
			if (!file.f_name[0])
				continue;
			n = snprintf(below, sizeof(below), "%s/%s", path[1] ? path : "",
				     file.f_name);
			CHECK(n < (int)sizeof(below));
			show(below);
		}
		CHECK_EQ(n, 0);
	}
	CHECK_EQ(close(fd), 0);
}

void
umain(int argc, char **argv)
{
	show("/");
	PASS("fs_tree");
}
