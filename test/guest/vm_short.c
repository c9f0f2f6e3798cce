// The machine has no memory left: another process has it. A program without any limit goes on
// by way of the swap area, and all it has is right; so do two that take each other what
// memory is free, and one from whom another takes every page as soon as it is free.
//
// Argument: pages that are left (300).
#include <test/guest/vmcheck.h>

static uint32_t left, npages;
static bool greedy;

// Takes all memory but `left` pages, or if it is greedy all that is free at any time, until it is
// told to stop.
static void
hog(int unused)
{
	uint32_t n = free_pages();
	uintptr_t va = AREA;

	for (; n > left; n--, va += PGSIZE)
		if (sys_page_alloc(0, (void *)va, RW) < 0)
			break;
	gate_open(&shared->ready);
	envid_t parent = thisenv->env_parent_id;
	while (!shared->stop && env_is_alive(parent)) {
		if (!greedy)
			sleep_msec(20);
		else if (sys_page_alloc(0, (void *)va, RW) == 0)
			va += PGSIZE;
	}
}

static void
fill_and_look(uint32_t *p, uint32_t tag)
{
	for (uint32_t i = 0; i < npages; i++)
		p[i * 1024] = tag + i, p[i * 1024 + 1023] = tag - i;
	for (uint32_t i = 0; i < npages; i++) {
		CHECK_EQ(p[i * 1024], tag + i);
		CHECK_EQ(p[i * 1024 + 1023], tag - i);
	}
}

// Makes no use of memory before it is short.
static void
user(int tag)
{
	uint32_t *p = malloc(npages * PGSIZE);

	CHECK(p);
	fill_and_look(p, tag);
	free(p);
	p = (uint32_t *)map_anon(npages);
	fill_and_look(p, tag * 2);
	CHECK_EQ(munmap(p, npages * PGSIZE), 0);
}

// Has something before memory is short.
static void
rival(int tag)
{
	uint32_t *p = (uint32_t *)map_anon(npages);

	for (uint32_t i = 0; i < left / 4; i++)
		p[i * 1024] = tag;
	count_up(&shared->count[1]);
	gate_wait(&shared->ready);
	for (int i = 0; i < 2; i++)
		fill_and_look(p, tag + i);
}

// n rivals, or else a user in this process.
static void
with_hog(int n)
{
	envid_t id[2], hog_id;

	shared->ready = shared->stop = shared->count[1] = 0;
	for (int i = 0; i < n; i++)
		id[i] = child_watched(rival, 5000 * i);
	AWAIT(shared->count[1] == (uint32_t)n);
	hog_id = child_run(hog, 0);
	AWAIT(shared->ready);
	if (n == 0)
		user(1000);
	for (int i = 0; i < n; i++)
		CHECK_EQ(wait_status(id[i]), 0);
	shared->stop = 1;
	wait(hog_id);
}

void
umain(int argc, char **argv)
{
	left = arg_number(argc, argv, 1, 300);
	npages = left * 2;
	share_results();
	with_hog(0);
	left = 16;
	npages = 150;
	with_hog(2);
	greedy = true;
	npages = 50;
	with_hog(1);
	PASS("vm_short");
}
