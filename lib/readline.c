// readline: a line from descriptor 0. From the console it can be edited while it is
// typed (lib/lineedit.c); of a file or a pipe just so much is read as the line takes,
// because whoever has the same descriptor goes on behind it. For one thread at a time.
#include <inc/lib.h>
#include "lib/fdtable.h"
#include "lib/lineedit.h"

#define CHUNK 128

// The characters of a line that is being read. What does not fit is left out.
static void
append(char *line, int *len, const char *text, int n)
{
	n = MIN(n, LINE_ROOM - 1 - *len);
	memcpy(line + *len, text, n);
	*len += n;
}

// How many of n characters come before the end of a line; n if that isn't among them.
static int
before_end(const char *text, int n)
{
	int i = 0;

	while (i < n && text[i] != '\n' && text[i] != '\r')
		i++;
	return i;
}

// Reads a line, and its end, from a file or a pipe. Its length; -E_EOF at the end of
// input; or read's error.
static int
plain_line(char *line)
{
	char text[CHUNK];
	int len = 0, r;

	// A file can be read too far, and the offset set back.
	bool is_file = fd_is_file(0);
	while ((r = read(0, text, is_file ? CHUNK : 1)) > 0) {
		int n = before_end(text, r);
		append(line, &len, text, n);
		if (n == r)
			continue;
		fd_unread(0, r - (n + 1));
		return len;
	}
	if (r < 0)
		return r;
	return len > 0 ? len : -E_EOF;
}

// Prints prompt unless it is NULL, and reads up to the end of a line, '\n' or '\r'. The
// line, without its end, in a buffer that the next call overwrites, cut to 1023
// characters. NULL at the end of input, which on the console is ctrl-D in an empty
// line, and after an error of read, which is named.
char *
readline(const char *prompt)
{
	static char line[LINE_ROOM];
	int len;

	if (iscons(0) > 0) {
		len = line_edit(prompt ? prompt : "", line);
	} else {
		if (prompt)
			printf("%s", prompt);
		len = plain_line(line);
	}
	if (len >= 0) {
		line[len] = 0;
		return line;
	}
	if (len != -E_EOF)
		cprintf("read error: %s\n", error_words(len));
	return NULL;
}
