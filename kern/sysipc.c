// System calls for messages between envs: a word, and a page if both sides want to.
//
// A receive is open, for a message from anybody, or closed, for one from a given env.
// It is parked in its env's `receivers`, and a send takes the first closed one for the
// sender, else the first open one. Who calls another env parks its receive before it
// sends, so that an answer always finds it; if the send then fails, the receive is
// taken back.

#include <inc/error.h>
#include <inc/flexsc.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/futex.h>
#include <kern/mem.h>
#include <kern/syscall.h>

// A message on its way.
struct Message {
	envid_t from;
	uint32_t value;
	struct PageInfo *page; // held, or NULL
	int perm;
};

// ---- Receivers: under their env's lock -----------------------------------------

// Takes a receive out of the queue. Whether it was there.
SWITCHPATH static bool
take_receive(struct Env *e, struct Call *call)
{
	struct CallQueue *queue = &e->k->receivers;
	struct Call *prev = NULL, *c = queue->head;

	for (; c && c != call; c = c->next)
		prev = c;
	if (!c)
		return false;
	if (prev)
		prev->next = c->next;
	else
		queue->head = c->next;
	if (!c->next)
		queue->tail = prev;
	if (c->from == 0 && --e->k->nopen == 0)
		e->env_ipc_recving = 0;
	return true;
}

// The receive for messages from `from`, or with 0 from anybody, that has waited longest.
SWITCHPATH static struct Call *
receive_for(struct Env *e, envid_t from)
{
	struct Call *call = e->k->receivers.head;

	while (call && call->from != from)
		call = call->next;
	return call;
}

// Parks a receive. Whether e has become one that can be sent to, for
// futex_notify without the lock.
SWITCHPATH static bool
park_receive(struct Call *call, void *dstva, envid_t from)
{
	struct Env *e = call->env;
	bool news = false;

	if (!call_park(call, &e->k->receivers, (uint32_t)dstva))
		return false;
	call->from = from;
	call->number = ++call->env->k->nreceives;
	if (from == 0) {
		news = e->k->nopen++ == 0;
		e->env_ipc_recving = 1;
	}
	return news;
}

// ---- Sending --------------------------------------------------------------------

// Hands a message to a receive of e. 0, -E_IPC_NOT_RECV, or -E_NO_MEM with the receive
// still waiting. *lost: for page_lost without the lock.
SWITCHPATH static int
deliver(struct Env *e, const struct Message *msg, enum CallWake wake, struct PageInfo **lost)
{
	struct Call *call = receive_for(e, msg->from);
	int perm = 0;

	*lost = NULL;
	if (!call && !(call = receive_for(e, 0)))
		return -E_IPC_NOT_RECV;
	if (msg->page && call->arg < UTOP) {
		struct AddrSpace *as = e->k->as;
		spin_lock(&as->lock);
		int r = as_map(as, msg->page, call->arg, msg->perm, lost);
		spin_unlock(&as->lock);
		if (r < 0)
			return r;
		perm = msg->perm;
	}
	bool answers_trap = call->from != 0 && !call->entry;
	take_receive(e, call);
	if (answers_trap) {
		e->k->tf.tf_regs.reg_edx = msg->value;
	} else {
		e->env_ipc_value = msg->value;
		e->env_ipc_from = msg->from;
		e->env_ipc_perm = perm;
	}
	if (call->entry) {
		call->entry->ipc_value = msg->value;
		call->entry->ipc_from = msg->from;
		call->entry->ipc_perm = perm;
	}
	call_complete(call, 0, wake);
	return 0;
}

// Fills in a message of the caller's, and holds its page if srcva is below UTOP.
// 0, -E_INVAL or CALL_PAGER.
SWITCHPATH static int
prepare(struct Call *call, uint32_t value, void *srcva, int perm, struct Message *msg)
{
	struct AddrSpace *as = call->env->k->as;

	*msg = (struct Message){.from = call->env->env_id, .value = value, .perm = perm};
	if ((uintptr_t)srcva >= UTOP)
		return 0;
	if (bad_va(srcva) || bad_perm(perm))
		return -E_INVAL;
	spin_lock(&as->lock);
	if ((msg->page = page_to_share(as, srcva, perm)))
		page_incref(msg->page);
	spin_unlock(&as->lock);
	if (!msg->page)
		return page_share_fault(call, srcva, perm, -E_INVAL);
	return 0;
}

// Sends a prepared message. With must, an env that waits for an answer from the sender,
// but has no memory for its page, gets that error as its result.
SWITCHPATH static int
send(struct Env *caller, envid_t to, const struct Message *msg, enum CallWake wake, bool must)
{
	struct PageInfo *lost = NULL;
	struct Env *e;
	int r;

	if ((r = env_lookup(caller, to, false, &e)) < 0)
		return r;
	r = deliver(e, msg, wake, &lost);
	struct Call *call = receive_for(e, msg->from);
	if (r == -E_NO_MEM && must && call) {
		take_receive(e, call);
		call_complete(call, -E_NO_MEM, WAKE_ANYWHERE);
	}
	e->k->called = true;
	spin_unlock(&e->k->lock);
	page_lost(lost);
	return r;
}

