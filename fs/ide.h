// What the parts of the disk's driver share: fs/disk_ide.c, fs/disk_dma.c,
// fs/disk_wait.c.
#ifndef FS_IDE_H
#define FS_IDE_H

#include <inc/types.h>

// Blocks that one command transfers at most: 256 sectors.
#define IDE_RUN 32

// How long a command may take, in milliseconds, and a flush.
#define IDE_LIMIT 5000
#define IDE_FLUSH_LIMIT 30000

// fs/disk_wait.c: sleeps until done(), whose becoming true the disk's interrupt
// announces. false: it was not after `ms` milliseconds.
bool disk_wait(bool (*done)(void), uint32_t ms);

// fs/disk_dma.c: whether there is a bus master.
bool dma_init(void);

// Makes it ready to transfer n blocks, up to IDE_RUN, to or from bufs, which are
// whole pages. Between this and dma_start the disk is given the command.
void dma_prepare(uint32_t n, void *const bufs[], bool to_memory);
void dma_start(void);

// Whether the transfer has come to an end, good or bad.
bool dma_done(void);

// Ends it in any case. Whether all was transferred.
bool dma_finish(void);

#endif
