// lib/printfmt.c: the formats, by example and against the host's printf.
// flags: -ffreestanding -nostdinc -Wno-format
#include "test/host/host.h"

#include "lib/string.c"
#include "lib/printfmt.c"

static char text[512], expected[512];

#define FORMAT(want, ...)                                             \
	do {                                                          \
		int len_ = snprintf(text, sizeof(text), __VA_ARGS__); \
		CHECK_STR(text, want);                                \
		CHECK_EQ(len_, strlen(want));                         \
	} while (0)

// The same text and length as the host's.
#define SAME(...)                                                                       \
	do {                                                                            \
		int want_len_ = host_snprintf(expected, sizeof(expected), __VA_ARGS__); \
		int len_ = snprintf(text, sizeof(text), __VA_ARGS__);                   \
		CHECK_STR(text, expected);                                              \
		CHECK_EQ(len_, want_len_);                                              \
	} while (0)

static void
plain_text(void)
{
	FORMAT("", "");
	FORMAT("hello, world", "hello, world");
	FORMAT("100%", "%d%%", 100);
	FORMAT("caf\xc3\xa9", "caf\xc3\xa9");
}

static void
integers(void)
{
	FORMAT("-2147483648 2147483647", "%d %d", (int)0x80000000, 0x7fffffff);
	FORMAT("4294967295", "%u", 0xffffffffU);
	FORMAT("37777777777", "%o", 0xffffffffU);
	FORMAT("deadbeef DEADBEEF", "%x %X", 0xdeadbeef, 0xdeadbeef);
	FORMAT("00001000", "%08x", 0x1000);
	FORMAT("-9223372036854775808", "%lld", (long long)(1ULL << 63));
	FORMAT("18446744073709551615", "%llu", ~0ULL);
	FORMAT("1777777777777777777777", "%llo", ~0ULL);
	FORMAT("12345678901234567890", "%llu", 12345678901234567890ULL);
	FORMAT("7 8", "%hhd %hd", 0x107, 0x10008);
	FORMAT("3 -4 5", "%zu %zd %td", (size_t)3, (ssize_t)-4, (ssize_t)5);
	FORMAT("-1 4000000000", "%ld %lu", -1L, 4000000000UL);
}

static void
pointers(void)
{
	FORMAT("0x0", "%p", NULL);
	FORMAT("0xbeef0000", "%p", (void *)0xbeef0000UL);
	FORMAT("[  0xf00]", "[%7p]", (void *)0xf00UL);
	FORMAT("[0xf00  ]", "[%-7p]", (void *)0xf00UL);
	if (sizeof(void *) == 8)
		FORMAT("0x123456789abcdef0", "%p", (void *)(uintptr_t)0x123456789abcdef0ULL);
}

static void
strings(void)
{
	FORMAT("[a]", "[%c]", 'a');
	FORMAT("[  a][a  ]", "[%3c][%-3c]", 'a', 'a');
	FORMAT("[abc][  abc][abc  ]", "[%s][%5s][%-5s]", "abc", "abc", "abc");
	FORMAT("[ab][   ab]", "[%.2s][%5.2s]", "abc", "abc");
	FORMAT("[]", "[%.0s]", "abc");
	FORMAT("(null)", "%s", (char *)NULL);
	FORMAT("a?b?", "%#s", "a\nb\x80");
	FORMAT("[   x][x   ]", "[%*s][%*s]", 4, "x", -4, "x");
	FORMAT("[abc]", "[%.*s]", -1, "abc");

	// With a precision, no 0 is needed.
	char raw[3] = {'x', 'y', 'z'};
	FORMAT("xyz", "%.3s", raw);
	FORMAT("x", "%.*s", 1, raw);
}

