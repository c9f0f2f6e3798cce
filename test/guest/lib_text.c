// printf and fprintf to files and pipes, readline and getchar from them, the options
// of a command line, pageref.
#include <test/guest/filecheck.h>

#define DIR "/t-lib_text"

static char buf[4000];

static void
formats(void)
{
	static char big[1001];
	int p[2], fd = must_open(DIR "/f", O_RDWR | O_CREAT);

	CHECK_EQ(fprintf(fd, "%d-%s|%c|%x\n", -5, "five", '!', 0xabc), 14);
	CHECK_EQ(fprintf(fd, "%e\n", -E_NOT_FOUND), strlen("file or block not found\n"));
	CHECK_EQ(fprintf(fd, "%s", ""), 0);
	memset(big, 'b', sizeof(big) - 1);
	CHECK_EQ(fprintf(fd, "%s%s%s\n", big, big, big), 3001); // more than any buffer
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(readn(fd, buf, 39), 39);
	CHECK_EQ(memcmp(buf, "-5-five|!|abc\nfile or block not found\n", 38), 0);
	CHECK_EQ(readn(fd, buf + 1, sizeof(buf) - 1), 3000);
	CHECK_EQ(buf[3000], '\n');
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(fprintf(fd, "%d", 1), -E_INVAL);
	fd = must_open(DIR "/f", O_RDONLY);
	CHECK_EQ(fprintf(fd, "%d", 1), -E_INVAL);
	CHECK_EQ(close(fd), 0);

	// printf goes to descriptor 1, wherever that leads.
	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(dup(1, 20), 20);
	CHECK_EQ(dup(p[1], 1), 1);
	CHECK_EQ(printf("to %s\n", "a pipe"), 10);
	CHECK_EQ(fprintf(p[1], "%05d", 42), 5);
	CHECK_EQ(dup(20, 1), 1);
	CHECK_EQ(close(20), 0);
	CHECK_EQ(close(p[1]), 0);
	CHECK_EQ(readn(p[0], buf, 100), 15);
	CHECK_EQ(memcmp(buf, "to a pipe\n00042", 15), 0);
	CHECK_EQ(close(p[0]), 0);
	// To the console.
	CHECK_EQ(printf("printf %d\n", 1), 9);
	CHECK_EQ(fprintf(2, "fprintf %d\n", 2), 10);
	CHECK_EQ(cprintf("cprintf %d\n", 3), 10);
	for (const char *c = "cputchar\n"; *c; c++)
		cputchar(*c);
}

// Descriptor 0 reads this text, from a pipe or a file.
static void
input_begin(const char *text, bool from_pipe)
{
	int p[2];

	CHECK_EQ(dup(0, 20), 20);
	if (from_pipe) {
		CHECK_EQ(pipe(p), 0);
		CHECK_EQ(write(p[1], text, strlen(text)), strlen(text));
		CHECK_EQ(close(p[1]), 0);
	} else {
		p[0] = must_open(DIR "/in", O_RDWR | O_CREAT | O_TRUNC);
		CHECK_EQ(write(p[0], text, strlen(text)), strlen(text));
		CHECK_EQ(seek(p[0], 0), 0);
	}
	CHECK_EQ(dup(p[0], 0), 0);
	CHECK_EQ(close(p[0]), 0);
	CHECK_EQ(iscons(0), 0);
}

static void
input_end(void)
{
	CHECK_EQ(dup(20, 0), 0);
	CHECK_EQ(close(20), 0);
	CHECK_EQ(iscons(0), 1);
}

static void
lines(void)
{
	static const char *const want[] = {"one", "", "  three  ", "last"};

	for (int from_pipe = 0; from_pipe < 2; from_pipe++) {
		char *line;

		input_begin("one\n\n  three  \nlast", from_pipe);
		for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
			line = readline(NULL);
			CHECK(line != NULL);
			CHECK_EQ(strcmp(line, want[i]), 0);
		}
		CHECK(readline(NULL) == NULL);
		CHECK(readline(NULL) == NULL);
		input_end();

		input_begin("", from_pipe);
		CHECK(readline(NULL) == NULL);
		CHECK_EQ(getchar(), -E_EOF);
		input_end();

		input_begin("a\xffz", from_pipe);
		CHECK_EQ(getchar(), 'a');
		CHECK_EQ(getchar(), 0xff);
		CHECK_EQ(getchar(), 'z');
		CHECK_EQ(getchar(), -E_EOF);
		input_end();
	}
}

