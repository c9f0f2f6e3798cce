// What the library's operations cost that are made out of many system calls, by
// trap and through the syscall page.
//
// Hypothesis: what is made of many calls at once gains by the page (fork maps
// each page twice, spawn allocates, maps and unmaps some for each page of the
// program), and what waits for every call before it makes the next one does not.
//
// Doors (flex_library):
//   trap      every call of the library's is a trap
//   page      where it makes many at once, they go through the page; else traps
//   page-all  every call that the page may carry goes through it
// The floor of the same run, a bare int and iret, is in calls.c's table.
//
// A call is:
//   fork_exit_wait       fork, exit of the child, wait for it
//   spawn_exit_wait      the same with spawn of /true, a small program on the disk
//   pipe_round_trip      a byte to another process and one back
//   ipc_round_trip       a message and its answer: ipc_call, ipc_reply
//   ipc_send_round_trip  the same by JOS's ipc_send and ipc_recv
//   file_read_4k         of a file that is in the file server's cache, in order
//   file_write_4k        of a new file, in order; its close, which makes it safe
//                        on the disk, is part of it
//   file_create          of 100 bytes, safe on the disk at its close
//   file_remove          a sync for all of a trial is part of it
// Each is done by the same door on both sides. Processes and what runs them are
// where the scheduler puts them.
//
// Method: calls.c's. The disk is QEMU's, and so as fast as the host lets it be.
#include "bench.h"

#define TRIALS 15
#define FILE_PAGES 64 // in a trial
#define FILES 8
#define SMALL 100 // bytes

#define PATH "/libos.dat"

enum { ARG_PARTNER, ARG_MODE };

struct Operation {
	const char *name;
	uint32_t calls; // in a trial
	int (*trial)(struct BenchCell *c, uint64_t *cycles);
	void (*partner)(void); // what the other process does; NULL: there is none
};

static const struct {
	const char *door;
	enum FlexLibrary mode;
} doors[] = {{"trap", FLEX_NEVER}, {"page", FLEX_BATCHES}, {"page-all", FLEX_ALWAYS}};
#define NDOORS ARRAY_SIZE(doors)

static char block[PGSIZE] __attribute__((aligned(PGSIZE)));

// ---- Processes ------------------------------------------------------------------

static int
fork_trial(struct BenchCell *c, uint64_t *cycles)
{
	uint64_t start = read_tsc();

	for (uint32_t i = 0; i < c->calls; i++) {
		envid_t child = fork();
		if (child == 0)
			exit();
		if (child < 0)
			return child;
		wait(child);
	}
	*cycles = read_tsc() - start;
	return 0;
}

static int
spawn_trial(struct BenchCell *c, uint64_t *cycles)
{
	uint64_t start = read_tsc();

	for (uint32_t i = 0; i < c->calls; i++) {
		envid_t child = spawnl("/true", "true", NULL);
		if (child < 0)
			return child;
		wait(child);
	}
	*cycles = read_tsc() - start;
	return 0;
}

// ---- To and fro ------------------------------------------------------------------

static int there[2], back[2]; // pipes

static int
pipe_trial(struct BenchCell *c, uint64_t *cycles)
{
	uint64_t start = read_tsc();
	char byte = 'x';

	for (uint32_t i = 0; i < c->calls; i++)
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			return -E_UNSPECIFIED;
	*cycles = read_tsc() - start;
	return 0;
}

static void
pipe_partner(void)
{
	char byte;

	close(there[1]);
	close(back[0]);
	while (read(there[0], &byte, 1) == 1)
		if (write(back[1], &byte, 1) != 1)
			break;
}

static int
ipc_trial(struct BenchCell *c, uint64_t *cycles)
{
	envid_t to = c->arg[ARG_PARTNER];
	uint32_t wrong = 0;
	uint64_t start = read_tsc();

	for (uint32_t i = 0; i < c->calls; i++) {
		int32_t answer;
		int r;

		if ((r = ipc_call(to, i, NO_PAGE, 0, NO_PAGE, &answer)) < 0)
			return r;
		wrong |= answer ^ i;
	}
	*cycles = read_tsc() - start;
	return wrong ? -E_UNSPECIFIED : 0;
}

static void
ipc_partner(void)
{
	envid_t to = 0;
	uint32_t value = 0;

	while (sys_ipc_reply(to, value, (void *)UTOP, 0, (void *)UTOP) == 0) {
		to = thisenv->env_ipc_from;
		value = thisenv->env_ipc_value;
	}
}

static int
ipc_send_trial(struct BenchCell *c, uint64_t *cycles)
{
	envid_t to = c->arg[ARG_PARTNER];
	uint32_t wrong = 0;
	uint64_t start = read_tsc();

	for (uint32_t i = 0; i < c->calls; i++) {
		ipc_send(to, i, NULL, 0);
		wrong |= (uint32_t)ipc_recv(NULL, NULL, NULL) ^ i;
	}
	*cycles = read_tsc() - start;
	return wrong ? -E_UNSPECIFIED : 0;
}

static void
ipc_send_partner(void)
{
	for (;;) {
		envid_t from;
		uint32_t value = ipc_recv(&from, NULL, NULL);
		ipc_send(from, value, NULL, 0);
	}
}

// ---- Files ------------------------------------------------------------------------

