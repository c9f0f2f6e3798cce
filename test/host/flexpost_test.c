// inc/flexpost.h and lib/flex_syscall.c: what they do with entries, on a fake
// kernel that plays the syscall thread.
// flags: -ffreestanding -nostdinc
#include "test/host/host.h"

#include <inc/lib.h>

// While the library polls, another CPU works.
static void other_cpu(void);
#undef pause
#define pause() other_cpu()
// By the stack pointer of 32 bits; the host may have a longer one.
#define full_barrier() __sync_synchronize()

#include "lib/string.c"
#include "lib/flex_syscall.c"

static struct FscPage page __attribute__((aligned(PGSIZE)));
static struct FscPage high_page __attribute__((aligned(PGSIZE)));
static struct FscPage *registered; // the kernel's view

// What the kernel executed: the numbers and first arguments, in order.
#define MAXDONE 4096
static struct {
	int num;
	uint32_t args[5];
} executed[MAXDONE];
static int nexecuted;
static int nwaits, nwakes, ntraps;
static int order_of_trap; // executed before the last call by trap
static bool remote;       // the syscall thread is on another CPU
static bool asleep;
static int laziness; // polls until the other CPU does something

// Executes a submitted entry. A receive blocks; whatever else returns a mixture
// of its number and its first argument.
static void
execute(struct FscEntry *e)
{
	e->status = FSC_BUSY;
	executed[nexecuted].num = e->syscall;
	for (int i = 0; i < 5; i++)
		executed[nexecuted].args[i] = e->args[i];
	nexecuted++;
	if (e->syscall == SYS_ipc_recv) {
		e->status = FSC_BLOCKED;
		return;
	}
	e->ret = e->syscall * 1000 + (int)e->args[0];
	e->status = FSC_DONE;
}

static void
drain(void)
{
	for (int i = 0; i < NSCENTRIES; i++)
		if (registered->entries[i].status == FSC_SUBMIT)
			execute(&registered->entries[i]);
}

static void
other_cpu(void)
{
	if (remote && !asleep && laziness-- <= 0)
		drain();
}

// The message that a blocked receive waits for.
static void
deliver(struct FscEntry *e, int value)
{
	e->ret = value;
	e->status = FSC_DONE;
}

int
sys_flexsc_register(void *va)
{
	if (registered)
		return -E_INVAL;
	registered = va;
	return 0;
}

int
sys_flexsc_wait(int what)
{
	int done = 0;

	nwaits++;
	if (!registered)
		return -E_INVAL;
	asleep = false;
	registered->entries[0].need_wake = 0;
	drain();
	if (what >= 0 && registered->entries[what].status == FSC_BLOCKED)
		deliver(&registered->entries[what], 4711);
	for (int i = 0; i < NSCENTRIES; i++)
		done += registered->entries[i].status == FSC_DONE;
	return done;
}

int
sys_flexsc_affinity(uint32_t cpus)
{
	if (!registered || cpus > 3)
		return -E_INVAL;
	remote = cpus != 0;
	return 0;
}

int
sys_flexsc_wake(void)
{
	nwakes++;
	asleep = false;
	registered->entries[0].need_wake = 0;
	return 0;
}

// Calls by trap: only what the library falls back to.
static int
by_trap(int num)
{
	ntraps++;
	order_of_trap = nexecuted;
	return -num;
}

