// Requests that no library would make. The file server answers each with an
// error, goes on serving others, and changes no file but as a request may.
#include <test/guest/fs_raw.h>

#define DIR "/fs_hostile"
#define KEPT DIR "/kept" // a file that nobody touches
#define KEPT_SIZE 20000

#define FDS (AREA + 0x100000) // descriptors' pages
#define FD_AT(i) ((struct Fd *)(FDS + (i)*PGSIZE))

// Opens, and returns the file's id.
static int
must_open_raw(const char *path, int mode, int i)
{
	int r = open_raw(path, mode, FD_AT(i));

	if (r < 0)
		panic("open %s, mode %x: %e", path, mode, r);
	CHECK(is_mapped((uintptr_t)FD_AT(i)));
	return FD_AT(i)->fd_file.id;
}

static void
close_raw(int i)
{
	CHECK_EQ(sys_page_unmap(0, FD_AT(i)), 0);
}

// ---- Numbers, pages --------------------------------------------------------------

static bool
takes_page(uint32_t number)
{
	return number >= FSREQ_OPEN && number <= FSREQ_SWAP_SHARE && number != FSREQ_SYNC &&
	       number != FSREQ_SHUTDOWN;
}

static void
bad_numbers(void)
{
	for (uint32_t n = 0; n < 256; n++) {
		if (n != FSREQ_SYNC)
			CHECK_EQ(request_at(n, NO_PAGE, 0, NO_PAGE), -E_INVAL);
		if (n != FSREQ_SYNC && !takes_page(n))
			CHECK_EQ(request(n | 0xABCDE00), -E_INVAL);
		if (takes_page(n) && n != FSREQ_SWAP_OUT)
			CHECK_EQ(request_at(n | 0x100000, PAGE, RO, NO_PAGE), -E_INVAL);
	}
	// Only the kernel may say this, and it does not come from here.
	CHECK_EQ(request(FSREQ_SHUTDOWN), -E_INVAL);
}

// ---- Paths and modes ---------------------------------------------------------------

// Fills the page with names that are short, so that it is the end that is missing.
static void
endless_path(void)
{
	for (int i = 0; i < PGSIZE; i++)
		PAGE->data[i] = i % 2 ? 'a' : '/';
}

static void
bad_paths(void)
{
	static const uint32_t numbers[] = {FSREQ_OPEN, FSREQ_REMOVE, FSREQ_RENAME};
	char name[MAXNAMELEN + 1] = "/";

	for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++) {
		endless_path();
		PAGE->open.req_omode = O_RDWR | O_CREAT;
		CHECK_EQ(request(numbers[i]), -E_BAD_PATH);
	}
	endless_path();
	strlcpy(PAGE->rename.req_from, KEPT, MAXPATHLEN); // the other has no end
	CHECK_EQ(request(FSREQ_RENAME), -E_BAD_PATH);

	memset(name + 1, 'n', MAXNAMELEN - 1);
	name[MAXNAMELEN] = 'n';
	memset(PAGE, 0, PGSIZE);
	memcpy(PAGE->open.req_path, name, sizeof(name));
	PAGE->open.req_omode = O_CREAT | O_RDWR;
	CHECK_EQ(request(FSREQ_OPEN), -E_BAD_PATH);

	// Nothing but '/': as long as can be, the root.
	memset(PAGE, '/', MAXPATHLEN);
	PAGE->open.req_path[MAXPATHLEN - 1] = 0;
	PAGE->open.req_omode = O_RDONLY;
	CHECK_EQ(request(FSREQ_OPEN), 0);
	memset(PAGE, '/', MAXPATHLEN);
	PAGE->remove.req_path[MAXPATHLEN - 1] = 0;
	CHECK_EQ(request(FSREQ_REMOVE), -E_INVAL);
	CHECK_EQ(open_raw("", O_CREAT | O_RDWR, NO_PAGE) < 0, 1);
	CHECK_EQ(open_raw(KEPT "/x", O_CREAT | O_RDWR, NO_PAGE), -E_NOT_DIR);
}

