// Formatted output to descriptors: text is gathered, so that a short one is a single
// write, and lines of several programs stay whole.
#include <inc/lib.h>

#define PRINT_ROOM 256

struct Print {
	int fd;
	int len;    // in text
	int result; // written so far; or the first error
	char text[PRINT_ROOM];
};

static void
print_flush(struct Print *print)
{
	if (print->len > 0 && print->result >= 0) {
		ssize_t n = write(print->fd, print->text, print->len);
		// Less than all: nobody reads, or the next write says why.
		print->result = n < 0 ? n : print->result + n;
	}
	print->len = 0;
}

static void
print_putch(int c, void *arg)
{
	struct Print *print = arg;

	print->text[print->len++] = c;
	if (print->len == PRINT_ROOM)
		print_flush(print);
}

int
vfprintf(int fd, const char *fmt, va_list ap)
{
	struct Print print;

	print.fd = fd;
	print.len = 0;
	print.result = 0;
	vprintfmt(print_putch, &print, fmt, ap);
	print_flush(&print);
	return print.result;
}

int
fprintf(int fd, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(fd, fmt, ap);
	va_end(ap);
	return n;
}

int
printf(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(1, fmt, ap);
	va_end(ap);
	return n;
}
