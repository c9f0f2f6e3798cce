// fsck on images that are made here by hand: it finds nothing wrong with a sound
// one, names each kind of damage, and, whatever an image holds, ends by itself.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define main fsck_main
#include <fs/fsck.c>
#undef main
#include <fs/fsck_check.c>
#include <fs/fsck_image.c>
#include <fs/fsck_tree.c>
#include <test/host/random.h>

#define NBLOCKS 256
#define NLOG 32
#define LOG 4
#define DATA (LOG + 1 + NLOG)
#define FUZZ 800 // damaged images

// Different from any status of fsck's.
#define SANITIZER 99

const char *
__asan_default_options(void)
{
	return "exitcode=99:detect_leaks=0";
}

static uint8_t img[NBLOCKS * BLKSIZE], good[NBLOCKS * BLKSIZE];
static uint32_t next_block;
static char file_name[] = "/tmp/fsck_test.XXXXXX", output[4000];
static int nfailed;

static void *
block(uint32_t b)
{
	return img + b * BLKSIZE;
}

static struct File *
slot(uint32_t b, int i)
{
	return (struct File *)block(b) + i;
}

static uint32_t
take(void)
{
	uint32_t *bitmap = block(3);

	bitmap[next_block / 32] &= ~(1u << next_block % 32);
	return next_block++;
}

static struct File *
file(struct File *f, const char *name, uint32_t type, int32_t size)
{
	memset(f, 0, sizeof(*f));
	strcpy(f->f_name, name);
	f->f_type = type;
	f->f_size = size;
	return f;
}

// ---- A sound image ----

#define SUPER ((struct Super *)block(1))
#define ROOTS ((struct Roots *)block(2))
#define HEAD ((struct LogHead *)block(LOG))
#define RECORD ((struct LogRecord *)block(LOG + 1 + NLOG - 1)) // it goes round

static uint32_t root_block, dir_block, spare_block, large_indirect, large_double;

static void
sum_super(void)
{
	SUPER->s_checksum = fs_checksum(CHECKSUM_START, SUPER, 6);
}

static void
sum_head(void)
{
	HEAD->h_checksum = fs_checksum(CHECKSUM_START, HEAD, 3);
}

static void
sum_record(void)
{
	uint32_t sum = fs_checksum(CHECKSUM_START, &RECORD->r_seq, 2), i;

	sum = fs_checksum(sum, RECORD->r_block, RECORD->r_n);
	for (i = 0; i < RECORD->r_n; i++)
		sum = fs_checksum(sum, block(LOG + 1 + i), BLKSIZE / 4);
	RECORD->r_checksum = sum;
}

// "/" holds hello (three blocks), large (a block of each kind, and holes), dir, in
// which the log's record is to put the file inner. One orphan.
static void
make_image(void)
{
	struct File *f;
	uint32_t b;

	memset(img, 0, sizeof(img));
	*SUPER = (struct Super){FS_MAGIC, FS_VERSION, NBLOCKS, 1, LOG, NLOG, 0};
	sum_super();
	for (next_block = 0; next_block < DATA;)
		take();
	for (b = DATA; b < NBLOCKS; b++)
		((uint32_t *)block(3))[b / 32] |= 1u << b % 32;

	root_block = take();
	f = file(&ROOTS->r_root, "/", FTYPE_DIR, BLKSIZE);
	f->f_direct[0] = root_block;
	f = file(&ROOTS->r_orphans, "orphans", FTYPE_DIR, BLKSIZE);
	f->f_direct[0] = take();
	f = file(slot(f->f_direct[0], 3), "1", FTYPE_REG, 10);
	f->f_direct[0] = take();

	f = file(slot(root_block, 0), "hello", FTYPE_REG, 2 * BLKSIZE + 1);
	for (b = 0; b < 3; b++)
		f->f_direct[b] = take();
	strcpy(block(f->f_direct[0]), "hello, world");
	f = file(slot(root_block, 5), "large", FTYPE_REG, (NDIRECT + NINDIRECT + 1) * BLKSIZE);
	f->f_direct[9] = take();
	large_indirect = f->f_indirect = take();
	((uint32_t *)block(large_indirect))[NINDIRECT - 1] = take();
	large_double = f->f_double_indirect = take();
	b = ((uint32_t *)block(large_double))[0] = take();
	((uint32_t *)block(b))[0] = take();
	f = file(slot(root_block, 15), "dir", FTYPE_DIR, BLKSIZE);
	dir_block = f->f_direct[0] = take();
	spare_block = take();

	*HEAD = (struct LogHead){LOG_MAGIC, 7, NLOG - 1, 0};
	sum_head();
	*RECORD = (struct LogRecord){.r_magic = LOG_MAGIC, .r_seq = 7, .r_n = 1};
	RECORD->r_block[0] = dir_block;
	f = file(slot(LOG + 1, 2), "inner", FTYPE_REG, 5);
	f->f_direct[0] = spare_block;
	strcpy(block(spare_block), "inner");
	sum_record();
	memcpy(good, img, sizeof(img));
}

