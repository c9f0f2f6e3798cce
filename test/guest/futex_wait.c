// sys_futex_wait and sys_futex_wake: their errors, who is woken and who is not, in
// several address spaces, by both doors, by unmapping and by death, and on the
// words that the kernel keeps.
#include <inc/futex.h>
#include <test/guest/filecheck.h>

#define PAGE ((volatile uint32_t *)(AREA + 0x100000))
#define word shared->word

static bool by_page;

#define WAIT(va, value) (by_page ? flex_futex_wait(va, value) : sys_futex_wait(va, value))
#define WAIT2(va, value, also, also_value)                       \
	(by_page ? flex_futex_wait2(va, value, also, also_value) \
		 : sys_futex_wait2(va, value, also, also_value))
#define WAKE(va, count) (by_page ? flex_futex_wake(va, count) : sys_futex_wake(va, count))

// Where the kernel counts the references of the page at va.
static const volatile uint32_t *
refs_of(uintptr_t va)
{
	return &pages[PGNUM(uvpt[PGNUM(va)])].pp_ref;
}

static void
errors(void)
{
	static const uintptr_t unmapped[] = {0, AREA, UTOP - 2 * PGSIZE, ULIM, KERNBASE, -4U};
	volatile uint32_t local = 5;
	volatile uint32_t *p;

	CHECK_EQ(WAIT(&local, 6), -E_AGAIN);
	CHECK_EQ(WAIT(&local, 0), -E_AGAIN);
	CHECK_EQ(WAKE(&local, 1), 0);
	CHECK_EQ(WAKE(&local, 0), 0);
	CHECK_EQ(WAKE(&local, 1000 | FUTEX_SYNC), 0);
	for (int i = 1; i < 4; i++) {
		p = (volatile uint32_t *)((uintptr_t)&word[1] + i);
		CHECK_EQ(WAIT(p, 0), -E_INVAL);
		CHECK_EQ(WAKE(p, 1), -E_INVAL);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(unmapped); i++) {
		p = (volatile uint32_t *)unmapped[i];
		CHECK_EQ(WAIT(p, 0), -E_FAULT);
		CHECK_EQ(WAKE(p, 1), -E_FAULT);
		if (p) // NULL: no other word
			CHECK_EQ(WAIT2(&local, 5, p, 0), -E_FAULT);
	}
	CHECK_EQ(sys_page_map(0, (void *)SHARED, 0, (void *)PAGE, RO), 0);
	p = PAGE + PGOFF(&word[0]) / sizeof(*p);
	CHECK_EQ(WAIT(p, 1), -E_AGAIN);
	CHECK_EQ(WAKE(p, 1), 0);
	CHECK_EQ(sys_page_unmap(0, (void *)PAGE), 0);
	CHECK_EQ(WAIT(&sysinfo.ncpu, 0), -E_AGAIN);
	CHECK_EQ(WAIT2(&local, 5, &word[0], 1), -E_AGAIN);
	CHECK_EQ(WAIT2(&local, 6, &word[0], 0), -E_AGAIN);
	CHECK_EQ(WAIT2(&local, 5, refs_of((uintptr_t)&local), 2), -E_AGAIN);
	CHECK_EQ(WAIT2((uint32_t *)AREA, 0, &local, 5), -E_FAULT);
	CHECK_EQ(WAIT2(&local, 5, (uint32_t *)((uintptr_t)&word[0] + 2), 0), -E_INVAL);
}

// Waits on a word while it is 0, says what came of it, and stays, so that its
// page loses no reference.
static void
waits_once(int n)
{
	int r = sys_futex_wait(&word[n], 0);

	shared->count[n] = r == 0 ? 1 : 100 - r;
	count_up(&shared->ready);
	sys_ipc_recv((void *)UTOP);
}

static void
end(envid_t id)
{
	CHECK_EQ(sys_env_destroy(id), 0);
	AWAIT(env_gone(id));
}

static void
counts(void)
{
	envid_t id[5];

	shared->ready = 0;
	for (int i = 0; i < 5; i++)
		id[i] = child_run(waits_once, 0);
	for (int i = 0; i < 5; i++)
		AWAIT(asleep(id[i]));
	CHECK_EQ(sys_futex_wake(&word[1], 9), 0);
	CHECK_EQ(sys_futex_wake(&word[0], 0), 0);
	CHECK_EQ(sys_futex_wake(&word[0], 2), 2);
	AWAIT(shared->ready == 2);
	CHECK_EQ(sys_futex_wake(&word[0], 1), 1);
	AWAIT(shared->ready == 3);
	CHECK_EQ(sys_futex_wake(&word[0], 100), 2);
	AWAIT(shared->ready == 5);
	CHECK_EQ(sys_futex_wake(&word[0], 100), 0);
	CHECK_EQ(shared->count[0], 1);
	for (int i = 0; i < 5; i++)
		end(id[i]);
}

