// lib/readline.c and lib/lineedit.c on a fake console, whose screen is looked at, and
// on fake files and pipes.
// flags: -ffreestanding -nostdinc -Wno-int-to-pointer-cast
#include "test/host/host.h"

#define read lib_read
#define write lib_write
#define printf lib_printf
#define getchar lib_getchar
#define readline lib_readline
#include <inc/lib.h>

// Descriptors lie at addresses of their own only in a program.
static struct Fd fake_fd;
static bool on_console;

#include "lib/string.c"
#include "lib/lineedit.c"
#include "lib/readline.c"

struct Dev devfile = {.dev_id = 'f'};

// ---- The fakes ----------------------------------------------------------------------

static const char *input; // what is typed, or in the file
static int input_len, input_at;
static int largest_read;

// The screen's row, as a terminal shows it, and what was before it.
static char row[512];
static int column, rows;

static int nblocks; // that are in use

bool
fd_is_file(int fdnum)
{
	return fake_fd.fd_dev_id == devfile.dev_id;
}

void
fd_unread(int fdnum, size_t n)
{
	fake_fd.fd_offset -= n;
}

int
iscons(int fdnum)
{
	return on_console;
}

ssize_t
read(int fdnum, void *buf, size_t n)
{
	int left, at = on_console || fake_fd.fd_dev_id != 'f' ? input_at : fake_fd.fd_offset;

	left = input_len - at;
	n = MIN((int)n, left);
	memcpy(buf, input + at, n);
	largest_read = MAX(largest_read, (int)n);
	input_at = at + n;
	fake_fd.fd_offset = at + n;
	return n;
}

int
getchar(void)
{
	if (input_at == input_len)
		return -E_EOF;
	int c = (unsigned char)input[input_at++];
	return c == 4 ? -E_EOF : c;
}

ssize_t
write(int fdnum, const void *buf, size_t n)
{
	const char *s = buf;

	for (size_t i = 0; i < n; i++) {
		switch (s[i]) {
		case '\n':
			rows++;
			column = 0;
			memset(row, 0, sizeof(row));
			break;
		case '\r': column = 0; break;
		case '\b': column -= column > 0; break;
		case '\033': // clears the screen
			i += 6;
			column = 0;
			memset(row, 0, sizeof(row));
			break;
		default: row[column++] = s[i]; break;
		}
	}
	return n;
}

static char printed[64];

int
printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strlcpy(printed, va_arg(ap, const char *), sizeof(printed));
	va_end(ap);
	return 0;
}

int
cprintf(const char *fmt, ...)
{
	return 0;
}

const char *
error_words(int error)
{
	return "";
}

void *host_calloc(size_t n, size_t size) HOST_NAME("calloc");
void host_free(void *p) HOST_NAME("free");

void *
malloc(size_t size)
{
	nblocks++;
	return host_calloc(1, size);
}

void
free(void *p)
{
	nblocks -= p != NULL;
	host_free(p);
}

// ---- Typing -------------------------------------------------------------------------

// The row as it was when a line was finished, and the cursor in it.
static char last_row[512];

// Types text, and a line's end.
static const char *
typed(const char *text)
{
	static char keys[4096];

	on_console = true;
	strlcpy(keys, text, sizeof(keys));
	strcat(keys, "\n");
	input = keys;
	input_len = strlen(keys);
	input_at = 0;
	memset(row, 0, sizeof(row));
	column = 0;
	return readline("$ ");
}

// Types text without an end; the row is as the user sees it then. NULL is returned.
static const char *
shown(const char *text)
{
	on_console = true;
	input = text;
	input_len = strlen(text);
	input_at = 0;
	memset(row, 0, sizeof(row));
	column = 0;
	static char line_text[LINE_ROOM];
	begin("$ ", line_text);
	while (input_at < input_len)
		edit(next_key());
	out_flush();
	strlcpy(last_row, row, sizeof(last_row));
	// Blanks at the end can't be seen.
	for (int n = strlen(last_row); n > 2 && last_row[n - 1] == ' '; n--)
		last_row[n - 1] = 0;
	return last_row;
}

static void
forget(void)
{
	for (int i = 0; i <= nhistory; i++)
		free(history[i]);
	nhistory = 0;
	memset(history, 0, sizeof(history));
}

