// An open file is one to parent and child: so is the place in it up to which it was
// read.
#include <inc/lib.h>

static char first[512], again[512];

// Reads the file from its start and compares it with what was read first.
static void
read_again(int fd, int len, const char *where)
{
	int r = seek(fd, 0);

	if (r < 0)
		panic("seek in %s: %e", where, r);
	r = readn(fd, again, sizeof(again));
	if (r != len)
		panic("read in %s got %d bytes, not %d", where, r, len);
	if (memcmp(first, again, len) != 0)
		panic("read in %s got other bytes", where);
}

void
umain(int argc, char **argv)
{
	int fd, len, r;

	if ((fd = open("/motd", O_RDONLY)) < 0)
		panic("open /motd: %e", fd);
	len = readn(fd, first, sizeof(first));
	if (len <= 0)
		panic("read /motd: %d", len);

	envid_t child = fork();
	if (child < 0)
		panic("fork: %e", child);
	if (child == 0) {
		cprintf("going to read in child (might page fault if your sharing is buggy)\n");
		read_again(fd, len, "child");
		cprintf("read in child succeeded\n");
		seek(fd, 1);
		close(fd);
		exit();
	}
	wait(child);

	// The child's last seek is seen here; its close is not.
	r = readn(fd, again, sizeof(again));
	if (r != len - 1 || memcmp(first + 1, again, len - 1) != 0)
		panic("parent reads %d bytes behind the child's seek, not %d", r, len - 1);
	read_again(fd, len, "parent");
	cprintf("read in parent succeeded\n");
	close(fd);
}
