// Strings and memory, for the kernel and for programs.
//
// Copies and fills go by words; large ones, on x86, by its string instructions.
// A loop that could be mistaken for the very function that it makes up holds
// an empty asm, because compilers replace such loops by calls of that function.
#include <inc/string.h>
#include <inc/types.h>

// From this many bytes on a string instruction's start-up is worth while.
#define REP_MIN 64

// Four bytes at any address, whatever their type is elsewhere.
typedef uint32_t word_t __attribute__((may_alias, aligned(1)));

static inline void
keep_loop(void)
{
	asm volatile("" : : : "memory");
}

// The length of s, without the 0.
int
strlen(const char *s)
{
	const char *end = s;

	while (*end) {
		end++;
		keep_loop();
	}
	return end - s;
}

// The length of s, but at most size; reads no further.
int
strnlen(const char *s, size_t size)
{
	size_t n = 0;

	while (n < size && s[n])
		n++;
	return n;
}

// Copies src with its 0. Returns dst.
char *
strcpy(char *dst, const char *src)
{
	for (char *to = dst; (*to = *src); to++, src++)
		keep_loop();
	return dst;
}

// Copies at most size bytes of src and fills what is left of size with zeros:
// no 0 ends dst if src has size bytes or more. Returns dst.
char *
strncpy(char *dst, const char *src, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		dst[i] = *src;
		if (*src)
			src++;
	}
	return dst;
}

// Appends src to dst. Returns dst.
char *
strcat(char *dst, const char *src)
{
	strcpy(dst + strlen(dst), src);
	return dst;
}

// Copies src, cut to fit size bytes with the 0. Returns the length of src:
// something was cut off if that is size or more.
size_t
strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);

	if (size > 0) {
		size_t n = MIN(len, size - 1);
		memcpy(dst, src, n);
		dst[n] = 0;
	}
	return len;
}

// < 0, 0 or > 0: s1 comes before s2, equals it, or comes after it.
int
strcmp(const char *s1, const char *s2)
{
	while (*s1 && *s1 == *s2) {
		s1++;
		s2++;
	}
	return (unsigned char)*s1 - (unsigned char)*s2;
}

// As strcmp, but looks at no more than the first size characters.
int
strncmp(const char *s1, const char *s2, size_t size)
{
	for (; size > 0; size--, s1++, s2++)
		if (*s1 != *s2 || !*s1)
			return (unsigned char)*s1 - (unsigned char)*s2;
	return 0;
}

// The first c in s, or NULL. The 0 at the end can be looked for too.
char *
strchr(const char *s, char c)
{
	s = strfind(s, c);
	return *s == c ? (char *)s : NULL;
}

// The first c in s, or the 0 at its end.
char *
strfind(const char *s, char c)
{
	while (*s && *s != c)
		s++;
	return (char *)s;
}

// Where what begins in s for the first time, or NULL.
char *
strstr(const char *s, const char *what)
{
	size_t len = strlen(what);

	for (;; s++) {
		if (strncmp(s, what, len) == 0)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

// Sets len bytes to c. Returns dst.
void *
memset(void *dst, int c, size_t len)
{
	unsigned char *to = dst;
	uint32_t word = (c & 0xff) * 0x01010101U;

#if defined(__i386__)
	if (len >= REP_MIN) {
		size_t words = len / 4;
		asm volatile("cld; rep stosl" : "+D"(to), "+c"(words) : "a"(word) : "memory", "cc");
		len %= 4;
	}
#endif
	for (; len >= 4; len -= 4, to += 4) {
		*(word_t *)to = word;
		keep_loop();
	}
	for (; len > 0; len--) {
		*to++ = c;
		keep_loop();
	}
	return dst;
}

// Copies len bytes upwards: dst must not lie within src. Returns dst.
void *
memcpy(void *dst, const void *src, size_t len)
{
	unsigned char *to = dst;
	const unsigned char *from = src;

#if defined(__i386__)
	if (len >= REP_MIN) {
		size_t words = len / 4;
		asm volatile("cld; rep movsl"
			     : "+D"(to), "+S"(from), "+c"(words)
			     :
			     : "memory", "cc");
		len %= 4;
	}
#endif
	for (; len >= 4; len -= 4, to += 4, from += 4) {
		*(word_t *)to = *(const word_t *)from;
		keep_loop();
	}
	for (; len > 0; len--) {
		*to++ = *from++;
		keep_loop();
	}
	return dst;
}

// Copies len bytes; dst and src may overlap. Returns dst.
void *
memmove(void *dst, const void *src, size_t len)
{
	unsigned char *to = dst;
	const unsigned char *from = src;

	// One comparison for both cases in which going up does no harm: dst
	// below src (the difference wraps), and dst past its end.
	if ((uintptr_t)to - (uintptr_t)from >= len)
		return memcpy(dst, src, len);

	to += len;
	from += len;
	for (; len >= 4; len -= 4) {
		to -= 4;
		from -= 4;
		*(word_t *)to = *(const word_t *)from;
		keep_loop();
	}
	for (; len > 0; len--) {
		*--to = *--from;
		keep_loop();
	}
	return dst;
}

// As strcmp, for len bytes of any value.
int
memcmp(const void *s1, const void *s2, size_t len)
{
	const unsigned char *a = s1, *b = s2;

	for (; len > 0; len--, a++, b++) {
		if (*a != *b)
			return *a - *b;
		keep_loop();
	}
	return 0;
}

// The first byte c of the len at s, or s + len.
void *
memfind(const void *s, int c, size_t len)
{
	const unsigned char *p = s, *end = p + len;

	while (p < end && *p != (unsigned char)c)
		p++;
	return (void *)p;
}

// A digit's value in bases up to 36; 36 for what is no digit.
static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 36;
}

// The number at the start of s, after blanks and a sign. base 0: 0x means 16,
// a 0 in front means 8, else 10; base 16 may have its 0x. *endptr, unless
// endptr is NULL, becomes the first character not used. Overflow wraps.
long
strtol(const char *s, char **endptr, int base)
{
	unsigned long n = 0;
	bool negative = false;

	while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		s++;
	if (*s == '+' || *s == '-')
		negative = *s++ == '-';

	if ((base == 0 || base == 16) && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') &&
	    digit_value(s[2]) < 16) {
		s += 2;
		base = 16;
	} else if (base == 0) {
		base = *s == '0' ? 8 : 10;
	}
	for (; digit_value(*s) < base; s++)
		n = n * base + digit_value(*s);

	if (endptr)
		*endptr = (char *)s;
	return negative ? -n : n;
}
