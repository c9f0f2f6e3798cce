// Requests of the swap area, which is what lies behind the file system on its disk.
#include <inc/lib.h>
#include <fs/disk.h>
#include <fs/fs.h>
#include <fs/serv.h>
#include <fs/swap.h>

static_assert(SWAP_MAXSLOTS <= SWAP_MAP_PAGES * PGSIZE * 8, "the bitmaps have addresses");
static_assert(SWAP_MAXSLOTS * sizeof(struct SwapSlot) <= SWAP_SLOT_PAGES * PGSIZE,
	      "so have the slots");

// What there is no memory for is not used.
void
serve_swap_begin(void)
{
	const uint32_t per_page = PGSIZE / sizeof(struct SwapSlot);
	struct SwapArea area = {
		.block = fs_nblocks(),
		.slots = (struct SwapSlot *)SWAP_SLOTS,
		.maps = (char *)SWAP_MAPS,
	};
	uint32_t want = MIN(disk_size() - area.block, SWAP_MAXSLOTS);

	while (area.nslots < want &&
	       sys_page_alloc(0, area.slots + area.nslots, PTE_P | PTE_U | PTE_W) == 0)
		area.nslots = MIN(area.nslots + per_page, want);
	swap_begin(&area);
}

// ---- What fs/swap.c needs ----

bool
swap_lives(envid_t process)
{
	return env_is_alive(process);
}

bool
swap_map_alloc(char *map, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (sys_page_alloc(0, map + i * PGSIZE, PTE_P | PTE_U | PTE_W) < 0) {
			swap_map_free(map, i);
			return false;
		}
	}
	return true;
}

void
swap_map_free(char *map, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		sys_page_unmap(0, map + i * PGSIZE);
}

// ---- Requests ----

// The process of the env that asks, which may be one of its threads. -E_BAD_ENV: it is
// no more, and nobody waits for the answer.
static envid_t
asking_process(void)
{
	envid_t from = thisenv->env_ipc_from;
	const volatile struct Env *e = &envs[ENVX(from)];
	envid_t process = e->env_process;

	barrier(); // the process is that of `from` if its place is not another's by now
	return e->env_id == from && env_is_alive(process) ? process : -E_BAD_ENV;
}

int
serve_swap_out(uint32_t word)
{
	envid_t process = asking_process();

	return process < 0 ? process : swap_out(process, REQUEST);
}

int
serve_swap_in(uint32_t word)
{
	envid_t process = asking_process();

	return process < 0 ? process : swap_in(process, FSREQ_SLOT(word), REQUEST);
}

int
serve_swap_free(uint32_t word)
{
	static uint32_t slots[ARRAY_SIZE(REQUEST->swap_free.req_slots)];
	envid_t process = asking_process();
	uint32_t n = READ_ONCE(REQUEST->swap_free.req_n);

	if (process < 0)
		return process;
	if (n > ARRAY_SIZE(slots))
		return -E_INVAL;
	memcpy(slots, REQUEST->swap_free.req_slots, n * sizeof(slots[0]));
	barrier(); // the copy is made here, and what follows looks at nothing else
	return swap_free(process, slots, n);
}

int
serve_swap_share(uint32_t word)
{
	envid_t process = asking_process(), child = READ_ONCE(REQUEST->swap_share.req_child);
	const volatile struct Env *e = &envs[ENVX(child)];

	if (process < 0)
		return process;
	if (child <= 0 || e->env_parent_id != process || e->env_process != child ||
	    !env_is_alive(child))
		return -E_BAD_ENV;
	return swap_share(process, child);
}
