// How the library makes its own system calls: by trap, or through the syscall
// page, as flex_library says (inc/lib.h).
//
// lib_NAME is one call, which goes through the page with FLEX_ALWAYS only: a call
// that is waited for at once gains nothing by it. A batch is many page calls whose
// results are wanted together: from FLEX_BATCHES on they are posted, and one wait
// executes them all. Without a page, either traps.
//
// A page fault may come in the middle of a batch, and the handler post calls of its
// own: inc/flexpost.h sees to that the two never take the same entry, and each
// collects only what it posted.
#ifndef LIB_LIBCALL_H
#define LIB_LIBCALL_H

#include <inc/lib.h>

// Whether calls go through the page that do from `from` on.
static inline bool
lib_by_page(enum FlexLibrary from)
{
	return flex_library >= from && flex_thread.page;
}

#define LIB_CALL(name, ...) \
	(lib_by_page(FLEX_ALWAYS) ? flex_##name(__VA_ARGS__) : sys_##name(__VA_ARGS__))

static inline int
lib_page_alloc(envid_t env, void *va, int perm)
{
	return LIB_CALL(page_alloc, env, va, perm);
}

static inline int
lib_page_map(envid_t src, void *srcva, envid_t dst, void *dstva, int perm)
{
	return LIB_CALL(page_map, src, srcva, dst, dstva, perm);
}

static inline int
lib_page_unmap(envid_t env, void *va)
{
	return LIB_CALL(page_unmap, env, va);
}

static inline int
lib_env_set_status(envid_t env, int status)
{
	return LIB_CALL(env_set_status, env, status);
}

static inline int
lib_env_set_trapframe(envid_t env, struct Trapframe *tf)
{
	return LIB_CALL(env_set_trapframe, env, tf);
}

static inline int
lib_env_set_name(envid_t env, const char *name)
{
	return LIB_CALL(env_set_name, env, name);
}

static inline int
lib_env_set_pgfault_upcall(envid_t env, void *upcall)
{
	return LIB_CALL(env_set_pgfault_upcall, env, upcall);
}

static inline int
lib_futex_wait(const volatile uint32_t *word, uint32_t value)
{
	return LIB_CALL(futex_wait, word, value);
}

static inline int
lib_futex_wait2(const volatile uint32_t *word, uint32_t value, const volatile uint32_t *also,
		uint32_t also_value)
{
	return LIB_CALL(futex_wait2, word, value, also, also_value);
}

#define WAKE_ALL (~0u & ~FUTEX_SYNC) // as count

static inline int
lib_futex_wake(const volatile uint32_t *word, uint32_t count)
{
	return LIB_CALL(futex_wake, word, count);
}

static inline int
lib_ipc_try_send(envid_t to, uint32_t value, void *srcva, int perm)
{
	return LIB_CALL(ipc_try_send, to, value, srcva, perm);
}

int lib_ipc_call(envid_t to, uint32_t value, void *srcva, int perm, void *dstva, int32_t *answer);
void lib_cputs(const char *s, size_t len);

// ---- Batches ----------------------------------------------------------------------

#define BATCH_MAX 48 // entries in flight: some are left to others

struct Batch {
	struct FscEntry *posted[BATCH_MAX];
	int n;      // posted and not collected
	int error;  // the first that a call returned, or 0
	bool paged; // whether they go through the page
};

// Calls of a batch are executed in any order, by the time batch_end returns.
void batch_begin(struct Batch *b);
void batch_page_alloc(struct Batch *b, envid_t env, void *va, int perm);
void batch_page_map(struct Batch *b, envid_t src, void *srcva, envid_t dst, void *dstva, int perm);
void batch_page_unmap(struct Batch *b, envid_t env, void *va);
int batch_end(struct Batch *b);

// Makes n bytes' page faults happen now: a handler of the program's may use whatever
// the caller is about to begin.
static inline void
lib_touch(const void *buf, size_t n, bool for_write)
{
	const uintptr_t start = (uintptr_t)buf, end = start + n;

	for (uintptr_t at = start; at < end; at = ROUNDDOWN(at, PGSIZE) + PGSIZE) {
		if (for_write) // changes nothing, whoever else writes there
			__atomic_fetch_or((volatile char *)at, 0, __ATOMIC_RELAXED);
		else
			(void)*(volatile const char *)at;
	}
}

#endif
