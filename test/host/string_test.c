// lib/string.c.
// flags: -ffreestanding -nostdinc
#include "test/host/host.h"

#include "lib/string.c"

#define ROOM 400
static unsigned char a[ROOM], b[ROOM], want[ROOM];

static void
fill(unsigned char *p, int seed)
{
	for (int i = 0; i < ROOM; i++)
		p[i] = i * 7 + seed;
}

static bool
same(const unsigned char *p, const unsigned char *q)
{
	for (int i = 0; i < ROOM; i++)
		if (p[i] != q[i])
			return false;
	return true;
}

// Lengths on both sides of what goes by bytes, by words, and by instruction.
static const int lengths[] = {0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 63, 64, 65, 67, 127, 128, 200};

static void
filling(void)
{
	for (unsigned int l = 0; l < ARRAY_SIZE(lengths); l++)
		for (int at = 0; at < 8; at++) {
			fill(a, 1);
			fill(want, 1);
			for (int i = 0; i < lengths[l]; i++)
				want[at + i] = 0xa5;
			CHECK(memset(a + at, 0x7a5, lengths[l]) == a + at);
			CHECK(same(a, want));
		}
}

static void
copying(void)
{
	for (unsigned int l = 0; l < ARRAY_SIZE(lengths); l++)
		for (int at = 0; at < 5; at++)
			for (int from = 0; from < 5; from++) {
				fill(a, 1);
				fill(b, 99);
				fill(want, 1);
				for (int i = 0; i < lengths[l]; i++)
					want[at + i] = b[from + i];
				CHECK(memcpy(a + at, b + from, lengths[l]) == a + at);
				CHECK(same(a, want));
			}
}

static void
moving(void)
{
	for (unsigned int l = 0; l < ARRAY_SIZE(lengths); l++)
		for (int at = 100 - 70; at <= 100 + 70; at++) {
			fill(a, 1);
			fill(b, 1);
			fill(want, 1);
			for (int i = 0; i < lengths[l]; i++)
				want[at + i] = b[100 + i];
			CHECK(memmove(a + at, a + 100, lengths[l]) == a + at);
			CHECK(same(a, want));
		}
}

static void
comparing_memory(void)
{
	CHECK_EQ(memcmp("abc", "abd", 2), 0);
	CHECK(memcmp("abc", "abd", 3) < 0);
	CHECK(memcmp("\xff", "\x01", 1) > 0);
	CHECK(memcmp("a\0b", "a\0c", 3) < 0);
	CHECK_EQ(memcmp("a", "b", 0), 0);

	const char *s = "hello";
	CHECK(memfind(s, 'l', 5) == s + 2);
	CHECK(memfind(s, 'z', 5) == s + 5);
	CHECK(memfind(s, 'h', 0) == s);
	CHECK(memfind("\xff", 0xff, 1) != NULL);
}

static void
lengths_of_strings(void)
{
	char raw[3] = {'a', 'b', 'c'};

	CHECK_EQ(strlen(""), 0);
	CHECK_EQ(strlen("four"), 4);
	CHECK_EQ(strnlen("four", 2), 2);
	CHECK_EQ(strnlen("four", 9), 4);
	CHECK_EQ(strnlen(raw, 3), 3);
	CHECK_EQ(strnlen(raw, 0), 0);
}

static void
copying_strings(void)
{
	char s[8];

	CHECK(strcpy(s, "abc") == s);
	CHECK_STR(s, "abc");
	CHECK(strcat(s, "defg") == s);
	CHECK_STR(s, "abcdefg");

	memset(s, 'X', sizeof(s));
	strncpy(s, "ab", 4);
	CHECK(memcmp(s, "ab\0\0XXXX", 8) == 0);
	strncpy(s, "wxyz", 3);
	CHECK(memcmp(s, "wxy\0XXXX", 8) == 0);

	memset(s, 'X', sizeof(s));
	CHECK_EQ(strlcpy(s, "abcdef", 4), 6);
	CHECK(memcmp(s, "abc\0XXXX", 8) == 0);
	CHECK_EQ(strlcpy(s, "xy", 8), 2);
	CHECK_STR(s, "xy");
	CHECK_EQ(strlcpy(s, "abc", 0), 3);
	CHECK_STR(s, "xy");
}

static void
comparing_strings(void)
{
	CHECK_EQ(strcmp("", ""), 0);
	CHECK_EQ(strcmp("abc", "abc"), 0);
	CHECK(strcmp("abc", "abd") < 0);
	CHECK(strcmp("abc", "ab") > 0);
	CHECK(strcmp("\x80", "a") > 0);
	CHECK_EQ(strncmp("abc", "abd", 2), 0);
	CHECK(strncmp("abc", "abd", 3) < 0);
	CHECK_EQ(strncmp("ab", "ab", 9), 0);
	CHECK_EQ(strncmp("a", "b", 0), 0);
}

static void
searching(void)
{
	const char *s = "hello";

	CHECK(strchr(s, 'l') == s + 2);
	CHECK(strchr(s, 'z') == NULL);
	CHECK(strchr(s, 0) == s + 5);
	CHECK(strfind(s, 'l') == s + 2);
	CHECK(strfind(s, 'z') == s + 5);
	CHECK(strstr(s, "lo") == s + 3);
	CHECK(strstr(s, "") == s);
	CHECK(strstr(s, "low") == NULL);
	CHECK(strstr("aaab", "aab") != NULL);
	CHECK(strstr("", "") != NULL && strstr("", "a") == NULL);
}

static void
numbers(void)
{
	char *end;
	const char *s;

	CHECK_EQ(strtol("123", NULL, 10), 123);
	CHECK_EQ(strtol(" \t-42x", &end, 10), -42);
	CHECK_STR(end, "x");
	CHECK_EQ(strtol("+7", NULL, 0), 7);
	CHECK_EQ(strtol("0x1f", NULL, 0), 31);
	CHECK_EQ(strtol("0X1F", NULL, 16), 31);
	CHECK_EQ(strtol("1f", NULL, 16), 31);
	CHECK_EQ(strtol("017", NULL, 0), 15);
	CHECK_EQ(strtol("0", NULL, 0), 0);
	CHECK_EQ(strtol("zz", NULL, 36), 35 * 36 + 35);
	CHECK_EQ(strtol("19", &end, 8), 1);
	CHECK_STR(end, "9");
	CHECK_EQ(strtol("0xg", &end, 0), 0);
	CHECK_STR(end, "xg");
	CHECK_EQ(strtol(s = "none", &end, 10), 0);
	CHECK(end == s);
	CHECK_EQ(strtol("-2147483648", NULL, 10), -2147483648LL);
}

int
main(void)
{
	RUN(filling);
	RUN(copying);
	RUN(moving);
	RUN(comparing_memory);
	RUN(lengths_of_strings);
	RUN(copying_strings);
	RUN(comparing_strings);
	RUN(searching);
	RUN(numbers);
	return report("string");
}