#define UP "\033[A"
#define DOWN "\033[B"
#define RIGHT "\033[C"
#define LEFT "\033[D"

static void
plain_typing(void)
{
	CHECK_STR(typed("hello"), "hello");
	CHECK_STR(typed(""), "");
	CHECK_STR(shown("hello"), "$ hello");
	CHECK_EQ(column, 7);
	CHECK_STR(typed("a\tb"), "ab"); // no character of a line
	CHECK_STR(typed("caf\xc3\xa9"), "caf");
}

static void
erasing(void)
{
	CHECK_STR(typed("abc\b\bd"), "ad");
	CHECK_STR(typed("\b\bx\x7f\x7fy"), "y");
	CHECK_STR(typed("one two\025three"), "three"); // ctrl-U
	CHECK_STR(typed("one two  \027x"), "one x");   // ctrl-W
	CHECK_STR(typed("\027x"), "x");
	CHECK_STR(typed("abcd" LEFT LEFT "\013"), "ab"); // ctrl-K
	CHECK_STR(typed("abcd\001\033[3~"), "bcd");
	CHECK_STR(typed("abcd\001\004"), "bcd"); // ctrl-D
	CHECK_STR(typed("abcd\004"), "abcd");
	CHECK_STR(shown("abc\b"), "$ ab");
	CHECK_EQ(column, 4);
	CHECK_STR(shown("abcd" LEFT LEFT "\b"), "$ acd");
	CHECK_EQ(column, 3);
	CHECK_STR(shown("one two"
			"\027"
			"x"),
		  "$ one x");
}

static void
moving(void)
{
	CHECK_STR(typed("bc\001a\005d"), "abcd"); // ctrl-A, ctrl-E
	CHECK_STR(typed("bc\033[Ha\033[Fd"), "abcd");
	CHECK_STR(typed("bc\033OHa\033OFd"), "abcd");
	CHECK_STR(typed("bc\033[1~a\033[4~d"), "abcd");
	CHECK_STR(typed("bc\xe0"
			"a\xe1"
			"d"),
		  "abcd"); // the keyboard's
	CHECK_STR(typed("ac" LEFT "b" RIGHT RIGHT RIGHT "d"), "abcd");
	CHECK_STR(typed("b\xe4"
			"a\xe5"
			"c\xe9"),
		  "abc");
	CHECK_STR(typed(LEFT LEFT "a" RIGHT "b"), "ab");
	CHECK_STR(shown("ac" LEFT "b"), "$ abc");
	CHECK_EQ(column, 4);
}

static void
strange_keys(void)
{
	CHECK_STR(typed("a\033[5~b\033[1;5Cc\033[Zd"), "abcd");
	CHECK_STR(typed("a\033b"), "ab");       // the escape key
	CHECK_STR(typed("a\033\033[Db"), "ba"); // and then an arrow
	CHECK_STR(typed("a\033"), "a");         // and then the line's end
	CHECK_STR(typed("a\xff\xe7\x01\x02"
			"b"),
		  "ba");
}

static void
interrupts(void)
{
	int before = rows;

	CHECK_STR(typed("rm everything\003ls"), "ls");
	CHECK_EQ(rows - before, 2);
	CHECK_STR(typed("a\003\003"), "");
}

static void
end_of_input(void)
{
	on_console = true;
	input = "\004";
	input_len = 1;
	input_at = 0;
	CHECK(readline(NULL) == NULL);
	input = "abc";
	input_len = 3;
	input_at = 0;
	// In a line that isn't empty ctrl-D means something else, until that is taken
	// back.
	input = "x\b\004";
	CHECK(readline("") == NULL);
}

static void
the_history(void)
{
	forget();
	typed("first");
	typed("second");
	typed("second");
	typed("");
	CHECK_STR(typed(UP), "second");
	CHECK_STR(typed(UP UP), "first");
	CHECK_STR(typed("\033OA\033OA\033OA\033OB"), "second"); // first second first
	CHECK_STR(typed("new" UP DOWN "er"), "newer");
	CHECK_STR(typed("\xe2"
			"\xe3"
			"x"),
		  "x");
	CHECK_STR(typed(UP UP "!"), "newer!");
	CHECK_STR(typed(DOWN "y"), "y");
	for (int i = 0; i < 100; i++) {
		char text[8];
		host_snprintf(text, sizeof(text), "line %d", i);
		typed(text);
	}
	char ups[200 * 3 + 1] = "";
	for (int i = 0; i < 200; i++)
		strcat(ups, UP);
	CHECK_STR(typed(ups), "line 68"); // 32 of them
	forget();
	CHECK_EQ(nblocks, 0);
}

