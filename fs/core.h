// What the parts of the file system proper share.
//
//   path.c    the operations on paths: look up, create, remove, rename
//   dir.c     directories: finding names and slots, orphans
//   file.c    reading, writing and truncating
//   map.c     which block of the disk is which of a file
//   node.c    files that are in use
//   mount.c   making and mounting a file system
//   bitmap.c  free blocks
//   log.c     transactions; recover.c: what a crash left of them
//   cache.c   blocks in memory
//
// An operation that changes something has two halves. The first may fail: it
// gets all buffers that it will use, and sees to it that enough blocks and buffers
// are there for new ones. The second changes them, and cannot fail.
#ifndef FS_CORE_H
#define FS_CORE_H

#include <fs/disk.h>
#include <fs/fs.h>
#include <fs/pages.h>
#include <inc/assert.h>
#include <inc/error.h>
#include <inc/fs.h>
#include <inc/types.h>

// inc/string.h is not for the host, which has its own strlen.
void *memset(void *dst, int c, size_t len);
void *memcpy(void *dst, const void *src, size_t len);
int memcmp(const void *s1, const void *s2, size_t len);

#define SUPER_BLOCK 1
#define ROOTS_BLOCK 2
#define BITMAP_BLOCK 3
#define ROOT_SLOT 0 // in ROOTS_BLOCK
#define ORPHANS_SLOT 1

#define MAX_NBITMAP (MAXBLOCKS / BLKBITSIZE)

// What one operation may need at most. op_changes() blocks change: 6 of a file that is
// written or of directories, Roots, and the bitmap. OP_BUFFERS are in use at once,
// besides Roots and the bitmap.
#define op_changes() (7 + fs.super.s_nbitmap)
#define OP_BUFFERS 12u

// Blocks of a log: half of it is enough for an operation.
#define MIN_NLOG (2 * (7 + MAX_NBITMAP + 1))

// Pages that a mount must get. Two of them are the log's.
#define MIN_PAGES 32u
static_assert(MIN_PAGES - 2 >= 1 + MAX_NBITMAP + OP_BUFFERS,
	      "Roots, bitmap and an operation find room");

struct Fs {
	int error; // what operations answer: -E_NO_DEV: not mounted; -E_IO: a write failed
	struct Super super;
	uint32_t first_data; // the first block that files can have
};
extern struct Fs fs;

// ---- cache.c ----

// A block in memory. One that the running operation has got, that the running
// transaction changed, or that is pinned, stays there.
#define B_PINNED 1
#define B_TX 2     // the running transaction changed it
#define B_FRESH 4  // with B_TX: may be written to its place before the commit
#define B_LOGGED 8 // what is in its place is old: the log has what the last commit made of it

#define MAXAHEAD 15u // blocks read ahead, at most

struct Buf {
	uint32_t block; // 0: none
	uint32_t flags;
	uint32_t op; // the last operation that got it
	void *data;
	struct Buf *next; // with the same hash
	struct Buf *newer, *older;
};

int cache_reset(void);
void *cache_log_page(uint32_t i);
void cache_next_op(void);
uint32_t cache_room(uint32_t want);
struct Buf *cache_all(uint32_t *n);
int cache_write(uint32_t flag);
bool buf_cached(uint32_t block);
int buf_peek(uint32_t block, uint32_t nahead, struct Buf **store);
int buf_get(uint32_t block, struct Buf **store);
struct Buf *buf_have(uint32_t block);
void buf_pin(struct Buf *b);
int buf_spare(uint32_t n);
struct Buf *buf_blank(uint32_t block);
void buf_change(struct Buf *b);
void buf_fresh(struct Buf *b);
void buf_committed(struct Buf *b, bool in_place);
void buf_drop(struct Buf *b);
bool buf_is_held(const struct Buf *b);

// ---- log.c ----

struct Tx {
	uint32_t id;      // the running transaction: one more with each commit
	uint32_t nlogged; // blocks that it changed and that go into the log
	uint32_t nfresh;  // others
};
extern struct Tx tx;

struct Log {
	uint32_t seq;     // of the next record
	uint32_t pos;     // its place in the ring
	uint32_t used;    // blocks of the ring from the head to there
	uint32_t max;     // blocks that a transaction may log
	bool head_is_old; // no record may be written before the head
};
extern struct Log fslog;

void log_begin(uint32_t seq, uint32_t pos);
int log_write_head(void);
int log_io(bool write, uint32_t pos, uint32_t n, void *const bufs[]);
bool log_names(uint32_t block);
int op_begin(bool changes);

// ---- recover.c ----

int log_recover(void);

// ---- bitmap.c ----

bool block_is_data(uint32_t block);
bool block_is_used(uint32_t block);
int bitmap_load(void);
int blocks_reserve(uint32_t n);
uint32_t block_alloc(uint32_t goal);
int free_add(uint32_t block);
void free_cancel(void);
void free_apply(void);
void bitmap_committed(void);

// ---- node.c ----

// A file in use.
struct Node {
	uint32_t refs;
	uint32_t block, slot; // where its struct File lies
	uint32_t tx;          // the last transaction that changed it
	uint32_t next_read;   // the block of the file that follows the one last read
	bool orphan;          // among the orphans: goes with the last reference
	struct File file;     // as in its slot, but an orphan keeps its name
	struct Node *next;    // with the same hash, or free
};

void nodes_reset(void);
bool node_is_left(void);
int node_get(uint32_t block, uint32_t slot, struct Node **store);
void node_move(struct Node *node, uint32_t block, uint32_t slot);
int node_home(const struct Node *node);
void node_update(struct Node *node);

// ---- map.c ----

int way_find(const struct Node *node, uint32_t file_block, uint32_t *store);
uint32_t ways_shared(uint32_t file_block, uint32_t missing);
struct Buf *way_make(struct Node *node, uint32_t file_block, bool whole);
int blocks_from(const struct Node *node, uint32_t file_block);
void pointers_cut(struct Node *node, uint32_t file_block);

// ---- file.c ----

int file_peek(struct Node *node, uint32_t file_block, struct Buf **store);
int file_resize(struct Node *node, int32_t size);

// ---- dir.c ----

// A slot for a struct File.
struct Place {
	uint32_t block; // 0: none
	uint32_t slot;
};

struct File *place_file(const struct Place *place);
int dir_find(struct Node *dir, const char *name, uint32_t len, struct Place *hit,
	     struct Place *gap);
int dir_prepare(struct Node *dir, const struct Place *gap);
void dir_take(struct Node *dir, struct Place *gap);
int remove_prepare(struct Node *node, struct Place *store);
void remove_apply(struct Node *node, struct Place *place);
int orphan_end(struct Node *node);
int orphans_begin(void);

#endif
