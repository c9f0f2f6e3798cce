// The swap area: fs/swap.c.
#ifndef FS_SWAP_H
#define FS_SWAP_H

#include <inc/env.h>
#include <inc/types.h>

#define SWAP_MAXSLOTS 131072u // 512 MiB

// A slot: a block of the disk.
struct SwapSlot {
	uint16_t holder; // 0: it is free; 1 + ENVX of the process that has it; or SWAP_SHARED
	uint16_t count;  // processes that have it, if it is shared
};
#define SWAP_SHARED 0xffff

// Where it is, and memory for what has to be known of it.
struct SwapArea {
	uint32_t block; // of the first slot
	uint32_t nslots;
	struct SwapSlot *slots; // nslots of them, zeroes
	char *maps;             // addresses for NENV bitmaps of swap_map_pages(nslots) pages each
};

static inline uint32_t
swap_map_pages(uint32_t nslots)
{
	return (nslots + PGSIZE * 8 - 1) / (PGSIZE * 8);
}

// From now on that is the area, with nothing in it. Before, there are no slots.
void swap_begin(const struct SwapArea *area);

// Writes a page, which begins at a page's address, into a slot that is the process's then.
// The slot; -E_NO_DISK: all are taken; -E_IO.
int swap_out(envid_t process, void *page);

// Reads a slot into a page; it is the process's no more. 0; -E_INVAL: it was not; -E_IO: it
// still is.
int swap_in(envid_t process, uint32_t slot, void *page);

// n slots are the process's no more. One that is named twice counts once. 0; -E_INVAL: one of
// them was not its own, and nothing has changed.
int swap_free(envid_t process, const uint32_t *slots, uint32_t n);

// All slots of one process are another's, too. 0 or -E_NO_MEM.
int swap_share(envid_t from, envid_t to);

// Gives back the memory for slots that dead processes shared.
void swap_sweep(void);

uint32_t swap_nfree(void);

// ---- What fs/swap.c needs of others: fs/serv_swap.c ----

// Whether a process is there.
bool swap_lives(envid_t process);

// Maps n pages of zeroes, all or none; takes them back.
bool swap_map_alloc(char *map, uint32_t n);
void swap_map_free(char *map, uint32_t n);

#endif
