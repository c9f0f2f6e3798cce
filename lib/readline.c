// A line from the console, with the little editing that a terminal needs.
#include <inc/lib.h>

#define LINE_ROOM 1024

// Takes the last character back, on the screen as well.
static void
rub_out(bool echo)
{
	if (echo)
		cprintf("\b \b");
}

// Prints prompt unless it is NULL, and reads up to the end of a line, echoing if
// it comes from the console. Backspace takes back a character, ctrl-U all;
// what does not fit is not taken. The line, without its end, in a buffer that
// the next call overwrites; NULL at the end of input.
char *
readline(const char *prompt)
{
	static char line[LINE_ROOM];
	bool echo = iscons(0);
	int len = 0;

	if (prompt)
		cprintf("%s", prompt);
	for (;;) {
		int c = getchar();

		if (c < 0) {
			if (c != -E_EOF)
				cprintf("read error: %s\n", error_words(c));
			return NULL;
		} else if (c == '\b' || c == '\x7f') {
			if (len > 0) {
				len--;
				rub_out(echo);
			}
		} else if (c == 'U' - '@') {
			for (; len > 0; len--)
				rub_out(echo);
		} else if (c == '\n' || c == '\r') {
			if (echo)
				cputchar('\n');
			line[len] = 0;
			return line;
		} else if (c >= ' ' && len < LINE_ROOM - 1) {
			line[len++] = c;
			if (echo)
				cputchar(c);
		}
	}
}
