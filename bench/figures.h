// What threads.c and memory.c share: a list of what is measured, and its rows.
//
// All cells of a program are measured in one run of bench_run, in turn. The first is
// the floor, a bare int and iret, to which scripts/floor.awk compares the others.
//
// A row of the table:
//
//     bench,size,cpus,times,unit,smallest,median,largest
//
// size is the program's own; times, the calls in a trial; unit is cycles, for a call, or what a
// trial has found beside, as struct Operation says.
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include "bench.h"

#define FLOOR_CALLS 1024
#define MAX_CELLS 32

struct Operation {
	const char *name;
	int size;       // of threads, or pages
	uint32_t calls; // in a trial
	int (*trial)(struct BenchCell *c, uint64_t *cycles);
	struct {
		const char *name, *unit;
	} also[BENCH_ALSO]; // what c->also is; no name: nothing
};

static inline void
figures_row(const char *name, const struct BenchCell *c, const char *unit, const uint32_t *sample)
{
	cprintf("csv,%s,%d,%u,%u,%s,%u,%u,%u\n", name, c->arg[0], sysinfo.ncpu, c->calls, unit,
		sample[0], sample[c->ntrials / 2], sample[c->ntrials - 1]);
}

static inline void
figures_print(const struct Operation *op, const struct BenchCell *c)
{
	if (c->error < 0) {
		cprintf("%s, %d: left out, error %d\n", op->name, op->size, -c->error);
		return;
	}
	figures_row(op->name, c, "cycles", c->sample);
	for (int i = 0; i < BENCH_ALSO; i++)
		if (op->also[i].name)
			figures_row(op->also[i].name, c, op->also[i].unit, c->also_sample[i]);
}

// Measures the operations, or those of that name if one is given; the floor first. A trial finds
// its size in c->arg[0].
static inline void
figures_run(const char *program, const struct Operation *ops, int n, const char *only,
	    uint32_t trials)
{
	static const struct Operation floor = {"floor", 1, FLOOR_CALLS, bench_floor, {{0}}};
	static const struct Operation *list[MAX_CELLS];
	static struct BenchCell cells[MAX_CELLS];
	int ncells = 0;

	bench_init();
	list[ncells++] = &floor;
	for (int i = 0; i < n; i++) {
		if (only && strcmp(only, ops[i].name) != 0)
			continue;
		assert(ncells < MAX_CELLS);
		list[ncells++] = &ops[i];
	}
	for (int i = 0; i < ncells; i++) {
		cells[i].door = list[i]->name;
		cells[i].batch = 1;
		cells[i].calls = list[i]->calls;
		cells[i].loops = list[i]->calls;
		cells[i].arg[0] = list[i]->size;
		cells[i].trial = list[i]->trial;
	}
	bench_run(program, cells, ncells, trials);
	for (int i = 0; i < ncells; i++)
		figures_print(list[i], &cells[i]);
}

#endif
