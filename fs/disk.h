// A disk, in blocks of BLKSIZE: fs/disk_ide.c in the file server, fs/disk_host.c
// (an image in a file) in mkfs and in tests.
#ifndef FS_DISK_H
#define FS_DISK_H

#include <inc/types.h>

// Finds the disk. How many blocks it has, or -E_NO_DEV, -E_IO.
int disk_init(void);

// How many it has, after disk_init. In the file server only.
uint32_t disk_size(void);

// Read or write n blocks from `block` on, each in a buffer of its own, which
// begins at a page. 0, or -E_IO. What was written is safe after disk_flush only,
// and until then in any order.
int disk_read(uint32_t block, uint32_t n, void *const bufs[]);
int disk_write(uint32_t block, uint32_t n, void *const bufs[]);

// Returns when all that was written is on the disk. 0 or -E_IO.
int disk_flush(void);

#endif
