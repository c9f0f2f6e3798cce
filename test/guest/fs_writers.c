// Several processes write at once: to places of their own in one file, to its end by
// descriptors of their own (O_APPEND) and by one that they share, and to the same
// directory. Nothing is lost, and no record is torn.
//
// Argument: records of each writer (100).
#include <test/guest/filecheck.h>

#define DIR "/t-fs_writers"
#define NWRITERS 3
#define RECORD 123 // bytes

static uint32_t nrecords;
static int fd;
static char buf[RECORD];

static void
record_fill(int writer, uint32_t n)
{
	fill(buf, RECORD, 0, writer * 1000 + n);
	buf[0] = 'A' + writer;
	memcpy(buf + 1, &n, sizeof(n));
}

static void
own_places(int me)
{
	int own = must_open(DIR "/places", O_WRONLY);

	for (uint32_t i = 0; i < nrecords; i++) {
		CHECK_EQ(seek(own, (i * NWRITERS + me) * RECORD), 0);
		record_fill(me, i);
		CHECK_EQ(write(own, buf, RECORD), RECORD);
		if (i % 16 == 0)
			sys_yield();
	}
	CHECK_EQ(close(own), 0);
}

static void
own_descriptor(int me)
{
	int own = must_open(DIR "/append", O_WRONLY | O_APPEND);

	for (uint32_t i = 0; i < nrecords; i++) {
		record_fill(me, i);
		CHECK_EQ(write(own, buf, RECORD), RECORD);
	}
	CHECK_EQ(close(own), 0);
}

static void
shared_descriptor(int me)
{
	for (uint32_t i = 0; i < nrecords; i++) {
		record_fill(me, i);
		CHECK_EQ(write(fd, buf, RECORD), RECORD);
	}
	CHECK_EQ(close(fd), 0);
}

static void
own_files(int me)
{
	static char path[64], other[64];

	for (uint32_t i = 0; i < nrecords / 4; i++) {
		snprintf(path, sizeof(path), DIR "/files/%d-%d", me, i);
		make_file(path, 100 + i, me);
		snprintf(other, sizeof(other), DIR "/files/%d-%d-new", me, i);
		CHECK_EQ(rename(path, other), 0);
		if (i % 2)
			CHECK_EQ(remove(other), 0);
		else
			check_file(other, 100 + i, me);
	}
}

static void
all_at_once(void (*body)(int))
{
	envid_t id[NWRITERS];

	for (int i = 0; i < NWRITERS; i++)
		id[i] = lib_child(body, i);
	for (int i = 0; i < NWRITERS; i++)
		wait(id[i]);
}

// Every record once, each writer's in order, whole.
static void
check_records(const char *path)
{
	static char got[RECORD];
	uint32_t next[NWRITERS] = {0};
	int in = must_open(path, O_RDONLY);

	for (uint32_t i = 0; i < nrecords * NWRITERS; i++) {
		uint32_t n;
		int writer;

		CHECK_EQ(readn(in, got, RECORD), RECORD);
		writer = got[0] - 'A';
		CHECK(writer >= 0 && writer < NWRITERS);
		memcpy(&n, got + 1, sizeof(n));
		CHECK_EQ(n, next[writer]);
		record_fill(writer, n);
		CHECK_EQ(memcmp(got, buf, RECORD), 0);
		next[writer]++;
	}
	CHECK_EQ(read(in, got, 1), 0);
	CHECK_EQ(close(in), 0);
}

void
umain(int argc, char **argv)
{
	int first = library_mode(argc, argv);

	nrecords = arg_number(argc, argv, first, 100);
	share_results();
	work_begin(DIR);
	make_file(DIR "/places", 0, 0);
	all_at_once(own_places);
	check_records(DIR "/places");

	make_file(DIR "/append", 0, 0);
	all_at_once(own_descriptor);
	check_records(DIR "/append");

	for (int append = 0; append < 2; append++) {
		fd = must_open(DIR "/shared", O_RDWR | O_CREAT | O_TRUNC | append * O_APPEND);
		all_at_once(shared_descriptor);
		CHECK_EQ(close(fd), 0);
		check_records(DIR "/shared");
	}

	CHECK_EQ(mkdir(DIR "/files"), 0);
	all_at_once(own_files);
	CHECK_EQ(dir_count(DIR "/files", NULL, NULL), NWRITERS * ((nrecords / 4 + 1) / 2));
	work_end(DIR);
	PASS("fs_writers");
}
