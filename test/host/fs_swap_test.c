// fs/swap.c on a disk in memory: who may have which slot, sharing, processes that end, errors
// of the disk, no memory for bitmaps; and many operations beside a model.
// flags: -ffreestanding -nostdinc
#include "test/host/host.h"
#include "test/host/random.h"

#undef memset

#include "fs/swap.c"

void *memset(void *dst, int c, size_t n);

#define FIRST 100
#define NSLOTS 70000 // three pages of bitmap
#define PAGE_WORDS (PGSIZE / 4)

static_assert(sizeof(envid_t) == 4, "");

// The disk: of each block, the word that fills it.
static uint32_t disk[NSLOTS];
static int writes_left = -1, reads_left = -1; // until one fails; < 0: never

static struct SwapSlot slots[NSLOTS];
static uint32_t maps[NENV * 3 * PAGE_WORDS];
static bool map_there[NENV];
static int maps_there, maps_max;

static uint32_t page[PAGE_WORDS];

static bool alive[NENV]; // of the first generation; of another, never

// ---- What it needs ----

static bool
fails(int *left)
{
	if (*left == 0)
		return true;
	*left -= *left > 0;
	return false;
}

int
disk_write(uint32_t block, uint32_t n, void *const bufs[])
{
	if (n != 1 || block < FIRST || block >= FIRST + area.nslots || fails(&writes_left))
		return -E_IO;
	disk[block - FIRST] = *(uint32_t *)bufs[0];
	return 0;
}

int
disk_read(uint32_t block, uint32_t n, void *const bufs[])
{
	if (n != 1 || block < FIRST || block >= FIRST + area.nslots || fails(&reads_left))
		return -E_IO;
	*(uint32_t *)bufs[0] = disk[block - FIRST];
	return 0;
}

static envid_t
process(uint32_t i)
{
	return 1 << ENVGENSHIFT | i;
}

// The next to have its place.
static envid_t
successor(uint32_t i)
{
	return 2 << ENVGENSHIFT | i;
}

bool
swap_lives(envid_t id)
{
	return id == process(ENVX(id)) && alive[ENVX(id)];
}

bool
swap_map_alloc(char *map, uint32_t n)
{
	uint32_t i = (map - (char *)maps) / (n * PGSIZE);

	if (map_there[i] || maps_there == maps_max)
		return false;
	memset(map, 0, n * PGSIZE);
	map_there[i] = true;
	maps_there++;
	return true;
}

// What was given back is not to be looked at again.
void
swap_map_free(char *map, uint32_t n)
{
	memset(map, 0xff, n * PGSIZE);
	map_there[(map - (char *)maps) / (n * PGSIZE)] = false;
	maps_there--;
}

static void
begin(uint32_t n)
{
	memset(slots, 0, sizeof(slots));
	memset(map_there, 0, sizeof(map_there));
	memset(alive, true, sizeof(alive));
	writes_left = reads_left = -1;
	maps_there = 0;
	maps_max = NENV;
	swap_begin(&(struct SwapArea){FIRST, n, slots, (char *)maps});
}

static int
out(envid_t id, uint32_t word)
{
	page[0] = word;
	return swap_out(id, page);
}

// The word that was in the slot, or the error.
static int
in(envid_t id, uint32_t slot)
{
	int r = swap_in(id, slot, page);

	return r < 0 ? r : (int)page[0];
}

static int
give_up(envid_t id, uint32_t slot)
{
	return swap_free(id, &slot, 1);
}

// ---- The tests ----

static void
no_area(void)
{
	CHECK_EQ(out(process(1), 1), -E_NO_DISK);
	CHECK_EQ(in(process(1), 0), -E_INVAL);
	CHECK_EQ(give_up(process(1), 0), -E_INVAL);
	CHECK_EQ(swap_free(process(1), NULL, 0), 0);
	CHECK_EQ(swap_share(process(1), process(2)), 0);
	swap_sweep();
}

