// Threads of one process at the same memory: the same copy-on-write page, the same page that
// nobody has used yet, memory that one unmaps while others use it, sbrk by all at once, and
// protection that changes under a writer.
//
// Argument: rounds (16).
#include <test/guest/vmcheck.h>

#define NTHREADS 4
#define NPAGES 16

static volatile uint32_t gate, stop;
static volatile uint32_t *area;

// Threads that all begin at once, when they have met at the gate.
static void
race(void (*body)(void *, void *), uint32_t round)
{
	gate = 0;
	for (int i = 0; i < NTHREADS; i++)
		must_create(body, (void *)i, (void *)round);
	must_join(NTHREADS);
}

// Each has a word in every page, which all begin to write at once.
static void
write_words(void *number, void *round)
{
	uint32_t n = (uint32_t)number;

	meet(&gate, NTHREADS);
	for (int page = 0; page < NPAGES; page++)
		area[page * 1024 + n * 4] = (uint32_t)round + n + page;
}

static void
expect_words(uint32_t round)
{
	for (int page = 0; page < NPAGES; page++)
		for (uint32_t n = 0; n < NTHREADS; n++)
			CHECK_EQ(area[page * 1024 + n * 4], round + n + page);
}

// Pages that nobody has used, then the same copy-on-write with a child that waits.
static void
same_pages(uint32_t round)
{
	area = (uint32_t *)map_anon(NPAGES);
	race(write_words, round);
	expect_words(round);

	shared->stop = 0;
	envid_t id = fork_watched();
	if (id == 0) {
		AWAIT(shared->stop);
		expect_words(round);
		exit();
	}
	race(write_words, round + 1000);
	expect_words(round + 1000);
	shared->stop = 1;
	CHECK_EQ(wait_status(id), 0);
	expect_words(round + 1000);
	CHECK_EQ(munmap((void *)area, NPAGES * PGSIZE), 0);
}

static void
grow(void *number, void *round)
{
	meet(&gate, NTHREADS);
	for (int i = 0; i < 20; i++) {
		uint32_t *p = sbrk(100);
		CHECK(p != (void *)-1);
		// Nobody else gets these bytes.
		for (int k = 0; k < 25; k++)
			p[k] = (uint32_t)number * 1000 + i;
		sys_yield();
		for (int k = 0; k < 25; k++)
			CHECK_EQ(p[k], (uint32_t)number * 1000 + i);
	}
}

static void
growth(void)
{
	char *before = sbrk(0);

	race(grow, 0);
	CHECK_EQ((char *)sbrk(0) - before, NTHREADS * 20 * 100);
	CHECK(sbrk(-NTHREADS * 20 * 100) != (void *)-1);
}

// Each maps, uses and unmaps areas of its own, next to the others'.
static void
map_often(void *number, void *round)
{
	meet(&gate, NTHREADS);
	for (int i = 0; i < 15; i++) {
		size_t n = 1 + (i + (uint32_t)number) % 5;
		char *p = map_anon(n);
		for (size_t k = 0; k < n; k++) {
			CHECK_EQ(p[k * PGSIZE], 0);
			p[k * PGSIZE] = (char)(uint32_t)number + 1;
		}
		for (size_t k = 0; k < n; k++)
			CHECK_EQ(p[k * PGSIZE], (char)(uint32_t)number + 1);
		CHECK_EQ(munmap(p, n * PGSIZE), 0);
	}
}

// One takes the memory away, and gives it back, while the others use it; their handler
// waits until it is there again.
static void
missing(struct UTrapframe *utf)
{
	AWAIT(entry_of(utf->utf_fault_va) != 0);
}

static void
use_or_take(void *number, void *round)
{
	char *p = (char *)area;

	meet(&gate, NTHREADS);
	if ((uint32_t)number == 0) {
		for (int i = 0; i < 20; i++) {
			CHECK_EQ(munmap(p, NPAGES * PGSIZE), 0);
			CHECK(mmap(p, NPAGES * PGSIZE, RDWR, ANON | MAP_FIXED, -1, 0) == p);
			sys_yield();
		}
		stop = 1;
		return;
	}
	for (uint32_t i = 0; !stop; i++) {
		char c = p[i % NPAGES * PGSIZE + (uint32_t)number];
		CHECK(c == 0 || c == (char)(uint32_t)number);
		p[i % NPAGES * PGSIZE + (uint32_t)number] = (uint32_t)number;
	}
}

static void
taken_away(void)
{
	area = (uint32_t *)map_anon(NPAGES);
	stop = 0;
	set_pgfault_handler(missing);
	race(use_or_take, 0);
	set_pgfault_handler(NULL);
	CHECK_EQ(munmap((void *)area, NPAGES * PGSIZE), 0);
}

// One protects a page again and again, the others write to it, and have a handler that waits
// until they may.
static volatile uint32_t protected;

static void
not_now(struct UTrapframe *utf)
{
	AWAIT(!protected);
}

static void
protect_or_write(void *number, void *round)
{
	meet(&gate, NTHREADS);
	if ((uint32_t)number == 0) {
		for (int i = 0; i < 30; i++) {
			protected = 1;
			CHECK_EQ(mprotect((void *)area, 1), 0);
			uint32_t sum = area[1] + area[2] + area[3];
			sys_yield();
			CHECK_EQ(area[1] + area[2] + area[3], sum); // nobody has written
			CHECK_EQ(munprotect((void *)area, 1), 0);
			protected = 0;
			sys_yield();
		}
		stop = 1;
		return;
	}
	while (!stop)
		area[(uint32_t)number]++;
}

static void
protection(void)
{
	area = (uint32_t *)map_anon(1);
	*area = stop = protected = 0;
	set_pgfault_handler(not_now);
	race(protect_or_write, 0);
	set_pgfault_handler(NULL);
	CHECK_EQ(munmap((void *)area, PGSIZE), 0);
}

void
umain(int argc, char **argv)
{
	uint32_t rounds = arg_number(argc, argv, 1, 16);

	share_results();
	for (uint32_t i = 0; i < rounds; i++) {
		same_pages(i * 10000);
		if (i % 8)
			continue;
		growth();
		race(map_often, 0);
		taken_away();
		protection();
	}
	PASS("vm_threads");
}
