// Threads: envs that share their process's address space. A thread that has ended waits
// in its process's list until another thread joins it; what it leaves is its slot, the
// address of its stack, and that of its thread-local storage.
//
// Each thread holds its process's main env (k->holds), so that this, whose id is the
// process's, is there as long as any thread is. The end of the main env ends all
// threads. One that is cloned on another CPU at that moment is not overlooked: clone
// makes its thread known, complete as it is by then, and looks whether the main env lives,
// thread_end_all looks for threads when that is DYING, and both pass a full barrier in between.

#include <inc/error.h>
#include <inc/x86.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/futex.h>
#include <kern/sched.h>
#include <kern/syscall.h>

// What a thread finds on its stack: a function's call from nowhere.
struct FirstFrame {
	uint32_t ret, arg1, arg2;
};

// ---- The process's list: under the main env's lock --------------------------------

static void
append_ended(struct Env *main, struct Env *thread)
{
	thread->k->ended_next = NULL;
	if (main->k->ended_tail)
		main->k->ended_tail->k->ended_next = thread;
	else
		main->k->ended_head = thread;
	main->k->ended_tail = thread;
}

static struct Env *
take_ended(struct Env *main)
{
	struct Env *thread = main->k->ended_head;

	if (thread && !(main->k->ended_head = thread->k->ended_next))
		main->k->ended_tail = NULL;
	return thread;
}

// ---- Beginning and end ------------------------------------------------------------

static void
free_slot(struct Env *thread)
{
	spin_lock(&thread->k->lock);
	env_free_slot(thread);
	spin_unlock(&thread->k->lock);
}

// A thread that has ended goes to its process's list, or is no more if that ends, too.
static void
settle(struct Env *thread, bool joining)
{
	struct Env *main = env_main(thread);

	spin_lock(&main->k->lock);
	bool lives = main->env_status != ENV_DYING;
	if (lives)
		append_ended(main, thread);
	if (joining) {
		main->k->njoining--;
	} else {
		main->k->nthreads--;
		usage_add(&main->k->gone, &thread->k->used);
		main->k->ngone++;
		thread->k->is_gone = true;
	}
	spin_unlock(&main->k->lock);
	if (!lives)
		free_slot(thread);
}

// The thread is gone but for its slot. Its main env is still held.
void
thread_settle(struct Env *thread)
{
	settle(thread, false);
}

// The main env is DYING and runs nowhere: its threads are to go, too.
void
thread_end_all(struct Env *main)
{
	struct Env *thread;

	full_barrier(); // pairs with clone's
	for (struct Env *e = envs; e < envs + NENV; e++) {
		if (e->env_type != ENV_TYPE_THREAD || e->env_process != main->env_id)
			continue;
		spin_lock(&e->k->lock);
		if (e->env_type == ENV_TYPE_THREAD && e->env_process == main->env_id &&
		    env_lives(e, e->env_id))
			env_destroy(NULL, e);
		else
			spin_unlock(&e->k->lock);
	}
	do {
		spin_lock(&main->k->lock);
		thread = take_ended(main);
		spin_unlock(&main->k->lock);
		if (thread)
			free_slot(thread);
	} while (thread);
}

// Counts one more thread, of a process that lives. Whether it does.
static bool
hold_main(struct Env *main)
{
	spin_lock(&main->k->lock);
	bool lives = main->env_status != ENV_DYING;
	if (lives) {
		main->k->cloned = true;
		main->k->nthreads++;
		main->k->holds++;
	}
	spin_unlock(&main->k->lock);
	return lives;
}

// There is no such thread after all.
static void
let_go_main(struct Env *main)
{
	spin_lock(&main->k->lock);
	main->k->nthreads--;
	spin_unlock(&main->k->lock);
	env_drop(main);
}

// ---- The calls --------------------------------------------------------------------

// A thread that begins at fcn(arg1, arg2) on the page stack, with what init says and the
// caller's page-fault upcall; init NULL: with none of all that. Its id. -E_INVAL: stack is
// not a page below UTOP; -E_FAULT: stack or init is not there; -E_NO_FREE_ENV; -E_BAD_ENV:
// the process is being ended.
envid_t
sys_clone(struct Call *call, thread_fn fcn, void *arg1, void *arg2, void *stack,
	  const struct ThreadInit *init)
{
	const struct FirstFrame frame = {0xffffffff, (uint32_t)arg1, (uint32_t)arg2};
	uintptr_t esp = (uintptr_t)stack + PGSIZE - sizeof(frame);
	struct Env *caller = call->env, *main = env_main(caller), *e;
	struct ThreadInit given = {0};
	int r;

	if (bad_va(stack))
		return -E_INVAL;
	if (init && (r = call_copy_in(call, &given, (uintptr_t)init, sizeof(given))) < 0)
		return r;
	if ((r = call_copy_out(call, esp, &frame, sizeof(frame))) < 0)
		return r;
	if (!hold_main(main))
		return -E_BAD_ENV;
	envid_t id = env_alloc(&e, caller, ENV_TYPE_THREAD);
	if (id < 0) {
		let_go_main(main);
		return id;
	}
	spin_lock(&e->k->lock);
	e->k->tf.tf_eip = (uintptr_t)fcn;
	e->k->tf.tf_esp = esp;
	e->k->tf.tf_trapno = T_SYSCALL; // begins by iret
	e->k->stack = (uintptr_t)stack;
	e->k->tls = (uintptr_t)given.tls;
	e->k->gs = init ? GD_TLS | 3 : 0;
	e->env_xstacktop = (uintptr_t)given.xstacktop;
	e->env_pgfault_upcall = init ? caller->env_pgfault_upcall : 0;
	e->env_status = ENV_NOT_RUNNABLE; // from here on it can be named
	full_barrier();                   // pairs with thread_end_all's
	if (main->env_status == ENV_DYING) {
		env_destroy(NULL, e);
		return -E_BAD_ENV;
	}
	sched_ready(e);
	spin_unlock(&e->k->lock);
	return id;
}

// Changes the word that those wait at who found no thread to join.
static void
tell_joiners(struct Env *main)
{
	__atomic_add_fetch(&main->env_child_ends, 1, __ATOMIC_SEQ_CST);
	futex_notify(&main->env_child_ends);
}

// Frees the slot of the thread of the process's that ended first. Its id, and where the
// pointers are not NULL, its stack and the base of its thread-local storage there. -E_AGAIN:
// none has ended; -E_BAD_ENV: there is none but the caller; -E_FAULT.
envid_t
sys_join(struct Call *call, void **stack, void **tls)
{
	struct Env *main = env_main(call->env), *thread;
	int r = 0;

	spin_lock(&main->k->lock);
	int others = main->k->nthreads - (call->env != main) + main->k->njoining;
	if ((thread = take_ended(main)))
		main->k->njoining++;
	spin_unlock(&main->k->lock);
	if (!thread)
		return others > 0 ? -E_AGAIN : -E_BAD_ENV;

	uint32_t at = thread->k->stack, base = thread->k->tls;
	if (stack)
		r = call_copy_out(call, (uintptr_t)stack, &at, sizeof(at));
	if (tls && r == 0)
		r = call_copy_out(call, (uintptr_t)tls, &base, sizeof(base));
	envid_t id = thread->env_id;
	if (r < 0) { // to the end of the list
		settle(thread, true);
		tell_joiners(main);
		return r;
	}
	free_slot(thread);
	spin_lock(&main->k->lock);
	main->k->njoining--;
	spin_unlock(&main->k->lock);
	tell_joiners(main);
	return id;
}
