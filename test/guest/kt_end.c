// Ends of life: a process ends, by its main thread's exit, by a kill, by a fault of
// any thread, while its threads are in the middle of all sorts of things, on whatever
// CPU. Nothing is left, and nobody else notices.
//
// Arguments: rounds (60), seed (1), what one thread of each round does, by its place in
// doings (each in turn).
#include <test/guest/kt_check.h>

#define NTHREADS 6

static volatile uint32_t word, gate;
static volatile int32_t *lazy; // demand-zero pages
#define LAZY_PAGES 64
static lock_t lock;
static int pipe_ends[2];

static void
spins(void)
{
	for (;;)
		pause();
}

static void
yields(void)
{
	for (;;)
		sys_yield();
}

static void
sleeps_at_word(void)
{
	for (;;)
		sys_futex_wait(&word, 0);
}

static void
receives(void)
{
	for (;;)
		sys_ipc_recv(NO_PAGE);
}

static void
allocates(void)
{
	for (;;) {
		char *p = malloc(1 + (word * 977) % 9000);

		if (p) {
			p[0] = 1;
			free(p);
		}
	}
}

static void
maps(void)
{
	uintptr_t va = AREA + thisenv->env_id % NENV * 16 * PGSIZE;

	for (uint32_t i = 0;; i++) {
		sys_page_alloc(0, (void *)(va + i % 16 * PGSIZE), RW);
		if (i % 3)
			sys_page_unmap(0, (void *)(va + (i + 7) % 16 * PGSIZE));
	}
}

static void
faults_in_pages(void)
{
	for (;;) {
		char *p = mmap(NULL, 8 * PGSIZE, RDWR, ANON, -1, 0);

		if (p == MAP_FAILED)
			continue;
		for (int i = 0; i < 8; i++)
			p[i * PGSIZE] = 1;
		munmap(p, 8 * PGSIZE);
	}
}

static void
writes_common_pages(void)
{
	for (uint32_t i = 0;; i++)
		lazy[i % LAZY_PAGES * (PGSIZE / 4)] = i;
}

static void
clones(void)
{
	for (;;) {
		thread_create((void (*)(void *, void *))sys_yield, NULL, NULL);
		thread_join();
	}
}

static void
joins(void)
{
	for (;;)
		if (thread_join() < 0)
			sys_yield();
}

static void
forks(void)
{
	for (;;) {
		envid_t id = fork();

		if (id == 0)
			exit();
		if (id > 0)
			wait(id);
	}
}

static void
fights_for_lock(void)
{
	for (;;) {
		lock_acquire(&lock);
		lock_release(&lock);
	}
}

static void
reads_pipe(void)
{
	char c;

	for (;;)
		read(pipe_ends[0], &c, 1);
}

static void
posts_and_waits(void)
{
	if (flexsc_register() < 0)
		yields();
	for (;;) {
		for (int i = 0; i < 20; i++)
			flex_yield();
		flex_getenvid();
	}
}

static void
posts_to_other_cpu(void)
{
	if (flexsc_register() < 0)
		yields();
	flexsc_affinity(1U << (sysinfo.ncpu - 1));
	for (;;) {
		uintptr_t va = AREA + thisenv->env_id % NENV * 16 * PGSIZE;

		flex_page_alloc(0, (void *)va, RW);
		flex_page_unmap(0, (void *)va);
	}
}

static void
is_parked(void)
{
	if (flexsc_register() < 0)
		yields();
	flex_post(SYS_ipc_recv, UTOP, 0, 0, 0, 0);
	flex_post(SYS_futex_wait, (uint32_t)&word, 0, 0, 0, 0);
	for (;;)
		flexsc_wait();
}

static void
opens_files(void)
{
	for (;;) {
		char buf[100];
		int fd = open("/motd", O_RDONLY);

		if (fd < 0) {
			sys_yield();
			continue;
		}
		read(fd, buf, sizeof(buf));
		close(fd);
	}
}

static void (*const doings[])(void) = {
	spins,      yields,          sleeps_at_word,      receives,  allocates,   maps,
	joins,      faults_in_pages, writes_common_pages, clones,    forks,       fights_for_lock,
	reads_pipe, posts_and_waits, posts_to_other_cpu,  is_parked, opens_files,
};

static void
does(void *arg1, void *arg2)
{
	count_up(&gate);
	doings[(uint32_t)arg1 % ARRAY_SIZE(doings)]();
}

static void
faults(void *arg1, void *arg2)
{
	some_time((uint32_t)arg1);
	*(volatile uint32_t *)0 = 1;
}

static void
kills_main(void *arg1, void *arg2)
{
	some_time((uint32_t)arg1);
	sys_env_destroy(thisenv->env_process);
}

enum End { BY_EXIT, BY_FAULT, BY_THREADS_FAULT, BY_THREADS_KILL, BY_PARENT, NENDS };

static uint32_t random;

// A process with threads that do what the seed says, and its end.
static void
lives(int how, uint32_t seed)
{
	random = seed;
	lazy = (int32_t *)map_anon(LAZY_PAGES);
	lock_init(&lock);
	CHECK_EQ(pipe(pipe_ends), 0);
	for (uint32_t i = 0; i < NTHREADS; i++)
		must_create(does, (void *)(i == 0 ? seed : next_random(&random)), NULL);
	if (next_random(&random) % 4) {
		AWAIT(gate >= NTHREADS / 2);
		some_time(next_random(&random) % 3000);
	}
	count_up(&shared->ready);
	switch (how) {
	case BY_EXIT: exit_status(9); break;
	case BY_FAULT: *(volatile uint32_t *)0 = 1; break;
	case BY_THREADS_FAULT:
		must_create(faults, (void *)(next_random(&random) % 1000), NULL);
		break;
	case BY_THREADS_KILL:
		must_create(kills_main, (void *)(next_random(&random) % 1000), NULL);
		break;
	}
	does((void *)next_random(&random), NULL);
}

static void
one_round(int how, uint32_t seed)
{
	static const int want[NENDS] = {9, -E_FAULT, -E_FAULT, -E_KILLED, -E_KILLED};
	envid_t id;
	int status;

	shared->ready = 0;
	id = fork_watched();
	if (id == 0) {
		lives(how, seed);
		panic("it goes on");
	}
	if (how == BY_PARENT) {
		if (seed % 8)
			AWAIT(shared->ready);
		some_time(seed % 3000);
		CHECK_EQ(sys_env_destroy(id), 0);
	}
	await_zombie(id);
	AWAIT(envs_of(id) == 1);
	status = wait_status(id);
	if (status != want[how])
		panic("ended by way %d, seed %08x: %d, not %d", how, seed, status, want[how]);
}

void
umain(int argc, char **argv)
{
	uint32_t rounds = arg_number(argc, argv, 1, 60);
	uint32_t seed = arg_number(argc, argv, 2, 1) * 2654435761U | 1;
	uint32_t n = 0, what = arg_number(argc, argv, 3, ARRAY_SIZE(doings));
	struct Count before = {0};

	share_results();
	for (uint32_t i = 0; i < rounds; i++) {
		uint32_t s = next_random(&seed) & 0x7fffffff;

		// Each doing in turn, or always one.
		s -= s % ARRAY_SIZE(doings);
		s += what < ARRAY_SIZE(doings) ? what : n++ % ARRAY_SIZE(doings);
		if (i == 10)
			before = count_now();
		one_round(i % NENDS, s);
	}
	// Files that were read stay in the file server's memory.
	nothing_lost("rounds", before, 16);
	PASS("kt_end");
}
