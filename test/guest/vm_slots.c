// What was in the swap area and is unmapped, freed or shrunk away leaves its slots to be used
// again: several times as many pages as the area has room for go there.
//
// Arguments: the slots that there are (256).
#include <test/guest/vmcheck.h>

#define ROOM 50
#define ROUNDS 4

static uint32_t npages;

static void
fill(volatile char *p)
{
	for (uint32_t i = 0; i < npages; i++)
		p[i * PGSIZE] = i;
	for (uint32_t i = 0; i < npages; i++)
		CHECK_EQ(p[i * PGSIZE], (char)i);
}

static void
by_mmap(void)
{
	char *p = map_anon(npages);

	fill(p);
	CHECK_EQ(munmap(p, npages * PGSIZE), 0);
}

static void
by_sbrk(void)
{
	char *p = sbrk(npages * PGSIZE);

	CHECK(p != (char *)-1);
	fill(p);
	CHECK(sbrk(-(int)(npages * PGSIZE)) != (char *)-1);
}

static void
by_malloc(void)
{
	char *p = malloc(npages * PGSIZE);

	CHECK(p != NULL);
	fill(p);
	free(p);
}

// Mapped anew where it is.
static void
by_map_fixed(void)
{
	char *p = map_anon(npages);

	fill(p);
	CHECK(mmap(p, npages * PGSIZE, RDWR, ANON | MAP_FIXED, -1, 0) == p);
	fill(p);
	CHECK_EQ(munmap(p, npages * PGSIZE), 0);
}

void
umain(int argc, char **argv)
{
	static void (*const ways[])(void) = {by_mmap, by_sbrk, by_malloc, by_map_fixed};
	struct EnvStat st;

	npages = arg_number(argc, argv, 1, 256) * 3 / 4;
	CHECK_EQ(sys_env_stat(0, &st), 0);
	CHECK_EQ(sys_env_set_limit(0, st.nresident + ROOM), 0);
	for (int round = 0; round < ROUNDS; round++)
		for (uint32_t i = 0; i < ARRAY_SIZE(ways); i++)
			ways[i]();
	PASS("vm_slots");
}