static void
errors(void)
{
	FORMAT("out of memory", "%e", -E_NO_MEM);
	FORMAT("out of memory", "%e", E_NO_MEM);
	FORMAT("bad environment", "%e", -E_BAD_ENV);
	FORMAT("error 0", "%e", 0);
	FORMAT("error -12345", "%e", -12345);
	FORMAT("error -2147483648", "%e", (int)0x80000000);
	FORMAT("error 1000", "%e", 1000);
	FORMAT("[invalid parameter   ]", "[%-20e]", -E_INVAL);

	for (int i = 1; i < MAXERROR; i++) {
		CHECK(error_words(i) != NULL);
		CHECK(error_words(i) == error_words(-i));
		for (int j = 1; j < i; j++)
			CHECK(strcmp(error_words(i), error_words(j)) != 0);
	}
	CHECK(error_words(0) == NULL && error_words(MAXERROR) == NULL);
}

static void
unknown_formats(void)
{
	FORMAT("%y", "%y");
	FORMAT("%-5.3ky", "%-5.3ky");
	FORMAT("50%", "50%");
	FORMAT("50%-3", "50%-3");
}

static void
buffer_limits(void)
{
	char small[8];

	memset(small, 'X', sizeof(small));
	CHECK_EQ(snprintf(small, 4, "abcdef"), 6);
	CHECK_STR(small, "abc");
	CHECK_EQ(small[4], 'X');
	CHECK_EQ(snprintf(small, 1, "abc"), 3);
	CHECK_STR(small, "");
	CHECK_EQ(snprintf(small, 4, "abc"), 3);
	CHECK_STR(small, "abc");
	CHECK_EQ(snprintf(small, 0, "abc"), -E_INVAL);
	CHECK_EQ(snprintf(small, -1, "abc"), -E_INVAL);
	CHECK_EQ(snprintf(NULL, 4, "abc"), -E_INVAL);
	CHECK_STR(small, "abc");
}

// Every combination of flags, a width and a precision, with values at the edges.
static void
against_the_host(void)
{
	static const long long values[] = {0,
					   1,
					   -1,
					   9,
					   10,
					   255,
					   -256,
					   65535,
					   99999,
					   0x7fffffff,
					   1LL << 31,
					   -(1LL << 31),
					   0xffffffff,
					   1LL << 32,
					   999999999999999999LL,
					   (long long)(~0ULL >> 1),
					   (long long)(1ULL << 63)};
	static const char *const counts[] = {"", "1", "7", "25", ".0", ".1", ".9", "12.5", "5.12"};
	static const char *const kinds[] = {"d", "i", "u", "o", "x", "X"};

	for (unsigned int v = 0; v < ARRAY_SIZE(values); v++)
		for (unsigned int c = 0; c < ARRAY_SIZE(counts); c++)
			for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++)
				for (int f = 0; f < 32; f++) {
					char flags[8], fmt[32];
					int n = 0;

					if (f & 1)
						flags[n++] = '-';
					if (f & 2)
						flags[n++] = '0';
					if (f & 4)
						flags[n++] = '#';
					if (f & 8)
						flags[n++] = '+';
					if (f & 16)
						flags[n++] = ' ';
					flags[n] = 0;
					host_snprintf(fmt, sizeof(fmt), "[%%%s%s%s]", flags,
						      counts[c], kinds[k]);
					SAME(fmt, (int)values[v]);
					host_snprintf(fmt, sizeof(fmt), "[%%%s%sll%s]", flags,
						      counts[c], kinds[k]);
					SAME(fmt, values[v]);
					host_snprintf(fmt, sizeof(fmt), "[%%%s%sl%s]", flags,
						      counts[c], kinds[k]);
					SAME(fmt, (long)values[v]);
				}
}

static void
random_numbers(void)
{
	uint64_t n = 88172645463325252ULL;

	for (int i = 0; i < 20000; i++) {
		n ^= n << 13; // xorshift, of any length
		n ^= n >> 7;
		n ^= n << 17;
		uint64_t v = n >> i % 64;
		SAME("%llu %lld %llx %llo", v, v, v, v);
	}
}

int
main(void)
{
	RUN(plain_text);
	RUN(integers);
	RUN(pointers);
	RUN(strings);
	RUN(errors);
	RUN(unknown_formats);
	RUN(buffer_limits);
	RUN(against_the_host);
	RUN(random_numbers);
	return report("printfmt");
}
