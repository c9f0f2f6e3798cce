// The library's own system calls: what of lib/libcall.h is not inlined.
#include "lib/libcall.h"

enum FlexLibrary flex_library = FLEX_BATCHES;

// Sends to an env, and waits for its answer, whose word goes to *answer: sys_ipc_call by
// int, which brings edx back.
int
ipc_call(envid_t to, uint32_t value, void *srcva, int perm, void *dstva, int32_t *answer)
{
	int32_t ret, word;

	asm volatile("int %2"
		     : "=a"(ret), "=d"(word)
		     : "i"(T_SYSCALL), "0"(SYS_ipc_call), "1"(to), "c"(value), "b"(srcva),
		       "D"(perm), "S"(dstva)
		     : "memory", "cc");
	if (ret == 0)
		*answer = word;
	return ret;
}

// The same, by trap or by page.
int
lib_ipc_call(envid_t to, uint32_t value, void *srcva, int perm, void *dstva, int32_t *answer)
{
	struct FscEntry *e = NULL;
	int r;

	if (lib_by_page(FLEX_ALWAYS))
		e = flex_post(SYS_ipc_call, to, value, (uint32_t)srcva, perm, (uint32_t)dstva);
	if (!e)
		return ipc_call(to, value, srcva, perm, dstva, answer);
	// The entry has the word until it is collected, whatever comes meanwhile.
	while (!flex_done(e))
		if ((r = sys_flexsc_wait(e - flex_thread.page->entries)) < 0)
			return r;
	*answer = e->ipc_value;
	return flex_collect(e);
}

// Prints; s may change when this has returned, other than with flex_cputs.
void
lib_cputs(const char *s, size_t len)
{
	struct FscEntry *e = NULL;

	if (lib_by_page(FLEX_ALWAYS))
		e = flex_post(SYS_cputs, (uint32_t)s, len, 0, 0, 0);
	if (e)
		flex_collect(e);
	else
		sys_cputs(s, len);
}

// ---- Batches ----------------------------------------------------------------------

void
batch_begin(struct Batch *b)
{
	b->n = 0;
	b->error = 0;
	b->paged = lib_by_page(FLEX_BATCHES);
}

static void
note_result(struct Batch *b, int r)
{
	if (r < 0 && b->error == 0)
		b->error = r;
}

static void
collect_all(struct Batch *b)
{
	for (int i = 0; i < b->n; i++)
		note_result(b, flex_collect(b->posted[i]));
	b->n = 0;
}

// Whether the call is posted; if not, the page is full of others' entries.
static inline __attribute__((always_inline)) bool
post(struct Batch *b, int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
	if (b->n == BATCH_MAX)
		collect_all(b);
	struct FscEntry *e = flex_post(num, a1, a2, a3, a4, a5);
	if (e)
		b->posted[b->n++] = e;
	return e;
}

void
batch_page_alloc(struct Batch *b, envid_t env, void *va, int perm)
{
	if (!b->paged || !post(b, SYS_page_alloc, env, (uint32_t)va, perm, 0, 0))
		note_result(b, sys_page_alloc(env, va, perm));
}

void
batch_page_map(struct Batch *b, envid_t src, void *srcva, envid_t dst, void *dstva, int perm)
{
	if (!b->paged || !post(b, SYS_page_map, src, (uint32_t)srcva, dst, (uint32_t)dstva, perm))
		note_result(b, sys_page_map(src, srcva, dst, dstva, perm));
}

void
batch_page_unmap(struct Batch *b, envid_t env, void *va)
{
	if (!b->paged || !post(b, SYS_page_unmap, env, (uint32_t)va, 0, 0, 0))
		note_result(b, sys_page_unmap(env, va));
}

// Waits for what is left. 0, or the first error that a call returned.
int
batch_end(struct Batch *b)
{
	collect_all(b);
	return b->error;
}