// A file of `pages` pages at PATH, and its time. 0 or an error.
static int
write_file(uint32_t npages, uint64_t *cycles)
{
	uint64_t start = read_tsc();
	int fd = open(PATH, O_WRONLY | O_CREAT | O_TRUNC), r = 0;

	if (fd < 0)
		return fd;
	for (uint32_t i = 0; r >= 0 && i < npages; i++)
		if ((r = write(fd, block, PGSIZE)) != PGSIZE && r >= 0)
			r = -E_NO_DISK;
	int closed = close(fd);
	*cycles = read_tsc() - start;
	return r < 0 ? r : MIN(closed, 0);
}

static int
file_write_trial(struct BenchCell *c, uint64_t *cycles)
{
	int r = remove(PATH);

	if (r < 0 && r != -E_NOT_FOUND)
		return r;
	return write_file(c->calls, cycles);
}

static int
file_read_trial(struct BenchCell *c, uint64_t *cycles)
{
	uint64_t ignored;
	struct Stat st;
	int r = stat(PATH, &st), fd;

	if (r < 0 || st.st_size != (off_t)c->calls * PGSIZE)
		if ((r = write_file(c->calls, &ignored)) < 0)
			return r;
	if ((fd = open(PATH, O_RDONLY)) < 0)
		return fd;
	uint64_t start = read_tsc();
	for (uint32_t i = 0; i < c->calls; i++)
		if (read(fd, block, PGSIZE) != PGSIZE)
			r = -E_EOF;
	*cycles = read_tsc() - start;
	close(fd);
	return MIN(r, 0);
}

static char *
small_name(uint32_t i)
{
	static char name[24];

	snprintf(name, sizeof(name), "/libos.%u", i);
	return name;
}

// Makes n small files; 0 or an error.
static int
create_files(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		int fd = open(small_name(i), O_WRONLY | O_CREAT | O_EXCL), r;

		if (fd < 0)
			return fd;
		r = write(fd, block, SMALL);
		if (r != SMALL || (r = close(fd)) < 0)
			return r < 0 ? r : -E_NO_DISK;
	}
	return 0;
}

static int
remove_files(uint32_t n)
{
	int r = 0;

	for (uint32_t i = 0; i < n && r >= 0; i++)
		r = remove(small_name(i));
	return r < 0 ? r : sync();
}

static int
create_trial(struct BenchCell *c, uint64_t *cycles)
{
	uint64_t start = read_tsc();
	int r = create_files(c->calls);

	*cycles = read_tsc() - start;
	return r < 0 ? r : remove_files(c->calls);
}

static int
remove_trial(struct BenchCell *c, uint64_t *cycles)
{
	int r = create_files(c->calls);
	uint64_t start = read_tsc();

	if (r == 0)
		r = remove_files(c->calls);
	*cycles = read_tsc() - start;
	return r;
}

// ---- All of them --------------------------------------------------------------------

static const struct Operation operations[] = {
	{"fork_exit_wait", 4, fork_trial, NULL},
	{"spawn_exit_wait", 2, spawn_trial, NULL},
	{"pipe_round_trip", 32, pipe_trial, pipe_partner},
	{"ipc_round_trip", 64, ipc_trial, ipc_partner},
	{"ipc_send_round_trip", 32, ipc_send_trial, ipc_send_partner},
	{"file_read_4k", FILE_PAGES, file_read_trial, NULL},
	{"file_write_4k", FILE_PAGES, file_write_trial, NULL},
	{"file_create", FILES, create_trial, NULL},
	{"file_remove", FILES, remove_trial, NULL},
};

// A row: bench, door, CPUs, calls in a trial, cycles per call at least, median, at most.
static void
print(const char *bench, const struct BenchCell *c)
{
	if (c->error < 0)
		cprintf("%s, %s: left out, error %d\n", bench, c->door, -c->error);
	else
		cprintf("csv,%s,%s,%u,%u,%u,%u,%u\n", bench, c->door, sysinfo.ncpu, c->calls,
			c->sample[0], bench_median(c), c->sample[c->ntrials - 1]);
}

// Runs one operation by one door, and prints it.
static void
measure(const struct Operation *op, unsigned int door)
{
	struct BenchCell c = {
		.door = doors[door].door,
		.batch = 1,
		.calls = op->calls,
		.loops = op->calls,
		.trial = op->trial,
	};
	envid_t child = 0;

	flex_library = doors[door].mode;
	if (op->partner) {
		if (pipe(there) < 0 || pipe(back) < 0 || (child = fork()) < 0)
			panic("no partner for %s", op->name);
		if (child == 0) {
			if (flex_library != FLEX_NEVER)
				flexsc_register();
			op->partner();
			exit();
		}
		c.arg[ARG_PARTNER] = child;
	}
	bench_run(op->name, &c, 1, TRIALS);
	print(op->name, &c);
	if (op->partner) {
		sys_env_destroy(child);
		wait(child);
		close(there[0]);
		close(there[1]);
		close(back[0]);
		close(back[1]);
	}
}

void
umain(int argc, char **argv)
{
	int r;

	if ((r = flexsc_register()) < 0)
		panic("flexsc_register: %e", r);
	bench_init();
	for (unsigned int i = 0; i < ARRAY_SIZE(operations); i++) {
		if (argc > 1 && strcmp(argv[1], operations[i].name) != 0)
			continue;
		for (unsigned int door = 0; door < NDOORS; door++)
			measure(&operations[i], door);
	}
	remove(PATH);
}