static void
options(void)
{
	char *argv[] = {"prog", "-a", "-bcd", "-nvalue", "-n", "next", "--", "-x", "rest", NULL};
	char *dash[] = {"prog", "-a", "-", "-b", NULL};
	char *none[] = {"prog", "word", "-a", NULL};
	struct Argstate args;
	int argc = 9;

	argstart(&argc, argv, &args);
	CHECK_EQ(argnext(&args), 'a');
	CHECK_EQ(argnext(&args), 'b');
	CHECK_EQ(argnext(&args), 'c');
	CHECK_EQ(argnext(&args), 'd');
	CHECK_EQ(argnext(&args), 'n');
	CHECK_EQ(strcmp(argvalue(&args), "value"), 0);
	CHECK_EQ(strcmp(argvalue(&args), "value"), 0); // the same again
	CHECK_EQ(argnext(&args), 'n');
	CHECK_EQ(strcmp(argnextvalue(&args), "next"), 0);
	CHECK_EQ(argnext(&args), -1); // "--" ends them
	CHECK_EQ(argnext(&args), -1);
	CHECK_EQ(argc, 3);
	CHECK_EQ(strcmp(argv[0], "prog"), 0);
	CHECK_EQ(strcmp(argv[1], "-x"), 0);
	CHECK_EQ(strcmp(argv[2], "rest"), 0);

	argc = 4; // "-" is an operand
	argstart(&argc, dash, &args);
	CHECK_EQ(argnext(&args), 'a');
	CHECK_EQ(argnext(&args), -1);
	CHECK_EQ(argc, 3);
	CHECK_EQ(strcmp(dash[1], "-"), 0);
	CHECK_EQ(strcmp(dash[2], "-b"), 0);

	argc = 3; // so does the first that is none
	argstart(&argc, none, &args);
	CHECK_EQ(argnext(&args), -1);
	CHECK_EQ(argc, 3);
	CHECK_EQ(strcmp(none[1], "word"), 0);

	argc = 2; // an option at the end has no value
	char *end[] = {"prog", "-n", NULL};
	argstart(&argc, end, &args);
	CHECK_EQ(argnext(&args), 'n');
	CHECK(argvalue(&args) == NULL);
	CHECK(argnextvalue(&args) == NULL);
	CHECK_EQ(argnext(&args), -1);
	CHECK_EQ(argc, 1);
	argc = 1;
	argstart(&argc, end, &args);
	CHECK_EQ(argnext(&args), -1);
}

static void
holds_page(int arg)
{
	AWAIT(shared->stop);
}

static void
references(void)
{
	char *page = (char *)AREA;
	envid_t id;

	CHECK_EQ(pageref(page), 0);
	CHECK_EQ(pageref((void *)0), 0);
	CHECK_EQ(sys_page_alloc(0, page, RW | PTE_SHARE), 0);
	CHECK_EQ(pageref(page), 1);
	CHECK_EQ(pageref(page + 100), 1);
	CHECK_EQ(sys_page_map(0, page, 0, page + 5 * PGSIZE, RO), 0);
	CHECK_EQ(pageref(page), 2);
	CHECK_EQ(pageref(page + 5 * PGSIZE), 2);
	CHECK_EQ(sys_page_unmap(0, page + 5 * PGSIZE), 0);
	CHECK_EQ(pageref(page + 5 * PGSIZE), 0);
	id = child_run(holds_page, 0);
	CHECK_EQ(pageref(page), 2);
	shared->stop = 1;
	wait(id);
	CHECK_EQ(pageref(page), 1);
	CHECK_EQ(sys_page_unmap(0, page), 0);
	CHECK_EQ(pageref(page), 0);
}

void
umain(int argc, char **argv)
{
	library_mode(argc, argv);
	share_results();
	work_begin(DIR);
	formats();
	lines();
	options();
	references();
	CHECK_EQ(open_fds(), 3);
	work_end(DIR);
	PASS("lib_text");
}
