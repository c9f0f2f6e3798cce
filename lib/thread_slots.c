// Slots: the places of threads, THREAD_SLOT bytes each from THREADS_BASE on. One holds
// a thread's exception stack, its thread-local variables, the address for its syscall
// page, and its stack if the library makes that.
//
// A few slots that are free stay mapped, for programs that make and join threads
// again and again. A slot in use is known by its bit alone.
#include "lib/libcall.h"
#include "lib/mutex.h"
#include "lib/share.h"
#include "lib/thread_slots.h"
#include "lib/thread.h"
#include "lib/vm.h"

#define KEPT_MAX 8

static struct Mutex lock;                // covers what follows
static uint32_t used[THREAD_SLOTS / 32]; // bit n: slot n is in use, or kept
static uint32_t first_free;              // no slot before this one is free
static struct Thread *kept[KEPT_MAX];
static int nkept;

// ---- Under the lock -----------------------------------------------------------------

// A slot that is mapped, best one of that kind; or NULL.
static struct Thread *
take_kept(enum ThreadKind kind)
{
	struct Thread *t;
	int i = nkept - 1;

	if (nkept == 0)
		return NULL;
	while (i > 0 && kept[i]->has_stack != (kind == CREATED))
		i--;
	t = kept[i];
	kept[i] = kept[--nkept];
	return t;
}

// The number of a slot that is not mapped, or THREAD_SLOTS.
static uint32_t
take_fresh(void)
{
	uint32_t n = first_free;

	while (n < THREAD_SLOTS && (used[n / 32] & 1U << n % 32))
		n++;
	if (n < THREAD_SLOTS) {
		used[n / 32] |= 1U << n % 32;
		first_free = n + 1;
	}
	return n;
}

static void
give_back(uint32_t n)
{
	used[n / 32] &= ~(1U << n % 32);
	first_free = MIN(first_free, n);
}

// ---- Mapping ------------------------------------------------------------------------

static uintptr_t
slot_address(uint32_t n)
{
	return THREADS_BASE + n * THREAD_SLOT;
}

static uint32_t
slot_number(const void *p)
{
	return ((uintptr_t)p - THREADS_BASE) / THREAD_SLOT;
}

// Where the slot's struct Thread is.
static struct Thread *
slot_thread(uintptr_t slot)
{
	return (struct Thread *)(slot + (SLOT_TLS + SLOT_TLS_PAGES) * PGSIZE) - 1;
}

// Maps n pages of a slot. 0 or -E_NO_MEM.
static int
map(uintptr_t slot, int first, int n)
{
	return vm_page_alloc((void *)(slot + first * PGSIZE), n, PTE_P | PTE_U | PTE_W);
}

// Makes the stack: its first page is there, what is below comes when it is touched. 0 or
// -E_NO_MEM.
static int
map_stack(uintptr_t slot)
{
	int r = map(slot, SLOT_PAGES - 1, 1);

	if (r < 0)
		return r;
	return sys_page_mark(0, (void *)(slot + SLOT_STACK * PGSIZE), SLOT_PAGES - 1 - SLOT_STACK,
			     PTE_PAGED | PTE_U | PTE_W);
}

static void
unmap_slot(uintptr_t slot)
{
	sys_page_mark(0, (void *)slot, SLOT_PAGES, 0);
}

// Frees a slot, which nobody is in.
static void
release(struct Thread *t)
{
	unmap_slot(slot_start(t));
	mutex_lock(&lock);
	give_back(slot_number(t));
	mutex_unlock(&lock);
}

// ---- For lib/thread.c -----------------------------------------------------------------

// A slot for a new thread, with all that it needs mapped, or NULL: there is no slot, or no
// memory.
struct Thread *
slot_take(enum ThreadKind kind)
{
	struct Thread *t;
	uint32_t n = 0;

	mutex_lock(&lock);
	t = take_kept(kind);
	if (!t)
		n = take_fresh();
	mutex_unlock(&lock);

	if (!t) {
		if (n == THREAD_SLOTS)
			return NULL;
		t = slot_thread(slot_address(n));
		if (map(slot_address(n), SLOT_XSTACK, 2) < 0) {
			release(t);
			return NULL;
		}
	}
	if (kind == CREATED && !t->has_stack) {
		if (map_stack(slot_start(t)) < 0) {
			release(t);
			return NULL;
		}
		t->has_stack = true;
	}
	t->kind = kind;
	t->tls = tls_make((void *)(slot_start(t) + SLOT_TLS * PGSIZE));
	return t;
}

// Takes back the slot of a thread that is no more.
void
slot_give(struct Thread *t)
{
	void *page = (void *)(slot_start(t) + SLOT_SYSCALL * PGSIZE);
	bool keep = false;

	if (vm_present((uintptr_t)page))
		lib_page_unmap(0, page);
	mutex_lock(&lock);
	if (nkept < KEPT_MAX) {
		kept[nkept++] = t;
		keep = true;
	}
	mutex_unlock(&lock);
	if (!keep)
		release(t);
}

// The thread in whose slot p lies, or NULL: it is in none, or that is not in use.
struct Thread *
thread_at(const void *p)
{
	uintptr_t slot = slot_start(p);

	if (slot < THREADS_BASE || slot >= slot_address(THREAD_SLOTS))
		return NULL;
	return vm_present(slot + SLOT_TLS * PGSIZE) ? slot_thread(slot) : NULL;
}

// The calling thread, or NULL if it has no slot.
struct Thread *
thread_self(void)
{
	uintptr_t slot = thread_own_slot();

	return slot ? slot_thread(slot) : NULL;
}

// ---- For fork -------------------------------------------------------------------------

void
slots_lock(void)
{
	mutex_lock(&lock);
}

void
slots_unlock(void)
{
	mutex_unlock(&lock);
}

// In a forked child: frees all slots but that of its only thread.
void
slots_forked(void)
{
	struct Thread *self = thread_self();
	uint32_t own = self ? slot_number(self) : THREAD_SLOTS;

	nkept = 0;
	first_free = 0;
	for (uint32_t n = 0; n < THREAD_SLOTS; n++) {
		if (n == own || !(used[n / 32] & 1U << n % 32))
			continue;
		unmap_slot(slot_address(n));
		used[n / 32] &= ~(1U << n % 32);
	}
}
