// The file system: what is on the disk, and what programs and the file server
// say to each other. doc/fs.md explains both.
#ifndef INC_FS_H
#define INC_FS_H

#include <inc/mmu.h>
#include <inc/types.h>

// ---- On the disk ----------------------------------------------------------------
//
//   block 0      nothing of ours
//   block 1      struct Super: where things are. Written by mkfs, never again
//   block 2      struct Roots: the root directory
//   from 3       the bitmap of free blocks, a bit a block, 1: free
//   s_log        struct LogHead, then s_nlog blocks of log
//   the rest     files and directories
//
// All numbers are little-endian.

#define BLKSIZE PGSIZE
#define BLKBITSIZE (BLKSIZE * 8)
#define SECTSIZE 512
#define BLKSECTS (BLKSIZE / SECTSIZE)

#define MAXNAMELEN 128  // of a file's name, with the 0 that ends it
#define MAXPATHLEN 1024 // of a path, with the 0

#define NDIRECT 10
#define NINDIRECT (BLKSIZE / 4)

#define FTYPE_REG 0
#define FTYPE_DIR 1

// A file or directory: 256 bytes, in a directory's data. f_name is empty: the
// slot is free. Block number 0: a hole, which reads as zeroes.
struct File {
	char f_name[MAXNAMELEN];
	int32_t f_size; // bytes; of a directory, a multiple of BLKSIZE
	uint32_t f_type;
	uint32_t f_direct[NDIRECT];
	uint32_t f_indirect;        // a block of NINDIRECT block numbers
	uint32_t f_double_indirect; // a block of numbers of such blocks
	uint32_t f_reserved[18];
};
static_assert(sizeof(struct File) == 256, "a File is 256 bytes on the disk");

#define BLKFILES (BLKSIZE / sizeof(struct File))

#define MAXFILESIZE 0x7ffff000 // bytes
#define MAXDIRENTS 4096        // slots in a directory
#define MAXBLOCKS 262144       // blocks of a file system: 1 GiB
#define MINBLOCKS 64

#define FS_MAGIC 0x46734C78
#define FS_VERSION 1

struct Super {
	uint32_t s_magic;
	uint32_t s_version;
	uint32_t s_nblocks;  // of the file system
	uint32_t s_nbitmap;  // blocks of the bitmap, from block 3
	uint32_t s_log;      // block of the LogHead
	uint32_t s_nlog;     // blocks of log behind it
	uint32_t s_checksum; // fs_checksum of all before
};

struct Roots {
	struct File r_root;    // named "/"
	struct File r_orphans; // a directory of files that were removed while open
};

// The log, a ring of s_nlog blocks. A record is a block with a LogRecord and,
// behind it, the r_n blocks that it names, as they are to be; blocks go round
// at the end of the ring one by one. Records from the head's position and
// sequence number on, each with the next number, are what recovery writes to its
// place; the first that is not sound ends them.
#define LOG_MAGIC 0x4C6F6721
#define LOG_MAXBLOCKS 1016

// In the first sector of its block, which a disk writes wholly or not at all.
struct LogHead {
	uint32_t h_magic;
	uint32_t h_seq;      // of the first record that may not be in its place yet
	uint32_t h_start;    // where in the ring that is, 0 to s_nlog - 1
	uint32_t h_checksum; // fs_checksum of all before
};

struct LogRecord {
	uint32_t r_magic;
	uint32_t r_seq;
	uint32_t r_n;        // blocks, 1 to LOG_MAXBLOCKS
	uint32_t r_checksum; // of r_seq, r_n, r_block[0..r_n), then the blocks, chained
	uint32_t r_block[LOG_MAXBLOCKS];
};
static_assert(sizeof(struct LogRecord) <= BLKSIZE, "a LogRecord fits its block");

#define CHECKSUM_START 2166136261u

// Goes on with a checksum over n words: FNV-1a, on words instead of bytes, and turned
// between them, so that a word's high bits, too, spread over the sum.
static inline uint32_t
fs_checksum(uint32_t sum, const void *words, uint32_t n)
{
	const uint32_t *w = (const uint32_t *)words;

	while (n--)
		sum = ((sum << 13 | sum >> 19) ^ *w++) * 16777619u;
	return sum;
}

