// Where things are in the file server's memory: the request's page, then the pages of
// the cache, of the open files' descriptors, and of those that programs map.
#ifndef FS_LAYOUT_H
#define FS_LAYOUT_H

#include <fs/pages.h>
#include <inc/fs.h>
#include <inc/mmu.h>

#define NSHARED 256 // pages for programs to map

#define REQUEST_AT 0x10000000
#define CACHE_BASE (REQUEST_AT + PGSIZE)
#define FD_BASE (CACHE_BASE + CACHE_BLOCKS * PGSIZE)
#define SHARED_BASE (FD_BASE + MAXOPEN * PGSIZE)

#endif
