// panic, warn and assert, for the kernel and for programs.
#ifndef INC_ASSERT_H
#define INC_ASSERT_H

#include <inc/types.h>

void _warn(const char *file, int line, const char *fmt, ...);
void _panic(const char *file, int line, const char *fmt, ...) __attribute__((noreturn));

#define warn(...) _warn(__FILE__, __LINE__, __VA_ARGS__)
#define panic(...) _panic(__FILE__, __LINE__, __VA_ARGS__)

#define assert(x)                                          \
	do {                                               \
		if (!(x))                                  \
			panic("assertion failed: %s", #x); \
	} while (0)

#endif
