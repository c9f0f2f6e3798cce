// The SystemInfo page: what the kernel tells all programs, and the events of
// devices as words to wait at.

#include <kern/clock.h>
#include <kern/cpu.h>
#include <kern/futex.h>
#include <kern/sched.h>
#include <kern/sysinfo.h>

// Nothing else is on its page, which programs can read.
static union {
	struct SystemInfo info;
	char page[PGSIZE];
} the_page __attribute__((aligned(PGSIZE)));
extern struct SystemInfo sysinfo __attribute__((alias("the_page")));

void
sysinfo_init(void)
{
	sysinfo.ncpu = ncpu;
	sysinfo.tsc_khz = tsc_khz;
	sysinfo.tick_ms = 1000 / SCHED_HZ;
}

static uint64_t ticks; // sysinfo.ticks would begin again after a year

// Timer ticks of the first CPU's since the start. Read in one piece, by an instruction
// that can do that.
uint64_t
sysinfo_ticks(void)
{
	return __sync_val_compare_and_swap(&ticks, 0, 0);
}

// A timer tick of the first CPU's.
void
sysinfo_tick(void)
{
	__sync_add_and_fetch(&ticks, 1);
	sysinfo.ticks++;
	futex_notify(&sysinfo.ticks);
}

// The console has a character.
void
sysinfo_input(void)
{
	__atomic_add_fetch(&sysinfo.input, 1, __ATOMIC_SEQ_CST);
	futex_notify(&sysinfo.input);
}

// An ISA interrupt that a program drives. Comes to one CPU only.
void
sysinfo_irq(int irq)
{
	sysinfo.irqs[irq]++;
	futex_notify(&sysinfo.irqs[irq]);
}
