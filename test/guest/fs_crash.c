// The work that test/crash/crash.sh cuts the power from: operations on files of
// every kind, each one request to the file server, hence each one that must be
// there wholly or not at all.
//
// It works below /crash and says what the tree must be after each operation. That
// is not read back from the file system, but comes from a model in memory
// (test/guest/fsmodel.h). After operation K:
//
//   + PATH d                 this is there now
//   + PATH f SIZE HASH
//   - PATH                   this is not
//   = K
//
// After a sync or close has returned, which makes safe all operations up to K of J:
//
//   ! K J
//
// Then it waits for a character, so that whoever counts the writes to the disk
// knows that those up to there came before, and all others after.

#include <inc/lib.h>
#include <test/guest/check.h>
#include <test/guest/fsmodel.h>

static int nops;
static uint32_t seed = 0x13572468;

// ---- Operations ----

static void
op_done(void)
{
	cprintf("= %d\n", ++nops);
}

static void
safe(int k)
{
	cprintf("! %d %d\n", k, nops);
	getchar();
}

static void
op_mkdir(const char *path)
{
	CHECK_EQ(mkdir(path), 0);
	say(model_new(path, true));
	op_done();
}

static int
op_create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL);
	struct Model *m;

	if (fd < 0)
		panic("create %s: %e", path, fd);
	m = model_new(path, false);
	say(m);
	op_done();
	m->op = nops;
	return fd;
}

// Writes n bytes that no other operation writes. Whether there was room; if not,
// nothing must have changed.
static bool
op_write(int fd, const char *path, int32_t n, int32_t offset)
{
	static uint32_t words[PGSIZE / 4];
	struct Model *m = model_find(path);
	unsigned i;
	int r;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = next_random(&seed);
	CHECK(n <= PGSIZE);
	CHECK_EQ(seek(fd, offset), 0);
	r = write(fd, words, n);
	if (r == -E_NO_DISK)
		return false;
	CHECK_EQ(r, n);
	model_write(m, (uint8_t *)words, n, offset);
	say(m);
	op_done();
	m->op = nops;
	return true;
}

static void
op_truncate(int fd, const char *path, int32_t size)
{
	struct Model *m = model_find(path);

	CHECK_EQ(ftruncate(fd, size), 0);
	model_resize(m, size);
	say(m);
	op_done();
	m->op = nops;
}

static void
op_remove(const char *path)
{
	CHECK_EQ(remove(path), 0);
	model_remove(model_find(path));
	op_done();
}

// Of a directory all that is in it moves along.
static void
op_rename(const char *from, const char *to)
{
	struct Model *over = model_find(to);
	size_t n = strlen(from);
	char rest[NPATH];
	int i;

	CHECK_EQ(rename(from, to), 0);
	if (over)
		model_remove(over);
	for (i = 0; i < NFILES; i++) {
		struct Model *m = &models[i];

		if (strncmp(m->path, from, n) || (m->path[n] && m->path[n] != '/'))
			continue;
		cprintf("- %s\n", m->path);
		strcpy(rest, m->path + n);
		CHECK(strlen(to) + strlen(rest) < NPATH);
		strcpy(m->path, to);
		strcat(m->path, rest);
		say(m);
	}
	op_done();
}

static void
op_sync(void)
{
	CHECK_EQ(sync(), 0);
	safe(nops);
}

// What was done to the file, and thus what was done before that, is safe then.
static void
op_close(int fd, const char *path)
{
	struct Model *m = model_find(path);

	CHECK_EQ(close(fd), 0);
	if (m)
		safe(m->op);
}

// ---- The work ----

// Each kind of operation once, and each made safe.
static void
each_kind(void)
{
	const char *a = "/crash/a", *b = "/crash/b", *c = "/crash/dir/c";
	int fd, other;

	op_mkdir("/crash");
	op_sync();
	fd = op_create(a);
	op_sync();
	op_write(fd, a, 100, 0);
	op_sync();
	op_write(fd, a, 50, 25); // in the middle
	op_sync();
	op_write(fd, a, 4096, 100); // across the end of a block
	op_sync();
	op_truncate(fd, a, 1000);
	op_sync();
	op_truncate(fd, a, 9000); // zeroes, not what was there
	op_sync();
	op_write(fd, a, 300, 50000); // a hole, and the first indirect block
	op_sync();
	op_close(fd, a);
	op_rename(a, b);
	op_sync();
	fd = op_create(a);
	op_write(fd, a, 2000, 0);
	op_close(fd, a);
	op_rename(a, b); // in its place
	op_sync();
	op_mkdir("/crash/dir");
	op_rename(b, c);
	op_sync();
	op_rename("/crash/dir", "/crash/folder");
	op_sync();

	// an open file is removed, written to, and closed
	fd = op_create(a);
	op_write(fd, a, 4096, 0);
	op_write(fd, a, 4096, 4096);
	op_sync();
	op_remove(a);
	op_sync();
	CHECK_EQ(write(fd, "unseen", 6), 6);
	op_sync();
	other = op_create(b);
	op_write(other, b, 10, 0);
	CHECK_EQ(close(fd), 0);
	op_sync();
	op_close(other, b);

	// one file open twice; renamed over while open
	fd = op_create(a);
	other = open(b, O_RDWR);
	CHECK(other >= 0);
	op_write(fd, a, 512, 0);
	op_rename(a, b);
	op_write(fd, b, 512, 512);
	op_close(fd, b);
	CHECK_EQ(close(other), 0);
	op_sync();
	op_remove(b);
	op_remove("/crash/folder/c");
	op_remove("/crash/folder");
	op_sync();
}

