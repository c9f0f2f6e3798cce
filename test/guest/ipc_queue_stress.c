// Clients with several calls at a time, by trap and by page, of servers that also call each
// other, while some of all are killed at any moment: answers are those to the call, and no
// page is lost.
//
// Arguments: rounds (20), seed (1).
#include <test/guest/kt_check.h>

#define NSERVERS 3
#define NCLIENTS 4
#define NMEMBERS (NSERVERS + NCLIENTS)
#define NPOSTED 6
#define NKILLS 4

#define OUT(i) ((void *)(AREA + 0x10000 + (i)*PGSIZE)) // what is sent
#define IN ((void *)(AREA + 0x40000))
#define NONE ((void *)UTOP)

static uint32_t random;
static envid_t *const id = (envid_t *)(SHARED + PGSIZE); // of all members

static uint32_t
any(uint32_t n)
{
	return next_random(&random) % n;
}

// A word: number << 8 | has a page.
static uint32_t
answer_to(uint32_t word)
{
	return word ^ 0x5a5a5a00;
}

static uint32_t
request(int i)
{
	static uint32_t number;
	uint32_t word = ++number << 8 | any(2);

	*(volatile uint32_t *)OUT(i) = word;
	return word;
}

static void *
page_of(uint32_t word, int i)
{
	return word & 1 ? OUT(i) : NONE;
}

// Now and then a member ends by itself.
static void
perhaps_end(void)
{
	if (any(256) == 0)
		exit();
}

// ---- Members ----------------------------------------------------------------------------

static void
call_by_trap(envid_t to)
{
	uint32_t word = request(0);
	int32_t answer;
	int r = ipc_call(to, word, page_of(word, 0), RW, NONE, &answer);

	if (r == 0)
		CHECK_EQ(answer, answer_to(word));
	else
		CHECK_EQ(r, -E_BAD_ENV);
}

// Several at once, and one by trap meanwhile.
static void
call_by_page(void)
{
	struct FscEntry *e[NPOSTED];
	uint32_t word[NPOSTED], n = 1 + any(NPOSTED - 1);

	for (uint32_t i = 0; i < n; i++) {
		word[i] = request(1 + i);
		e[i] = flex_post(SYS_ipc_call, id[any(NSERVERS)], word[i],
				 (uint32_t)page_of(word[i], 1 + i), RW, UTOP);
	}
	if (any(2)) {
		flex_flush();
		call_by_trap(id[any(NSERVERS)]);
	}
	for (uint32_t i = n; i-- > 0;) {
		while (!flex_done(e[i]))
			CHECK(flexsc_wait() > 0);
		if (e[i]->ret == 0)
			CHECK_EQ(e[i]->ipc_value, answer_to(word[i]));
		int r = flex_collect(e[i]);
		CHECK(r == 0 || r == -E_BAD_ENV);
	}
}

// Calls somebody who never receives: for the rest of its life it lies in that one's queue.
static void
call_client(void)
{
	static int ncalls;

	if (ncalls++ < NSCENTRIES / 2)
		flex_post(SYS_ipc_call, id[NSERVERS + any(NCLIENTS)], 0, (uint32_t)OUT(0), RW,
			  UTOP);
}

static void
client(void)
{
	for (;;) {
		if (any(2))
			call_by_trap(id[any(NSERVERS)]);
		else
			call_by_page();
		if (any(8) == 0)
			call_client();
		perhaps_end();
	}
}

static void
server(int n)
{
	uint32_t word = 0;
	envid_t to = 0;
	void *va = NONE;

	for (;;) {
		CHECK_EQ(any(2) ? flex_ipc_reply(to, answer_to(word), va, RW, IN)
				: sys_ipc_reply(to, answer_to(word), va, RW, IN),
			 0);
		to = thisenv->env_ipc_from;
		word = thisenv->env_ipc_value;
		CHECK_EQ(thisenv->env_ipc_perm, word & 1 ? RW : 0);
		if (word & 1)
			CHECK_EQ(*(volatile uint32_t *)IN, word);
		va = any(2) ? OUT(1) : NONE;
		for (uint32_t i = any(3); i > 0; i--)
			sys_yield(); // meanwhile, others call
		if (n > 0 && any(8) == 0)
			call_by_trap(id[any(n)]);
		perhaps_end();
	}
}

static void
member(int n)
{
	CHECK_EQ(flexsc_register(), 0);
	for (int i = 0; i <= NPOSTED; i++)
		CHECK_EQ(sys_page_alloc(0, OUT(i), RW), 0);
	random = random * 31 + n + 1;
	count_up(&shared->ready);
	while (!shared->stop)
		sys_yield();
	if (n < NSERVERS)
		server(n);
	client();
}

// ---- Rounds -------------------------------------------------------------------------------

// Kills one that may have ended.
static void
kill(int n)
{
	int r = sys_env_destroy(id[n]);

	CHECK(r == 0 || r == -E_BAD_ENV);
}

static void
one_round(void)
{
	uint32_t first = any(NMEMBERS);

	shared->ready = shared->stop = 0;
	next_random(&random);
	for (int n = 0; n < NMEMBERS; n++)
		id[n] = child_run(member, n);
	AWAIT(shared->ready == NMEMBERS);
	shared->stop = 1;
	for (int i = 0; i < NKILLS; i++) {
		for (uint32_t y = any(12); y > 0; y--)
			sys_yield();
		kill(any(NMEMBERS));
	}
	for (int n = 0; n < NMEMBERS; n++)
		kill((first + n) % NMEMBERS);
	for (int n = 0; n < NMEMBERS; n++)
		wait(id[n]);
}

void
umain(int argc, char **argv)
{
	uint32_t rounds = arg_number(argc, argv, 1, 20);

	random = arg_number(argc, argv, 2, 1);
	share_results();
	CHECK_EQ(sys_page_alloc(0, (void *)id, RW | PTE_SHARE), 0);
	one_round(); // kernel stacks, once used, keep their pages
	struct Count before = count_now();
	for (uint32_t i = 0; i < rounds; i++) {
		one_round();
		nothing_lost("a round", before, 0);
	}
	PASS("ipc_queue_stress");
}