// ---- Running fsck ----

// Its exit status; what it said, the beginning at least, is in output.
static int
run(const char *option, const char *path)
{
	const char *argv[5] = {"fsck"};
	int argc = 1, status, pipes[2];
	size_t n = 0;
	ssize_t got;
	FILE *f = fopen(file_name, "wb");
	char rest[4096];

	if (!f || fwrite(img, sizeof(img), 1, f) != 1 || fclose(f) || pipe(pipes))
		abort();
	if (option)
		argv[argc++] = option;
	argv[argc++] = file_name;
	if (path)
		argv[argc++] = path;
	fflush(stdout);
	if (fork() == 0) {
		dup2(pipes[1], 1);
		dup2(pipes[1], 2);
		close(pipes[0]);
		close(pipes[1]);
		alarm(60);
		status = fsck_main(argc, (char **)argv);
		fflush(stdout);
		_exit(status);
	}
	close(pipes[1]);
	while ((got = read(pipes[0], output + n, sizeof(output) - 1 - n)) > 0)
		n += got;
	output[n] = 0;
	while (read(pipes[0], rest, sizeof(rest)) > 0) {
	}
	close(pipes[0]);
	wait(&status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : SANITIZER;
}

static void
expect(const char *what, const char *option, const char *path, int status, const char *text)
{
	int got = run(option, path);

	if (got == status && strstr(output, text)) {
		printf("ok - %s\n", what);
		return;
	}
	printf("not ok - %s: status %d, not %d, or not said '%s':\n%s\n", what, got, status, text,
	       output);
	nfailed++;
}

// ---- Each kind of damage ----

#define DAMAGE(status, text, what)                         \
	do {                                               \
		memcpy(img, good, sizeof(img));            \
		what;                                      \
		expect(#what, NULL, NULL, (status), text); \
	} while (0)

static void
put_free(uint32_t b, bool is_free)
{
	uint32_t *word = (uint32_t *)block(3) + b / 32;

	*word = (*word & ~(1u << b % 32)) | (uint32_t)is_free << b % 32;
}

static void
damages(void)
{
	struct File *hello = slot(root_block, 0), *large = slot(root_block, 5);
	struct File *dir = slot(root_block, 15), *inner = slot(LOG + 1, 2);

	DAMAGE(2, "no magic number", SUPER->s_magic++);
	DAMAGE(2, "checksum", SUPER->s_nblocks--);
	DAMAGE(2, "another version", SUPER->s_version++; sum_super());
	DAMAGE(2, "number of blocks", SUPER->s_nblocks = 63; sum_super());
	DAMAGE(2, "shorter than", SUPER->s_nblocks++; sum_super());
	DAMAGE(2, "bitmap's size", SUPER->s_nbitmap++; sum_super());
	DAMAGE(2, "does not follow", SUPER->s_log++; sum_super());
	DAMAGE(2, "size of the log", SUPER->s_nlog = NBLOCKS; sum_super());
	DAMAGE(2, "size of the log", SUPER->s_nlog = NLOG - 1; sum_super());

	DAMAGE(1, "its head, block 4, is damaged", HEAD->h_start++);
	DAMAGE(1, "its head, block 4, is damaged", HEAD->h_start = NLOG; sum_head());
	DAMAGE(1, "names block 4, which", RECORD->r_block[0] = LOG; sum_record());
	DAMAGE(1, "names block 256, which", RECORD->r_block[0] = NBLOCKS; sum_record());
	// a record that is not sound is no record; inner's block is lost without it
	DAMAGE(1, "block 50: lost", RECORD->r_seq++; sum_record());
	DAMAGE(1, "block 50: lost", slot(LOG + 1, 2)->f_size++);
	DAMAGE(1, "block 50: lost", RECORD->r_n = NLOG; sum_record());

	DAMAGE(1, "/: the root directory has another name", ROOTS->r_root.f_name[1] = 'x');
	DAMAGE(1, "/: not a directory", ROOTS->r_root.f_type = FTYPE_REG);
	DAMAGE(1, "/hello: impossible type 2", hello->f_type = 2);
	DAMAGE(1, "/hello: impossible size -1", hello->f_size = -1);
	DAMAGE(1, "impossible size of a directory, 100", dir->f_size = 100);
	DAMAGE(1, "/dir: block number 1 of the directory is missing", dir->f_size += BLKSIZE);
	DAMAGE(1, "/hello: reserved fields", hello->f_reserved[17] = 1);
	DAMAGE(1, ": the name has no end", memset(hello->f_name, 'x', MAXNAMELEN));
	DAMAGE(1, "/he/lo: the name has a '/'", hello->f_name[2] = '/');
	DAMAGE(1, "/large: the name is in its directory twice", strcpy(hello->f_name, "large"));

	DAMAGE(1, "/hello: block 256: not one of", hello->f_direct[1] = NBLOCKS);
	DAMAGE(1, "/hello: block 36: not one of", hello->f_direct[1] = DATA - 1);
	DAMAGE(1, "used by /hello, too", large->f_direct[9] = hello->f_direct[0]);
	DAMAGE(1, "used by /large, too", large->f_direct[8] = large_double);
	DAMAGE(1, "/hello: block 42: beyond the end", hello->f_size = BLKSIZE * 2);
	DAMAGE(1, "/large: block 44: an indirect block beyond", large->f_size = NDIRECT * BLKSIZE);
	DAMAGE(1, "/large: block 200: beyond the end",
	       ((uint32_t *)block(((uint32_t *)block(large_double))[0]))[1] = 200);
	DAMAGE(1, "/dir: block 37: used by /", dir->f_direct[0] = root_block); // a cycle
	DAMAGE(1, "/dir/inner: block 50: marked as free", put_free(spare_block, true));
	DAMAGE(1, "own): block 2: marked as free", put_free(2, true));
	DAMAGE(1, "blocks 100 to 101: lost", put_free(100, false); put_free(101, false));
	DAMAGE(1, "block 256: marked as free, but there is none", put_free(NBLOCKS, true));

	// no damage: what is after the file, in a free slot, in the name behind its end
	DAMAGE(0, "clean", strcpy((char *)block(hello->f_direct[2]) + 1, "rest"));
	DAMAGE(0, "clean", slot(root_block, 1)->f_size = -1);
	DAMAGE(0, "clean", hello->f_name[100] = 'x');
	DAMAGE(0, ": 2 files, 3 directories", inner->f_type = FTYPE_DIR; inner->f_size = 0;
	       inner->f_direct[0] = 0; put_free(spare_block, true); sum_record());
}

static void
sound(void)
{
	memcpy(img, good, sizeof(img));
	expect("sound", NULL, NULL, 0,
	       ": 3 files, 2 directories\n"); // the root directory is one
	expect("log", NULL, NULL, 0, ": log: 1 record to replay, 1 block\n");
	expect("orphan", NULL, NULL, 0, ": 1 orphan, 1 block\n");
	expect("digest", "-s", NULL, 0,
	       "/ d\n/dir d\n/dir/inner f 5 2d4c068f5f889287\n/hello f 8193 ");
	expect("list", "-l", NULL, 0, "-          5        1  /dir/inner\n");
	expect("list a part", "-l", "dir", 0, "d       4096        1  /dir\n");
	expect("contents", "-c", "/dir/inner", 0, "inner");
	expect("contents of none", "-c", "/dir/outer", 1, "not found");
	expect("contents of a directory", "-c", "/dir", 1, "/dir: is a directory");
	expect("no path", "-c", NULL, 2, "usage");
}

// ---- Any damage ----

// Something that a number may be.
static uint32_t
number(void)
{
	static const uint32_t odd[] = {0,          1,          2,           3,       LOG,
				       DATA - 1,   DATA,       NBLOCKS - 1, NBLOCKS, 0x7ffff000,
				       0x7fffffff, 0x80000000, 0xffffffff};

	switch (random_below(3)) {
	case 0: return odd[random_below(ARRAY_SIZE(odd))];
	case 1: return random_below(NBLOCKS);
	default: return random_below(0x10000) << 16 | random_below(0x10000);
	}
}

static void
damage_any(void)
{
	static const uint8_t where[] = {1,    2,    2,        3,  LOG, LOG + 1, LOG + NLOG,
					DATA, DATA, DATA + 1, 45, 47,  48,      52};
	uint32_t b = where[random_below(ARRAY_SIZE(where))];

	switch (random_below(4)) {
	case 0: img[b * BLKSIZE + random_below(BLKSIZE)] = random_below(256); break;
	case 1: ((uint32_t *)block(b))[random_below(64) + 64 * random_below(16)] = number(); break;
	case 2: // a field of a directory's File, or of a head
		((uint32_t *)block(b))[32 + random_below(14)] = number();
		((uint32_t *)block(b))[random_below(8)] =
			random_below(4) ? number() : random_below(256);
		break;
	default: memcpy(block(b), block(random_below(NBLOCKS)), BLKSIZE);
	}
}

static void
any_damage(void)
{
	static const char *const options[] = {NULL, "-l", "-s", "-c"};
	int i, n, status, ends[3] = {0, 0, 0};

	for (i = 0; i < FUZZ; i++) {
		memcpy(img, good, sizeof(img));
		for (n = 1 + random_below(8); n > 0; n--)
			damage_any();
		if (random_below(8)) { // else none gets beyond it
			SUPER->s_magic = FS_MAGIC;
			SUPER->s_version = FS_VERSION;
			sum_super();
		}
		if (random_below(2)) {
			sum_head();
			if (RECORD->r_n <= NLOG)
				sum_record();
		}
		status = run(options[i % 4], i % 4 == 3 ? "/large" : NULL);
		if (status > 2) {
			printf("not ok - image %d: status %d:\n%s\n", i, status, output);
			nfailed++;
			return;
		}
		ends[status]++;
	}
	printf("%s - any damage: %d clean, %d with errors, %d unusable\n",
	       ends[1] > FUZZ / 4 ? "ok" : "not ok", ends[0], ends[1], ends[2]);
	nfailed += ends[1] <= FUZZ / 4;
}

int
main(void)
{
	int fd = mkstemp(file_name);

	if (fd < 0)
		abort();
	close(fd);
	make_image();
	sound();
	damages();
	any_damage();
	unlink(file_name);
	printf("fsck_test: %d failed\n", nfailed);
	return nfailed != 0;
}