static void
drop(const struct Message *msg)
{
	if (msg->page)
		page_decref(msg->page);
}

static bool
bad_dstva(const void *va)
{
	return (uintptr_t)va < UTOP && PGOFF(va);
}

// ---- The calls -------------------------------------------------------------------

// Sends value and, if srcva is below UTOP, the page there, to an env that waits
// in a receive. The longest waiting receive gets it.
int32_t
sys_ipc_try_send(struct Call *call, envid_t to, uint32_t value, void *srcva, int perm)
{
	struct Message msg;
	int r = prepare(call, value, srcva, perm, &msg);

	if (r == 0)
		r = send(call->env, to, &msg, WAKE_ANYWHERE, false);
	drop(&msg);
	return r;
}

// Waits for a message; a page that comes with it is mapped at dstva, if that is
// below UTOP.
int32_t
sys_ipc_recv(struct Call *call, void *dstva)
{
	struct Env *e = call->env;

	if (bad_dstva(dstva))
		return -E_INVAL;
	spin_lock(&e->k->lock);
	bool news = park_receive(call, dstva, 0);
	spin_unlock(&e->k->lock);
	if (news)
		futex_notify(&e->env_ipc_recving);
	return CALL_PARKED;
}

// Sends to an env, and waits for its answer. By trap the word of that comes in edx (which
// only int brings back), and not where other messages are seen: a page-fault handler may
// call the file server at any moment. From the moment the receive is parked, the
// caller may run on another CPU, or be gone.
SWITCHPATH int32_t
sys_ipc_call(struct Call *call, envid_t to, uint32_t value, void *srcva, int perm, void *dstva)
{
	struct Env *caller = call->env;
	envid_t id = caller->env_id;
	const struct Env *callee = &envs[ENVX(to)];
	struct Message msg;
	int r;

	if (bad_dstva(dstva) || to == id || to == 0)
		return -E_INVAL;
	if ((r = prepare(call, value, srcva, perm, &msg)) < 0)
		return r;
	// Most often it is clear already that it can't be sent now.
	if (env_lives(callee, to) && !env_is_syscall_thread(callee) &&
	    !*(struct Call *volatile *)&callee->k->receivers.head) {
		drop(&msg);
		return -E_IPC_NOT_RECV;
	}
	spin_lock(&caller->k->lock);
	park_receive(call, dstva, to);
	uint32_t number = caller->k->nreceives;
	spin_unlock(&caller->k->lock);

	r = send(NULL, to, &msg, call->entry ? WAKE_ANYWHERE : WAKE_HERE, false);
	drop(&msg);
	if (r < 0) {
		spin_lock(&caller->k->lock);
		// If it isn't there: the env has ended, or `to` has sent something
		// at just this moment, which is then the result, and the caller may
		// be in another receive by now.
		if (caller->env_id == id && call->number == number && take_receive(caller, call))
			call_complete(call, r, WAKE_HERE);
		spin_unlock(&caller->k->lock);
	}
	return CALL_PARKED;
}

// Unmaps what is at dstva, sends to an env, 0: to nobody, and waits for a message from
// anybody. Whether the send succeeds is not the caller's concern.
SWITCHPATH int32_t
sys_ipc_reply(struct Call *call, envid_t to, uint32_t value, void *srcva, int perm, void *dstva)
{
	struct Env *caller = call->env;
	enum CallWake wake = call->entry ? WAKE_ANYWHERE : WAKE_HERE;
	struct Message msg = {0};
	int r;

	if (bad_dstva(dstva) || to == caller->env_id)
		return -E_INVAL;
	if (to && (r = prepare(call, value, srcva, perm, &msg)) < 0)
		return r;
	if ((uintptr_t)dstva < UTOP) {
		struct AddrSpace *as = caller->k->as;
		spin_lock(&as->lock);
		struct PageInfo *lost = as_unmap(as, (uintptr_t)dstva);
		spin_unlock(&as->lock);
		page_lost(lost);
	}
	spin_lock(&caller->k->lock);
	bool news = park_receive(call, dstva, 0);
	spin_unlock(&caller->k->lock);
	if (to)
		send(NULL, to, &msg, wake, true);
	drop(&msg);
	if (news)
		futex_notify(&caller->env_ipc_recving);
	return CALL_PARKED;
}

// A word from the kernel itself, to an env that waits for a message. 0, or an error.
int
ipc_send_from_kernel(envid_t to, uint32_t value)
{
	const struct Message msg = {.value = value};

	return send(NULL, to, &msg, WAKE_ANYWHERE, false);
}

// An env that was called has ended: no answer will come from it.
void
ipc_abandon_callers(envid_t ended)
{
	for (struct Env *e = envs; e < envs + NENV; e++) {
		struct Call *call;

		if (!*(struct Call *volatile *)&e->k->receivers.head)
			continue;
		spin_lock(&e->k->lock);
		do {
			call = receive_for(e, ended);
			if (call) {
				take_receive(e, call);
				call_complete(call, -E_BAD_ENV, WAKE_ANYWHERE);
			}
		} while (call);
		spin_unlock(&e->k->lock);
	}
}
