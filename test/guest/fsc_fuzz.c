// Pages full of garbage. A child scribbles over its syscall page, by word and
// by half-sensible entry, while its syscall thread drains the page, on another
// CPU if there is one. Whatever that does to the child, nobody else notices.
//
// Arguments: the seed (1), the number of children (20), rounds in each (300).
#include <test/guest/fsccheck.h>

static uint32_t seed, rounds;

// Ids, addresses, permissions, pointers: mostly wrong, sometimes right. None
// is a small length, so that entries mixed up by the race print nothing.
static const uint32_t pool[] = {
	0,    0xffffffff, 0x80000000,    UTOP,     USTACKTOP,  KERNBASE, 0xfffff000, USCPAGE,
	AREA, AREA,       AREA + PGSIZE, AREA + 1, UVPT,       UENVS,    UPAGES,     SHARED,
	RW,   RO,         0x00001000,    UTOP - 1, 0x7fffffff,
};

static uint32_t
pick(uint32_t *state)
{
	uint32_t r = next_random(state);

	return r % 8 ? pool[r / 8 % ARRAY_SIZE(pool)] : next_random(state);
}

// A call with arguments of its kind. cputs and cgetc leave their mark on the
// console and stay out; so does destroy, that children live a while.
static void
scribble_entry(struct FscEntry *e, uint32_t *state)
{
	static const int numbers[] = {
		SYS_getenvid,
		SYS_page_alloc,
		SYS_page_map,
		SYS_page_unmap,
		SYS_exofork,
		SYS_env_set_trapframe,
		SYS_yield,
		SYS_ipc_try_send,
		SYS_ipc_recv,
		SYS_time_msec,
		SYS_env_set_tls,
		SYS_flexsc_register,
		SYS_flexsc_wait,
		SYS_flexsc_affinity,
		SYS_flexsc_wake,
		NSYSCALLS,
		-1,
	};

	e->syscall = numbers[next_random(state) % ARRAY_SIZE(numbers)];
	e->num_args = next_random(state);
	for (int i = 0; i < 5; i++)
		e->args[i] = pick(state);
	// Done right, these two would only end the child's work early.
	if (e->syscall == SYS_env_set_trapframe || e->syscall == SYS_env_set_tls)
		e->args[0] = 0x7fffffff;
	barrier();
	e->status = FSC_SUBMIT;
}

static void
scribble_words(uint32_t *state)
{
	volatile uint32_t *word = (volatile uint32_t *)USCPAGE;

	for (int i = 0; i < 64; i++) {
		uint32_t at = next_random(state) % (PGSIZE / 4);

		// A number by chance below NSYSCALLS would be a call after all.
		word[at] = at % 16 == 0 ? next_random(state) | 0x10000 : next_random(state);
	}
}

static void
scribbler(int n)
{
	uint32_t state = seed * 7919 + n + 1;

	CHECK_EQ(flexsc_register(), 0);
	if (n % 4)
		CHECK_EQ(flexsc_affinity(1U << last_cpu()), 0);
	count_up(&shared->ready);
	for (uint32_t round = 0; round < rounds; round++) {
		if (next_random(&state) % 4 == 0)
			scribble_words(&state);
		for (int i = 0; i < 24; i++)
			scribble_entry(&fscpage->entries[next_random(&state) % NSCENTRIES], &state);
		if (next_random(&state) % 2)
			sys_flexsc_wake();
		// A wait could be one for a receive that nobody serves.
		for (int i = 0; i < NSCENTRIES; i++) {
			if (fscpage->entries[i].status == FSC_DONE && next_random(&state) % 2)
				fscpage->entries[i].status = FSC_SUBMIT;
			else if (next_random(&state) % 16 == 0)
				fscpage->entries[i].status = next_random(&state) % 8;
		}
		if (n % 4 == 0)
			sys_flexsc_wait(FSC_WAIT_ISSUED);
	}
	sys_flexsc_wait((int)next_random(&state));
	sys_flexsc_wait(FSC_WAIT_ANY);
}

void
umain(int argc, char **argv)
{
	uint32_t children;

	seed = arg_number(argc, argv, 1, 1);
	children = arg_number(argc, argv, 2, 20);
	rounds = arg_number(argc, argv, 3, 300);
	share_results();
	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0);
	CHECK_EQ(flexsc_register(), 0);
	for (uint32_t n = 0; n < children; n++) {
		unsigned began = sys_time_msec();
		envid_t id;

		shared->word[7] = 0xcafe0000 + n;
		id = child_run(scribbler, n);
		// It ends by itself, or hangs in a wait of its own making.
		while (!env_gone(id) && sys_time_msec() - began < 1500) {
			CHECK_EQ(flex_getenvid(), sys_getenvid());
			sys_yield();
		}
		if (!env_gone(id))
			sys_env_destroy(id);
		AWAIT(env_gone(id));
		CHECK_EQ(flex_getenvid(), sys_getenvid());
		CHECK_EQ(*(volatile uint32_t *)AREA, 0);
	}
	PASS("fsc_fuzz");
}
