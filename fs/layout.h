// Where things are in the file server's memory: the request's page, then the pages of
// the cache, of the open files' descriptors, of those that programs map, for reading and for
// writing, and what has to be known of the swap area.
#ifndef FS_LAYOUT_H
#define FS_LAYOUT_H

#include <fs/pages.h>
#include <inc/fs.h>
#include <inc/mmu.h>

#define NSHARED 512  // pages of files as they were when programs mapped them
#define NMAPPED 4096 // pages of files that programs write to

// For the tables of fs/swap.c: as large as can be, though only what is used is mapped.
#define SWAP_SLOT_PAGES 128
#define SWAP_MAP_PAGES 4 // for each env

#define REQUEST_AT 0x10000000
#define CACHE_BASE (REQUEST_AT + PGSIZE)
#define FD_BASE (CACHE_BASE + CACHE_BLOCKS * PGSIZE)
#define SHARED_BASE (FD_BASE + MAXOPEN * PGSIZE)
#define MAPPED_BASE (SHARED_BASE + NSHARED * PGSIZE)
#define SWAP_SLOTS (MAPPED_BASE + NMAPPED * PGSIZE)
#define SWAP_MAPS (SWAP_SLOTS + SWAP_SLOT_PAGES * PGSIZE)

#endif
