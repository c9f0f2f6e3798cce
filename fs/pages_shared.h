// Pages of files for programs to map: fs/pages_shared.c.
#ifndef FS_PAGES_SHARED_H
#define FS_PAGES_SHARED_H

#include <inc/types.h>

// A page with what is in a block of the disk, which is data. It stays here until the
// block is changed. NULL: no memory.
void *shared_page(uint32_t block, const void *data);

#endif
