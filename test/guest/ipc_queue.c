// Calls of an env that does not receive wait in its queue: they are served in the order in
// which they came, with words and pages, and nothing answers one before it is taken. A caller
// that ends leaves the queue. By both doors, on both sides.
#include <test/guest/ipccheck.h>

static uint32_t random = 1;

static void
shuffle(int *order)
{
	for (int i = 0; i < NCALLERS; i++)
		order[i] = i;
	for (int i = NCALLERS - 1; i > 0; i--) {
		int j = next_random(&random) % (i + 1), n = order[i];

		order[i] = order[j];
		order[j] = n;
	}
}

// Callers of both doors, with and without a page, in any order. With replies, each answer
// takes the next call.
static void
in_order(bool replies)
{
	int order[NCALLERS];

	shuffle(order);
	for (int n = 0; n < NCALLERS; n++)
		caller_start(n, thisenv->env_id, n & 1, n & 2);
	for (int i = 0; i < NCALLERS; i++)
		caller_go(order[i]);
	for (int i = 0; i < NCALLERS; i++) {
		// Not taken yet: it does not receive.
		for (int j = i; j < NCALLERS; j++)
			CHECK_EQ(sys_ipc_try_send(callers[order[j]].id, 666, NO_PAGE, 0),
				 -E_IPC_NOT_RECV);
		if (replies && i > 0)
			reply(order[i - 1]);
		else
			receive();
		expect(order[i]);
		if (!replies)
			answer(order[i]);
	}
	if (replies)
		answer(order[NCALLERS - 1]);
	CHECK_EQ(sys_page_unmap(0, CALLEE_VA), 0);
	for (int n = 0; n < NCALLERS; n++)
		MUST_HAVE_REFS(n, 1);
}

// A page that the callee has no place for is not taken.
static void
page_not_wanted(void)
{
	caller_queue(2, thisenv->env_id, true, true);
	caller_queue(3, thisenv->env_id, false, true);
	for (int n = 2; n <= 3; n++) {
		MUST_HAVE_REFS(n, n == 2 ? 4 : 3);
		CHECK_EQ(callee_by_page ? flex_ipc_recv(NO_PAGE) : sys_ipc_recv(NO_PAGE), 0);
		CHECK_EQ(thisenv->env_ipc_from, callers[n].id);
		CHECK_EQ(thisenv->env_ipc_perm, 0);
		MUST_HAVE_REFS(n, n == 2 ? 3 : 2);
		PAGE_WORD(n) = answer_to(word_of(n));
		answer(n);
	}
}

// The first, the second or the last of three callers is killed in the queue.
static void
caller_killed(int victim)
{
	for (int n = 0; n < 3; n++)
		caller_start(n, thisenv->env_id, (victim + n) & 1, true);
	for (int n = 0; n < 3; n++) {
		MUST_HAVE_REFS(n, 4);
		caller_go(n);
		MUST_HAVE_REFS(n, 5); // the queue's
	}
	kill(callers[victim].id);
	MUST_HAVE_REFS(victim, 3);
	for (int n = 0; n < 3; n++)
		if (n != victim)
			serve(n);
	caller_queue(3, thisenv->env_id, false, false);
	serve(3);
	CHECK(!callers[victim].back);
	for (int n = 0; n < 4; n++)
		MUST_HAVE_REFS(n, 1);
}

static void
thread_calls(void *arg, void *unused)
{
	calls((int)arg);
}

// A thread of our own that waits in our queue is killed, between two other callers.
static void
thread_killed(int thread_by_page)
{
	caller_queue(0, thisenv->env_id, false, true);
	callers[1] = (struct Caller){.to = thisenv->env_id, .by_page = thread_by_page, .sends = 1};
	callers[1].id = thread_create(thread_calls, (void *)1, NULL);
	CHECK(callers[1].id > 0);
	MUST_HAVE_REFS(1, 2);
	caller_go(1);
	MUST_HAVE_REFS(1, 3);
	caller_queue(2, thisenv->env_id, true, true);
	CHECK_EQ(sys_env_destroy(callers[1].id), 0);
	CHECK_EQ(thread_join(), callers[1].id);
	MUST_HAVE_REFS(1, 3); // caller 2 has it since its fork
	serve(0);
	serve(2);
	MUST_HAVE_REFS(1, 1);
}

// ---- Two that call each other ---------------------------------------------------------------

// Neither is an answer to the other: both wait, until one is killed. The other's call slot is
// good for another call.
static void
each_other(bool pages)
{
	for (int n = 0; n < 2; n++)
		caller_start(n, 0, pages ? n : !n, pages);
	callers[0].to = callers[1].id;
	callers[1].to = callers[0].id;
	caller_go(0);
	caller_go(1);
	CHECK(asleep(callers[0].id) && !callers[0].back);
	for (int n = 0; n < 2; n++)
		MUST_HAVE_REFS(n, 3 + pages);
	kill(callers[0].id);
	caller_ends(1, -E_BAD_ENV);
	MUST_HAVE_REFS(0, 1);
	MUST_HAVE_REFS(1, 1);
}

