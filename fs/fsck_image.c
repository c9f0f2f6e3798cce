// fsck's view of an image: all of it in memory, privately, with the records of the
// log put in their places as recovery would do it. Checks what must hold before
// anything else can be looked at: the superblock and the log.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <fs/fsck.h>

#define SUPER_BLOCK 1
#define ROOTS_BLOCK 2
#define MIN_NLOG 32  // blocks of log with which the largest operation finds room
#define MAXSHOWN 100 // errors; a garbage image may have any number

static const char *name;
static uint8_t *bytes; // a private mapping: what is written to it stays here

const struct Super *super;
uint32_t first_data;
uint32_t log_records, log_blocks;
unsigned nerrors;

// Counts an error and names it.
void
wrong(const char *fmt, ...)
{
	va_list ap;

	if (++nerrors > MAXSHOWN)
		return;
	fprintf(stderr, "%s: ", name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	if (nerrors == MAXSHOWN)
		fprintf(stderr, "%s: further errors are only counted\n", name);
}

const void *
image_block(uint32_t block)
{
	return bytes + (size_t)block * BLKSIZE;
}

// Whether a file or directory may have that block.
bool
block_is_data(uint32_t block)
{
	return block >= first_data && block < super->s_nblocks;
}

// How many words before the checksum a structure has.
#define WORDS(type, checksum) (offsetof(struct type, checksum) / 4)

static bool
unusable(const char *why)
{
	fprintf(stderr, "%s: %s\n", name, why);
	return false;
}

static bool
super_is_sound(uint32_t nimage)
{
	const struct Super *s = image_block(SUPER_BLOCK);
	uint32_t room;

	if (s->s_magic != FS_MAGIC)
		return unusable("not a file system: no magic number in block 1");
	if (s->s_checksum != fs_checksum(CHECKSUM_START, s, WORDS(Super, s_checksum)))
		return unusable("damaged superblock: its checksum does not fit");
	if (s->s_version != FS_VERSION)
		return unusable("a file system of another version");
	if (s->s_nblocks < MINBLOCKS || s->s_nblocks > MAXBLOCKS)
		return unusable("damaged superblock: impossible number of blocks");
	if (s->s_nblocks > nimage)
		return unusable("the image is shorter than its file system");
	if (s->s_nbitmap != (s->s_nblocks + BLKBITSIZE - 1) / BLKBITSIZE)
		return unusable("damaged superblock: the bitmap's size does not fit");
	if (s->s_log != ROOTS_BLOCK + 1 + s->s_nbitmap)
		return unusable("damaged superblock: the log does not follow the bitmap");
	room = s->s_nblocks - s->s_log - 1;
	if (s->s_nlog < MIN_NLOG || s->s_nlog >= room)
		return unusable("damaged superblock: impossible size of the log");
	super = s;
	first_data = s->s_log + 1 + s->s_nlog;
	return true;
}

// The block at a position of the log's ring.
static const void *
log_block(uint32_t pos)
{
	return image_block(super->s_log + 1 + pos % super->s_nlog);
}

// Whether there is a sound record at a position of the ring, with room blocks of
// it left.
static bool
record_is_sound(uint32_t pos, uint32_t seq, uint32_t room)
{
	const struct LogRecord *r = log_block(pos);
	uint32_t sum, i;

	if (r->r_magic != LOG_MAGIC || r->r_seq != seq)
		return false;
	if (r->r_n < 1 || r->r_n > LOG_MAXBLOCKS || r->r_n >= room)
		return false;
	sum = fs_checksum(CHECKSUM_START, &r->r_seq, 1);
	sum = fs_checksum(sum, &r->r_n, 1);
	sum = fs_checksum(sum, r->r_block, r->r_n);
	for (i = 0; i < r->r_n; i++)
		sum = fs_checksum(sum, log_block(pos + 1 + i), BLKSIZE / 4);
	return sum == r->r_checksum;
}

// What a record says where in the image its blocks belong. Nothing that a
// record names lies in the log itself, so the order of reading does not matter.
static bool
record_apply(const struct LogRecord *r, uint32_t pos)
{
	uint32_t block, i;

	for (i = 0; i < r->r_n; i++) {
		block = r->r_block[i];
		if ((block < ROOTS_BLOCK || block >= super->s_log) && !block_is_data(block)) {
			wrong("log: record %u names block %u, which is not to be written", r->r_seq,
			      block);
			return false;
		}
	}
	for (i = 0; i < r->r_n; i++)
		memcpy(bytes + (size_t)r->r_block[i] * BLKSIZE, log_block(pos + 1 + i), BLKSIZE);
	return true;
}

static void
log_replay(void)
{
	const struct LogHead *head = image_block(super->s_log);
	const struct LogRecord *r;
	uint32_t pos = head->h_start, seq = head->h_seq, room = super->s_nlog;

	if (head->h_magic != LOG_MAGIC ||
	    head->h_checksum != fs_checksum(CHECKSUM_START, head, WORDS(LogHead, h_checksum)) ||
	    head->h_start >= super->s_nlog) {
		wrong("log: its head, block %u, is damaged; the log is not looked at",
		      super->s_log);
		return;
	}
	while (record_is_sound(pos, seq, room)) {
		r = log_block(pos);
		if (!record_apply(r, pos))
			return;
		log_records++;
		log_blocks += r->r_n;
		pos = (pos + 1 + r->r_n) % super->s_nlog;
		room -= 1 + r->r_n;
		seq++;
	}
}

// Maps an image, checks superblock and log, and applies the log. False, and says
// why, if nothing can be said of the rest.
bool
image_open(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	uint64_t nblocks;
	bool regular;

	name = path;
	if (!f) {
		perror(path);
		return false;
	}
	regular = fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode);
	nblocks = regular ? (uint64_t)st.st_size / BLKSIZE : 0;
	if (nblocks > MAXBLOCKS)
		nblocks = MAXBLOCKS;
	if (nblocks >= MINBLOCKS)
		bytes = mmap(NULL, (size_t)nblocks * BLKSIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			     fileno(f), 0);
	fclose(f);
	if (!regular)
		return unusable("not a file that can hold a file system");
	if (nblocks < MINBLOCKS)
		return unusable("too short for a file system");
	if (bytes == MAP_FAILED)
		return unusable("cannot be mapped into memory");
	if (!super_is_sound((uint32_t)nblocks))
		return false;
	log_replay();
	return true;
}
