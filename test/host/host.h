// For unit tests that run on the host, without a machine.
//
// A test includes the library's sources whole. Their names would clash with the
// host's C library, so all that clash are renamed here; the host's own
// functions are called by names that begin with host_. Run with sanitizers: see
// test/Makefrag. A file ends with its main:
//
//     int main(void) { RUN(a_test); ... return report("NAME"); }
#ifndef TEST_HOST_HOST_H
#define TEST_HOST_HOST_H

#define strlen lib_strlen
#define strnlen lib_strnlen
#define strcpy lib_strcpy
#define strncpy lib_strncpy
#define strcat lib_strcat
#define strlcpy lib_strlcpy
#define strcmp lib_strcmp
#define strncmp lib_strncmp
#define strchr lib_strchr
#define strfind lib_strfind
#define strstr lib_strstr
#define memset lib_memset
#define memcpy lib_memcpy
#define memmove lib_memmove
#define memcmp lib_memcmp
#define memfind lib_memfind
#define strtol lib_strtol
#define snprintf lib_snprintf
#define vsnprintf lib_vsnprintf
#define malloc lib_malloc
#define free lib_free
#define exit lib_exit
#define wait lib_wait
#define pause lib_pause
#define poll lib_poll
#define fork lib_fork

// Layouts are asserted where they count, for 32 bits; pointers here may be longer.
#include <inc/types.h>
#undef static_assert
#define static_assert(...) struct host_unused

#include <inc/stdarg.h>

#define HOST_STRING_(x) #x
#define HOST_STRING(x) HOST_STRING_(x)
#define HOST_NAME(name) __asm__(HOST_STRING(__USER_LABEL_PREFIX__) name)

int host_printf(const char *fmt, ...) HOST_NAME("printf");
int host_vprintf(const char *fmt, va_list ap) HOST_NAME("vprintf");
int host_snprintf(char *buf, size_t n, const char *fmt, ...) HOST_NAME("snprintf");
int host_strcmp(const char *a, const char *b) HOST_NAME("strcmp");
void *host_mmap(void *addr, size_t len, int prot, int flags, int fd, long offset) HOST_NAME("mmap");
int host_setjmp(void *env) HOST_NAME("_setjmp") __attribute__((returns_twice));
void host_longjmp(void *env, int value) HOST_NAME("longjmp") __attribute__((noreturn));

// What became of the test that is running: "" while all is well.
static char failure[256];
static int passed, failed;

// A test ends at its first failure.
#define FAIL(...)                                                                             \
	do {                                                                                  \
		int fail_at = host_snprintf(failure, sizeof(failure), "line %d: ", __LINE__); \
		host_snprintf(failure + fail_at, sizeof(failure) - fail_at, __VA_ARGS__);     \
		return;                                                                       \
	} while (0)

#define CHECK(x)                                      \
	do {                                          \
		if (!(x))                             \
			FAIL("%s does not hold", #x); \
	} while (0)

#define CHECK_EQ(expr, expected)                                                   \
	do {                                                                       \
		long long got_ = (long long)(expr), want_ = (long long)(expected); \
		if (got_ != want_)                                                 \
			FAIL("%s is %lld, not %lld", #expr, got_, want_);          \
	} while (0)

#define CHECK_STR(expr, expected)                                         \
	do {                                                              \
		const char *got_ = (expr), *want_ = (expected);           \
		if (host_strcmp(got_, want_) != 0)                        \
			FAIL("%s is '%s', not '%s'", #expr, got_, want_); \
	} while (0)

static inline void
run_test(const char *name, void (*test)(void))
{
	failure[0] = 0;
	test();
	if (failure[0]) {
		host_printf("not ok - %s: %s\n", name, failure);
		failed++;
	} else {
		host_printf("ok - %s\n", name);
		passed++;
	}
}

#define RUN(name) run_test(#name, name)

// Prints the sum. main's result.
static inline int
report(const char *name)
{
	host_printf("%s: %d passed, %d failed\n", name, passed, failed);
	return failed != 0;
}

#endif
