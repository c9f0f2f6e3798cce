// Callers that wait in the queue of an env that does not receive, and what answers them:
// for the tests of ipc_call's queue.
#ifndef TEST_GUEST_IPCCHECK_H
#define TEST_GUEST_IPCCHECK_H

#include <test/guest/filecheck.h>

#define NCALLERS 6

#define CALLERS (AREA + 0x100000)
#define PAGES (AREA + 0x200000)
#define PAGE(n) ((void *)(PAGES + (n)*PGSIZE)) // what caller n sends, mapped by all
#define PAGE_WORD(n) (*(volatile uint32_t *)PAGE(n))
#define CALLEE_VA ((void *)(AREA + 0x300000))
#define ANSWER_VA ((void *)(AREA + 0x400000))
#define NO_PAGE ((void *)UTOP)

// A caller, in memory that all share.
struct Caller {
	volatile uint32_t go; // set by us: make the call
	volatile uint32_t at; // it is about to, or its entry is parked
	volatile uint32_t back;
	volatile int32_t result, answer;
	envid_t id, to;
	bool by_page, sends;
};
#define callers ((struct Caller *)CALLERS)

static inline uint32_t
word_of(int n)
{
	return 0x1000 + n;
}

static inline uint32_t
answer_to(uint32_t word)
{
	return word * 31 + 7;
}

// ---- Callers -----------------------------------------------------------------------

static inline void
calls(int n)
{
	struct Caller *me = &callers[n];
	void *va = me->sends ? PAGE(n) : NO_PAGE;
	int32_t r, answer = 0;

	if (me->by_page)
		CHECK_EQ(flexsc_register(), 0);
	sleep_at(&me->go);
	if (me->by_page) {
		struct FscEntry *e = flex_post(SYS_ipc_call, me->to, word_of(n), (uint32_t)va, RW,
					       (uint32_t)ANSWER_VA);
		flex_flush();
		me->at = 1;
		while (!flex_done(e))
			CHECK(flexsc_wait() > 0);
		answer = e->ipc_value;
		r = flex_collect(e);
	} else {
		me->at = 1;
		r = ipc_call(me->to, word_of(n), va, RW, ANSWER_VA, &answer);
	}
	CHECK_EQ(is_mapped((uintptr_t)ANSWER_VA), r == 0 && me->sends);
	if (is_mapped((uintptr_t)ANSWER_VA))
		CHECK_EQ(*(volatile uint32_t *)ANSWER_VA, answer);
	me->result = r;
	me->answer = answer;
	me->back = 1;
}

static inline void
caller_start(int n, envid_t to, bool by_page, bool sends)
{
	callers[n] = (struct Caller){.to = to, .by_page = by_page, .sends = sends};
	PAGE_WORD(n) = word_of(n);
	callers[n].id = child_run(calls, n);
}

// Its call is in its callee's queue when this returns.
static inline void
caller_go(int n)
{
	go(&callers[n].go);
	AWAIT(callers[n].at && asleep(callers[n].id));
	CHECK(!callers[n].back);
}

static inline void
caller_queue(int n, envid_t to, bool by_page, bool sends)
{
	caller_start(n, to, by_page, sends);
	caller_go(n);
}

// The caller ends, with that result.
static inline void
caller_ends(int n, int32_t result)
{
	AWAIT(env_gone(callers[n].id));
	CHECK(callers[n].back);
	CHECK_EQ(callers[n].result, result);
	if (result == 0)
		CHECK_EQ(callers[n].answer, answer_to(word_of(n)));
}

static inline void
kill(envid_t id)
{
	CHECK_EQ(sys_env_destroy(id), 0);
	AWAIT(env_gone(id));
}

// ---- The callee: mostly this env ------------------------------------------------------

static bool callee_by_page; // our own receives

static inline void
receive(void)
{
	CHECK_EQ(callee_by_page ? flex_ipc_recv(CALLEE_VA) : sys_ipc_recv(CALLEE_VA), 0);
}

// What was received is caller n's call.
static inline void
expect(int n)
{
	CHECK_EQ(thisenv->env_ipc_from, callers[n].id);
	CHECK_EQ(thisenv->env_ipc_value, word_of(n));
	CHECK_EQ(thisenv->env_ipc_perm, callers[n].sends ? RW : 0);
	if (!callers[n].sends)
		return;
	CHECK_EQ(*(volatile uint32_t *)CALLEE_VA, word_of(n));
	*(volatile uint32_t *)CALLEE_VA = answer_to(word_of(n));
	CHECK_EQ(PAGE_WORD(n), answer_to(word_of(n))); // the very page
}

// The caller's page goes back as its answer's.
static inline void
answer(int n)
{
	void *va = callers[n].sends ? PAGE(n) : NO_PAGE;
	uint32_t word = answer_to(word_of(n));

	CHECK_EQ(callee_by_page ? flex_ipc_try_send(callers[n].id, word, va, RW)
				: sys_ipc_try_send(callers[n].id, word, va, RW),
		 0);
	caller_ends(n, 0);
}

// Answers n, and takes the next.
static inline void
reply(int n)
{
	void *va = callers[n].sends ? PAGE(n) : NO_PAGE;
	uint32_t word = answer_to(word_of(n));

	CHECK_EQ(callee_by_page ? flex_ipc_reply(callers[n].id, word, va, RW, CALLEE_VA)
				: sys_ipc_reply(callers[n].id, word, va, RW, CALLEE_VA),
		 0);
	caller_ends(n, 0);
}

static inline void
serve(int n)
{
	receive();
	expect(n);
	CHECK_EQ(sys_page_unmap(0, CALLEE_VA), 0);
	answer(n);
}

// References to a caller's page: ours, those of the callers that live, and holds.
#define MUST_HAVE_REFS(n, refs) AWAIT(pageref(PAGE(n)) == (refs))

// What callers need, and a syscall page of our own.
static inline void
callers_begin(void)
{
	share_results();
	CHECK_EQ(sys_page_alloc(0, (void *)CALLERS, RW | PTE_SHARE), 0);
	for (int n = 0; n < NCALLERS; n++)
		CHECK_EQ(sys_page_alloc(0, PAGE(n), RW | PTE_SHARE), 0);
	CHECK_EQ(flexsc_register(), 0);
}

#endif
