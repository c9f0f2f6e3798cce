// Pipes: what is written at one end is read at the other; the reader sees the end when
// nobody can write any more, the writer when nobody can read.
#include <inc/lib.h>

static const char message[] = "Now is the time for all good men to come to the aid of their party.";

static void
read_all(int fd)
{
	char buf[100];
	int n = readn(fd, buf, sizeof(buf));

	if (n == (int)strlen(message) && memcmp(buf, message, n) == 0)
		cprintf("\npipe read closed properly\n");
	else
		cprintf("\ngot %d bytes: %.*s\n", n, MAX(n, 0), buf);
}

// A child that reads what the parent writes, up to the end.
static void
test_read(void)
{
	int fds[2], r;

	if ((r = pipe(fds)) < 0)
		panic("pipe: %e", r);
	envid_t child = fork();
	if (child < 0)
		panic("fork: %e", child);
	if (child == 0) {
		cprintf("[%08x] pipereadeof close %d\n", thisenv->env_id, fds[1]);
		close(fds[1]);
		cprintf("[%08x] pipereadeof readn %d\n", thisenv->env_id, fds[0]);
		read_all(fds[0]);
		exit();
	}
	cprintf("[%08x] pipereadeof close %d\n", thisenv->env_id, fds[0]);
	close(fds[0]);
	cprintf("[%08x] pipereadeof write %d\n", thisenv->env_id, fds[1]);
	if ((r = write(fds[1], message, strlen(message))) != (int)strlen(message))
		panic("write: %d", r);
	close(fds[1]);
	wait(child);
}

// A child that writes until nobody reads.
static void
test_write(void)
{
	int fds[2], r;

	if ((r = pipe(fds)) < 0)
		panic("pipe: %e", r);
	envid_t child = fork();
	if (child < 0)
		panic("fork: %e", child);
	if (child == 0) {
		close(fds[0]);
		while (write(fds[1], "x", 1) == 1)
			;
		cprintf("\npipe write closed properly\n");
		exit();
	}
	// the child may be waiting for room
	sleep_msec(20);
	close(fds[0]);
	close(fds[1]);
	wait(child);
}

void
umain(int argc, char **argv)
{
	binaryname = "pipereadeof";
	test_read();
	binaryname = "pipewriteeof";
	test_write();
	cprintf("pipe tests passed\n");
}
