// Pages of files that are mapped to be written to, by raw requests: who reads the file, or
// maps it, sees what is there, and the disk gets it; ends of files, holes, modes, too many.
//
//   fs_mapshared [STEPS [SEED]]   random steps beside a model
//   fs_mapshared write, check     before and after a boot
//   fs_mapshared full             on a small disk, which it fills
#include <test/guest/fs_raw.h>

#define DIR "/t-mapshared"
#define FILE DIR "/file"
#define KEPT "/mapshared.kept"
#define TOO_MANY 4097 // pages
#define SIZE 0x2000   // of most files: two pages

static void *
at(int i)
{
	return (void *)(AREA + 0x100000 + i * PGSIZE);
}

static char *
bytes_at(int i)
{
	return at(i);
}

static int
map_with(uint32_t number, int fd, int offset, void *va)
{
	struct Fd *f;

	CHECK_EQ(fd_lookup(fd, &f), 0);
	PAGE->map.req_fileid = f->fd_file.id;
	PAGE->map.req_offset = offset;
	return request_at(number, PAGE, RW, va);
}

static int
map_shared(int fd, int offset, void *va)
{
	return map_with(FSREQ_MAP_SHARED, fd, offset, va);
}

static void
unmap(int i)
{
	CHECK_EQ(sys_page_unmap(0, at(i)), 0);
}

static void
read_at(int fd, int offset, void *buf, int n)
{
	CHECK_EQ(seek(fd, offset), 0);
	CHECK_EQ(readn(fd, buf, n), n);
}

static void
write_at(int fd, int offset, const char *text)
{
	CHECK_EQ(seek(fd, offset), 0);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
}

static void
check_text(int fd, int offset, const char *text)
{
	char buf[32];
	int n = strlen(text);

	read_at(fd, offset, buf, n);
	if (memcmp(buf, text, n) != 0)
		panic("at %d is '%.*s', not '%s'", offset, n, buf, text);
}

// A new file of SIZE bytes.
static int
fresh(void)
{
	make_file(FILE, SIZE, 1);
	return must_open(FILE, O_RDWR);
}

// ---- What others see ----

static void
coherent(void)
{
	int fd = fresh(), other = must_open(FILE, O_RDONLY);

	CHECK_EQ(map_shared(fd, 0, at(0)), PGSIZE);
	CHECK_EQ(map_shared(fd, PGSIZE, at(1)), PGSIZE);
	CHECK_EQ(map_shared(other, PGSIZE, at(2)), PGSIZE);
	CHECK(is_filled(at(0), PGSIZE, 0, 1) && is_filled(at(1), PGSIZE, PGSIZE, 1));
	CHECK((uvpt[PGNUM(at(1))] & (PTE_W | PTE_SHARE)) == (PTE_W | PTE_SHARE));
	CHECK((uvpt[PGNUM(at(2))] & (PTE_W | PTE_SHARE)) == PTE_SHARE);
	CHECK_EQ(sys_page_map(0, at(2), 0, at(2), RW), -E_INVAL);

	memcpy(bytes_at(0) + PGSIZE - 3, "one", 3);
	memcpy(at(1), "two", 3);
	CHECK(memcmp(at(2), "two", 3) == 0);
	check_text(other, PGSIZE - 3, "onetwo");
	write_at(fd, PGSIZE - 2, "WRITE");
	CHECK(memcmp(bytes_at(0) + PGSIZE - 3, "oWR", 3) == 0);
	CHECK(memcmp(at(2), "ITE", 3) == 0);
	check_text(other, PGSIZE - 3, "oWRITE");

	// The page itself as what is read into, and written from.
	memcpy(at(0), "self", 4);
	read_at(fd, 0, at(0), PGSIZE);
	CHECK(memcmp(at(0), "self", 4) == 0);
	CHECK(is_filled(bytes_at(0) + 4, PGSIZE - 7, 4, 1));
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(write(fd, at(0), PGSIZE), PGSIZE);
	check_text(other, 0, "self");

	// A private page is a copy of what there is when it is asked for.
	CHECK_EQ(map_with(FSREQ_MAP, other, PGSIZE, at(3)), PGSIZE);
	memcpy(at(1), "new", 3);
	CHECK(memcmp(at(3), "ITE", 3) == 0);
	CHECK_EQ(map_with(FSREQ_MAP, other, PGSIZE, at(4)), PGSIZE);
	CHECK(memcmp(at(4), "new", 3) == 0);
	for (int i = 0; i < 5; i++)
		unmap(i);
	check_text(other, PGSIZE - 3, "oWRnew");
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(close(other), 0);
}

