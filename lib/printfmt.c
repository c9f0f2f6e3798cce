// Formatted output onto any sink, for the kernel and for programs.
//
//     %[flags][width][.precision][length]conversion
//
// flags: - (left), 0 (zeros), + and blank (sign), # (0x or 0 in front; with s,
// c: unprintable characters as ?). width and precision: digits or *.
// length: hh h l ll z t. conversions:
//
//     d i u o x X   integers       c   a character      %   a percent sign
//     p             a pointer      s   a string
//     e             an error number, of either sign, in words (inc/error.def)
//
// Nothing here divides 64 bits by C's operators: the kernel has no libgcc.
#include <inc/error.h>
#include <inc/stdio.h>
#include <inc/string.h>
#include <inc/types.h>

#define MAXDIGITS 24 // 64 bits in octal are 22

struct Sink {
	void (*putch)(int c, void *arg);
	void *arg;
};

// One conversion as written: what stands between % and its letter.
struct Spec {
	bool left;
	bool zeros;
	bool alt;
	char sign;     // printed before what is not negative; 0: nothing
	int width;     // at least so many characters
	int precision; // -1: none given
	int longs;     // -2 hh, -1 h, 0, 1 l, 2 ll
	bool size;     // z or t
	bool pointer;  // 0x in front even of 0
};

static const char *const words[MAXERROR] = {
#define ERROR(name, number, text) [number] = text,
#include <inc/error.def>
#undef ERROR
};

const char *
error_words(int error)
{
	// Negated as unsigned, so that the smallest int does no harm.
	unsigned int n = error < 0 ? -(unsigned int)error : (unsigned int)error;

	return n < MAXERROR ? words[n] : NULL;
}

static void
repeat(const struct Sink *sink, char c, int times)
{
	while (times-- > 0)
		sink->putch(c, sink->arg);
}

static void
put_text(const struct Sink *sink, const struct Spec *spec, const char *s, int len)
{
	if (!spec->left)
		repeat(sink, spec->zeros ? '0' : ' ', spec->width - len);
	for (int i = 0; i < len; i++) {
		unsigned char c = s[i];
		sink->putch(spec->alt && (c < ' ' || c > '~') ? '?' : c, sink->arg);
	}
	if (spec->left)
		repeat(sink, ' ', spec->width - len);
}

static void
put_string(const struct Sink *sink, const struct Spec *spec, const char *s)
{
	if (!s)
		s = "(null)";
	// With a precision, s need not end with a 0.
	put_text(sink, spec, s, spec->precision >= 0 ? strnlen(s, spec->precision) : strlen(s));
}

// Divides *n by base and returns the remainder.
static unsigned int
div_step(uint64_t *n, unsigned int base)
{
#ifdef __i386__
	uint32_t high = *n >> 32, low = *n;
	uint32_t rest = high % base;

	// The quotient of rest:low fits, because rest is less than base.
	high /= base;
	asm("divl %4" : "=a"(low), "=d"(rest) : "0"(low), "1"(rest), "r"(base) : "cc");
	*n = (uint64_t)high << 32 | low;
	return rest;
#else
	unsigned int rest = *n % base;

	*n /= base;
	return rest;
#endif
}

// Prints n, with sign in front unless that is 0.
static void
put_number(const struct Sink *sink, const struct Spec *spec, uint64_t n, unsigned int base,
	   bool capitals, char sign)
{
	const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[MAXDIGITS];
	int pos = MAXDIGITS;
	const char *prefix = "";

	if (spec->pointer || (spec->alt && base == 16 && n != 0))
		prefix = capitals ? "0X" : "0x";
	while (n != 0)
		text[--pos] = digits[div_step(&n, base)];

	int len = MAXDIGITS - pos;
	int zeros = (spec->precision >= 0 ? spec->precision : 1) - len;
	if (spec->alt && base == 8 && zeros < 1)
		zeros = 1; // an octal number's prefix is a digit of it
	if (zeros < 0)
		zeros = 0;

	int pad = spec->width - len - zeros - strlen(prefix) - (sign != 0);
	if (spec->zeros && !spec->left && spec->precision < 0 && pad > 0) {
		zeros += pad;
		pad = 0;
	}
	if (!spec->left)
		repeat(sink, ' ', pad);
	if (sign)
		sink->putch(sign, sink->arg);
	while (*prefix)
		sink->putch(*prefix++, sink->arg);
	repeat(sink, '0', zeros);
	while (pos < MAXDIGITS)
		sink->putch(text[pos++], sink->arg);
	if (spec->left)
		repeat(sink, ' ', pad);
}

static void
put_error(const struct Sink *sink, const struct Spec *spec, int error)
{
	const char *text = error_words(error);

	if (text) {
		put_string(sink, spec, text);
		return;
	}
	printfmt(sink->putch, sink->arg, "error %d", error);
}

// A va_list that functions can share: va_list itself may be an array.
struct Args {
	va_list ap;
};

static int64_t
signed_arg(struct Args *args, const struct Spec *spec)
{
	if (spec->size)
		return va_arg(args->ap, ssize_t);
	switch (spec->longs) {
	case -2: return (signed char)va_arg(args->ap, int);
	case -1: return (short)va_arg(args->ap, int);
	case 0: return va_arg(args->ap, int);
	case 1: return va_arg(args->ap, long);
	default: return va_arg(args->ap, long long);
	}
}