// ---- Requests ---------------------------------------------------------------------
//
// A request is a message to the file server, sent by sys_ipc_call: a word and,
// with all but SYNC and SHUTDOWN, a page, writeable. The answer's word is >= 0 or -E_NAME;
// what else is answered is in the same page. OPEN is answered with a page, the new
// descriptor's, and so is MAP.
//
// The word has the request in its low 8 bits. READ and WRITE have everything in
// it, so that all of the page is data: FSREQ_WORD.

#define FSREQ_OPEN 1 // req.open; the answer's page is the struct Fd
#define FSREQ_SET_SIZE 2
#define FSREQ_READ 3  // FSREQ_WORD; answers how many bytes are in the page, 0 at the end
#define FSREQ_WRITE 4 // FSREQ_WORD; answers how many were written: all
#define FSREQ_STAT 5  // req.stat, answered in stat_ret
#define FSREQ_FLUSH 6 // what was written to this file is on the disk then
#define FSREQ_REMOVE 7
#define FSREQ_SYNC 8 // all that was done is on the disk then
#define FSREQ_RENAME 9
#define FSREQ_SHUTDOWN 10   // the kernel's alone: nobody is left, finish and exit
#define FSREQ_MAP 11        // req.map; answers how many bytes of the file are in the answer's page
#define FSREQ_MAP_SHARED 12 // the same, but what is written to that page is the file's

// The swap area, behind the file system. A slot holds a page, and belongs to the
// processes that may bring it back.
#define FSREQ_SWAP_OUT 13   // the page, read-only will do; answers its slot
#define FSREQ_SWAP_IN 14    // FSREQ_SLOT_WORD: into the page; the slot is the caller's no more
#define FSREQ_SWAP_FREE 15  // req.swap_free: these slots are the caller's no more
#define FSREQ_SWAP_SHARE 16 // req.swap_share: the caller's slots are that child's, too

#define FSREQ_SLOT_WORD(req, slot) ((uint32_t)(req) | (uint32_t)(slot) << 8)
#define FSREQ_SLOT(word) ((word) >> 8)

// READ and WRITE at the descriptor's offset (or at the file's end, O_APPEND)
// of n bytes, 1 to PGSIZE.
#define FSREQ_WORD(req, id, n) ((uint32_t)(req) | (uint32_t)(n) << 8 | (uint32_t)(id) << 21)
#define FSREQ_OF(word) ((word)&0xff)
#define FSREQ_N(word) ((word) >> 8 & 0x1fff)
#define FSREQ_ID(word) ((word) >> 21)
#define MAXOPEN 1024 // open files; ids are smaller than 2 * MAXOPEN

union Fsipc {
	struct Fsreq_open {
		char req_path[MAXPATHLEN];
		int req_omode; // O_*
	} open;
	struct Fsreq_set_size {
		int req_fileid;
		int32_t req_size;
	} set_size;
	struct Fsreq_map {
		int req_fileid;
		int32_t req_offset; // a multiple of PGSIZE
	} map;
	struct Fsreq_swap_free {
		uint32_t req_n;
		uint32_t req_slots[PGSIZE / 4 - 1];
	} swap_free;
	struct Fsreq_swap_share {
		int32_t req_child; // an env id
	} swap_share;
	struct Fsreq_stat {
		int req_fileid;
	} stat;
	struct Fsret_stat {
		char ret_name[MAXNAMELEN];
		int32_t ret_size;
		int ret_isdir;
	} stat_ret;
	struct Fsreq_flush {
		int req_fileid;
	} flush;
	struct Fsreq_remove {
		char req_path[MAXPATHLEN];
	} remove;
	struct Fsreq_rename {
		char req_from[MAXPATHLEN];
		char req_to[MAXPATHLEN];
	} rename;
	char data[PGSIZE];
};
static_assert(sizeof(union Fsipc) == PGSIZE, "a request is a page");

// Ways to open, as in JOS.
#define O_RDONLY 0x0000
#define O_WRONLY 0x0001
#define O_RDWR 0x0002
#define O_ACCMODE 0x0003
#define O_CREAT 0x0100
#define O_TRUNC 0x0200
#define O_EXCL 0x0400
#define O_MKDIR 0x0800  // create a directory
#define O_APPEND 0x1000 // every write goes to the end

#endif