static void
in_child(int unused)
{
	int fd = must_open(FILE, O_RDWR);

	CHECK(memcmp(at(0), "parent", 6) == 0); // shared by fork
	CHECK_EQ(map_shared(fd, PGSIZE, at(1)), PGSIZE);
	memcpy(at(1), "child", 5);
	memcpy(at(0), "CHILD", 5);
}

static void
other_process(void)
{
	int fd = fresh();

	CHECK_EQ(map_shared(fd, 0, at(0)), PGSIZE);
	memcpy(at(0), "parent", 6);
	child_must_live("who maps the file", in_child, 0);
	CHECK(memcmp(at(0), "CHILDt", 6) == 0);
	check_text(fd, PGSIZE, "child");
	// Nobody has the file open, but the page is the file's still.
	CHECK_EQ(close(fd), 0);
	memcpy(at(0), "closed", 6);
	fd = must_open(FILE, O_RDONLY);
	check_text(fd, 0, "closed");
	memcpy(at(0), "again.", 6);
	unmap(0);
	CHECK_EQ(sync(), 0);
	check_text(fd, 0, "again.");
	check_text(fd, PGSIZE, "child");
	CHECK_EQ(close(fd), 0);
}

#define COUNTERS 3
#define ROUNDS 150

// Maps the page, counts there, and unmaps it, so that at times nobody has it.
static void
count_there(int i)
{
	int fd = must_open(FILE, O_RDWR);

	for (int n = 0; n < ROUNDS; n++) {
		CHECK_EQ(map_shared(fd, PGSIZE, at(0)), PGSIZE);
		count_up(at(0));
		((uint32_t *)at(0))[1 + i]++;
		unmap(0);
		if (n % 8 == i)
			sys_yield();
	}
	count_up(&shared->survived);
}

// Whoever has the page at whatever moment, nothing is lost of what they write.
static void
counting(void)
{
	int fd = fresh();
	uint32_t now[1 + COUNTERS] = {0}, before = 0;
	envid_t child[COUNTERS];

	CHECK_EQ(seek(fd, PGSIZE), 0);
	CHECK_EQ(write(fd, now, sizeof(now)), sizeof(now));
	shared->survived = 0;
	for (int i = 0; i < COUNTERS; i++)
		child[i] = child_run(count_there, i);
	while (shared->survived < COUNTERS && before < COUNTERS * ROUNDS) {
		CHECK_EQ(sync(), 0);
		read_at(fd, PGSIZE, now, sizeof(now));
		CHECK(now[0] >= before);
		before = now[0];
	}
	for (int i = 0; i < COUNTERS; i++)
		AWAIT(env_gone(child[i]));
	CHECK_EQ(shared->survived, COUNTERS);
	read_at(fd, PGSIZE, now, sizeof(now));
	CHECK_EQ(now[0], COUNTERS * ROUNDS);
	for (int i = 0; i < COUNTERS; i++)
		CHECK_EQ(now[1 + i], ROUNDS);
	CHECK_EQ(close(fd), 0);
}

// ---- Ends, holes, modes ----