static void
waits_at_page(int n)
{
	int r = sys_futex_wait(PAGE, 0);

	shared->count[n] = r == 0 ? 1 : 100 - r;
	sys_ipc_recv((void *)UTOP);
}

// The same word at another address of another address space.
static void
aliases(void)
{
	envid_t id;

	shared->ready = shared->count[1] = 0;
	CHECK_EQ(sys_page_alloc(0, (void *)PAGE, RW | PTE_SHARE), 0);
	id = child_run(waits_at_page, 1);
	AWAIT(asleep(id));
	CHECK_EQ(sys_page_map(0, (void *)PAGE, 0, (void *)AREA, RO), 0);
	CHECK_EQ(sys_futex_wake((uint32_t *)AREA, 1), 1);
	AWAIT(shared->count[1] == 1);
	end(id);
	CHECK_EQ(sys_page_unmap(0, (void *)AREA), 0);
	CHECK_EQ(sys_page_unmap(0, (void *)PAGE), 0);
}

static void
stays(int arg)
{
	sys_ipc_recv((void *)UTOP);
}

static void
exits_when_told(int arg)
{
	AWAIT(shared->stop);
}

static void
faults_when_told(int arg)
{
	AWAIT(shared->stop);
	*(volatile uint32_t *)0 = 0;
}

// A waiter wakes when the page of the word loses a reference, in whatever way.
static void
lost_references(void)
{
	enum { OWN, WAITERS, KILL, EXIT, FAULT, NWAYS };
	void (*const other[NWAYS])(int) = {
		[KILL] = stays, [EXIT] = exits_when_told, [FAULT] = faults_when_told};

	for (int way = 0; way < NWAYS; way++) {
		envid_t id, second = 0;

		shared->count[2] = shared->stop = 0;
		CHECK_EQ(sys_page_alloc(0, (void *)PAGE, RW | PTE_SHARE), 0);
		id = child_run(waits_at_page, 2);
		if (other[way])
			second = child_run(other[way], 0);
		AWAIT(asleep(id));
		CHECK_EQ(shared->count[2], 0);
		if (way == OWN)
			CHECK_EQ(sys_page_unmap(0, (void *)PAGE), 0);
		else if (way == WAITERS)
			CHECK_EQ(sys_page_unmap(id, (void *)PAGE), 0);
		else if (way == KILL)
			CHECK_EQ(sys_env_destroy(second), 0);
		else
			shared->stop = 1;
		AWAIT(shared->count[2] == 1);
		if (second)
			AWAIT(env_gone(second));
		end(id);
		CHECK_EQ(sys_page_unmap(0, (void *)PAGE), 0);
	}
}

static void
waits_until_set(int n)
{
	while (word[n] == 0) {
		int r = sys_futex_wait(&word[n], 0);

		CHECK(r == 0 || r == -E_AGAIN);
	}
	count_up(&shared->ready);
}

// A waiter that is killed is woken no more, and those beside it are.
static void
killed(void)
{
	envid_t id[4];

	for (int victim = 0; victim < 4; victim++) {
		shared->ready = 0;
		word[3] = 0;
		for (int i = 0; i < 4; i++)
			id[i] = child_run(waits_until_set, 3);
		for (int i = 0; i < 4; i++)
			AWAIT(asleep(id[i]));
		end(id[victim]);
		word[3] = 1;
		CHECK(sys_futex_wake(&word[3], 100) <= 3);
		for (int i = 0; i < 4; i++)
			AWAIT(env_gone(id[i]));
		CHECK_EQ(shared->ready, 3);
	}
	CHECK_EQ(sys_futex_wake(&word[3], 100), 0);
}

// Many waits of one process at once, in its page.
static void
parked_in_page(void)
{
	struct FscEntry *e[40];
	int done = 0;

	for (int i = 0; i < 40; i++)
		e[i] = flex_post(SYS_futex_wait, (uint32_t)&word[100 + i], 0, 0, 0, 0);
	flex_flush();
	for (int i = 0; i < 40; i++)
		CHECK_EQ(e[i]->status, FSC_BLOCKED);
	CHECK_EQ(sys_futex_wake(&word[107], 1), 1);
	CHECK_EQ(flex_collect(e[7]), 0);
	for (int i = 0; i < 40; i++) {
		if (i == 7)
			continue;
		CHECK_EQ(e[i]->status, FSC_BLOCKED);
		CHECK_EQ(flex_futex_wake(&word[100 + i], 5), 1);
		CHECK_EQ(flex_collect(e[i]), 0);
	}

	for (int i = 0; i < 40; i++)
		e[i] = flex_post(SYS_futex_wait, (uint32_t)&word[100], 0, 0, 0, 0);
	flex_flush();
	CHECK_EQ(flex_futex_wake(&word[100], 10), 10);
	for (int i = 0; i < 40; i++)
		done += flex_done(e[i]);
	CHECK_EQ(done, 10);
	CHECK_EQ(sys_futex_wake(&word[100], 1000), 30);
	for (int i = 0; i < 40; i++)
		CHECK_EQ(flex_collect(e[i]), 0);

	// The wake that ends a wait behind which it was posted.
	e[0] = flex_post(SYS_futex_wait, (uint32_t)&word[100], 0, 0, 0, 0);
	e[1] = flex_post(SYS_futex_wake, (uint32_t)&word[100], 1, 0, 0, 0);
	CHECK_EQ(flex_collect(e[1]), 1);
	CHECK_EQ(flex_collect(e[0]), 0);
}

