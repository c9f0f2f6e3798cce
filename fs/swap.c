// The swap area: which of its slots is whose. Nothing of it is on the disk, and what is
// in the slots means nothing after a boot.
//
// Only who has a slot can read it, and a slot that is taken has been written as a whole
// before anybody has it; so no process sees another's pages, whatever numbers it tries.
//
// Writing a page out must work when there is no memory: what that needs is there from the
// beginning. A slot that one process has names it. Only slots that a fork has shared
// need a bitmap for each process that has some.
//
// That a process has ended is found out when slots run short, or when another comes to
// its place in envs[].
#include <fs/disk.h>
#include <fs/swap.h>
#include <inc/error.h>

// What a process has; by ENVX.
static struct Holder {
	envid_t id;       // 0: nobody
	uint32_t nslots;  // that it has
	uint32_t nshared; // of them, as SWAP_SHARED
	bool has_map;     // a bitmap of those
} holders[NENV];

static struct SwapArea area;
static uint32_t nfree;
static uint32_t cursor; // where to look for a free slot: neighbours are written in a row

void
swap_begin(const struct SwapArea *new_area)
{
	area = *new_area;
	nfree = area.nslots;
	cursor = 0;
	for (uint32_t i = 0; i < NENV; i++)
		holders[i] = (struct Holder){0};
}

uint32_t
swap_nfree(void)
{
	return nfree;
}

// ---- Bitmaps ----

static char *
map_of(uint32_t i)
{
	return area.maps + i * swap_map_pages(area.nslots) * PGSIZE;
}

static uint32_t *
word_of(uint32_t i, uint32_t slot)
{
	return (uint32_t *)map_of(i) + slot / 32;
}

static bool
map_has(uint32_t i, uint32_t slot)
{
	return *word_of(i, slot) >> slot % 32 & 1;
}

static bool
map_make(uint32_t i)
{
	if (!holders[i].has_map)
		holders[i].has_map = swap_map_alloc(map_of(i), swap_map_pages(area.nslots));
	return holders[i].has_map;
}

static void
map_drop_if_empty(uint32_t i)
{
	if (!holders[i].has_map || holders[i].nshared > 0)
		return;
	swap_map_free(map_of(i), swap_map_pages(area.nslots));
	holders[i].has_map = false;
}

// ---- Who has what ----

static bool
has(uint32_t i, uint32_t slot)
{
	if (slot >= area.nslots)
		return false;
	if (area.slots[slot].holder == SWAP_SHARED)
		return holders[i].has_map && map_has(i, slot);
	return area.slots[slot].holder == i + 1;
}

static void
drop(uint32_t i, uint32_t slot)
{
	struct SwapSlot *s = &area.slots[slot];

	holders[i].nslots--;
	if (s->holder == SWAP_SHARED) {
		*word_of(i, slot) &= ~(1u << slot % 32);
		holders[i].nshared--;
		if (--s->count > 0)
			return;
	}
	s->holder = 0;
	nfree++;
}

static void
drop_all(uint32_t i)
{
	for (uint32_t slot = 0; holders[i].nslots > 0; slot++)
		if (has(i, slot))
			drop(i, slot);
	map_drop_if_empty(i);
	holders[i].id = 0;
}

// The place of a process, which is not that of one before it any more.
static uint32_t
holder_of(envid_t process)
{
	uint32_t i = ENVX(process);

	if (holders[i].id != process) {
		drop_all(i);
		holders[i].id = process;
	}
	return i;
}

static void
reclaim(void)
{
	for (uint32_t i = 0; i < NENV; i++)
		if (holders[i].nslots > 0 && !swap_lives(holders[i].id))
			drop_all(i);
}

void
swap_sweep(void)
{
	for (uint32_t i = 0; i < NENV; i++)
		if (holders[i].has_map && !swap_lives(holders[i].id))
			drop_all(i);
}

// ---- Requests ----

static uint32_t
next_free(void)
{
	uint32_t slot = cursor;

	while (area.slots[slot].holder)
		slot = slot + 1 < area.nslots ? slot + 1 : 0;
	cursor = slot + 1 < area.nslots ? slot + 1 : 0;
	return slot;
}

int
swap_out(envid_t process, void *page)
{
	uint32_t i = holder_of(process), slot;
	int r;

	if (nfree == 0)
		reclaim();
	if (nfree == 0)
		return -E_NO_DISK;
	slot = next_free();
	r = disk_write(area.block + slot, 1, &page);
	if (r < 0)
		return r;
	area.slots[slot].holder = i + 1;
	holders[i].nslots++;
	nfree--;
	return slot;
}

int
swap_in(envid_t process, uint32_t slot, void *page)
{
	uint32_t i = holder_of(process);
	int r;

	if (!has(i, slot))
		return -E_INVAL;
	r = disk_read(area.block + slot, 1, &page);
	if (r < 0)
		return r;
	drop(i, slot);
	map_drop_if_empty(i);
	return 0;
}

int
swap_free(envid_t process, const uint32_t *slots, uint32_t n)
{
	uint32_t i = holder_of(process), k;

	for (k = 0; k < n; k++)
		if (!has(i, slots[k]))
			return -E_INVAL;
	for (k = 0; k < n; k++)
		if (has(i, slots[k]))
			drop(i, slots[k]);
	map_drop_if_empty(i);
	return 0;
}

static void
share(uint32_t from, uint32_t to, uint32_t slot)
{
	struct SwapSlot *s = &area.slots[slot];

	if (s->holder != SWAP_SHARED) {
		*s = (struct SwapSlot){.holder = SWAP_SHARED, .count = 1};
		*word_of(from, slot) |= 1u << slot % 32;
		holders[from].nshared++;
	}
	if (map_has(to, slot))
		return;
	*word_of(to, slot) |= 1u << slot % 32;
	holders[to].nslots++;
	holders[to].nshared++;
	s->count++;
}

int
swap_share(envid_t from_process, envid_t to_process)
{
	uint32_t from = holder_of(from_process), to = holder_of(to_process);
	uint32_t slot, left = holders[from].nslots;
	int r = 0;

	swap_sweep();
	if (from == to || left == 0)
		return 0;
	if (!map_make(from) || !map_make(to))
		r = -E_NO_MEM;
	for (slot = 0; r == 0 && left > 0; slot++) {
		if (!has(from, slot))
			continue;
		share(from, to, slot);
		left--;
	}
	map_drop_if_empty(from);
	map_drop_if_empty(to);
	return r;
}