static void
ends(void)
{
	int fd = fresh();
	char buf[16];

	CHECK_EQ(map_shared(fd, PGSIZE, at(1)), PGSIZE);
	CHECK_EQ(map_shared(fd, SIZE, at(2)), -E_INVAL);
	CHECK_EQ(map_shared(fd, -PGSIZE, at(2)), -E_INVAL);
	CHECK_EQ(map_shared(fd, 1, at(2)), -E_INVAL);
	CHECK(!is_mapped((uintptr_t)at(2)));

	CHECK_EQ(ftruncate(fd, SIZE - 10), 0);
	CHECK(is_zero(bytes_at(1) + PGSIZE - 10, 10));
	memset(bytes_at(1) + PGSIZE - 10, 'x', 10); // behind the end: no concern of the file's
	CHECK_EQ(map_shared(fd, PGSIZE, at(2)), PGSIZE - 10);
	CHECK_EQ(sync(), 0);
	CHECK_EQ(ftruncate(fd, SIZE), 0);
	read_at(fd, SIZE - 10, buf, 10);
	CHECK(is_zero(buf, 10) && is_zero(bytes_at(1) + PGSIZE - 10, 10));

	// Behind the end as a whole, and in the file again.
	memset(at(1), 'y', PGSIZE);
	CHECK_EQ(ftruncate(fd, 100), 0);
	CHECK(is_zero(at(1), PGSIZE));
	CHECK_EQ(map_shared(fd, PGSIZE, at(3)), -E_INVAL);
	memset(at(1), 'z', 100);
	CHECK_EQ(sync(), 0);
	write_at(fd, PGSIZE + 50, "end");
	CHECK(is_zero(at(1), 50) && memcmp(bytes_at(1) + 50, "end", 3) == 0);
	CHECK(is_zero(bytes_at(1) + 53, PGSIZE - 53));
	read_at(fd, PGSIZE, buf, 16);
	CHECK(is_zero(buf, 16));
	memcpy(at(1), "here", 4);
	check_text(fd, PGSIZE, "here");
	CHECK_EQ(close(fd), 0);

	fd = must_open(FILE, O_RDWR | O_TRUNC);
	CHECK(is_zero(at(1), PGSIZE));
	unmap(1);
	unmap(2);
	CHECK_EQ(sync(), 0);
	CHECK_EQ(read(fd, buf, 1), 0);
	CHECK_EQ(close(fd), 0);
}

static void
holes(void)
{
	int fd = must_open(DIR "/hole", O_RDWR | O_CREAT),
	    reader = must_open(DIR "/hole", O_RDONLY);

	CHECK_EQ(ftruncate(fd, 100 * PGSIZE), 0);
	CHECK_EQ(map_shared(reader, 99 * PGSIZE, at(0)), PGSIZE);
	CHECK(is_zero(at(0), PGSIZE));
	CHECK_EQ(map_with(FSREQ_MAP, fd, 99 * PGSIZE, at(1)), -E_NOT_SUPP); // a hole still
	CHECK_EQ(map_shared(fd, 99 * PGSIZE, at(1)), PGSIZE);
	CHECK_EQ(map_with(FSREQ_MAP, fd, 99 * PGSIZE, at(2)), PGSIZE); // it has its block
	memcpy(bytes_at(1) + 5, "full", 4);
	CHECK(memcmp(bytes_at(0) + 5, "full", 4) == 0);
	check_text(reader, 99 * PGSIZE + 5, "full");
	unmap(0);
	unmap(1);
	CHECK_EQ(sync(), 0);
	check_text(reader, 99 * PGSIZE + 5, "full");
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(close(reader), 0);
}

static void
modes(void)
{
	int fd = must_open(FILE, O_WRONLY), dir = must_open(DIR, O_RDONLY);

	make_file(FILE, SIZE, 1);
	CHECK_EQ(map_shared(fd, 0, at(0)), -E_INVAL);
	CHECK_EQ(map_shared(dir, 0, at(0)), -E_INVAL);
	PAGE->map.req_fileid = -1;
	CHECK_EQ(request_at(FSREQ_MAP_SHARED, PAGE, RW, at(0)), -E_INVAL);
	CHECK_EQ(request_at(FSREQ_MAP_SHARED, PAGE, RO, at(0)), -E_INVAL);
	CHECK_EQ(request_at(FSREQ_MAP_SHARED, NO_PAGE, 0, at(0)), -E_INVAL);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(close(dir), 0);
}

// A file that is removed, or replaced, is what its pages belong to nevertheless.
static void
removed(void)
{
	int fd = fresh(), other;

	CHECK_EQ(map_shared(fd, 0, at(0)), PGSIZE);
	CHECK_EQ(remove(FILE), 0);
	make_file(FILE, SIZE, 2);
	other = must_open(FILE, O_RDWR);
	CHECK_EQ(map_shared(other, 0, at(1)), PGSIZE);
	memcpy(at(0), "old", 3);
	CHECK(is_filled(at(1), PGSIZE, 0, 2));
	check_text(fd, 0, "old");
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(sync(), 0);
	memcpy(at(0), "gone", 4);
	unmap(0);
	memcpy(at(1), "new", 3);
	CHECK_EQ(rename(FILE, DIR "/renamed"), 0);
	unmap(1);
	CHECK_EQ(close(other), 0);
	CHECK_EQ(sync(), 0);
	fd = must_open(DIR "/renamed", O_RDONLY);
	check_text(fd, 0, "new");
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(remove(DIR "/renamed"), 0);
}

