// Copy-on-write: parent and children write to the same pages at the same time
// and each sees only its own. Forks within forks, and many in a row.
//
// Argument: rounds (20).
#include <test/guest/check.h>

#define NPAGES 64
#define WORDS (PGSIZE / 4)

static volatile uint32_t data[NPAGES * WORDS] __attribute__((aligned(PGSIZE)));

static void
fill(uint32_t tag)
{
	for (int i = 0; i < NPAGES; i++) {
		data[i * WORDS] = tag + i;
		data[i * WORDS + WORDS - 1] = tag - i;
	}
}

static void
expect(uint32_t tag)
{
	for (int i = 0; i < NPAGES; i++) {
		CHECK_EQ(data[i * WORDS], tag + i);
		CHECK_EQ(data[i * WORDS + WORDS - 1], tag - i);
	}
}

// Sees what the parent had when it forked, then goes its own way, slowly
// enough to meet the parent on the way.
static void
diverges(int tag)
{
	volatile uint32_t local[16];

	expect(tag);
	for (int round = 1; round <= 10; round++) {
		for (int i = 0; i < 16; i++)
			local[i] = tag + round * i;
		fill(tag + 0x1000 * round);
		sys_yield();
		expect(tag + 0x1000 * round);
		for (int i = 0; i < 16; i++)
			CHECK_EQ(local[i], tag + round * i);
	}
	count_up(&shared->count[0]);
}

static void
tree(int level)
{
	fill(level * 1000);
	if (level > 0) {
		envid_t a = child_run(tree, level - 1), b = child_run(tree, level - 1);

		fill(level * 1000 + 7);
		AWAIT(env_gone(a) && env_gone(b));
		expect(level * 1000 + 7);
	} else {
		expect(0);
	}
	count_up(&shared->count[1]);
}

void
umain(int argc, char **argv)
{
	uint32_t rounds = arg_number(argc, argv, 1, 20);
	void *mine = (void *)AREA;

	share_results();
	CHECK_EQ(sys_page_alloc(0, mine, RO), 0);
	for (uint32_t round = 0; round < rounds; round++) {
		uint32_t tag = 0x10000000 + round * 0x100000;
		envid_t id[3];

		shared->count[0] = 0;
		fill(tag);
		for (int i = 0; i < 3; i++)
			id[i] = child_run(diverges, tag);
		expect(tag);
		for (int i = 0; i < 10; i++) {
			fill(tag ^ (i + 1));
			expect(tag ^ (i + 1));
		}
		for (int i = 0; i < 3; i++)
			AWAIT(env_gone(id[i]));
		CHECK_EQ(shared->count[0], 3);
		expect(tag ^ 10);
	}
	child_finish(tree, 4);
	CHECK_EQ(shared->count[1], 31);
	CHECK_EQ(uvpt[PGNUM(mine)] & (PTE_W | PTE_COW), 0); // read-only stays so
	PASS("fork_cow");
}