static void
bad_modes(void)
{
	for (int bit = 0; bit < 32; bit++) {
		int mode = O_CREAT | 1U << bit;
		if (mode & ~(O_ACCMODE | O_CREAT | O_TRUNC | O_EXCL | O_MKDIR | O_APPEND))
			CHECK_EQ(open_raw(DIR "/no", mode, NO_PAGE), -E_INVAL);
	}
	CHECK_EQ(open_raw(DIR "/no", O_CREAT | O_ACCMODE, NO_PAGE), -E_INVAL);
	CHECK_EQ(open_raw(DIR "/no", -1, NO_PAGE), -E_INVAL);
	CHECK_EQ(open_raw(DIR "/no", O_MKDIR | O_RDWR, NO_PAGE), -E_IS_DIR);
	CHECK_EQ(open_raw(DIR, O_WRONLY, NO_PAGE), -E_IS_DIR);
	CHECK_EQ(open_raw(DIR, O_RDWR | O_CREAT, NO_PAGE), -E_IS_DIR);
	CHECK_EQ(open_raw(DIR, O_TRUNC, NO_PAGE), -E_IS_DIR);
	CHECK_EQ(open_raw(DIR, O_MKDIR, NO_PAGE), -E_FILE_EXISTS);
	CHECK_EQ(open_raw(KEPT, O_CREAT | O_EXCL, NO_PAGE), -E_FILE_EXISTS);
	CHECK_EQ(open_raw(DIR "/no", O_RDONLY, NO_PAGE), -E_NOT_FOUND);
}

// ---- Ids, sizes, descriptors ---------------------------------------------------

static void
id_is_refused(int id)
{
	PAGE->stat.req_fileid = id;
	CHECK_EQ(request(FSREQ_STAT), -E_INVAL);
	PAGE->flush.req_fileid = id;
	CHECK_EQ(request(FSREQ_FLUSH), -E_INVAL);
	PAGE->set_size.req_fileid = id;
	PAGE->set_size.req_size = 0;
	CHECK_EQ(request(FSREQ_SET_SIZE), -E_INVAL);
}

static void
bad_ids(void)
{
	static const int ids[] = {-1, 2 * MAXOPEN, 0x7fffffff, (int)0x80000000, 4096};
	int id = must_open_raw(KEPT, O_RDWR, 0), refused = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(ids); i++)
		id_is_refused(ids[i]);
	id_is_refused(id ^ MAXOPEN);
	for (int i = 0; i < 2 * MAXOPEN; i++) {
		if (i == id)
			continue;
		int r = request(FSREQ_WORD(FSREQ_READ, i, 1));
		if (r < 0)
			CHECK_EQ(r, -E_INVAL);
		refused += r < 0;
	}
	CHECK(refused >= 2 * MAXOPEN - 1 - MAXFD); // what is open elsewhere is not ours to know
	close_raw(0);
	id_is_refused(id);
	CHECK_EQ(request(FSREQ_WORD(FSREQ_READ, id, 1)), -E_INVAL);
	CHECK_EQ(request(FSREQ_WORD(FSREQ_WRITE, id, 1)), -E_INVAL);
}

static void
bad_counts(void)
{
	static const uint32_t counts[] = {0, PGSIZE + 1, 0x1fff};
	int id = must_open_raw(KEPT, O_RDWR, 0);

	for (unsigned i = 0; i < ARRAY_SIZE(counts); i++) {
		CHECK_EQ(request(FSREQ_WORD(FSREQ_READ, id, counts[i])), -E_INVAL);
		CHECK_EQ(request(FSREQ_WORD(FSREQ_WRITE, id, counts[i])), -E_INVAL);
	}
	PAGE->set_size.req_fileid = id;
	PAGE->set_size.req_size = -1;
	CHECK_EQ(request(FSREQ_SET_SIZE), -E_INVAL);
	PAGE->set_size.req_size = 0x7fffffff;
	CHECK_EQ(request(FSREQ_SET_SIZE), -E_FILE_BIG);
	close_raw(0);
}