// ---- Too many ----

static void
too_many(void)
{
	int fd = must_open(DIR "/large", O_RDWR | O_CREAT), n, r;

	CHECK_EQ(ftruncate(fd, TOO_MANY * PGSIZE), 0);
	for (n = 0; (r = map_shared(fd, n * PGSIZE, at(n))) == PGSIZE; n++)
		*(int *)at(n) = n;
	CHECK_EQ(r, -E_MAX_OPEN);
	CHECK_EQ(n, TOO_MANY - 1);
	CHECK_EQ(map_shared(fd, 7 * PGSIZE, at(n)), PGSIZE); // one that is there
	CHECK_EQ(*(int *)at(n), 7);
	unmap(0);
	CHECK_EQ(map_shared(fd, n * PGSIZE, at(0)), PGSIZE);
	*(int *)at(0) = n;
	for (int i = 0; i <= n; i++)
		unmap(i);
	for (int i = 0; i <= n; i++) {
		int word;
		read_at(fd, i * PGSIZE, &word, sizeof(word));
		CHECK_EQ(word, i);
	}
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(remove(DIR "/large"), 0);
}

// ---- Beside a model ----

#define PAGES 6
#define ROOM (PAGES * PGSIZE)

static char model[ROOM], buf[ROOM];
static int size, file = -1;
static uint32_t rnd;

static uint32_t
below(uint32_t n)
{
	return next_random(&rnd) % n;
}

// A range in the file: where it begins, how long it is.
static int
some_range(int limit, int *n)
{
	int from = below(limit);

	*n = 1 + below(MIN(limit - from, 2 * PGSIZE));
	return from;
}

static void
check_all(void)
{
	for (int i = 0; i < PAGES; i++)
		if (is_mapped((uintptr_t)at(i)) && size > i * PGSIZE)
			CHECK(memcmp(at(i), model + i * PGSIZE, MIN(size - i * PGSIZE, PGSIZE)) ==
			      0);
	read_at(file, 0, buf, size);
	CHECK(memcmp(buf, model, size) == 0);
	CHECK_EQ(read(file, buf, 1), 0);
}

static void
model_resize(int new_size)
{
	if (new_size < size)
		memset(model + new_size, 0, size - new_size);
	size = new_size;
}

static void
model_write(void)
{
	int n, from = some_range(ROOM, &n);

	memset(model + from, below(256), n);
	CHECK_EQ(seek(file, from), 0);
	CHECK_EQ(write(file, model + from, n), n);
	size = MAX(size, from + n);
}

static void
model_store(void)
{
	int n, from, c = below(256);

	if (size == 0)
		return;
	from = some_range(size, &n);
	for (int i = from; i < from + n; i++) {
		if (!is_mapped((uintptr_t)at(i / PGSIZE)))
			continue;
		bytes_at(i / PGSIZE)[i % PGSIZE] = c;
		model[i] = c;
	}
}

static void
model_map(int i)
{
	int want = size > i * PGSIZE ? MIN(size - i * PGSIZE, PGSIZE) : -E_INVAL, r;

	if (below(2)) {
		CHECK_EQ(map_shared(file, i * PGSIZE, at(i)), want);
		return;
	}
	r = map_with(FSREQ_MAP, file, i * PGSIZE, at(PAGES));
	if (r == -E_NOT_SUPP && want > 0) {
		CHECK(is_mapped((uintptr_t)at(i)) || is_zero(model + i * PGSIZE, want));
		return;
	}
	CHECK_EQ(r, want);
	CHECK(r < 0 || memcmp(at(PAGES), model + i * PGSIZE, r) == 0);
}

static void
model_reopen(void)
{
	CHECK_EQ(close(file), 0);
	if (below(2))
		CHECK_EQ(sync(), 0);
	file = must_open(FILE, O_RDWR);
}

