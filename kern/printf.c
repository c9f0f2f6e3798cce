// cprintf for the kernel: formatted text to the console, each call's in one
// piece, however many CPUs print.
#include <inc/stdio.h>
#include <kern/console.h>

struct Out {
	int total;
	size_t n;
	char buf[128];
};

static void
printf_flush(struct Out *out)
{
	cons_write(out->buf, out->n);
	out->n = 0;
}

static void
printf_putch(int c, void *arg)
{
	struct Out *out = arg;

	out->buf[out->n++] = c;
	out->total++;
	if (out->n == sizeof(out->buf))
		printf_flush(out);
}

int
vcprintf(const char *fmt, va_list ap)
{
	struct Out out;

	out.total = 0;
	out.n = 0;
	cons_begin();
	vprintfmt(printf_putch, &out, fmt, ap);
	printf_flush(&out);
	cons_end();
	return out.total;
}

int
cprintf(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vcprintf(fmt, ap);
	va_end(ap);
	return n;
}
