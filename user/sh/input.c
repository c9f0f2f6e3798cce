// Lines for the shell: from a text, from a file, or typed by somebody.
#include <user/sh/sh.h>

// More of a file. From descriptor 0 no more than the shell is to have: the
// commands that it runs read on from where the line ended.
static int
fill(struct Input *in)
{
	struct Fd *fd;
	bool shared = in->fd == 0;

	if (shared && fd_lookup(0, &fd) == 0 && fd->fd_dev_id == devfile.dev_id) {
		off_t start = fd->fd_offset;
		int n = read(0, in->buf, sizeof(in->buf));
		int end = 0;
		while (end < n && in->buf[end++] != '\n')
			;
		if (n <= 0)
			return n;
		int r = seek(0, start + end);
		return r < 0 ? r : end;
	}
	return read(in->fd, in->buf, shared ? 1 : sizeof(in->buf));
}

// The next character, -E_EOF at the end, or another error.
static int
input_char(struct Input *in)
{
	if (in->text)
		return *in->text ? (unsigned char)*in->text++ : -E_EOF;
	if (in->at == in->n) {
		int n = fill(in);
		if (n <= 0)
			return n < 0 ? n : -E_EOF;
		in->at = 0;
		in->n = n;
	}
	return (unsigned char)in->buf[in->at++];
}

static int
typed_line(char *line, int room, const char *prompt)
{
	const char *typed = readline(prompt);

	if (!typed)
		return -E_EOF;
	if (strlen(typed) >= room)
		return -E_INVAL;
	return strlcpy(line, typed, room);
}

// Reads a line, without its end. Its length; -E_EOF at the end, -E_INVAL if it does not fit
// (it is read to its end), -E_NOT_EXEC if it is no text, or why it cannot be read.
int
input_line(struct Input *in, char *line, int room, const char *prompt)
{
	int c, n = 0;

	if (prompt && in->fd == 0 && !in->text) {
		if (iscons(0) == 1)
			return typed_line(line, room, prompt);
		printf("%s", prompt);
	}
	for (;; n++) {
		c = input_char(in);
		if (c == '\n' || (c == -E_EOF && n > 0))
			break;
		if (c <= 0)
			return c < 0 ? c : -E_NOT_EXEC;
		if (n < room - 1)
			line[n] = c;
	}
	in->line++;
	if (n >= room)
		return -E_INVAL;
	line[n] = 0;
	return n;
}
