// Sleeping until the disk has interrupted, but not for ever: a wait ends by the
// disk's interrupt or by the next tick of the clock, whichever comes first, so that
// an interrupt that is lost delays the server and can't stop it.
//
// A trap can wait at one word only; the syscall page can carry a wait for each. The
// one that did not end the wait stays in the page, and serves again if it has not
// completed by the next time.
#include <inc/lib.h>
#include <fs/ide.h>

static struct FscEntry *on_irq, *on_tick;

// Sees to it that a wait at *word, which was `value` a moment ago, is in the page.
// One that is there and has not completed was posted with this value.
static bool
wait_posted(struct FscEntry **entry, const volatile uint32_t *word, uint32_t value)
{
	if (*entry && !flex_done(*entry))
		return true;
	if (*entry)
		flex_collect(*entry);
	*entry = flex_post(SYS_futex_wait, (uint32_t)word, value, 0, 0, 0);
	return *entry != NULL;
}

// Returns when one of the two words is not what it was, or earlier.
static void
wait_either(uint32_t irqs, uint32_t ticks)
{
	if (wait_posted(&on_irq, &sysinfo.irqs[IRQ_IDE], irqs) &&
	    wait_posted(&on_tick, &sysinfo.ticks, ticks) && flexsc_wait() >= 0)
		return;
	// No page, as there was no memory for one when the server began: slow, but safe.
	sys_futex_wait(&sysinfo.ticks, ticks);
}

// Called when nothing is expected of the disk. As long as an env waits for an
// interrupt the kernel takes it that one will come, and the run can't end.
static void
expect_nothing(void)
{
	if (on_irq && !flex_done(on_irq))
		sys_futex_wake(&sysinfo.irqs[IRQ_IDE], 1);
}

bool
disk_wait(bool (*done)(void), uint32_t ms)
{
	uint32_t began = sysinfo.ticks, limit = ms / sysinfo.tick_ms + 1;
	bool in_time;

	for (;;) {
		// Before the look at the disk, so that what happens after it ends the wait.
		uint32_t irqs = sysinfo.irqs[IRQ_IDE], ticks = sysinfo.ticks;

		in_time = done();
		if (in_time || ticks - began > limit)
			break;
		wait_either(irqs, ticks);
	}
	expect_nothing();
	return in_time;
}