// Ends with waits parked: by itself, or killed.
static void
parks_many(int exits)
{
	CHECK_EQ(flexsc_register(), 0);
	for (int i = 0; i < 50; i++)
		flex_post(SYS_futex_wait, (uint32_t)&word[110 + i % 3], 0, 0, 0, 0);
	flex_flush();
	count_up(&shared->ready);
	while (!exits) // it may be woken for no reason
		sys_futex_wait(&word[110], 0);
}

static void
ends_parked(void)
{
	for (int exits = 0; exits < 2; exits++) {
		envid_t id;

		shared->ready = 0;
		id = child_run(parks_many, exits);
		AWAIT(shared->ready == 1);
		if (!exits) {
			AWAIT(asleep(id));
			CHECK_EQ(sys_env_destroy(id), 0);
		}
		AWAIT(env_gone(id));
		for (int i = 110; i < 113; i++)
			CHECK_EQ(sys_futex_wake(&word[i], 100), 0);
	}
}

// Waits on a word of another env in envs[] while it is `value`.
static volatile struct {
	const volatile uint32_t *at;
	uint32_t value;
} theirs;

static void
waits_on_theirs(int n)
{
	int r = sys_futex_wait(theirs.at, theirs.value);

	shared->count[n] = r == 0 ? 1 : 100 - r;
}

static void
receives_when_told(int arg)
{
	AWAIT(shared->stop);
	sys_ipc_recv((void *)UTOP);
}

static void
kernel_words(void)
{
	envid_t id, waiter;
	uint32_t ends, tick, began;
	int r;

	// env_ends: an end, once.
	shared->count[4] = 0;
	id = child_run(stays, 0);
	AWAIT(asleep(id));
	theirs.at = &envs[ENVX(id)].env_ends;
	theirs.value = ends = *theirs.at;
	waiter = child_run(waits_on_theirs, 4);
	AWAIT(asleep(waiter));
	CHECK_EQ(sys_env_destroy(id), 0);
	while (!env_gone(id) && envs[ENVX(id)].env_ends == ends) {
		r = sys_futex_wait(&envs[ENVX(id)].env_ends, ends);
		CHECK(r == 0 || r == -E_AGAIN);
	}
	AWAIT(env_gone(id) && env_gone(waiter));
	CHECK_EQ(shared->count[4], 1);
	AWAIT(envs[ENVX(id)].env_ends != ends);
	CHECK_EQ(envs[ENVX(id)].env_ends, ends + 1);

	// env_ipc_recving: when it becomes 1, and when the env ends.
	for (int dies = 0; dies < 2; dies++) {
		shared->count[5] = shared->stop = 0;
		id = child_run(receives_when_told, 0);
		theirs.at = &envs[ENVX(id)].env_ipc_recving;
		theirs.value = 0;
		waiter = child_run(waits_on_theirs, 5);
		AWAIT(asleep(waiter));
		CHECK_EQ(shared->count[5], 0);
		if (dies)
			CHECK_EQ(sys_env_destroy(id), 0);
		else
			shared->stop = 1;
		AWAIT(env_gone(waiter));
		CHECK_EQ(shared->count[5], 1);
		if (!dies) {
			AWAIT(envs[ENVX(id)].env_ipc_recving);
			CHECK_EQ(sys_futex_wait(&envs[ENVX(id)].env_ipc_recving, 0), -E_AGAIN);
			end(id);
		}
		AWAIT(env_gone(id));
	}

	// Timer ticks.
	began = sysinfo.ticks;
	while ((tick = sysinfo.ticks) - began < 5) {
		r = WAIT(&sysinfo.ticks, tick);
		CHECK(r == 0 || r == -E_AGAIN);
	}
}

void
umain(int argc, char **argv)
{
	share_results();
	errors();
	counts();
	aliases();
	lost_references();
	killed();
	ends_parked();
	kernel_words();
	CHECK_EQ(flexsc_register(), 0);
	by_page = true;
	errors();
	parked_in_page();
	kernel_words();
	PASS("futex_wait");
}
