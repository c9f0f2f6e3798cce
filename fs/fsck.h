// What the parts of fsck share. It reads an image by inc/fs.h alone, with no code
// of the file system, so that a mistake there is not made here once more.
#ifndef FS_FSCK_H
#define FS_FSCK_H

#include <inc/fs.h>
#include <inc/types.h>

// ---- fs/fsck_image.c: the image, as it would be after recovery ----

extern const struct Super *super;
extern uint32_t first_data;              // from here on blocks belong to files and directories
extern uint32_t log_records, log_blocks; // what recovery would put in its place
extern unsigned nerrors;

bool image_open(const char *path);
const void *image_block(uint32_t block);
bool block_is_data(uint32_t block);
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

// ---- fs/fsck_check.c: everything that is on it, checked ----

// A file or directory. Those that a directory holds follow each other in nodes[],
// by name; parents come before children.
struct Node {
	uint32_t parent; // index into nodes[]
	uint32_t slot;   // where its struct File is: block * BLKFILES + number
	uint32_t first;  // of a directory: its children
	uint32_t count;
	uint32_t nblocks; // that are its own, indirect ones included
};

#define ROOT 0
#define ORPHANS 1 // both are their own parents
#define NOWHERE 0xFFFFFFFF

extern struct Node *nodes;
extern uint32_t nnodes;
extern uint32_t nfiles, ndirs, norphans; // orphans are in neither of the others
extern uint32_t nused, nfree;            // blocks of files and directories; by the bitmap
extern uint32_t norphan_blocks;

bool check_all(void);
const struct File *node_file(uint32_t node);
uint32_t file_nblocks(const struct File *f);
uint32_t file_block(const struct File *f, uint32_t index, uint32_t *run);
const char *node_path(uint32_t node);

// ---- fs/fsck_tree.c: what it holds, shown ----

uint32_t tree_lookup(const char *path);
void tree_list(uint32_t top);
void tree_digest(void);
bool tree_cat(uint32_t node);

#endif
