// Waiting for a word in memory to change: the one way in which programs sleep, but
// for messages and the syscall page. A word is known by its physical address, so
// that all address spaces that map its page mean the same.
//
// What the kernel has to announce are words too, in envs[] and in the SystemInfo
// page: that an env has ended or receives, a tick, input, a disk's interrupt.
//
// No wake-up is lost: who waits counts itself as waiting, then reads the word; who
// changes the word does so and then looks whether anybody waits. A page that is
// unmapped, also by the end of an env, wakes those who wait at its words, because
// what they wait for may now never come; they look again.

#include <inc/error.h>
#include <inc/futex.h>
#include <inc/x86.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/futex.h>
#include <kern/sched.h>
#include <kern/spinlock.h>
#include <kern/syscall.h>
#include <kern/sysinfo.h>

#define NBUCKETS 256

// Those who wait at a word of a page whose number is the bucket's, modulo NBUCKETS.
static struct Bucket {
	struct Spinlock lock;
	struct CallQueue queue;
	volatile uint32_t nwaiting; // in the queue, or about to be
} buckets[NBUCKETS];

void
futex_init(void)
{
	for (int i = 0; i < NBUCKETS; i++)
		spin_init(&buckets[i].lock, "futex", RANK_FUTEX);
}

SWITCHPATH static struct Bucket *
bucket_of(physaddr_t pa)
{
	return &buckets[PGNUM(pa) % NBUCKETS];
}

// ---- Under the bucket's lock -----------------------------------------------------

SWITCHPATH static void
take_out(struct Bucket *bucket, struct Call *prev, struct Call *call)
{
	if (prev)
		prev->next = call->next;
	else
		bucket->queue.head = call->next;
	if (!call->next)
		bucket->queue.tail = prev;
	bucket->nwaiting--;
}

// Wakes up to count of those who wait at an address from first to last. How many.
SWITCHPATH static uint32_t
wake_range(struct Bucket *bucket, physaddr_t first, physaddr_t last, uint32_t count,
	   enum CallWake wake)
{
	struct Call *prev = NULL, *call = bucket->queue.head, *next;
	uint32_t woken = 0;

	for (; call && woken < count; call = next) {
		next = call->next;
		if (call->arg < first || call->arg > last) {
			prev = call;
			continue;
		}
		take_out(bucket, prev, call);
		bool external = call->flags & CALL_IS_EXTERNAL;
		struct Env *e = call->env;
		spin_lock(&e->k->lock);
		if (call_complete(call, 0, wake))
			woken++;
		spin_unlock(&e->k->lock);
		if (external)
			sched_set_active(false);
	}
	return woken;
}

// ---- Without a lock ----------------------------------------------------------------

// The caller has changed what they wait for, and then passed a full barrier, which
// pairs with the locked instruction in wait.
SWITCHPATH static uint32_t
wake_at(physaddr_t first, physaddr_t last, uint32_t count, enum CallWake wake)
{
	struct Bucket *bucket = bucket_of(first);

	if (bucket->nwaiting == 0)
		return 0;
	spin_lock(&bucket->lock);
	uint32_t woken = wake_range(bucket, first, last, count, wake);
	spin_unlock(&bucket->lock);
	return woken;
}

// The kernel has changed a word that it keeps.
SWITCHPATH void
futex_notify(const volatile void *word)
{
	physaddr_t pa = PADDR((const void *)word);

	full_barrier();
	wake_at(pa, pa, ~0u, WAKE_ANYWHERE);
}

// A page has been unmapped somewhere, and its reference given back (page_decref,
// a locked instruction).
void
futex_page_lost(physaddr_t page)
{
	wake_at(page, page + PGSIZE - 1, ~0u, WAKE_ANYWHERE);
}

// The env of a call is being ended: takes the call out if it waits here.
void
futex_cancel(struct Call *call)
{
	if (!(call->flags & CALL_IN_FUTEX))
		return;
	struct Bucket *bucket = bucket_of(call->arg);
	bool external = false;

	spin_lock(&bucket->lock);
	if (call->flags & CALL_IN_FUTEX) { // nobody has woken it meanwhile
		struct Call *prev = NULL;
		for (struct Call *c = bucket->queue.head; c != call; c = c->next)
			prev = c;
		take_out(bucket, prev, call);
		external = call->flags & CALL_IS_EXTERNAL;
		call->flags &= CALL_AT_WINDOW;
	}
	spin_unlock(&bucket->lock);
	if (external)
		sched_set_active(false);
}