static uint64_t
unsigned_arg(struct Args *args, const struct Spec *spec)
{
	if (spec->size)
		return va_arg(args->ap, size_t);
	switch (spec->longs) {
	case -2: return (unsigned char)va_arg(args->ap, unsigned int);
	case -1: return (unsigned short)va_arg(args->ap, unsigned int);
	case 0: return va_arg(args->ap, unsigned int);
	case 1: return va_arg(args->ap, unsigned long);
	default: return va_arg(args->ap, unsigned long long);
	}
}

// A width or precision at *fmt, digits or a star; moves *fmt past it.
static int
parse_count(const char **fmt, struct Args *args)
{
	int n = 0;

	if (**fmt == '*') {
		++*fmt;
		return va_arg(args->ap, int);
	}
	for (; **fmt >= '0' && **fmt <= '9'; ++*fmt)
		if (n < 10000) // what is wider is a mistake, and must not overflow
			n = n * 10 + **fmt - '0';
	return n;
}

// Reads what stands between % and its letter; returns where the letter is.
static const char *
parse_spec(const char *fmt, struct Spec *spec, struct Args *args)
{
	*spec = (struct Spec){.precision = -1};

	for (;; fmt++) {
		if (*fmt == '-')
			spec->left = true;
		else if (*fmt == '0')
			spec->zeros = true;
		else if (*fmt == '#')
			spec->alt = true;
		else if (*fmt == '+')
			spec->sign = '+';
		else if (*fmt == ' ')
			spec->sign = spec->sign ? spec->sign : ' ';
		else
			break;
	}
	spec->width = parse_count(&fmt, args);
	if (spec->width < 0) {
		spec->left = true;
		spec->width = -spec->width;
	}
	if (*fmt == '.') {
		fmt++;
		spec->precision = parse_count(&fmt, args);
		if (spec->precision < 0)
			spec->precision = -1;
	}
	for (;; fmt++) {
		if (*fmt == 'l')
			spec->longs++;
		else if (*fmt == 'h')
			spec->longs--;
		else if (*fmt == 'z' || *fmt == 't')
			spec->size = true;
		else
			break;
	}
	return fmt;
}

static void
put_signed(const struct Sink *sink, const struct Spec *spec, int64_t n)
{
	if (n < 0)
		put_number(sink, spec, -(uint64_t)n, 10, false, '-');
	else
		put_number(sink, spec, n, 10, false, spec->sign);
}

void
vprintfmt(void (*putch)(int, void *), void *arg, const char *fmt, va_list ap)
{
	const struct Sink sink = {putch, arg};
	struct Args args;
	struct Spec spec;
	char c;

	va_copy(args.ap, ap);
	while (*fmt) {
		if (*fmt != '%') {
			putch((unsigned char)*fmt++, arg);
			continue;
		}
		const char *percent = fmt;
		fmt = parse_spec(fmt + 1, &spec, &args);
		switch (*fmt++) {
		case 'd':
		case 'i': put_signed(&sink, &spec, signed_arg(&args, &spec)); break;
		case 'u': put_number(&sink, &spec, unsigned_arg(&args, &spec), 10, false, 0); break;
		case 'o': put_number(&sink, &spec, unsigned_arg(&args, &spec), 8, false, 0); break;
		case 'x': put_number(&sink, &spec, unsigned_arg(&args, &spec), 16, false, 0); break;
		case 'X': put_number(&sink, &spec, unsigned_arg(&args, &spec), 16, true, 0); break;
		case 'p':
			spec.pointer = true;
			put_number(&sink, &spec, (uintptr_t)va_arg(args.ap, void *), 16, false, 0);
			break;
		case 'c':
			c = va_arg(args.ap, int);
			put_text(&sink, &spec, &c, 1);
			break;
		case 's': put_string(&sink, &spec, va_arg(args.ap, const char *)); break;
		case 'e': put_error(&sink, &spec, signed_arg(&args, &spec)); break;
		case '%': putch('%', arg); break;
		case 0: // the text ends in the middle of a conversion
			fmt--;
			// fall through
		default: // unknown: printed as it stands
			while (percent < fmt)
				putch((unsigned char)*percent++, arg);
			break;
		}
	}
	va_end(args.ap);
}

void
printfmt(void (*putch)(int, void *), void *arg, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintfmt(putch, arg, fmt, ap);
	va_end(ap);
}

// A buffer being filled; what does not fit is counted only.
struct Buffer {
	char *next;
	char *last; // the place of the 0 that ends a full buffer
	int count;
};

static void
buffer_putch(int c, void *arg)
{
	struct Buffer *b = arg;

	if (b->next < b->last)
		*b->next++ = c;
	b->count++;
}

int
vsnprintf(char *buf, int n, const char *fmt, va_list ap)
{
	if (!buf || n < 1)
		return -E_INVAL;

	struct Buffer b = {buf, buf + n - 1, 0};
	vprintfmt(buffer_putch, &b, fmt, ap);
	*b.next = 0;
	return b.count;
}

int
snprintf(char *buf, int n, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vsnprintf(buf, n, fmt, ap);
	va_end(ap);
	return r;
}
