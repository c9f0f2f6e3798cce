// Nothing submitted is overlooked while the syscall thread changes its ways: what
// is posted while it looks at other entries, goes to sleep, or is told to run
// elsewhere, is executed without being waited for, and a wait ends only when all
// has been issued.
//
// Argument: milliseconds for each (700).
#include <test/guest/fsccheck.h>

static unsigned msec, began;

// A moment that differs from round to round.
static void
delay(uint32_t n)
{
	for (volatile uint32_t i = n; i > 0; i--)
		pause();
}

static void
post_one(struct FscEntry *e)
{
	e->syscall = SYS_getenvid;
	entry_submit(e);
}

static void
check_all_issued(void)
{
	for (int i = 0; i < NSCENTRIES; i++)
		CHECK_EQ(fscpage->entries[i].status == FSC_SUBMIT ||
				 fscpage->entries[i].status == FSC_BUSY,
			 false);
}

// Posted behind the back of a thread that has just found nothing there.
static void
wait_for_late_post(int cpu)
{
	struct FscEntry *e = &fscpage->entries[0];

	began = sys_time_msec();
	CHECK_EQ(flexsc_affinity(1U << cpu), 0);
	for (uint32_t n = 0; sys_time_msec() - began < msec; n++) {
		post_one(e);
		sys_flexsc_wake();
		if (cpu > 0)
			while (e->status != FSC_DONE)
				barrier();
		else
			AWAIT(e->status == FSC_DONE);
		delay(n % 50);
		post_one(e);
		if (n % 4)
			CHECK_EQ(flexsc_wait(), 1);
		else
			flex_flush();
		check_all_issued();
		e->status = FSC_FREE;
	}
}

// Told to stop polling just before a call is posted and waited for.
static void
wait_after_affinity(int cpu)
{
	began = sys_time_msec();
	for (uint32_t n = 0; sys_time_msec() - began < msec; n++) {
		struct FscEntry *e;

		CHECK_EQ(flexsc_affinity(1U << cpu), 0);
		CHECK_EQ(flex_getenvid(), thisenv->env_id);
		delay(n % 200);
		CHECK_EQ(flexsc_affinity(0), 0);
		e = flex_post(SYS_getenvid, 0, 0, 0, 0, 0);
		CHECK_EQ(flexsc_wait(), 1);
		CHECK(flex_done(e));
		CHECK_EQ(flex_collect(e), thisenv->env_id);
	}
}

// Told to stop polling and to go on: who posts then does not wait, nor need ring.
static void
posts_after_affinity(int cpu)
{
	began = sys_time_msec();
	CHECK_EQ(flexsc_affinity(1U << cpu), 0);
	for (uint32_t n = 0; sys_time_msec() - began < msec; n++) {
		struct FscEntry *e;

		CHECK_EQ(flexsc_affinity(0), 0);
		delay(n % 7);
		CHECK_EQ(flexsc_affinity(1U << cpu), 0);
		delay(n % 130);
		e = flex_post(SYS_getenvid, 0, 0, 0, 0, 0);
		AWAIT(flex_done(e));
		CHECK_EQ(flex_collect(e), thisenv->env_id);
	}
}

void
umain(int argc, char **argv)
{
	msec = arg_number(argc, argv, 1, 700);
	CHECK_EQ(flexsc_register(), 0);
	int cpu = last_cpu();
	wait_for_late_post(cpu);
	CHECK_EQ(flexsc_affinity(0), 0);
	wait_after_affinity(cpu);
	posts_after_affinity(cpu);
	PASS("fsc_wake");
}
