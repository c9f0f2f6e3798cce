// Measures the time-stamp counter and the APIC's timer against the PIT, whose
// frequency is the same on every PC. From then on the TSC is the clock.
//
// Under emulation and on shared machines the CPU may stand still at any point
// between two instructions. A sample of the three counters therefore counts
// only by how little time its reading took, and an interval in which the PIT
// ran over is measured anew.
#include <inc/assert.h>
#include <inc/x86.h>
#include <kern/clock.h>
#include <kern/lapic.h>

#define PIT_HZ 1193182
#define PIT_CH2 0x42
#define PIT_COMMAND 0x43
#define PIT_CH2_MODE0 0xb0 // channel 2, both bytes, count down once
#define PIT_CH2_LATCH 0x80
#define PORT_B 0x61
#define PORT_B_GATE 0x01 // channel 2 counts
#define PORT_B_SPEAKER 0x02
#define PORT_B_OUT 0x20 // channel 2 has come to 0

#define WINDOW (PIT_HZ / 100) // 10 ms
#define SAMPLES 5
#define TRIES 20

struct Sample {
	uint32_t tsc; // low half: the window is short
	uint32_t lapic;
	uint32_t pit;    // counts down
	uint32_t spread; // TSC cycles that the reading took
};

uint32_t tsc_khz;
uint32_t lapic_khz;
static uint64_t tsc_start;

uint64_t
clock_div(uint64_t n, uint32_t d, uint32_t *rem)
{
	uint32_t high = n >> 32, low = n, qhigh = high / d, qlow, r = high % d;

	// As on paper: the remainder of one digit goes before the next.
	asm("divl %4" : "=a"(qlow), "=d"(r) : "a"(low), "1"(r), "r"(d) : "cc");
	if (rem)
		*rem = r;
	return (uint64_t)qhigh << 32 | qlow;
}

uint32_t
clock_muldiv(uint32_t a, uint32_t b, uint32_t d)
{
	uint64_t q = clock_div((uint64_t)a * b, d, NULL);

	return q >> 32 ? 0xffffffff : q;
}

static struct Sample
clock_sample_once(void)
{
	struct Sample s;
	uint32_t before = read_tsc();

	outb(PIT_COMMAND, PIT_CH2_LATCH);
	s.lapic = lapic_count();
	s.tsc = read_tsc();
	s.pit = inb(PIT_CH2);
	s.pit |= inb(PIT_CH2) << 8;
	s.spread = s.tsc - before;
	return s;
}

// The best of several.
static struct Sample
clock_sample(void)
{
	struct Sample best = clock_sample_once();

	for (int i = 1; i < SAMPLES; i++) {
		struct Sample s = clock_sample_once();
		if (s.spread < best.spread)
			best = s;
	}
	return best;
}

// Measures once; false if the PIT ran over meanwhile.
static bool
clock_measure(void)
{
	struct Sample first, now;
	uint32_t ticks;

	outb(PORT_B, (inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE);
	outb(PIT_COMMAND, PIT_CH2_MODE0);
	outb(PIT_CH2, 0xff);
	outb(PIT_CH2, 0xff);
	lapic_count_start();

	first = clock_sample();
	do {
		now = clock_sample();
		if (inb(PORT_B) & PORT_B_OUT)
			return false;
		ticks = first.pit - now.pit;
		// No PIT: 2^31 cycles are longer than any 10 ms.
		if ((now.tsc - first.tsc) >> 31)
			panic("the PIT does not count");
	} while (ticks < WINDOW);

	tsc_khz = clock_muldiv(now.tsc - first.tsc, PIT_HZ, ticks * 1000);
	lapic_khz = clock_muldiv(now.lapic - first.lapic, PIT_HZ, ticks * 1000);
	return tsc_khz > 0 && lapic_khz > 0;
}

void
clock_init(void)
{
	int tries = 0;

	while (!clock_measure())
		if (++tries == TRIES)
			panic("no 50 ms in which the clocks could be measured");
	tsc_start = read_tsc();
}

uint64_t
clock_ms(void)
{
	return clock_div(read_tsc() - tsc_start, tsc_khz, NULL);
}

uint64_t
clock_us_to_tsc(uint32_t us)
{
	return clock_div((uint64_t)us * tsc_khz, 1000, NULL);
}

void
clock_delay(uint32_t us)
{
	uint64_t start = read_tsc(), cycles = clock_us_to_tsc(us);

	while (read_tsc() - start < cycles)
		pause();
}
