// Names and paths: the longest, one longer, odd characters, deep directories, and
// rename in all its cases.
#include <test/guest/filecheck.h>

#define DIR "/t-fs_names"

static char path[MAXPATHLEN + 200], other[MAXPATHLEN + 200];

// A path in DIR whose last part is n characters long.
static char *
long_name(char *at, int n, char c)
{
	strcpy(at, DIR "/");
	memset(at + sizeof(DIR), c, n);
	at[sizeof(DIR) + n] = 0;
	return at;
}

static void
lengths(void)
{
	struct Stat st;
	int found = 0;

	for (int n = 126; n <= 127; n++) {
		make_file(long_name(path, n, 'a'), 100 + n, n);
		CHECK_EQ(stat(path, &st), 0);
		CHECK_EQ(strlen(st.st_name), n);
		CHECK_EQ(strcmp(st.st_name, path + sizeof(DIR)), 0);
		CHECK_EQ(rename(path, long_name(other, n, 'b')), 0);
		must_be_missing(path);
		check_file(other, 100 + n, n);
		CHECK_EQ(mkdir(path), 0);
		CHECK_EQ(remove(path), 0);
	}
	CHECK_EQ(dir_count(DIR, other + sizeof(DIR), &found), 2);
	CHECK_EQ(found, 1);
	for (int n = 128; n <= 900; n += 193) {
		long_name(path, n, 'c');
		CHECK_EQ(open(path, O_RDONLY), -E_BAD_PATH);
		CHECK_EQ(open(path, O_RDWR | O_CREAT), -E_BAD_PATH);
		CHECK_EQ(stat(path, &st), -E_BAD_PATH);
		CHECK_EQ(mkdir(path), -E_BAD_PATH);
		CHECK_EQ(remove(path), -E_BAD_PATH);
		CHECK_EQ(rename(other, path), -E_BAD_PATH);
		CHECK_EQ(rename(path, DIR "/x"), -E_BAD_PATH);
		strcpy(path + strlen(path), "/x");
		CHECK_EQ(open(path, O_RDONLY), -E_BAD_PATH);
		CHECK_EQ(open(path, O_RDWR | O_CREAT), -E_BAD_PATH);
	}
	CHECK_EQ(dir_count(DIR, NULL, NULL), 2);

	// Paths, of which most is '/': the longest, and longer ones.
	make_file(DIR "/p", 10, 1);
	memset(path, '/', sizeof(path));
	strcpy(path + MAXPATHLEN - 1 - strlen(DIR "/p"), DIR "/p");
	CHECK_EQ(strlen(path), MAXPATHLEN - 1);
	check_file(path, 10, 1);
	for (int n = MAXPATHLEN; n < MAXPATHLEN + 150; n += 49) {
		memset(path, '/', sizeof(path));
		strcpy(path + n - strlen(DIR "/p"), DIR "/p");
		CHECK_EQ(open(path, O_RDONLY), -E_BAD_PATH);
		CHECK_EQ(remove(path), -E_BAD_PATH);
		CHECK_EQ(mkdir(path), -E_BAD_PATH);
		CHECK_EQ(rename(path, DIR "/q"), -E_BAD_PATH);
		CHECK_EQ(rename(DIR "/p", path), -E_BAD_PATH);
	}
	check_file(DIR "/p", 10, 1);
}

// Every byte but 0 and '/' may be in a name.
static void
characters(void)
{
	for (int c = 1; c < 256; c++) {
		if (c == '/')
			continue;
		snprintf(path, sizeof(path), DIR "/c%cc", c);
		make_file(path, c, c);
	}
	for (int c = 1; c < 256; c++) {
		if (c == '/')
			continue;
		snprintf(path, sizeof(path), DIR "/c%cc", c);
		check_file(path, c, c);
		CHECK_EQ(remove(path), 0);
	}
	must_be_missing(DIR "/.."); // names like others, and not there
	must_be_missing(DIR "/../motd");
}

