// The threads that are to be joined: join and thread_join. doc/threads.md has the rules.
//
// The kernel's sys_join frees a thread that has ended, of the caller's making if it has any,
// of whichever kind. join and thread_join have wishes of their own: who gets a thread
// that it does not want notes in the list that it has ended. Who waits sleeps at the word
// that the kernel changes whenever a thread has ended, and looks again when `changes`
// has become another.
#include "lib/libcall.h"
#include "lib/malloc.h"
#include "lib/mutex.h"
#include "lib/thread.h"
#include "lib/thread_slots.h"
#include "lib/vm.h"

static struct Mutex lock;         // covers what follows
static struct Thread *unjoined;   // all threads that have slots, the last one made first
static uint32_t nended;           // of them
static volatile uint32_t changes; // changes whenever a joiner may go on

static volatile uint32_t nwaiting; // joiners that sleep, or are about to; atomic

// ---- Under the lock -----------------------------------------------------------------

static void
list_insert(struct Thread *t)
{
	t->prev = NULL;
	t->next = unjoined;
	if (t->next)
		t->next->prev = t;
	unjoined = t;
}

static void
list_remove(struct Thread *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		unjoined = t->next;
	if (t->next)
		t->next->prev = t->prev;
	nended -= t->ended;
}

// The threads that a joiner can get now.
struct Choice {
	enum ThreadKind kind;
	envid_t maker; // 0: any
};

static bool
is_chosen(const struct Choice *c, const struct Thread *t)
{
	return t->kind == c->kind && (c->maker == 0 || t->maker == c->maker);
}

// One of them, but the caller itself; or NULL.
static struct Thread *
find(const struct Choice *c, bool ended)
{
	const struct Thread *self = thread_self();

	for (struct Thread *t = unjoined; t; t = t->next)
		if (is_chosen(c, t) && t != self && (t->ended || !ended))
			return t;
	return NULL;
}

static bool
is_any(enum ThreadKind kind, envid_t maker)
{
	return find(&(struct Choice){kind, maker}, false);
}

// What a caller of join (BARE) or thread_join gets. Whether there is any.
static bool
choose(enum ThreadKind wanted, struct Choice *c)
{
	const envid_t me = thisenv->env_id;

	c->kind = wanted;
	c->maker = me;
	if (is_any(wanted, me))
		return true;
	if (wanted == BARE && is_any(CREATED, me)) {
		c->kind = CREATED;
		return true;
	}
	c->maker = 0;
	if (is_any(wanted, 0))
		return true;
	c->kind = CREATED;
	return is_any(CREATED, 0);
}

// ---- Without it -----------------------------------------------------------------------

// The word that the kernel changes whenever a thread of this process has ended.
static const volatile uint32_t *
ends_word(void)
{
	return &envs[ENVX(thisenv->env_process)].env_child_ends;
}

// Gives the lock back after a change that joiners are interested in.
static void
unlock_changed(void)
{
	changes++;
	mutex_unlock(&lock);
	// That was a full barrier. Who is counted later than we look sees the change,
	// because the kernel looks at it last.
	if (nwaiting > 0)
		sys_futex_wake(ends_word(), NENV);
}

static void
sleep_until_change(uint32_t ends, uint32_t seen)
{
	__atomic_add_fetch(&nwaiting, 1, __ATOMIC_SEQ_CST); // pairs with unlock_changed
	lib_futex_wait2(ends_word(), ends, &changes, seen);
	__atomic_sub_fetch(&nwaiting, 1, __ATOMIC_SEQ_CST);
}

// ---- For lib/thread.c -----------------------------------------------------------------

// A thread is about to be made by the caller: before it can end and be joined.
void
unjoined_add(struct Thread *t)
{
	t->maker = thisenv->env_id;
	t->ended = false;
	mutex_lock(&lock);
	list_insert(t);
	mutex_unlock(&lock);
}

// It could not be made.
void
unjoined_remove(struct Thread *t)
{
	mutex_lock(&lock);
	list_remove(t);
	unlock_changed();
}

void
unjoined_lock(void)
{
	mutex_lock(&lock);
}