// Answers the first message that an open receive in its page gets, while its own call waits.
static void
calls_and_serves(int n)
{
	struct FscEntry *call, *open_one;

	CHECK_EQ(flexsc_register(), 0);
	sleep_at(&callers[n].go);
	call = flex_post(SYS_ipc_call, callers[n].to, word_of(n), UTOP, 0, UTOP);
	flex_flush();
	callers[n].at = 1;
	sleep_at(&shared->ready);
	open_one = flex_post(SYS_ipc_recv, UTOP, 0, 0, 0, 0);
	while (!flex_done(open_one))
		CHECK(flexsc_wait() > 0);
	CHECK_EQ(open_one->ipc_from, callers[!n].id);
	CHECK_EQ(open_one->ipc_value, word_of(!n));
	CHECK_EQ(flex_collect(open_one), 0);
	CHECK_EQ(flex_ipc_try_send(callers[!n].id, answer_to(word_of(!n)), NO_PAGE, 0), 0);
	while (!flex_done(call))
		CHECK(flexsc_wait() > 0);
	callers[n].answer = call->ipc_value;
	callers[n].result = flex_collect(call);
	callers[n].back = 1;
}

// Two that also receive come to an end.
static void
each_other_served(void)
{
	shared->ready = 0;
	for (int n = 0; n < 2; n++) {
		callers[n] = (struct Caller){0};
		callers[n].id = child_run(calls_and_serves, n);
	}
	callers[0].to = callers[1].id;
	callers[1].to = callers[0].id;
	caller_go(0);
	caller_go(1);
	go(&shared->ready);
	caller_ends(0, 0);
	caller_ends(1, 0);
}

// ---- Many calls of one env -----------------------------------------------------------------

#define NCALLEES 3
#define NTO(callee) (12 - 4 * (callee)) // calls to each

// Serves when it is told to, and checks that the words come in order.
static void
serves(int callee)
{
	envid_t to = 0;
	uint32_t word = 0;

	if (callee & 1)
		CHECK_EQ(flexsc_register(), 0);
	count_up(&shared->count[0]);
	sleep_at(&shared->word[callee]);
	for (int i = 0;; i++) {
		CHECK_EQ(callee & 1 ? flex_ipc_reply(to, answer_to(word), NO_PAGE, 0, NO_PAGE)
				    : sys_ipc_reply(to, answer_to(word), NO_PAGE, 0, NO_PAGE),
			 0);
		to = thisenv->env_ipc_from;
		word = thisenv->env_ipc_value;
		CHECK_EQ(word, callee << 8 | i);
	}
}

// Calls in our page, to one callee and to several, and one by trap behind them.
static void
many_calls(void)
{
	struct FscEntry *e[NCALLEES][NTO(0)];
	envid_t callee[NCALLEES];
	int32_t word;

	shared->count[0] = 0;
	for (int c = 0; c < NCALLEES; c++) {
		shared->word[c] = 0;
		callee[c] = child_run(serves, c);
	}
	AWAIT(shared->count[0] == NCALLEES);
	for (int i = 0; i < NTO(0); i++)
		for (int c = 0; c < NCALLEES; c++)
			if (i < NTO(c))
				e[c][i] = flex_post(SYS_ipc_call, callee[c], c << 8 | i, UTOP, 0,
						    UTOP);
	flex_flush();
	for (int c = NCALLEES - 1; c >= 0; c--) {
		for (int i = 0; i < NTO(c); i++)
			CHECK_EQ(e[c][i]->status, FSC_BLOCKED);
		go(&shared->word[c]);
		CHECK_EQ(ipc_call(callee[c], c << 8 | NTO(c), NO_PAGE, 0, NO_PAGE, &word), 0);
		CHECK_EQ(word, answer_to(c << 8 | NTO(c)));
		for (int i = 0; i < NTO(c); i++) {
			CHECK_EQ(flex_collect(e[c][i]), 0);
			CHECK_EQ(e[c][i]->ipc_value, answer_to(c << 8 | i));
		}
	}
	for (int c = 0; c < NCALLEES; c++)
		kill(callee[c]);
}

// Fills its page with calls to us and to another, and makes one by trap.
static void
calls_often(int other)
{
	CHECK_EQ(flexsc_register(), 0);
	sleep_at(&callers[1].go);
	for (int i = 0; i < NSCENTRIES; i++)
		flex_post(SYS_ipc_call, i % 3 ? callers[0].to : other, i, (uint32_t)PAGE(1), RW,
			  UTOP);
	flex_flush();
	callers[1].at = 1;
	sys_ipc_call(callers[0].to, NSCENTRIES, PAGE(1), RW, NO_PAGE);
	callers[1].back = 1;
}

static void
waits_to_be_killed(int unused)
{
	sleep_at(&callers[1].back);
}

// One with calls in every place, between others', is killed.
static void
many_calls_killed(void)
{
	envid_t other;

	caller_start(0, thisenv->env_id, false, true);
	callers[1] = (struct Caller){0};
	other = child_run(waits_to_be_killed, 0);
	callers[1].id = child_run(calls_often, other);
	caller_go(0);
	caller_go(1);
	MUST_HAVE_REFS(1, 4 + NSCENTRIES + 1);
	caller_queue(2, thisenv->env_id, true, true);
	receive();
	expect(0);
	kill(callers[1].id);
	MUST_HAVE_REFS(1, 4); // callers 0 and 2, the other, and we
	reply(0);
	expect(2);
	answer(2);
	CHECK_EQ(sys_page_unmap(0, CALLEE_VA), 0);
	kill(other);
	MUST_HAVE_REFS(1, 1);
}

void
umain(int argc, char **argv)
{
	callers_begin();
	for (int pass = 0; pass < 2; pass++) {
		callee_by_page = pass;
		for (int i = 0; i < 4; i++)
			in_order(i & 1);
		page_not_wanted();
		for (int victim = 0; victim < 3; victim++)
			caller_killed(victim);
		thread_killed(pass);
		each_other(pass);
		each_other_served();
		many_calls();
		many_calls_killed();
	}
	PASS("ipc_queue");
}