static void
step(void)
{
	switch (below(10)) {
	case 0:
	case 1: model_write(); break;
	case 2:
	case 3: model_store(); break;
	case 4:
		model_resize(below(ROOM));
		CHECK_EQ(ftruncate(file, size), 0);
		break;
	case 5: unmap(below(PAGES)); break;
	case 6:
	case 7: model_map(below(PAGES)); break;
	case 8: model_reopen(); break;
	default: check_all();
	}
}

static void
random_steps(uint32_t steps, uint32_t seed)
{
	rnd = seed;
	file = must_open(FILE, O_RDWR | O_CREAT | O_TRUNC);
	for (uint32_t i = 0; i < steps; i++)
		step();
	check_all();
	for (int i = 0; i <= PAGES; i++)
		unmap(i);
	model_reopen();
	check_all();
	CHECK_EQ(close(file), 0);
}

// ---- A full disk ----

static void
full_disk(void)
{
	int fd = must_open(DIR "/fills", O_RDWR | O_CREAT), r, end = 0;
	int hole = must_open(DIR "/hole", O_RDWR | O_CREAT);

	CHECK_EQ(ftruncate(hole, 2 * PGSIZE), 0);
	CHECK_EQ(map_shared(hole, 0, at(0)), PGSIZE);
	while ((r = write(fd, buf, PGSIZE)) > 0)
		end += r;
	CHECK_EQ(r, -E_NO_DISK);
	memcpy(at(0), "saved", 5);
	CHECK_EQ(map_shared(hole, PGSIZE, at(1)), -E_NO_DISK);
	CHECK(!is_mapped((uintptr_t)at(1)));
	unmap(0);
	CHECK_EQ(sync(), 0);
	check_text(hole, 0, "saved");

	// What is cut loses its block, and keeps the page; it is saved when there is room.
	CHECK_EQ(map_shared(hole, 0, at(0)), PGSIZE);
	CHECK_EQ(ftruncate(hole, 0), 0);
	CHECK_EQ(ftruncate(hole, PGSIZE), 0);
	while (write(fd, buf, PGSIZE) > 0)
		;
	memcpy(at(0), "later", 5);
	CHECK_EQ(sync(), -E_NO_DISK);
	unmap(0);
	CHECK_EQ(sync(), -E_NO_DISK);
	CHECK_EQ(ftruncate(fd, end - PGSIZE), 0);
	CHECK_EQ(sync(), 0);
	check_text(hole, 0, "later");
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(close(hole), 0);
}

// ---- Over a boot ----

static void
write_kept(void)
{
	int fd;

	make_file(KEPT, 2 * SIZE, 3);
	fd = must_open(KEPT, O_RDWR);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(map_shared(fd, i * PGSIZE, at(i)), PGSIZE);
	memcpy(at(0), "flushed", 7);
	CHECK_EQ(close(fd), 0);
	memcpy(at(1), "synced", 6);
	CHECK_EQ(sync(), 0);
	memcpy(at(2), "at the end", 10);
	cprintf("written\n");
}

static void
check_kept(void)
{
	int fd = must_open(KEPT, O_RDWR);

	check_text(fd, 0, "flushed");
	check_text(fd, PGSIZE, "synced");
	check_text(fd, 2 * PGSIZE, "at the end");
	read_at(fd, 3 * PGSIZE, buf, PGSIZE);
	CHECK(is_filled(buf, PGSIZE, 3 * PGSIZE, 3));
}

void
umain(int argc, char **argv)
{
	raw_begin();
	if (argc > 1 && strcmp(argv[1], "write") == 0) {
		write_kept();
		return;
	}
	if (argc > 1 && strcmp(argv[1], "check") == 0) {
		check_kept();
		PASS("fs_mapshared");
		return;
	}
	share_results();
	work_begin(DIR);
	if (argc > 1 && strcmp(argv[1], "full") == 0) {
		full_disk();
		work_end(DIR);
		PASS("fs_mapshared");
		return;
	}
	coherent();
	other_process();
	counting();
	ends();
	holes();
	modes();
	removed();
	too_many();
	random_steps(arg_number(argc, argv, 1, 1500), arg_number(argc, argv, 2, 1));
	work_end(DIR);
	PASS("fs_mapshared");
}