void
unjoined_unlock(void)
{
	mutex_unlock(&lock);
}

// In a forked child: there are no others.
void
unjoined_forked(void)
{
	unjoined = NULL;
	nended = nwaiting = 0;
}

// ---- Joining --------------------------------------------------------------------------

// A thread that is no more. t is NULL if it had no slot: the program had made it by
// sys_clone, and it counts as one of clone's.
struct Joined {
	struct Thread *t;
	envid_t id;
	void *stack;
};

// Takes a thread that another joiner has noted. 0; -E_AGAIN; -E_BAD_ENV: there is none
// that the caller could still get, of those that have slots. `changes` goes to *seen.
static int
take_noted(enum ThreadKind wanted, struct Joined *j, uint32_t *seen)
{
	struct Choice choice;

	mutex_lock(&lock);
	bool any = choose(wanted, &choice);
	struct Thread *t = nended > 0 ? find(&choice, true) : NULL;
	if (t) {
		list_remove(t);
		unlock_changed();
		*j = (struct Joined){t, t->id, t->stack};
		return 0;
	}
	*seen = changes;
	mutex_unlock(&lock);
	return any ? -E_AGAIN : -E_BAD_ENV;
}

// Whether the joiner takes the thread that it has got from the kernel. If not, it has
// noted it.
static bool
accept(enum ThreadKind wanted, const struct Joined *j)
{
	struct Thread *t = j->t;
	struct Choice choice;

	if (!t)
		return wanted == BARE;
	mutex_lock(&lock);
	bool take = choose(wanted, &choice) && is_chosen(&choice, t);
	if (take) {
		list_remove(t);
	} else {
		t->ended = true;
		t->id = j->id;
		t->stack = j->stack;
		nended++;
	}
	unlock_changed();
	return take;
}

// Waits until a thread has ended that the caller takes. 0 and *j; or an error: there is
// none that could.
static int
await_end(enum ThreadKind wanted, struct Joined *j)
{
	for (;;) {
		uint32_t ends = *ends_word(), seen; // both before the look that they are for
		void *tls;
		int r = take_noted(wanted, j, &seen);

		if (r == 0 || (r == -E_BAD_ENV && wanted == CREATED))
			return r;
		int id = sys_join(&j->stack, &tls);
		if (id >= 0) {
			j->id = id;
			j->t = thread_at(tls);
			if (accept(wanted, j))
				return 0;
			continue;
		}
		// If the kernel has none but there is one, another joiner has it in hand.
		if (id != -E_AGAIN && (id != -E_BAD_ENV || r == -E_BAD_ENV))
			return id;
		sleep_until_change(ends, seen);
	}
}

// Waits until a thread of this process, other than the caller and the first, has ended,
// and frees it: one that the caller has made if there is any, else any; and those of
// clone before those of thread_create. Its id, with its stack in *stack, to be freed: also
// the latter's, by free. -1: there is no such thread, or stack is no place for a pointer.
int
join(void **stack)
{
	struct Joined j;

	if (stack && ((uintptr_t)stack % sizeof(*stack) || !vm_writeable(stack, sizeof(*stack))))
		return -1;
	if (await_end(BARE, &j) < 0)
		return -1;
	if (stack)
		*stack = j.stack;
	if (j.t)
		malloc_reclaim(j.t->tls);
	if (j.t && j.t->kind == CREATED && stack)
		j.t->is_callers = true;
	else if (j.t)
		slot_give(j.t);
	return j.id;
}

// Waits until a thread made by thread_create, other than the caller, has ended, and frees
// it and its stack: one that the caller has made if there is any. Its id, or -1: there is
// none.
int
thread_join(void)
{
	struct Joined j;

	if (await_end(CREATED, &j) < 0)
		return -1;
	malloc_reclaim(j.t->tls);
	slot_give(j.t);
	return j.id;
}

// For free: whether p was the stack of a thread of thread_create that join has given to
// the caller, and is freed now.
bool
thread_free_stack(void *p)
{
	struct Thread *t = thread_at(p);

	if (!t || !t->is_callers || p != thread_stack(t))
		return false;
	t->is_callers = false;
	slot_give(t);
	return true;
}
