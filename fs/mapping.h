// Pages of files that programs write to: fs/mapping.c.
#ifndef FS_MAPPING_H
#define FS_MAPPING_H

#include <fs/open.h>
#include <inc/types.h>

// The page of an open file that has what is at offset, a multiple of PGSIZE. Where it is
// not within the file: -E_INVAL. If the file may be written to, a hole there is filled.
// -E_MAX_OPEN: too many pages; -E_NO_MEM, -E_NO_DISK, -E_IO, -E_BAD_FS.
int mapping_get(struct OpenFile *o, off_t offset, void **store);

// node_read, but what such pages have is taken from there. buf may be one of them.
int mapping_read(struct Node *node, void *buf, uint32_t n, off_t offset);

// The n bytes in buf were written to a file at offset: pages get them, too.
void mapping_write(const struct Node *node, const void *buf, uint32_t n, off_t offset);

// A file has got another size, and what lies behind `end` is zeroes: the old end of a longer
// one, the new one of a shorter one.
void mapping_resized(const struct Node *node, off_t end);

// Writes to the file what was written to the page at offset, to the pages of a file, or,
// node being NULL, of all. 0; or what went wrong first, when all that could be was written.
int mapping_save_page(struct Node *node, off_t offset);
int mapping_save(struct Node *node);

// Saves and puts away the pages that nobody maps any more.
void mapping_sweep(void);

#endif