// A directory that grows beyond two blocks, and is emptied in another order.
static void
many_files(void)
{
	char path[NPATH];
	int i, fd;

	op_mkdir("/crash/many");
	for (i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "/crash/many/%d", i);
		fd = op_create(path);
		op_write(fd, path, 1 + i * 37, 0);
		if (i % 8 == 0)
			op_sync();
		op_close(fd, path);
	}
	for (i = 0; i < 40; i += 2) {
		snprintf(path, sizeof(path), "/crash/many/%d", i);
		op_remove(path);
		if (i % 12 == 0)
			op_sync();
	}
	op_rename("/crash/many/1", "/crash/many/with-a-rather-long-name");
	op_sync();
}

// Takes all of the disk but nfree blocks.
static void
fill(int nfree)
{
	const char *path = "/crash/filler";
	int fd = op_create(path), n = 0;

	while (op_write(fd, path, PGSIZE, n * PGSIZE))
		n++;
	op_sync();
	CHECK(n > nfree);
	op_truncate(fd, path, (n - nfree) * PGSIZE);
	op_close(fd, path);
}

// Files come and go where others were a moment ago; what is large a commit writes
// straight to its place, what is small goes into the log.
static void
reuse(int n)
{
	char path[NPATH];
	int i, j, fd;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/crash/reuse%d", i % 4);
		if (model_find(path))
			op_remove(path);
		if (i % 3 == 0)
			op_sync();
		fd = op_create(path);
		for (j = 0; j < (i % 2 ? 10 + i % 5 : 2); j++)
			if (!op_write(fd, path, PGSIZE, j * PGSIZE))
				break;
		op_close(fd, path);
	}
}

// A file that needs the double indirect block, written at one go: far more than
// one transaction holds.
static void
large_file(int nblocks)
{
	const char *path = "/crash/large";
	int fd = op_create(path), i;

	for (i = 0; i < nblocks; i++)
		op_write(fd, path, PGSIZE, i * PGSIZE);
	op_close(fd, path);
	fd = open(path, O_RDWR);
	CHECK(fd >= 0);
	for (i = 0; i < 6; i++) // in the three kinds of places
		op_write(fd, path, 3000, next_random(&seed) % (nblocks * PGSIZE));
	op_sync();
	op_truncate(fd, path, 12 * PGSIZE + 5);
	op_sync();
	op_write(fd, path, 77, 30 * PGSIZE);
	op_close(fd, path);
}

// n times what chance wants, on a few files; made safe only now and then.
static void
mixed(const char *dir, int n)
{
	static int fds[16];
	char path[16][NPATH], to[NPATH];
	int i, f;

	op_mkdir(dir);
	for (f = 0; f < 16; f++) {
		snprintf(path[f], NPATH, "%s/%d", dir, f);
		fds[f] = -1;
	}
	for (i = 0; i < n; i++) {
		uint32_t chance = next_random(&seed);
		struct Model *m;

		f = chance >> 8 & 15;
		m = model_find(path[f]);
		if (!m) {
			fds[f] = op_create(path[f]);
			continue;
		}
		if (fds[f] < 0) {
			fds[f] = open(path[f], O_RDWR);
			CHECK(fds[f] >= 0);
		}
		switch (chance >> 16 & 15) {
		case 0: op_truncate(fds[f], path[f], m->size / 2 + 1); break;
		case 1: op_truncate(fds[f], path[f], m->size + 5000); break;
		case 2:
			if (chance & 1) { // else it is open while it goes
				op_close(fds[f], path[f]);
				fds[f] = -1;
			}
			op_remove(path[f]);
			if (fds[f] >= 0)
				CHECK_EQ(close(fds[f]), 0);
			fds[f] = -1;
			break;
		case 3:
			op_close(fds[f], path[f]);
			fds[f] = -1;
			break;
		case 4:
			snprintf(to, NPATH, "%s/other%d", dir, chance & 1);
			CHECK_EQ(close(fds[f]), 0);
			fds[f] = -1;
			op_rename(path[f], to);
			break;
		case 5: op_sync(); break;
		case 6: op_write(fds[f], path[f], 1 + (chance & 0xfff), m->size + 20000); break;
		case 7:
		case 8:
		case 9:
			op_write(fds[f], path[f], 1 + (chance & 0xff),
				 (chance >> 4) % (m->size + 1));
			break;
		default: op_write(fds[f], path[f], 1 + (chance & 0xfff), m->size);
		}
	}
	op_sync();
	for (f = 0; f < 16; f++)
		if (fds[f] >= 0)
			CHECK_EQ(close(fds[f]), 0);
}

void
umain(int argc, char **argv)
{
	each_kind();
	many_files();
	mixed("/crash/mixed", 150);
	reuse(20);
	large_file(1100);
	mixed("/crash/again", 100); // after the log went round
	fill(12);
	reuse(60);
	PASS("fs_crash");
}