#define TRAP_TRAP(...)
#define TRAP_OWN(...)
#define TRAP_PAGE(type, name, ...)          \
	type sys_##name(__VA_ARGS__)        \
	{                                   \
		return by_trap(SYS_##name); \
	}
#define TRAP_POST(type, name, ...)   \
	type sys_##name(__VA_ARGS__) \
	{                            \
		by_trap(SYS_##name); \
	}
#define SYSCALL0(doors, type, name) TRAP_##doors(type, name, void)
#define SYSCALL1(doors, type, name, t1, a1) TRAP_##doors(type, name, t1 a1)
#define SYSCALL2(doors, type, name, t1, a1, t2, a2) TRAP_##doors(type, name, t1 a1, t2 a2)
#define SYSCALL3(doors, type, name, t1, a1, t2, a2, t3, a3) \
	TRAP_##doors(type, name, t1 a1, t2 a2, t3 a3)
#define SYSCALL4(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4) \
	TRAP_##doors(type, name, t1 a1, t2 a2, t3 a3, t4 a4)
#define SYSCALL5(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	TRAP_##doors(type, name, t1 a1, t2 a2, t3 a3, t4 a4, t5 a5)
#include <inc/syscall.def>
#include <inc/syscall_undef.h>

// A program that has just registered its page there.
static void
start(struct FscPage *where)
{
	flex_forget();
	registered = NULL;
	nexecuted = nwaits = nwakes = ntraps = laziness = 0;
	remote = asleep = false;
	memset(where, 0, sizeof(*where));
	flexsc_register_at(where);
}

static struct FscEntry *
post(int num, uint32_t a1)
{
	return flex_post(num, a1, 0, 0, 0, 0);
}

static bool
all_free(void)
{
	for (int i = 0; i < NSCENTRIES; i++)
		if (registered->entries[i].status != FSC_FREE)
			return false;
	return true;
}

static void
layout(void)
{
	CHECK_EQ(sizeof(struct FscEntry), 64);
	CHECK_EQ(offsetof(struct FscEntry, args), 8);
	CHECK_EQ(offsetof(struct FscEntry, status), 28);
	CHECK_EQ(offsetof(struct FscEntry, ret), 32);
	CHECK_EQ(sizeof(struct FscPage), PGSIZE);
	CHECK_EQ(FSC_DONE, 5);
}

static void
not_registered(void)
{
	flex_forget();
	registered = NULL;
	nwaits = ntraps = 0;
	CHECK(post(SYS_getenvid, 0) == NULL);
	CHECK_EQ(flex_collect(NULL), -E_INVAL);
	CHECK_EQ(flex_collect(&page.entries[3]), -E_INVAL);
	CHECK(!flex_done(NULL));
	CHECK_EQ(flex_getenvid(), -E_INVAL);
	CHECK_EQ(flex_page_map(0, NULL, 0, NULL, 0), -E_INVAL);
	flex_cputs("", 0);
	flex_yield();
	flex_flush();
	CHECK_EQ(ntraps, 0);
	CHECK_EQ(nwaits, 0);
	CHECK_EQ(flexsc_wait(), -E_INVAL);
	CHECK_EQ(flexsc_affinity(1), -E_INVAL);
}

static void
registering_twice(void)
{
	start(&page);
	struct FscEntry *e = post(SYS_getenvid, 1);
	CHECK_EQ(flexsc_register_at(&high_page), -E_INVAL);
	CHECK(e == &page.entries[0] && post(SYS_getenvid, 2) == &page.entries[1]);
}

static void
all_arguments(void)
{
	volatile int num = 1234; // not known to the compiler

	start(&page);
	flex_post(num, 1, 2, 3, 4, 5);
	flex_post(SYS_page_map, 6, 7, 8, 9, 10);
	flex_post(SYS_page_unmap, 11, 12, 99, 99, 99);
	CHECK_EQ(page.entries[0].syscall, 1234);
	for (int i = 0; i < 5; i++) {
		CHECK_EQ(page.entries[0].args[i], 1 + i);
		CHECK_EQ(page.entries[1].args[i], 6 + i);
	}
	CHECK_EQ(page.entries[2].args[0], 11);
	CHECK_EQ(page.entries[2].args[1], 12);
	CHECK_EQ(page.entries[2].status, FSC_SUBMIT);
}

static void
post_wait_collect(void)
{
	struct FscEntry *e[NSCENTRIES];

	start(&page);
	for (int round = 0; round < 5; round++) {
		int n = round == 4 ? NSCENTRIES : 13 + round;
		for (int i = 0; i < n; i++) {
			CHECK((e[i] = post(SYS_env_destroy, i)) != NULL);
			CHECK(!flex_done(e[i]));
		}
		CHECK_EQ(flexsc_wait(), n);
		for (int i = 0; i < n; i++) {
			CHECK(flex_done(e[i]));
			CHECK_EQ(flex_collect(e[i]), SYS_env_destroy * 1000 + i);
		}
		CHECK(all_free());
	}
	CHECK_EQ(nwaits, 5);
}

static void
ring_order(void)
{
	start(&page);
	for (int i = 0; i < 3 * NSCENTRIES; i++) {
		struct FscEntry *e = post(SYS_getenvid, 0);
		CHECK(e == &page.entries[i % NSCENTRIES]);
		drain();
		flex_collect(e);
	}
}

static void
collect_waits(void)
{
	start(&page);
	struct FscEntry *e = post(SYS_env_destroy, 7);
	CHECK_EQ(flex_collect(e), SYS_env_destroy * 1000 + 7);
	CHECK_EQ(nwaits, 1);
	// A blocked call is waited for as well.
	CHECK_EQ(flex_ipc_recv(NULL), 4711);
	CHECK_EQ(flex_env_destroy(5), SYS_env_destroy * 1000 + 5);
	CHECK(all_free());
	// What was not posted can't be collected.
	CHECK_EQ(flex_collect(e), -E_INVAL);
	CHECK_EQ(flex_collect(NULL), -E_INVAL);
	CHECK_EQ(flex_collect(&high_page.entries[0]), -E_INVAL);
}

static void
detached_calls(void)
{
	start(&page);
	for (int i = 0; i < 1000; i++) {
		flex_cputs("x", i);
		if (i % 3 == 0)
			flex_yield();
	}
	flexsc_wait();
	CHECK(all_free());
	CHECK_EQ(nexecuted, 1334);
	CHECK_EQ(ntraps, 0);
	CHECK(nwaits < 1334 / NSCENTRIES + 3); // a page-full at a time
	for (int i = 0, text = 0; i < nexecuted; i++)
		if (executed[i].num == SYS_cputs)
			CHECK_EQ(executed[i].args[1], text++);
}

static void
detached_are_counted(void)
{
	start(&page);
	struct FscEntry *e = post(SYS_getenvid, 0);
	flex_cputs("a", 1);
	flex_cputs("b", 1);
	CHECK_EQ(flexsc_wait(), 3);
	CHECK(flex_done(e)); // not freed by the wait
	flex_collect(e);
	CHECK(all_free());
}

static void
page_full_of_uncollected(void)
{
	start(&page);
	for (int i = 0; i < NSCENTRIES; i++)
		post(SYS_env_destroy, i);
	// Nobody else can free an entry: posting is refused, not waited for.
	CHECK(post(SYS_getenvid, 0) == NULL);
	CHECK_EQ(nwaits, 0);
	// The stubs work all the same, after what was posted before.
	CHECK_EQ(flex_page_unmap(1, NULL), -SYS_page_unmap);
	flex_cputs("x", 1);
	CHECK_EQ(ntraps, 2);
	CHECK_EQ(order_of_trap, NSCENTRIES);
	flexsc_wait();
	for (int i = NSCENTRIES - 1; i >= 0; i--)
		CHECK_EQ(flex_collect(&page.entries[i]), SYS_env_destroy * 1000 + i);
	CHECK(all_free());
	CHECK(post(SYS_getenvid, 0) != NULL);
}

static void
post_waits_for_detached(void)
{
	start(&page);
	for (int i = 0; i < NSCENTRIES - 4; i++)
		CHECK(post(SYS_env_destroy, i) != NULL);
	for (int i = 0; i < 4; i++)
		flex_cputs("x", 1);
	struct FscEntry *e = post(SYS_env_destroy, 99);
	CHECK(e == &page.entries[NSCENTRIES - 4]); // the oldest that could be freed
	CHECK_EQ(nexecuted, NSCENTRIES);
	CHECK_EQ(flex_collect(e), SYS_env_destroy * 1000 + 99);
}

static void
by_hand_and_by_library(void)
{
	start(&page);
	// By hand: entries 0 and 1, and one that is only being filled.
	page.entries[0].syscall = page.entries[1].syscall = SYS_getenvid;
	page.entries[0].status = page.entries[1].status = FSC_SUBMIT;
	page.entries[2].status = FSC_ALLOC;
	struct FscEntry *e = post(SYS_env_destroy, 1);
	CHECK(e == &page.entries[3]);
	CHECK_EQ(flexsc_wait(), 3);
	CHECK_EQ(flex_collect(e), SYS_env_destroy * 1000 + 1);
	CHECK_EQ(page.entries[0].status, FSC_DONE);
	CHECK_EQ(page.entries[1].status, FSC_DONE);
	CHECK_EQ(page.entries[2].status, FSC_ALLOC);
	// The library comes round: it passes over what is not its own.
	for (int i = 0; i < 2 * NSCENTRIES; i++) {
		e = post(SYS_env_destroy, i);
		CHECK(e > &page.entries[2]);
		CHECK_EQ(flex_collect(e), SYS_env_destroy * 1000 + i);
	}
}

static void
blocked_entry_is_passed_over(void)
{
	start(&page);
	struct FscEntry *recv = post(SYS_ipc_recv, 0);
	for (int i = 0; i < 3 * NSCENTRIES; i++) {
		CHECK_EQ(flex_env_destroy(i), SYS_env_destroy * 1000 + i);
		flex_cputs("x", 1);
	}
	CHECK_EQ(recv->status, FSC_BLOCKED);
	CHECK(!flex_done(recv));
	deliver(recv, 5);
	CHECK_EQ(flex_collect(recv), 5);
}

static void
another_cpu(void)
{
	start(&page);
	post(SYS_getenvid, 0);
	CHECK_EQ(flexsc_affinity(4), -E_INVAL);
	CHECK_EQ(flexsc_affinity(2), 0);
	CHECK(post(SYS_env_destroy, 3) == &page.entries[1]); // the ring goes on
	laziness = 100;
	CHECK_EQ(flex_collect(&page.entries[1]), SYS_env_destroy * 1000 + 3);
	CHECK_EQ(nwaits, 0); // polled for
	CHECK_EQ(nwakes, 0);
	flex_collect(&page.entries[0]);

	// Asleep: the post rings, once.
	asleep = true;
	page.entries[0].need_wake = 1;
	struct FscEntry *e = post(SYS_env_destroy, 4);
	CHECK_EQ(nwakes, 1);
	post(SYS_env_destroy, 5);
	CHECK_EQ(nwakes, 1);
	CHECK_EQ(flex_collect(e), SYS_env_destroy * 1000 + 4);
	CHECK_EQ(flex_collect(flex_thread.remote_cursor - 1), SYS_env_destroy * 1000 + 5);
	CHECK_EQ(nwaits, 0);

	// Submitted by hand while it sleeps: collecting rings.
	asleep = true;
	page.entries[0].need_wake = 1;
	page.entries[9].syscall = SYS_getenvid;
	page.entries[9].args[0] = 0;
	page.entries[9].status = FSC_SUBMIT;
	CHECK_EQ(flex_collect(&page.entries[9]), SYS_getenvid * 1000);
	CHECK_EQ(nwakes, 2);
	CHECK_EQ(nwaits, 0);

	// A CPU that takes too long is slept for, a blocked call at once.
	laziness = 1 << 30;
	CHECK_EQ(flex_env_destroy(6), SYS_env_destroy * 1000 + 6);
	CHECK_EQ(nwaits, 1);
	laziness = 0;
	CHECK_EQ(flex_ipc_recv(NULL), 4711);
	CHECK_EQ(nwaits, 2);
	CHECK(all_free());
}

static void
detached_on_another_cpu(void)
{
	start(&page);
	CHECK_EQ(flexsc_affinity(1), 0);
	for (int i = 0; i < 1000; i++)
		flex_cputs("x", i);
	CHECK(nexecuted > 900);
	CHECK_EQ(nwaits, 0);
	CHECK_EQ(flexsc_affinity(0), 0); // and back again
	struct FscEntry *e = post(SYS_env_destroy, 1);
	CHECK(e != NULL && flex_thread.cursor != &flex_nowhere);
	CHECK_EQ(flex_collect(e), SYS_env_destroy * 1000 + 1);
	CHECK_EQ(nwaits, 1);
	flexsc_wait();
	CHECK(all_free());
	CHECK_EQ(nexecuted, 1001);
}

static void
any_address(void)
{
	start(&high_page);
	for (int i = 0; i < 200; i++) {
		CHECK_EQ(flex_env_destroy(i), SYS_env_destroy * 1000 + i);
		flex_cputs("x", 1);
	}
	flexsc_wait();
	CHECK(all_free());
}

static void
forked_child(void)
{
	start(&page);
	post(SYS_getenvid, 0);
	flex_cputs("x", 1);
	flex_forget();
	CHECK(post(SYS_getenvid, 0) == NULL);
	CHECK_EQ(flex_getenvid(), -E_INVAL);
	CHECK_EQ(page.entries[0].status, FSC_SUBMIT); // the parent's is untouched
	registered = NULL;
	memset(&high_page, 0, sizeof(high_page));
	CHECK_EQ(flexsc_register_at(&high_page), 0);
	CHECK(post(SYS_getenvid, 0) == &high_page.entries[0]);
	flexsc_wait();
	CHECK_EQ(page.entries[1].status, FSC_SUBMIT);
}

// A page-fault handler runs in the middle of a post, when the cursor is to be
// moved, and posts as well.
static void
nested_post(void)
{
	start(&page);
	struct FscEntry *e = flex_thread.cursor;
	e->status = FSC_ALLOC; // so far the interrupted post has come
	struct FscEntry *inner = post(SYS_getenvid, 0);
	CHECK(inner == &page.entries[1]);
	flex_thread.cursor = flex_after(e); // and now it goes on
	e->status = FSC_SUBMIT;
	CHECK(post(SYS_getenvid, 0) == &page.entries[2]);
}

int
main(void)
{
	RUN(layout);
	RUN(not_registered);
	RUN(registering_twice);
	RUN(all_arguments);
	RUN(post_wait_collect);
	RUN(ring_order);
	RUN(collect_waits);
	RUN(detached_calls);
	RUN(detached_are_counted);
	RUN(page_full_of_uncollected);
	RUN(post_waits_for_detached);
	RUN(by_hand_and_by_library);
	RUN(blocked_entry_is_passed_over);
	RUN(another_cpu);
	RUN(detached_on_another_cpu);
	RUN(any_address);
	RUN(forked_child);
	RUN(nested_post);
	return report("flexpost");
}