// ---- The calls --------------------------------------------------------------------

// Where the word at va lies. The caller's memory, or what the kernel lets it read
// but for page tables. 0, -E_INVAL or -E_FAULT.
SWITCHPATH static int
find_word(struct AddrSpace *as, uintptr_t va, physaddr_t *pa)
{
	int r = -E_FAULT;
	pte_t pte;

	if (va % sizeof(uint32_t))
		return -E_INVAL;
	if (va >= UVPT)
		return -E_FAULT;
	spin_lock(&as->lock);
	if (as_lookup(as, va, &pte) && (pte & PTE_U)) {
		*pa = PTE_ADDR(pte) | PGOFF(va);
		r = 0;
	}
	spin_unlock(&as->lock);
	return r;
}

// What a call returns that did not find the word at va.
static int
word_fault(struct Call *call, uintptr_t va, int error)
{
	return error == -E_FAULT ? call_fault(call, va, sizeof(uint32_t), false, error) : error;
}

// The word at a physical address. Its page may be anybody's by now, but it is memory.
static uint32_t
word_at(physaddr_t pa)
{
	return *(volatile uint32_t *)KADDR(pa);
}

// Waits as long as the word at va is value, and that at also, if there is one, is
// also_value; it is woken by way of va only. 0 when woken, which may be for no reason;
// -E_AGAIN, -E_FAULT, -E_INVAL.
SWITCHPATH static int32_t
wait(struct Call *call, uintptr_t va, uint32_t value, uintptr_t also, uint32_t also_value)
{
	struct Env *e = call->env;
	struct AddrSpace *as = e->k->as;
	physaddr_t pa, now, also_pa;
	uintptr_t missing = va;
	int r;

	if ((r = find_word(as, va, &pa)) < 0)
		return word_fault(call, va, r);
	struct Bucket *bucket = bucket_of(pa);
	spin_lock(&bucket->lock);
	// Counted first, looked at then: pairs with wake_at.
	__atomic_add_fetch(&bucket->nwaiting, 1, __ATOMIC_SEQ_CST);
	// Still there? From here on, an unmapping is told to who is in the queue.
	r = find_word(as, va, &now);
	if (r == 0 && also && (r = find_word(as, also, &also_pa)) < 0)
		missing = also;
	if (r == 0 &&
	    (now != pa || word_at(pa) != value || (also && word_at(also_pa) != also_value)))
		r = -E_AGAIN;
	if (r == 0) {
		r = CALL_PARKED;
		spin_lock(&e->k->lock);
		if (call_park(call, &bucket->queue, pa)) {
			call->flags |= CALL_IN_FUTEX;
			if (sysinfo_has(pa)) {
				call->flags |= CALL_IS_EXTERNAL;
				sched_set_active(true);
			}
		} else { // it is being ended
			bucket->nwaiting--;
		}
		spin_unlock(&e->k->lock);
	} else {
		bucket->nwaiting--;
	}
	spin_unlock(&bucket->lock);
	return r == -E_FAULT ? word_fault(call, missing, r) : r;
}

SWITCHPATH int32_t
sys_futex_wait(struct Call *call, const volatile uint32_t *va, uint32_t value)
{
	return wait(call, (uintptr_t)va, value, 0, 0);
}

SWITCHPATH int32_t
sys_futex_wait2(struct Call *call, const volatile uint32_t *va, uint32_t value,
		const volatile uint32_t *also, uint32_t also_value)
{
	return wait(call, (uintptr_t)va, value, (uintptr_t)also, also_value);
}

// Wakes up to count of those who wait at the word at va. How many; -E_FAULT, -E_INVAL.
SWITCHPATH int32_t
sys_futex_wake(struct Call *call, const volatile uint32_t *va, uint32_t count)
{
	bool sync = (count & FUTEX_SYNC) && !call->entry;
	physaddr_t pa;
	int r;

	if ((r = find_word(call->env->k->as, (uintptr_t)va, &pa)) < 0)
		return word_fault(call, (uintptr_t)va, r);
	full_barrier();
	return wake_at(pa, pa, count & ~FUTEX_SYNC, sync ? WAKE_HERE : WAKE_ANYWHERE);
}