// What a client writes into its descriptor does not change what it may do.
static void
scribbled_descriptor(void)
{
	int reader = must_open_raw(KEPT, O_RDONLY, 0);
	int writer = must_open_raw(KEPT, O_WRONLY, 1);
	int both = must_open_raw(KEPT, O_RDWR, 2);

	for (int i = 0; i < 3; i++)
		memset(FD_AT(i), 0xff, PGSIZE); // offset -1 among others
	CHECK_EQ(request(FSREQ_WORD(FSREQ_READ, reader, PGSIZE)), -E_INVAL);
	CHECK_EQ(request(FSREQ_WORD(FSREQ_WRITE, writer, PGSIZE)), -E_INVAL);

	for (int i = 0; i < 3; i++) {
		FD_AT(i)->fd_omode = O_RDWR;
		FD_AT(i)->fd_offset = 0;
	}
	CHECK_EQ(request(FSREQ_WORD(FSREQ_WRITE, reader, 1)), -E_INVAL);
	CHECK_EQ(request(FSREQ_WORD(FSREQ_READ, writer, 1)), -E_INVAL);
	PAGE->set_size.req_fileid = reader;
	PAGE->set_size.req_size = 0;
	CHECK_EQ(request(FSREQ_SET_SIZE), -E_INVAL);

	FD_AT(2)->fd_offset = (off_t)0x80000000;
	CHECK_EQ(request(FSREQ_WORD(FSREQ_READ, both, 1)), -E_INVAL);
	FD_AT(2)->fd_offset = 0x7fffffff;
	CHECK_EQ(request(FSREQ_WORD(FSREQ_READ, both, PGSIZE)), 0);
	CHECK_EQ(request(FSREQ_WORD(FSREQ_WRITE, both, PGSIZE)), -E_FILE_BIG);
	FD_AT(2)->fd_offset = MAXFILESIZE;
	CHECK_EQ(request(FSREQ_WORD(FSREQ_WRITE, both, 1)), -E_FILE_BIG);
	FD_AT(2)->fd_offset = KEPT_SIZE - 1;
	CHECK_EQ(request(FSREQ_WORD(FSREQ_READ, both, PGSIZE)), 1);
	CHECK_EQ(FD_AT(2)->fd_offset, KEPT_SIZE);

	// The descriptor as the page to read into.
	FD_AT(2)->fd_offset = 0;
	CHECK_EQ(request_at(FSREQ_WORD(FSREQ_READ, both, PGSIZE), FD_AT(2), RW, NO_PAGE), PGSIZE);
	CHECK_EQ(request_at(FSREQ_STAT, FD_AT(2), RW, NO_PAGE) <= 0, 1);
	for (int i = 0; i < 3; i++)
		close_raw(i);
}

// The answer's page goes where the request's was, and nowhere.
static void
odd_places(void)
{
	CHECK_EQ(open_raw(KEPT, O_RDONLY, PAGE), 0);
	CHECK_EQ(((struct Fd *)PAGE)->fd_dev_id, 'f');
	CHECK_EQ(sys_page_alloc(0, PAGE, RW), 0);
	for (int i = 0; i < 2 * MAXOPEN; i++)
		CHECK_EQ(open_raw(KEPT, O_RDONLY, NO_PAGE), 0);
}

// ---- Too many ----------------------------------------------------------------------

static void
too_many(void)
{
	static bool seen[2 * MAXOPEN];
	int n = 0, r;

	while ((r = open_raw(n % 2 ? KEPT : DIR, O_RDONLY, FD_AT(n))) == 0) {
		int id = FD_AT(n++)->fd_file.id;
		CHECK(n <= MAXOPEN);
		CHECK(id >= 0 && id < 2 * MAXOPEN && !seen[id]);
		seen[id] = true;
	}
	CHECK_EQ(r, -E_MAX_OPEN);
	CHECK(n > MAXOPEN - 2 * MAXFD);
	for (int i = 0; i < 76; i++)
		CHECK_EQ(open_raw(KEPT, O_RDONLY, NO_PAGE), -E_MAX_OPEN);
	CHECK_EQ(open_raw(DIR "/no", O_CREAT | O_RDWR, NO_PAGE), -E_MAX_OPEN);
	CHECK_EQ(request(FSREQ_WORD(FSREQ_READ, FD_AT(1)->fd_file.id, 100)), 100);
	while (n > 0)
		close_raw(--n);
	CHECK_EQ(open_raw(DIR "/no", O_RDONLY, NO_PAGE), -E_NOT_FOUND); // and was not made
	CHECK_EQ(open_raw(KEPT, O_RDONLY, NO_PAGE), 0);
}