// Directories in each other, until the path is as long as it may be.
static void
depth(void)
{
	int n = strlen(DIR), levels = 0;
	static int lengths_of[64];

	strcpy(path, DIR);
	while (n + 62 < MAXPATHLEN) {
		lengths_of[levels++] = n;
		path[n] = '/';
		memset(path + n + 1, 'a' + levels % 26, 60);
		n += 61;
		path[n] = 0;
		CHECK_EQ(mkdir(path), 0);
	}
	CHECK(levels > 10);
	strcpy(other, path);
	path[lengths_of[levels - 1] + 5] = 0;
	make_file(path, 5000, 9); // beside the deepest
	check_file(path, 5000, 9);
	CHECK_EQ(remove(path), 0);
	strcpy(path, other);
	for (int i = levels - 1; i >= 0; i--) {
		if (i > 0) {
			path[lengths_of[i]] = 0;
			CHECK_EQ(remove(path), -E_NOT_EMPTY);
			strcpy(path, other);
			path[lengths_of[i] + 61] = 0;
		} else {
			path[lengths_of[0] + 61] = 0;
		}
		CHECK_EQ(remove(path), 0);
	}
}

static void
renames(void)
{
	make_file(DIR "/a", 100, 1);
	make_file(DIR "/b", 200, 2);
	CHECK_EQ(mkdir(DIR "/d"), 0);
	CHECK_EQ(mkdir(DIR "/e"), 0);
	CHECK_EQ(mkdir(DIR "/d/in"), 0);
	make_file(DIR "/d/in/f", 300, 3);

	CHECK_EQ(rename(DIR "/no", DIR "/x"), -E_NOT_FOUND);
	CHECK_EQ(rename(DIR "/a", DIR "/no/x"), -E_NOT_FOUND);
	CHECK_EQ(rename(DIR "/a", DIR "/b/x"), -E_NOT_DIR);
	CHECK_EQ(rename(DIR "/a/x", DIR "/x"), -E_NOT_DIR);
	CHECK_EQ(rename(DIR "/a", DIR "/d"), -E_IS_DIR);
	CHECK_EQ(rename(DIR "/a", DIR "/e"), -E_IS_DIR);
	CHECK_EQ(rename(DIR "/d", DIR "/a"), -E_NOT_DIR);
	CHECK_EQ(rename(DIR "/e", DIR "/d"), -E_NOT_EMPTY);
	CHECK_EQ(rename("/", DIR "/x"), -E_INVAL);
	CHECK_EQ(rename(DIR "/d", DIR "/d/x"), -E_INVAL);
	CHECK_EQ(rename(DIR "/d", DIR "/d/in/x"), -E_INVAL);
	CHECK(rename(DIR "/a", "/") < 0);
	CHECK(rename(DIR "/e", "/") < 0);
	check_file(DIR "/a", 100, 1);
	check_file(DIR "/b", 200, 2);
	check_file(DIR "/d/in/f", 300, 3);

	CHECK_EQ(rename(DIR "/a", DIR "/a"), 0); // onto itself
	CHECK_EQ(rename(DIR "/d", DIR "/d"), 0);
	check_file(DIR "/a", 100, 1);
	check_file(DIR "/d/in/f", 300, 3);
	CHECK_EQ(rename(DIR "/a", DIR "/b"), 0); // over another
	must_be_missing(DIR "/a");
	check_file(DIR "/b", 100, 1);
	CHECK_EQ(rename(DIR "/b", DIR "/e/moved"), 0); // elsewhere
	must_be_missing(DIR "/b");
	check_file(DIR "/e/moved", 100, 1);
	CHECK_EQ(rename(DIR "/d", DIR "/e/d"), 0); // with all that is in it
	must_be_missing(DIR "/d");
	check_file(DIR "/e/d/in/f", 300, 3);
	CHECK_EQ(rename(DIR "/e/d/in", DIR "/in"), 0);
	CHECK_EQ(rename(DIR "/in", DIR "/e/d"), 0); // over an empty directory
	check_file(DIR "/e/d/f", 300, 3);
	must_be_missing(DIR "/in");
	CHECK_EQ(rename(DIR "/e/d/f", DIR "/e/moved"), 0);
	check_file(DIR "/e/moved", 300, 3);
	CHECK_EQ(dir_count(DIR "/e", NULL, NULL), 2);
	CHECK_EQ(dir_count(DIR "/e/d", NULL, NULL), 0);
}

void
umain(int argc, char **argv)
{
	library_mode(argc, argv);
	work_begin(DIR);
	lengths();
	characters();
	work_begin(DIR);
	depth();
	work_begin(DIR);
	renames();
	work_end(DIR);
	PASS("fs_names");
}
