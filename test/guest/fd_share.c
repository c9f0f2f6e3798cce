// Descriptors that are shared: by dup, over fork, and over spawn, with all of the
// library's doors. One open file has one offset, whoever uses it, and is open until the
// last has closed it; counts of references are exact, and come back.
//
// fd_share child FD WANT...: what it runs itself for: reads a word from each FD.
#include "check.h"

#define FILE "/fd_share.tmp"
#define SELF "/test/fd_share"

static char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static int
refs(int fdnum)
{
	return pageref(INDEX2FD(fdnum));
}

static int
new_file(void)
{
	int fd = open(FILE, O_RDWR | O_CREAT | O_TRUNC);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	CHECK_EQ(seek(fd, 0), 0);
	return fd;
}

static void
expect(int fd, char c)
{
	char got;

	CHECK_EQ(read(fd, &got, 1), 1);
	CHECK_EQ(got, c);
}

static void
by_dup(void)
{
	int fd = new_file(), before = refs(fd);

	CHECK_EQ(dup(fd, 20), 20);
	CHECK_EQ(refs(fd), before + 1);
	expect(fd, '0');
	expect(20, '1');
	CHECK_EQ(dup(fd, fd), fd);
	CHECK_EQ(dup(20, fd), fd); // closes fd first, and it is the same file still
	CHECK_EQ(refs(20), before + 1);
	expect(fd, '2');
	CHECK_EQ(dup(fd, MAXFD), -E_INVAL);
	CHECK_EQ(dup(fd, -1), -E_INVAL);
	CHECK_EQ(dup(21, 22), -E_INVAL);
	CHECK_EQ(close(20), 0);
	CHECK_EQ(close(20), -E_INVAL);
	expect(fd, '3');
	CHECK_EQ(refs(fd), before);
	CHECK_EQ(close(fd), 0);
}

static void
reader(int fd)
{
	expect(fd, '0');
	expect(fd, '1');
	close(fd);
}

static void
by_fork(void)
{
	int fd = new_file(), before = refs(fd);

	child_finish(reader, fd);
	CHECK_EQ(refs(fd), before);
	expect(fd, '2');
	CHECK_EQ(close(fd), 0);
}

// Spawns ourselves with fds (all of ours if NULL), to read what want says from 0, 1,
// ... or, with fds NULL, from fd.
static void
child_reads(const int *fds, int nfds, int fd, const char *want)
{
	char number[8];
	const char *argv[] = {"fd_share", "child", number, want, NULL};

	snprintf(number, sizeof(number), "%d", fd);
	envid_t child = fds ? spawn_fds(SELF, argv, fds, nfds) : spawn_stopped(SELF, argv);
	if (child < 0)
		panic("spawn: %e", child);
	CHECK_EQ(sys_env_set_flags(child, ENVF_WATCHED), 0);
	CHECK_EQ(sys_env_set_status(child, ENV_RUNNABLE), 0);
	CHECK_EQ(wait_status(child), 0);
}

// The child: want[i] is what is to be read from descriptor fd + i; '.': it is not open.
static void
child(int fd, const char *want)
{
	struct Fd *store;

	for (int i = 0; want[i]; i++)
		if (want[i] == '.')
			CHECK_EQ(fd_lookup(fd + i, &store), -E_INVAL);
		else
			expect(fd + i, want[i]);
}

static void
by_spawn(void)
{
	int fd = new_file(), before = refs(fd), p[2];

	child_reads(NULL, 0, fd, "0.");
	expect(fd, '1');
	CHECK_EQ(refs(fd), before);

	// What it gets is chosen, under other numbers.
	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(write(p[1], "xyz", 3), 3);
	const int fds[] = {fd, -1, p[0], fd, p[0]};
	child_reads(fds, 5, 0, "2.x3y.......");
	CHECK_EQ(refs(fd), before);
	CHECK_EQ(refs(p[0]), 1);
	CHECK_EQ(pageref(INDEX2DATA(p[0])), 2);
	expect(fd, '4');
	expect(p[0], 'z');
	CHECK_EQ(close(p[0]), 0);
	CHECK_EQ(pipeisclosed(p[1]), 1);
	CHECK_EQ(close(p[1]), 0);
	CHECK_EQ(close(fd), 0);
}

// Pages that a program marks itself.
static void
marked_pages(void)
{
	volatile uint32_t *share = (uint32_t *)AREA, *own = (uint32_t *)(AREA + PGSIZE);

	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW | PTE_SHARE), 0);
	CHECK_EQ(sys_page_alloc(0, (void *)(AREA + PGSIZE), RW), 0);
	*share = *own = 1;
	envid_t id = fork();
	CHECK(id >= 0);
	if (id == 0) {
		*share = *own = 2;
		exit();
	}
	wait(id);
	CHECK_EQ(*share, 2);
	CHECK_EQ(*own, 1);
	CHECK_EQ(sys_page_unmap(0, (void *)AREA), 0);
	CHECK_EQ(sys_page_unmap(0, (void *)(AREA + PGSIZE)), 0);
}

static void
exhaust(void)
{
	int fd = new_file(), n = 0, last = -1, r;

	while ((r = opencons()) >= 0) {
		n++;
		last = r;
	}
	CHECK_EQ(r, -E_MAX_OPEN);
	CHECK_EQ(last, MAXFD - 1);
	CHECK_EQ(open(FILE, O_RDONLY), -E_MAX_OPEN);
	int p[2];
	CHECK_EQ(pipe(p), -E_MAX_OPEN);
	CHECK_EQ(close(last), 0);
	CHECK_EQ(pipe(p), -E_MAX_OPEN); // one is not enough, and is given back
	CHECK_EQ(opencons(), last);
	for (int i = fd + 1; i < MAXFD; i++)
		CHECK_EQ(close(i), 0);
	CHECK_EQ(close(fd), 0);
	CHECK(n > 0);
}

void
umain(int argc, char **argv)
{
	const enum FlexLibrary ways[] = {FLEX_BATCHES, FLEX_NEVER, FLEX_BATCHES, FLEX_ALWAYS};

	if (argc == 4) {
		child(strtol(argv[2], NULL, 10), argv[3]);
		return;
	}
	for (int i = 0; i < (int)ARRAY_SIZE(ways); i++) {
		flex_library = ways[i];
		if (i == 1)
			CHECK_EQ(flexsc_register(), 0);
		by_dup();
		by_fork();
		by_spawn();
		marked_pages();
		exhaust();
	}
	CHECK_EQ(remove(FILE), 0);
	PASS("fd_share");
}
