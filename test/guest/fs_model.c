// Files against arrays in memory: random reads, writes, seeks, truncations, appends,
// renames and reopenings, each compared with what it should have done.
//
// Arguments: steps (1500), seed (1).
#include <test/guest/filecheck.h>

#define DIR "/t-fs_model"
#define NFILES 3
#define SIZE (24 * PGSIZE) // beyond the direct blocks

struct Model {
	char name[64];
	uint32_t size, offset;
	bool append;
	int fd;
	uint8_t *data;
};

static struct Model model[NFILES];
static uint8_t buf[3 * PGSIZE];
static uint32_t random;
static int names;

static uint32_t
below(uint32_t n)
{
	return next_random(&random) % n;
}

static void
do_write(struct Model *m)
{
	uint32_t n = below(4) ? below(600) + 1 : below(sizeof(buf)) + 1;
	uint32_t at = m->append ? m->size : m->offset;

	if (at + n > SIZE)
		return;
	for (uint32_t i = 0; i < n; i++)
		buf[i] = next_random(&random);
	CHECK_EQ(write(m->fd, buf, n), n);
	if (at > m->size)
		memset(m->data + m->size, 0, at - m->size);
	memcpy(m->data + at, buf, n);
	m->size = MAX(m->size, at + n);
	m->offset = at + n;
}

static void
do_read(struct Model *m)
{
	uint32_t n = below(2) ? below(600) + 1 : below(sizeof(buf)) + 1;
	uint32_t want = m->offset >= m->size ? 0 : MIN(n, m->size - m->offset);

	CHECK_EQ(readn(m->fd, buf, n), want);
	CHECK_EQ(memcmp(buf, m->data + m->offset, want), 0);
	m->offset += want;
}

static void
do_seek(struct Model *m)
{
	m->offset = below(8) ? below(m->size + 1) : below(SIZE);
	CHECK_EQ(seek(m->fd, m->offset), 0);
}

static void
do_truncate(struct Model *m)
{
	uint32_t size = below(3) ? below(m->size + 1) : below(SIZE);

	CHECK_EQ(ftruncate(m->fd, size), 0);
	if (size > m->size)
		memset(m->data + m->size, 0, size - m->size);
	m->size = size;
}

static void
do_reopen(struct Model *m)
{
	struct Stat st;

	CHECK_EQ(close(m->fd), 0);
	CHECK_EQ(stat(m->name, &st), 0);
	CHECK_EQ(st.st_size, m->size);
	m->append = below(4) == 0;
	m->offset = 0;
	m->fd = must_open(m->name, O_RDWR | (m->append ? O_APPEND : 0));
}

static void
do_rename(struct Model *m)
{
	char to[sizeof(m->name)];

	snprintf(to, sizeof(to), DIR "%s/name%d", below(2) ? "/d" : "", names++);
	CHECK_EQ(rename(m->name, to), 0); // and stays open
	strcpy(m->name, to);
}

static void
do_replace(struct Model *m)
{
	CHECK_EQ(close(m->fd), 0);
	CHECK_EQ(remove(m->name), 0);
	must_be_missing(m->name);
	m->fd = must_open(m->name, O_RDWR | O_CREAT | O_EXCL);
	m->size = m->offset = 0;
	m->append = false;
}

static void
check_all(void)
{
	struct Stat st;

	for (int i = 0; i < NFILES; i++) {
		struct Model *m = &model[i];
		int fd = must_open(m->name, O_RDONLY);

		CHECK_EQ(fstat(fd, &st), 0);
		CHECK_EQ(st.st_size, m->size);
		for (uint32_t at = 0, n; at < m->size; at += n) {
			n = MIN(sizeof(buf), m->size - at);
			CHECK_EQ(readn(fd, buf, n), n);
			CHECK_EQ(memcmp(buf, m->data + at, n), 0);
		}
		CHECK_EQ(close(fd), 0);
	}
}

void
umain(int argc, char **argv)
{
	int first = library_mode(argc, argv);
	uint32_t steps = arg_number(argc, argv, first, 1500);

	random = arg_number(argc, argv, first + 1, 1) * 2654435761U | 1;
	work_begin(DIR);
	CHECK_EQ(mkdir(DIR "/d"), 0);
	for (int i = 0; i < NFILES; i++) {
		model[i].data = malloc(SIZE);
		CHECK(model[i].data != NULL);
		snprintf(model[i].name, sizeof(model[i].name), DIR "/file%d", i);
		model[i].fd = must_open(model[i].name, O_RDWR | O_CREAT);
	}
	for (uint32_t step = 0; step < steps; step++) {
		struct Model *m = &model[below(NFILES)];

		switch (below(20)) {
		case 0: do_truncate(m); break;
		case 1: do_reopen(m); break;
		case 2: do_rename(m); break;
		case 3:
		case 4:
		case 5:
		case 6: do_seek(m); break;
		case 7:
			if (below(4) == 0)
				do_replace(m);
			else if (below(4) == 0)
				CHECK_EQ(sync(), 0);
			break;
		default:
			if (below(2))
				do_read(m);
			else
				do_write(m);
		}
		if (step % 256 == 255)
			check_all();
	}
	check_all();
	for (int i = 0; i < NFILES; i++)
		CHECK_EQ(close(model[i].fd), 0);
	check_all();
	work_end(DIR);
	PASS("fs_model");
}
