// Counts down from 5, a number a second, by the kernel's clock of milliseconds.
#include <inc/lib.h>

// Gives up the CPU until that many seconds have passed.
static void
sleep(unsigned seconds)
{
	unsigned start = sys_time_msec();

	// The difference is right even when the clock wraps.
	while (msec_since(start) < seconds * 1000)
		sys_yield();
}

void
umain(int argc, char **argv)
{
	cprintf("starting count down: ");
	for (int i = 5; i >= 0; i--) {
		cprintf("%d ", i);
		sleep(1);
	}
	cprintf("\n");
}
