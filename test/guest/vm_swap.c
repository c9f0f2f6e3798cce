// More memory than the process may have: patterns in an array of several times the limit,
// read in order, at random, and by parent and child after a fork; in each kind of memory that
// may go to the swap area.
//
// Arguments: pages that the process may have (70), times that its memory is larger (4),
// accesses at random (1500).
#include <test/guest/vmcheck.h>

static uint32_t limit, npages, accesses;
static uint32_t *base;

static uint32_t *
word_of(uint32_t page, uint32_t i)
{
	return base + page * (PGSIZE / 4) + i;
}

static void
fill(uint32_t tag)
{
	for (uint32_t p = 0; p < npages; p++)
		for (uint32_t i = 0; i < PGSIZE / 4; i += 63)
			*word_of(p, i) = tag ^ p * 1000 ^ i;
}

static void
expect(uint32_t tag)
{
	for (uint32_t p = 0; p < npages; p++)
		for (uint32_t i = 0; i < PGSIZE / 4; i += 63)
			CHECK_EQ(*word_of(p, i), tag ^ p * 1000 ^ i);
}

// Reads and changes, each page by its own count.
static void
at_random(uint32_t seed)
{
	uint32_t state = seed;

	for (uint32_t p = 0; p < npages; p++)
		*word_of(p, 1) = 0;
	for (uint32_t n = 0; n < accesses; n++) {
		uint32_t p = next_random(&state) % npages;
		(*word_of(p, 1))++;
		*word_of(p, 2) = seed + *word_of(p, 1);
	}
	uint32_t sum = 0;
	for (uint32_t p = 0; p < npages; p++) {
		uint32_t n = *word_of(p, 1);
		sum += n;
		CHECK(n == 0 || *word_of(p, 2) == seed + n);
	}
	CHECK_EQ(sum, accesses);
}

static void
in_parent_and_child(uint32_t tag)
{
	fill(tag);
	envid_t id = fork_watched();
	if (id == 0) {
		expect(tag);
		fill(tag + 1);
		expect(tag + 1);
		exit();
	}
	expect(tag);
	fill(tag + 2);
	expect(tag + 2);
	CHECK_EQ(wait_status(id), 0);
	expect(tag + 2);
}

// Pages of the array that are in the swap area.
static uint32_t
swapped(void)
{
	uint32_t n = 0;

	for (uint32_t p = 0; p < npages; p++)
		n += is_swapped(entry_of((uintptr_t)word_of(p, 0)));
	return n;
}

static void
one_kind(const char *name, void *memory)
{
	CHECK(memory != NULL && memory != (void *)-1);
	base = (uint32_t *)ROUNDUP((uintptr_t)memory, PGSIZE);
	fill(1);
	CHECK(swapped() >= npages - limit);
	expect(1);
	at_random(2);
	in_parent_and_child(3);
	struct EnvStat stat = stat_of(0);
	CHECK(stat.nresident <= limit + 4); // the pager's own places come on top
	CHECK(stat.nswapped >= swapped());
	cprintf("%s: resident %u, swapped %u\n", name, stat.nresident, swapped());
}

static char data[1024 * PGSIZE];

void
umain(int argc, char **argv)
{
	size_t size;
	void *p;

	limit = arg_number(argc, argv, 1, 70);
	npages = limit * arg_number(argc, argv, 2, 4);
	accesses = arg_number(argc, argv, 3, 1500);
	size = (npages + 1) * PGSIZE;
	CHECK(size <= sizeof(data));
	CHECK_EQ(sys_env_set_limit(0, limit), 0);

	p = mmap(NULL, size, RDWR, ANON, -1, 0);
	one_kind("mmap", p);
	CHECK_EQ(munmap(p, size), 0);
	CHECK_EQ(swapped(), 0);

	one_kind("sbrk", sbrk(size));
	CHECK(sbrk(-(int)size) != (void *)-1);
	CHECK_EQ(swapped(), 0);

	p = malloc(size);
	one_kind("malloc", p);
	free(p);

	one_kind("data", data);
	PASS("vm_swap");
}
