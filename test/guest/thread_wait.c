// The end of a process while its threads wait, each in another way: they are gone with
// it, on whatever CPU, and nothing is left of them or holds up others. By main's
// exit, its fault, a thread's fault, a kill.
//
// Argument: how often (3).
#include <test/guest/kt_check.h>

static volatile uint32_t word, waiting;
static lock_t lock;
static int ends[2];
static envid_t child;

static void
forever_futex(void *arg1, void *arg2)
{
	count_up(&waiting);
	for (;;)
		sys_futex_wait(&word, 0);
}

static void
forever_receive(void *arg1, void *arg2)
{
	count_up(&waiting);
	for (;;)
		sys_ipc_recv(NO_PAGE);
}

static void
forever_asleep(void *arg1, void *arg2)
{
	count_up(&waiting);
	sleep_msec(1000000);
}

static void
forever_by_page(void *arg1, void *arg2)
{
	CHECK_EQ(flexsc_register(), 0);
	struct FscEntry *e = flex_post(SYS_futex_wait, (uint32_t)&word, 0, 0, 0, 0);
	flex_post(SYS_ipc_recv, (uint32_t)NO_PAGE, 0, 0, 0, 0);
	count_up(&waiting);
	flex_collect(e);
}

static void
forever_remote(void *arg1, void *arg2)
{
	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(flexsc_affinity((1u << sysinfo.ncpu) - 1), 0);
	struct FscEntry *e = flex_post(SYS_futex_wait, (uint32_t)&word, 0, 0, 0, 0);
	count_up(&waiting);
	flex_collect(e);
}

static void
forever_joining(void *arg1, void *arg2)
{
	count_up(&waiting);
	thread_join();
}

static void
forever_reading(void *arg1, void *arg2)
{
	char c;

	count_up(&waiting);
	read(ends[0], &c, 1);
}

static void
forever_locking(void *arg1, void *arg2)
{
	count_up(&waiting);
	lock_acquire(&lock);
}

static void
forever_spinning(void *arg1, void *arg2)
{
	count_up(&waiting);
	for (;;)
		pause();
}

static void
forever_allocating(void *arg1, void *arg2)
{
	count_up(&waiting);
	for (uint32_t i = 0;; i++)
		free(malloc(i % 9000));
}

static void
forever_waiting(void *arg1, void *arg2)
{
	count_up(&waiting);
	wait(child);
}

static void
nothing(void *arg1, void *arg2)
{
}

static void
forever_cloning(void *arg1, void *arg2)
{
	count_up(&waiting);
	for (;;) {
		thread_create(nothing, NULL, NULL);
		thread_create(nothing, NULL, NULL);
		thread_join();
	}
}

static void
faults_when_told(void *arg1, void *arg2)
{
	count_up(&waiting);
	while (!shared->stop)
		sys_yield();
	*(volatile int *)0 = 1;
}

static void (*const bodies[])(void *, void *) = {
	forever_futex,   forever_receive, forever_asleep,   forever_by_page,  forever_remote,
	forever_joining, forever_reading, forever_locking,  forever_spinning, forever_allocating,
	forever_waiting, forever_cloning, faults_when_told,
};

enum How { EXIT, FAULT, THREAD_FAULT, KILL, NHOWS };

static void
ends_somehow(int how)
{
	lock_init(&lock);
	lock_acquire(&lock);
	CHECK_EQ(pipe(ends), 0);
	child = fork();
	if (child == 0)
		waits_for_message(0);
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		must_create(bodies[i], NULL, NULL);
	AWAIT(waiting == ARRAY_SIZE(bodies));
	busy_msec(5);           // some have only said that they will
	sys_env_destroy(child); // its parent may be gone before it
	shared->ready = 1;
	if (how == EXIT)
		exit();
	if (how == FAULT)
		*(volatile int *)0 = 1;
	if (how == THREAD_FAULT)
		shared->stop = 1;
	for (;;)
		sys_yield();
}

static void
round(int how)
{
	shared->ready = shared->stop = 0;
	envid_t id = child_run(ends_somehow, how);

	AWAIT(shared->ready);
	if (how == KILL)
		CHECK_EQ(sys_env_destroy(id), 0);
	AWAIT(env_gone(id));
	AWAIT(envs_of(id) == 0);
}

void
umain(int argc, char **argv)
{
	uint32_t times = arg_number(argc, argv, 1, 3);
	struct Count before = {0};

	share_results();
	sync(); // the file server is up, and has what it needs
	for (uint32_t i = 0; i <= times; i++) {
		for (int how = 0; how < NHOWS; how++) {
			round(how);
			if (i > 0)
				nothing_lost("the end", before, 0);
		}
		if (i == 0)
			before = count_now();
	}
	PASS("thread_wait");
}
