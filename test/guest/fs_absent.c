// No disk, or a damaged file system: every call says which, at once, and what needs
// no files works.
//
// Argument: the error's number, from inc/error.def.
#include <test/guest/filecheck.h>

static char buf[100];

static void
uses_pipe(int arg)
{
	int p[2];

	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(write(p[1], "pipe", 4), 4);
	CHECK_EQ(read(p[0], buf, 100), 4);
	CHECK_EQ(close(p[0]), 0);
	CHECK_EQ(close(p[1]), 0);
}

void
umain(int argc, char **argv)
{
	const char *none[] = {"x", NULL};
	int error = -(int)arg_number(argc, argv, 1, E_NO_DEV);
	struct Stat st;

	share_results();
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(open("/motd", O_RDONLY), error);
		CHECK_EQ(open("/new", O_RDWR | O_CREAT), error);
		CHECK_EQ(open("/", O_RDONLY), error);
		CHECK_EQ(stat("/motd", &st), error);
		CHECK_EQ(mkdir("/new"), error);
		CHECK_EQ(remove("/motd"), error);
		CHECK_EQ(rename("/motd", "/new"), error);
		CHECK_EQ(sync(), error);
		CHECK_EQ(spawn("/sh", none), error);
		CHECK_EQ(open_fds(), 3);
	}
	child_must_live("pipe", uses_pipe, 0);
	CHECK_EQ(printf("%e\n", error), strlen(error_words(error)) + 1);
	PASS("fs_absent");
}