static void
foreign_slots(void)
{
	begin(64);
	int a = out(process(1), 11), b = out(process(2), 22);

	CHECK(a >= 0 && b >= 0 && a != b);
	CHECK_EQ(in(process(2), a), -E_INVAL);
	CHECK_EQ(give_up(process(2), a), -E_INVAL);
	CHECK_EQ(in(process(1), 64), -E_INVAL);
	CHECK_EQ(in(process(1), 0xffffff), -E_INVAL);
	CHECK_EQ(in(process(1), 63), -E_INVAL); // free
	CHECK_EQ(in(process(1), a), 11);
	CHECK_EQ(in(process(1), a), -E_INVAL); // no more
	CHECK_EQ(give_up(process(2), b), 0);
	CHECK_EQ(in(process(2), b), -E_INVAL);
	CHECK_EQ(swap_nfree(), 64);
}

static void
in_a_row(void)
{
	begin(64);
	for (int i = 0; i < 40; i++)
		CHECK_EQ(out(process(1), i), i);
	for (int i = 0; i < 40; i += 2)
		CHECK_EQ(give_up(process(1), i), 0);
	for (int i = 40; i < 64; i++)
		CHECK_EQ(out(process(1), i), i);
	for (int i = 0; i < 40; i += 2)
		CHECK_EQ(out(process(1), i), i);
	CHECK_EQ(swap_nfree(), 0);
}

static void
free_lists(void)
{
	begin(64);
	for (int i = 0; i < 8; i++)
		CHECK_EQ(out(process(1 + i / 6), i), i);
	CHECK_EQ(swap_free(process(1), (uint32_t[]){0, 1, 6}, 3), -E_INVAL);
	CHECK_EQ(swap_free(process(1), (uint32_t[]){0, 1, 64}, 3), -E_INVAL);
	CHECK_EQ(swap_nfree(), 64 - 8);
	CHECK_EQ(swap_free(process(1), (uint32_t[]){0, 1, 1, 0, 5}, 5), 0);
	CHECK_EQ(swap_nfree(), 64 - 5);
	CHECK_EQ(in(process(1), 4), 4);
	CHECK_EQ(in(process(2), 7), 7);
}

static void
full(void)
{
	begin(16);
	for (int i = 0; i < 16; i++)
		CHECK_EQ(out(process(1 + i % 2), i), i);
	CHECK_EQ(out(process(3), 99), -E_NO_DISK);
	alive[2] = false;
	CHECK_EQ(out(process(3), 99), 1);
	CHECK_EQ(swap_nfree(), 7);
	CHECK_EQ(in(process(3), 1), 99);
	CHECK_EQ(in(process(1), 2), 2);
}

// Who has the place of a process that ended has none of its slots.
static void
successors(void)
{
	begin(16);
	int slot = out(process(1), 11), shared = out(process(1), 12);

	CHECK_EQ(swap_share(process(1), process(2)), 0);
	CHECK_EQ(in(successor(1), slot), -E_INVAL);
	CHECK_EQ(swap_nfree(), 14); // the other one has both
	CHECK_EQ(in(successor(2), shared), -E_INVAL);
	CHECK_EQ(swap_nfree(), 16);
	CHECK_EQ(maps_there, 0);
	CHECK_EQ(out(successor(1), 5), 2);
	CHECK_EQ(swap_share(process(3), successor(1)), 0);
	CHECK_EQ(in(successor(1), 2), 5);
}

static void
sharing(void)
{
	begin(NSLOTS);
	for (int i = 0; i < NSLOTS / 2; i++)
		CHECK_EQ(out(process(1), i), i);
	CHECK_EQ(swap_share(process(1), process(2)), 0);
	CHECK_EQ(swap_share(process(2), process(3)), 0);
	CHECK_EQ(swap_share(process(1), process(3)), 0); // once more
	CHECK_EQ(swap_nfree(), NSLOTS - NSLOTS / 2);
	CHECK_EQ(in(process(4), 5), -E_INVAL);
	for (int i = 0; i < NSLOTS / 2; i++) {
		for (int p = 1; p <= 3; p++) {
			CHECK_EQ(in(process(p), i), i);
			CHECK_EQ(in(process(p), i), -E_INVAL);
		}
		CHECK_EQ(slots[i].holder, 0);
	}
	CHECK_EQ(maps_there, 0);
	CHECK_EQ(swap_nfree(), NSLOTS);
}

