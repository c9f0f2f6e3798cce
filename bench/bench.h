// Timed trials, for the benchmark programs. A program fills a table of cells,
// one for each thing that it compares; bench_run warms each up and then runs
// the trials round by round, one of each cell in turn, so that a host that
// changes its speed changes it for all. A cell ends with the smallest, the
// median and the largest cycles per call of its trials.
//
// bench_init measures what timing itself costs, the pair of rdtsc and one turn
// of a counting loop; every trial has its share of that taken off.
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <inc/lib.h>

#define BENCH_WARMUPS 3
#define BENCH_TRIALS 31 // at most, in one cell; odd, for the median
#define BENCH_LOOPS 4096
#define BENCH_ALSO 2 // see struct BenchCell

// A page of a program's own, and where there is room for some.
#define BENCH_PERM (PTE_P | PTE_U | PTE_W)
#define BENCH_AREA 0xA0000000

struct BenchCell {
	// Set by the program.
	const char *door; // the way in that is measured
	uint32_t batch;   // calls handed over at once
	uint32_t calls;   // calls in a trial
	uint32_t loops;   // turns of the trial's loop, taken off
	int32_t arg[2];   // the program's own

	// One trial: does c->calls calls and stores the cycles that they took.
	// 0, or a negative error, which leaves the cell out. What else it finds it
	// stores in c->also, in units of its own.
	int (*trial)(struct BenchCell *c, uint64_t *cycles);
	uint32_t also[BENCH_ALSO];

	// Set by bench_run.
	int error; // of the trial that failed
	uint32_t ntrials;
	uint32_t sample[BENCH_TRIALS]; // cycles per call, sorted
	uint32_t also_sample[BENCH_ALSO][BENCH_TRIALS];
};

static uint32_t bench_tsc_cost;  // cycles of an empty trial
static uint32_t bench_loop_cost; // cycles of BENCH_LOOPS empty turns

// n / d, rounded, or 0xffffffff if that needs more than 32 bits. No 64-bit
// division: programs have no compiler's library to do it.
static inline uint32_t
bench_div(uint64_t n, uint32_t d)
{
	uint32_t quotient, rest;

	n += d / 2;
	if ((uint32_t)(n >> 32) >= d)
		return 0xffffffff;
	asm("divl %4"
	    : "=a"(quotient), "=d"(rest)
	    : "a"((uint32_t)n), "d"((uint32_t)(n >> 32)), "rm"(d)
	    : "cc");
	return quotient;
}

static inline void
bench_sort(uint32_t *v, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		uint32_t x = v[i], j = i;
		for (; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

// To be called first.
static inline void
bench_init(void)
{
	uint32_t tsc[BENCH_TRIALS], loop[BENCH_TRIALS];

	for (int t = 0; t < BENCH_TRIALS; t++) {
		uint64_t start = read_tsc();
		uint64_t between = read_tsc();
		for (uint32_t i = 0; i < BENCH_LOOPS; i++)
			barrier();
		tsc[t] = between - start;
		loop[t] = read_tsc() - between;
	}
	bench_sort(tsc, BENCH_TRIALS);
	bench_sort(loop, BENCH_TRIALS);
	bench_tsc_cost = tsc[BENCH_TRIALS / 2];
	bench_loop_cost = loop[BENCH_TRIALS / 2] - MIN(bench_tsc_cost, loop[BENCH_TRIALS / 2]);
	cprintf("a pair of rdtsc: %u cycles; %u turns of an empty loop: %u\n", bench_tsc_cost,
		BENCH_LOOPS, bench_loop_cost);
}

#define BENCH_WARMUP BENCH_TRIALS // a trial that is not kept

// One trial of c; what it has found becomes sample t, unless that is BENCH_WARMUP.
static inline void
bench_trial(struct BenchCell *c, uint32_t t)
{
	uint64_t cycles = 0, own;

	if (c->error < 0)
		return;
	c->error = c->trial(c, &cycles);
	own = bench_tsc_cost + (uint64_t)c->loops * bench_loop_cost / BENCH_LOOPS;
	cycles -= MIN(own, cycles);
	if (c->error < 0 || t == BENCH_WARMUP)
		return;
	c->sample[t] = bench_div(cycles, c->calls);
	for (int i = 0; i < BENCH_ALSO; i++)
		c->also_sample[i][t] = c->also[i];
}

// Runs `trials` trials (at most BENCH_TRIALS) of n cells, and says so.
static inline void
bench_run(const char *bench, struct BenchCell *cells, int n, uint32_t trials)
{
	cprintf("%s: %s", bench, n > 0 ? cells[0].door : "nothing");
	for (int i = 1; i < n; i++)
		if (strcmp(cells[i].door, cells[i - 1].door) != 0)
			cprintf(", %s", cells[i].door);
	cprintf("; %u trials ", trials);

	for (int i = 0; i < n; i++) {
		cells[i].error = 0;
		cells[i].ntrials = trials;
		for (int t = 0; t < BENCH_WARMUPS; t++)
			bench_trial(&cells[i], BENCH_WARMUP);
	}
	for (uint32_t t = 0; t < trials; t++) {
		if (t % 4 == 0) {
			// Printing takes long enough for others to fall asleep.
			cprintf(".");
			bench_trial(&cells[0], BENCH_WARMUP);
		}
		for (int i = 0; i < n; i++)
			bench_trial(&cells[i], t);
	}
	cprintf("\n");
	for (int i = 0; i < n; i++) {
		bench_sort(cells[i].sample, trials);
		for (int k = 0; k < BENCH_ALSO; k++)
			bench_sort(cells[i].also_sample[k], trials);
	}
}

static inline uint32_t
bench_median(const struct BenchCell *c)
{
	return c->sample[c->ntrials / 2];
}

// The cell of this door, or NULL if there is none or it failed.
static inline const struct BenchCell *
bench_find(const struct BenchCell *cells, int n, const char *door)
{
	for (int i = 0; i < n; i++)
		if (strcmp(cells[i].door, door) == 0 && cells[i].error == 0)
			return &cells[i];
	return NULL;
}

// The floor that all else is compared with: int and iret, to a gate that only returns.
static inline int
bench_floor(struct BenchCell *c, uint64_t *cycles)
{
	uint64_t start = read_tsc();

	for (uint32_t i = 0; i < c->calls; i++)
		asm volatile("int %0" : : "i"(T_FLOOR) : "memory", "cc");
	*cycles = read_tsc() - start;
	return 0;
}

// Prints n cells as lines of the table, each begun by "csv,":
//
//     bench,door,cpus,batch,calls,cycles_min,cycles_median,cycles_max,speedup
//
// speedup is base's median divided by the cell's, empty if base is 0.
static inline void
bench_print(const char *bench, const struct BenchCell *cells, int n, uint32_t base)
{
	for (int i = 0; i < n; i++) {
		const struct BenchCell *c = &cells[i];
		uint32_t median = bench_median(c);

		if (c->error < 0) {
			cprintf("%s, %s, batch %u: left out, error %d\n", bench, c->door, c->batch,
				-c->error);
			continue;
		}
		cprintf("csv,%s,%s,%u,%u,%u,%u,%u,%u,", bench, c->door, sysinfo.ncpu, c->batch,
			c->calls, c->sample[0], median, c->sample[c->ntrials - 1]);
		if (base > 0) {
			uint32_t ratio = bench_div((uint64_t)base * 100, MAX(median, 1u));
			cprintf("%u.%02u", ratio / 100, ratio % 100);
		}
		cprintf("\n");
	}
}

#endif
