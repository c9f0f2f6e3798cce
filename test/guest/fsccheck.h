// Syscall entries written by hand, for the tests of the syscall page.
#ifndef TEST_GUEST_FSCCHECK_H
#define TEST_GUEST_FSCCHECK_H

#include <test/guest/check.h>

#define fscpage ((struct FscPage *)USCPAGE)

// Fills entry i for call num, without submitting it.
static inline struct FscEntry *
entry_fill(int i, int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
	struct FscEntry *e = &fscpage->entries[i];

	CHECK_EQ(e->status, FSC_FREE);
	e->status = FSC_ALLOC;
	e->syscall = num;
	e->num_args = 5;
	e->args[0] = a1;
	e->args[1] = a2;
	e->args[2] = a3;
	e->args[3] = a4;
	e->args[4] = a5;
	e->ret = 0x5eed5eed;
	return e;
}

static inline void
entry_submit(struct FscEntry *e)
{
	barrier(); // the entry before its status
	e->status = FSC_SUBMIT;
}

// Fills and submits entry i.
static inline struct FscEntry *
entry_put(int i, int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
	struct FscEntry *e = entry_fill(i, num, a1, a2, a3, a4, a5);

	entry_submit(e);
	return e;
}

// The result of an entry that must be done; frees it.
static inline int32_t
entry_take(struct FscEntry *e)
{
	int32_t ret;

	CHECK_EQ(e->status, FSC_DONE);
	barrier(); // the status before the result
	ret = e->ret;
	e->status = FSC_FREE;
	return ret;
}

// A call by a hand-written entry from its submission to its result.
static inline int32_t
entry_call(int i, int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
	struct FscEntry *e = entry_put(i, num, a1, a2, a3, a4, a5);

	while (e->status != FSC_DONE)
		CHECK(flexsc_wait() >= 0);
	return entry_take(e);
}

// Parks a receive in entry i: a call that is done beside it lets wait return.
// Uses entry 63 for that.
static inline struct FscEntry *
entry_park_recv(int i, uintptr_t dstva)
{
	struct FscEntry *e = entry_put(i, SYS_ipc_recv, dstva, 0, 0, 0, 0);

	CHECK_EQ(entry_call(63, SYS_getenvid, 0, 0, 0, 0, 0), sys_getenvid());
	AWAIT(e->status == FSC_BLOCKED);
	return e;
}

// The highest-numbered CPU, found by asking for it. Needs a registered page;
// leaves it with calls executed at wait.
static inline int
last_cpu(void)
{
	int cpu = 31;

	while (cpu > 0 && flexsc_affinity(1U << cpu) < 0)
		cpu--;
	CHECK_EQ(flexsc_affinity(0), 0);
	return cpu;
}

#endif