static void
long_lines(void)
{
	char text[2000];

	memset(text, 'a', sizeof(text));
	for (int i = 0; i < 200; i++)
		text[i] = 'a' + i % 26;
	text[1500] = 0;
	const char *got = typed(text);
	CHECK_EQ(strlen(got), 1023);
	CHECK(memcmp(got, text, 1023) == 0);
	// Only what is about the cursor is on the row, and the row is never overrun.
	text[200] = 0;
	CHECK(strlen(shown(text)) <= COLS);
	CHECK_EQ(last_row[strlen(last_row) - 1], text[199]);
	strcat(text, "\001");
	shown(text);
	CHECK_EQ(column, 2);
	CHECK(memcmp(last_row, "$ abcdef", 8) == 0);
	CHECK(strlen(last_row) <= COLS);
}

static void
screen_clearing(void)
{
	CHECK_STR(shown("abc" LEFT "\014"), "$ abc");
	CHECK_EQ(column, 4);
}

// Anything typed: the row shows the line, and the cursor is where it says.
static void
random_keys(void)
{
	static const char *const keys[] = {"a",   "b",    " ",    "\b",   LEFT,
					   RIGHT, "\001", "\005", "\027", "\033[3~",
					   "c",   "d",    UP,     DOWN,   "\013"};
	uint32_t random = 1;
	char text[400], want[LINE_ROOM + 2];

	forget();
	for (int i = 0; i < 3000; i++) {
		text[0] = 0;
		for (int n = 0; n < 60; n++) {
			random = random * 1103515245 + 12345;
			strcat(text, keys[(random >> 16) % ARRAY_SIZE(keys)]);
		}
		shown(text);
		memcpy(want, "$ ", 2);
		memcpy(want + 2, line.text, line.len);
		want[line.len + 2] = 0;
		for (int n = line.len + 2; n > 2 && want[n - 1] == ' '; n--)
			want[n - 1] = 0;
		CHECK_STR(last_row, want);
		CHECK_EQ(column, line.at + 2);
		if (i % 3 == 0)
			remember();
	}
}

// ---- Files and pipes ----------------------------------------------------------------

static void
from(const char *text, int dev)
{
	on_console = false;
	input = text;
	input_len = strlen(text);
	input_at = 0;
	largest_read = 0;
	fake_fd = (struct Fd){.fd_dev_id = dev};
}

static void
files(void)
{
	from("one\ntwo\r\n\nlast", 'f');
	CHECK_STR(readline("> "), "one");
	CHECK_STR(printed, "> ");
	CHECK_EQ(fake_fd.fd_offset, 4); // as if no more had been read
	CHECK(largest_read > 4);
	CHECK_STR(readline(NULL), "two");
	CHECK_STR(readline(NULL), "");
	CHECK_STR(readline(NULL), "");
	CHECK_STR(readline(NULL), "last");
	CHECK(readline(NULL) == NULL);
	CHECK(readline(NULL) == NULL);
}

static void
pipes(void)
{
	from("one\ntwo", 'p');
	CHECK_STR(readline(NULL), "one");
	CHECK_EQ(largest_read, 1);
	CHECK_STR(readline(NULL), "two");
	CHECK(readline(NULL) == NULL);
}

static void
long_file_lines(void)
{
	static char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[4000] = '\n';
	from(text, 'f');
	CHECK_EQ(strlen(readline(NULL)), 1023);
	CHECK_EQ(fake_fd.fd_offset, 4001);
	CHECK_EQ(strlen(readline(NULL)), 998);
	CHECK(readline(NULL) == NULL);
}

int
main(void)
{
	RUN(plain_typing);
	RUN(erasing);
	RUN(moving);
	RUN(strange_keys);
	RUN(interrupts);
	RUN(end_of_input);
	RUN(the_history);
	RUN(long_lines);
	RUN(screen_clearing);
	RUN(random_keys);
	RUN(files);
	RUN(pipes);
	RUN(long_file_lines);
	return report("readline_test");
}
