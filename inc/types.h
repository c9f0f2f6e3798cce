// Basic types of the kernel and of programs: fixed-width integers, sizes, and
// the few helpers that everything needs. No host header is ever included.
#ifndef INC_TYPES_H
#define INC_TYPES_H

#ifndef NULL
#define NULL ((void *)0)
#endif

#ifndef __cplusplus
typedef _Bool bool;
enum { false, true };
#endif

typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT64_TYPE__ uint64_t;

typedef uint32_t physaddr_t; // physical addresses are 32 bits wide: no PAE
typedef uint32_t ppn_t;      // physical page number

// As the compiler has them, so that its builtins and string.h agree.
typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ssize_t;
typedef __INTPTR_TYPE__ intptr_t;
typedef __UINTPTR_TYPE__ uintptr_t;
#if !__STDC_HOSTED__ // fs/'s host tools have their own
typedef int32_t off_t;
#endif

#define MIN(a, b)                                   \
	({                                          \
		__typeof__(a) min_a_ = (a);         \
		__typeof__(b) min_b_ = (b);         \
		min_a_ <= min_b_ ? min_a_ : min_b_; \
	})
#define MAX(a, b)                                   \
	({                                          \
		__typeof__(a) max_a_ = (a);         \
		__typeof__(b) max_b_ = (b);         \
		max_a_ >= max_b_ ? max_a_ : max_b_; \
	})

// Round to a multiple of n, which must be a power of two.
#define ROUNDDOWN(a, n) ((__typeof__(a))((uintptr_t)(a) & ~((uintptr_t)(n)-1)))
#define ROUNDUP(a, n) ((__typeof__(a))(((uintptr_t)(a) + (uintptr_t)(n)-1) & ~((uintptr_t)(n)-1)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#define static_assert _Static_assert

#endif