// ---- Death in the middle ---------------------------------------------------------

// Sends requests and waits for no answer.
static void
send_and_go(int n)
{
	memset(PAGE, 0, PGSIZE);
	strlcpy(PAGE->open.req_path, KEPT, MAXPATHLEN);
	for (int i = 0; i < n; i++)
		sys_ipc_try_send(fs, FSREQ_OPEN, PAGE, RW);
}

// Uses the server until it is killed.
static void
use_for_ever(int n)
{
	char path[64];

	snprintf(path, sizeof(path), DIR "/child%d", n);
	shared->ready++;
	for (;;) {
		int id = must_open_raw(path, O_RDWR | O_CREAT | O_TRUNC, n);
		fill(PAGE, PGSIZE, 0, n);
		for (int i = 0; i < 4; i++)
			CHECK_EQ(request(FSREQ_WORD(FSREQ_WRITE, id, PGSIZE)), PGSIZE);
		PAGE->flush.req_fileid = id;
		CHECK_EQ(request(FSREQ_FLUSH), 0);
	}
}

static void
deaths(void)
{
	uint32_t random = 12345;
	char path[64];

	for (int i = 0; i < 8; i++)
		child_finish(send_and_go, i);
	for (int i = 0; i < 16; i++) {
		shared->ready = 0;
		envid_t child = child_run(use_for_ever, i);
		AWAIT(shared->ready);
		for (uint32_t n = next_random(&random) % 64; n > 0; n--)
			sys_yield();
		CHECK_EQ(sys_env_destroy(child), 0);
		AWAIT(env_gone(child));
		snprintf(path, sizeof(path), DIR "/child%d", i);
		remove(path); // it may not have come to making it
	}
	CHECK_EQ(dir_count(DIR, NULL, NULL), 1);
}

// ---- A page that changes while it is looked at ---------------------------------

static void
scribble(int arg)
{
	while (!shared->stop) {
		PAGE->open.req_path[sizeof(DIR)] ^= 'a' ^ 'b';
		memset(&PAGE->open.req_path[sizeof(DIR) + 1], 'c', 8);
		PAGE->open.req_path[sizeof(DIR) + 1] = 0;
		FD_AT(0)->fd_offset ^= 0x40000001;
		FD_AT(0)->fd_file.id++;
		PAGE->open.req_path[MAXPATHLEN - 1] ^= 'x';
	}
}

static void
changing_pages(void)
{
	CHECK_EQ(sys_page_map(0, PAGE, 0, PAGE, RW | PTE_SHARE), 0);
	int id = must_open_raw(DIR "/racing", O_RDWR | O_CREAT, 0);
	shared->stop = 0;
	envid_t child = child_run(scribble, 0);

	for (int i = 0; i < 300; i++) {
		strlcpy(PAGE->open.req_path, DIR "/a", MAXPATHLEN);
		PAGE->open.req_omode = O_RDWR | O_CREAT | (i & 1 ? O_TRUNC : O_APPEND);
		request(FSREQ_OPEN);
		request(FSREQ_WORD(FSREQ_WRITE, id, 100));
		request(FSREQ_WORD(FSREQ_READ, id, 100));
		strlcpy(PAGE->rename.req_to, DIR "/b", MAXPATHLEN);
		strlcpy(PAGE->rename.req_from, DIR "/a", MAXPATHLEN);
		request(FSREQ_RENAME);
		strlcpy(PAGE->remove.req_path, DIR "/b", MAXPATHLEN);
		request(FSREQ_REMOVE);
	}
	shared->stop = 1;
	AWAIT(env_gone(child));
	close_raw(0);
	CHECK_EQ(sys_page_alloc(0, PAGE, RW), 0);
}

void
umain(int argc, char **argv)
{
	raw_begin();
	share_results();
	work_begin(DIR);
	make_file(KEPT, KEPT_SIZE, 7);

	bad_numbers();
	bad_paths();
	bad_modes();
	bad_ids();
	bad_counts();
	scribbled_descriptor();
	odd_places();
	too_many();
	deaths();
	changing_pages();

	check_file(KEPT, KEPT_SIZE, 7);
	work_end(DIR);
	PASS("fs_hostile");
}
