// cprintf for programs: text is gathered, so that printing a line is one system
// call and lines of several programs stay whole.
#include <inc/lib.h>

#define PRINT_ROOM 256

struct Line {
	char text[PRINT_ROOM];
	int len;
	int count; // of all characters, those already printed included
};

static void
line_flush(struct Line *line)
{
	if (line->len > 0)
		sys_cputs(line->text, line->len);
	line->len = 0;
}

static void
line_putch(int c, void *arg)
{
	struct Line *line = arg;

	line->text[line->len++] = c;
	line->count++;
	if (line->len == PRINT_ROOM)
		line_flush(line);
}

int
vcprintf(const char *fmt, va_list ap)
{
	struct Line line;

	line.len = 0;
	line.count = 0;
	vprintfmt(line_putch, &line, fmt, ap);
	line_flush(&line);
	return line.count;
}

int
cprintf(const char *fmt, ...)
{
	va_list ap;
	int count;

	va_start(ap, fmt);
	count = vcprintf(fmt, ap);
	va_end(ap);
	return count;
}
