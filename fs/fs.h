// The file system proper: no system call and no message is made here, so that
// the host's tools and tests use the same code.
//
// An operation is one call of a function below. Its changes are in the cache
// when it returns, and belong to the running transaction. fs_commit makes the
// transaction safe: wholly, or, if the power goes, not at all. Operations commit
// by themselves when the transaction has become large.
//
// Every function returns >= 0 or -E_NAME; one that fails has changed nothing.
#ifndef FS_FS_H
#define FS_FS_H

#include <inc/fs.h>
#include <inc/types.h>

// A file that is in use: there is one Node per file, however often it is open.
// It follows the file when that is renamed, and after it was removed the file
// stays as it is until the last node_put.
struct Node;

// Mounts what is on the disk: checks it, and does what the log says. -E_NO_DEV,
// -E_BAD_FS, -E_IO, -E_NO_MEM.
int fs_mount(void);

// Makes a new, empty file system on the disk, of nblocks blocks, and mounts it.
// -E_INVAL: fewer than MINBLOCKS, more than MAXBLOCKS or than there are.
int fs_format(uint32_t nblocks);

// Makes all operations so far safe.
int fs_commit(void);

// The same, and puts everything in its place, so that the log is empty.
int fs_unmount(void);

// The file of a path, for node_put. Paths begin at the root, whether or not with
// '/'; '.' and '..' have no meaning. -E_NOT_FOUND, -E_NOT_DIR, -E_BAD_PATH.
int node_lookup(const char *path, struct Node **store);

// A new file or directory (FTYPE_*). Also -E_FILE_EXISTS, -E_NO_DISK, -E_DIR_FULL.
int node_create(const char *path, uint32_t type, struct Node **store);

void node_put(struct Node *node);

uint32_t node_type(const struct Node *node);
int32_t node_size(const struct Node *node);
const char *node_name(const struct Node *node);

// Up to n bytes (at most BLKSIZE) at offset. How many; 0 at the end.
int node_read(struct Node *node, void *buf, uint32_t n, int32_t offset);

// The block of the disk that has the byte at offset, and what is in it, until the next
// operation begins. -E_NOT_SUPP: it is a hole. -E_INVAL: not within a file.
int node_block(struct Node *node, int32_t offset, uint32_t *block, const void **data);

// Writes n bytes (at most BLKSIZE) at offset, all or none; the file grows as needed,
// with a hole before offset. n; -E_NO_DISK, -E_FILE_BIG, -E_IS_DIR.
int node_write(struct Node *node, const void *buf, uint32_t n, int32_t offset);

// -E_NO_DISK, -E_FILE_BIG, -E_IS_DIR, -E_INVAL (size < 0).
int node_truncate(struct Node *node, int32_t size);

// Whether all that was done to it is safe.
bool node_is_safe(const struct Node *node);

// Removes a file, or an empty directory. Also -E_NOT_EMPTY, -E_INVAL (the root).
int fs_remove(const char *path);

// Gives a file or directory another name, in place of a file that has that name, or an
// empty directory if it is one itself. Also -E_IS_DIR, -E_NOT_DIR, -E_NOT_EMPTY,
// -E_INVAL (the root, or a directory into itself).
int fs_rename(const char *from, const char *to);

// Blocks of the file system, of which what lies behind it on the disk is no part.
uint32_t fs_nblocks(void);

// Blocks that are free for files.
uint32_t fs_nfree(void);

#endif