static void
sharing_without_memory(void)
{
	begin(64);
	CHECK_EQ(out(process(1), 7), 0);
	for (maps_max = 0; maps_max < 2; maps_max++) {
		CHECK_EQ(swap_share(process(1), process(2)), -E_NO_MEM);
		CHECK_EQ(maps_there, 0);
		CHECK_EQ(in(process(2), 0), -E_INVAL);
	}
	CHECK_EQ(swap_share(process(1), process(2)), 0);
	CHECK_EQ(maps_there, 2);
	CHECK_EQ(swap_share(process(2), process(3)), -E_NO_MEM);
	CHECK_EQ(out(process(2), 8), 1); // that needs none
	CHECK_EQ(in(process(2), 0), 7);
	CHECK_EQ(maps_there, 1);
	alive[1] = false;
	swap_sweep();
	CHECK_EQ(maps_there, 0);
	CHECK_EQ(swap_nfree(), 63);
}

static void
disk_errors(void)
{
	begin(8);
	CHECK_EQ(out(process(1), 3), 0);
	reads_left = 0;
	CHECK_EQ(in(process(1), 0), -E_IO);
	reads_left = -1;
	CHECK_EQ(in(process(1), 0), 3);
	writes_left = 0;
	CHECK_EQ(out(process(1), 4), -E_IO);
	CHECK_EQ(swap_nfree(), 8);
	CHECK_EQ(in(process(1), 1), -E_INVAL);
	writes_left = -1;
	CHECK_EQ(out(process(1), 4), 2); // not where it has just failed
}

// ---- Beside a model ----

#define NPROCESSES 6
#define FEW 40

static bool model[NPROCESSES][FEW];
static uint32_t words[FEW];

static bool
is_taken(uint32_t slot)
{
	for (int p = 0; p < NPROCESSES; p++)
		if (model[p][slot])
			return true;
	return false;
}

static void
step(uint32_t number)
{
	uint32_t p = random_below(NPROCESSES), q = random_below(NPROCESSES),
		 slot = random_below(FEW), ntaken = 0;
	int r;

	for (uint32_t i = 0; i < FEW; i++)
		ntaken += is_taken(i);
	CHECK_EQ(swap_nfree(), FEW - ntaken);
	switch (random_below(8)) {
	case 0:
	case 1:
	case 2:
		r = out(process(p), number);
		if (ntaken == FEW) {
			CHECK_EQ(r, -E_NO_DISK);
			break;
		}
		CHECK(r >= 0 && r < FEW && !is_taken(r));
		model[p][r] = true;
		words[r] = number;
		break;
	case 3:
	case 4:
		CHECK_EQ(in(process(p), slot), model[p][slot] ? (int)words[slot] : -E_INVAL);
		model[p][slot] = false;
		break;
	case 5:
		CHECK_EQ(give_up(process(p), slot), model[p][slot] ? 0 : -E_INVAL);
		model[p][slot] = false;
		break;
	case 6:
		if (random_below(4))
			break;
		CHECK_EQ(swap_share(process(p), process(q)), 0);
		for (int i = 0; i < FEW; i++)
			model[q][i] |= model[p][i];
		break;
	default:
		if (random_below(8))
			break;
		drop_all(p);
		memset(model[p], 0, sizeof(model[p]));
	}
}

static void
random_steps(void)
{
	begin(FEW);
	memset(model, 0, sizeof(model));
	for (uint32_t i = 1; i < 300000 && !failure[0]; i++)
		step(i);
	for (uint32_t p = 0; p < NPROCESSES; p++)
		drop_all(p);
	CHECK_EQ(swap_nfree(), FEW);
	CHECK_EQ(maps_there, 0);
}

int
main(void)
{
	RUN(no_area);
	RUN(foreign_slots);
	RUN(in_a_row);
	RUN(free_lists);
	RUN(full);
	RUN(successors);
	RUN(sharing);
	RUN(sharing_without_memory);
	RUN(disk_errors);
	RUN(random_steps);
	return report("fs_swap");
}
