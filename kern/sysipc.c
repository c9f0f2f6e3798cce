// System calls for messages between envs: a word, and a page if both sides want to.
//
// A receive is open, for a message from anybody, or closed, for one from a given env.
// It is parked in its env's `receivers`, and a send takes the first closed one for the
// sender, else the first open one. Who calls another env parks its receive as it sends,
// under both locks, so that an answer always finds it.
//
// A call of an env that does not receive waits in that env's `senders`, and is taken by
// its next open receive: callers are served in the order in which they came, and none
// looks on while others always come first. Each call has the place for what it sends.
// There is no answer to a call before it is taken, so none ends while it waits there.

#include <inc/error.h>
#include <inc/flexsc.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/flexsc.h>
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

// What a call sends: under the lock of the env that it calls.
SWITCHPATH static struct IpcSend *
send_of(const struct Call *call)
{
	struct EnvKernel *k = call->env->k;

	return call->entry ? &k->fsc->sends[call - k->fsc->calls] : &k->send;
}

// Whether a parked call has been taken. Under its own env's lock alone: that keeps it from
// becoming untaken again.
SWITCHPATH static bool
is_taken(const struct Call *call)
{
	return *(volatile envid_t *)&send_of(call)->to == 0;
}

// The receive for messages from `from`, or with 0 from anybody, that has waited longest.
SWITCHPATH static struct Call *
receive_for(struct Env *e, envid_t from)
{
	struct Call *call = e->k->receivers.head;

	while (call && !(call->from == from && (from == 0 || is_taken(call))))
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

// Gives e what its receive `call`, from `from` or from anybody, is to have of a message.
// 0, or -E_NO_MEM and nothing is done. *lost: for page_lost without the lock.
SWITCHPATH static int
hand_over(struct Call *call, uintptr_t dstva, envid_t from, const struct Message *msg,
	  struct PageInfo **lost)
{
	struct Env *e = call->env;
	int perm = 0;

	if (msg->page && dstva < UTOP) {
		struct AddrSpace *as = e->k->as;
		spin_lock(&as->lock);
		int r = as_map(as, msg->page, dstva, msg->perm, lost);
		spin_unlock(&as->lock);
		if (r < 0)
			return r;
		perm = msg->perm;
	}
	if (from != 0 && !call->entry) {
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
	return 0;
}

// Sends a message to e, if that receives. 0, -E_IPC_NOT_RECV, or -E_NO_MEM with the
// receive still waiting.
SWITCHPATH static int
deliver(struct Env *e, const struct Message *msg, enum CallWake wake, struct PageInfo **lost)
{
	struct Call *call = receive_for(e, msg->from);
	int r;

	*lost = NULL;
	if (!call && !(call = receive_for(e, 0)))
		return -E_IPC_NOT_RECV;
	if ((r = hand_over(call, call->arg, call->from, msg, lost)) < 0)
		return r;
	take_receive(e, call);
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

// ---- Senders: under the lock of the env that they call ------------------------------

// An IpcSend's page, when it could not be mapped: its hold is given back, and its call is to
// be told.
#define REFUSED 1

static void
send_append(struct Env *callee, struct Call *call, const struct Message *msg)
{
	struct CallQueue *queue = &callee->k->senders;

	*send_of(call) = (struct IpcSend){
		.to = callee->env_id,
		.value = msg->value,
		.page = msg->page ? page2pa(msg->page) | msg->perm : 0,
	};
	if (queue->tail)
		send_of(queue->tail)->next = call;
	else
		queue->head = call;
	queue->tail = call;
}

static struct Message
message_of(const struct Call *call)
{
	const struct IpcSend *send = send_of(call);

	return (struct Message){
		.from = call->env->env_id,
		.value = send->value,
		.page = PTE_ADDR(send->page) ? pa2page(PTE_ADDR(send->page)) : NULL,
		.perm = PGOFF(send->page),
	};
}

// Takes the call after prev, or the first, out of the queue. What it sends.
static struct Message
send_take_out(struct Env *callee, struct Call *prev, struct Call *call)
{
	struct CallQueue *queue = &callee->k->senders;
	struct IpcSend *send = send_of(call);
	struct Message msg = message_of(call);

	if (prev)
		send_of(prev)->next = send->next;
	else
		queue->head = send->next;
	if (!send->next)
		queue->tail = prev;
	barrier(); // from here on, the caller may be gone: pairs with ipc_cancel's first look
	send->to = 0;
	return msg;
}

// A receive takes the message that has waited longest, if there is one. Whether there was.
// Where a page can't be mapped the next message is taken, and *refused becomes true: tell_refused.
// All under one lock: who is refused and calls again does not come before it is let go.
static __attribute__((noinline)) bool
receive_waiting(struct Call *call, void *dstva, struct PageInfo **lost, bool *refused)
{
	struct Env *e = call->env;
	struct Call *prev = NULL, *sender = e->k->senders.head;

	for (; sender; prev = sender, sender = send_of(sender)->next) {
		struct IpcSend *send = send_of(sender);
		if (send->page == REFUSED)
			continue;
		struct Message msg = message_of(sender);
		bool taken = hand_over(call, (uintptr_t)dstva, 0, &msg, lost) == 0;
		if (taken)
			send_take_out(e, prev, sender);
		drop(&msg);
		if (taken)
			return true;
		send->page = REFUSED;
		*refused = true;
	}
	return false;
}

// A call that was taken out of a queue comes to nothing, if it is still the same.
static void
send_refuse(struct Env *caller, envid_t id, struct Call *call, uint32_t number)
{
	spin_lock(&caller->k->lock);
	if (caller->env_id == id && call->number == number && take_receive(caller, call))
		call_complete(call, -E_NO_MEM, WAKE_ANYWHERE);
	spin_unlock(&caller->k->lock);
}

// Tells those whose messages could not be taken. With no lock held; e may be gone.
static __attribute__((noinline)) void
tell_refused(struct Env *e)
{
	for (;;) {
		spin_lock(&e->k->lock);
		struct Call *prev = NULL, *call = e->k->senders.head;
		while (call && send_of(call)->page != REFUSED) {
			prev = call;
			call = send_of(call)->next;
		}
		if (!call)
			break;
		struct Env *caller = call->env;
		uint32_t number = call->number;
		envid_t id = send_take_out(e, prev, call).from;
		spin_unlock(&e->k->lock);
		send_refuse(caller, id, call, number);
	}
	spin_unlock(&e->k->lock);
}

// The env of a call is being ended: what it sends is not sent, if it still waits.
void
ipc_cancel(struct Call *call)
{
	const volatile struct IpcSend *send = send_of(call);
	struct Message msg = {0};
	envid_t to = send->to;

	if (!to)
		return;
	struct Env *callee = &envs[ENVX(to)];
	spin_lock(&callee->k->lock);
	if (send->to) { // not taken meanwhile
		struct Call *prev = NULL;
		for (struct Call *c = callee->k->senders.head; c != call; c = send_of(c)->next)
			prev = c;
		msg = send_take_out(callee, prev, call);
	}
	spin_unlock(&callee->k->lock);
	drop(&msg);
}

// An env is being ended, and will receive nothing.
static void
drop_senders(struct Env *e)
{
	struct Call *call;

	spin_lock(&e->k->lock);
	while ((call = e->k->senders.head)) {
		struct Message msg = send_take_out(e, NULL, call);
		drop(&msg);
	}
	spin_unlock(&e->k->lock);
}

// ---- The calls -------------------------------------------------------------------

static bool
bad_dstva(const void *va)
{
	return (uintptr_t)va < UTOP && PGOFF(va);
}

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
	struct PageInfo *lost = NULL;
	bool refused = false;

	if (bad_dstva(dstva))
		return -E_INVAL;
	spin_lock(&e->k->lock);
	bool got = e->k->senders.head && receive_waiting(call, dstva, &lost, &refused);
	bool news = !got && park_receive(call, dstva, 0);
	spin_unlock(&e->k->lock);
	page_lost(lost);
	if (refused)
		tell_refused(e);
	if (news)
		futex_notify(&e->env_ipc_recving);
	return got ? 0 : CALL_PARKED;
}

// Takes the locks of the caller and of the env `to`, by address. 0, or -E_BAD_ENV with
// neither: no such env, or a syscall thread.
SWITCHPATH static int
lock_both(struct Env *caller, struct Env *callee, envid_t to)
{
	if (callee == caller)
		return -E_BAD_ENV; // an earlier env of the slot
	if (caller < callee)
		spin_lock(&caller->k->lock);
	spin_lock(&callee->k->lock);
	// Before a second lock: of a syscall thread it would be one of the wrong rank.
	if (env_is_syscall_thread(callee) || !env_lives(callee, to)) {
		spin_unlock(&callee->k->lock);
		if (caller < callee)
			spin_unlock(&caller->k->lock);
		return -E_BAD_ENV;
	}
	if (callee < caller)
		spin_lock(&caller->k->lock);
	return 0;
}

// Sends to an env, as soon as that receives, and waits for its answer. By trap the word of
// that comes in edx (which only int brings back), and not where other messages are seen: a
// page-fault handler may call the file server at any moment.
SWITCHPATH int32_t
sys_ipc_call(struct Call *call, envid_t to, uint32_t value, void *srcva, int perm, void *dstva)
{
	struct Env *caller = call->env, *callee = &envs[ENVX(to)];
	struct PageInfo *lost = NULL;
	struct Message msg;
	int r;

	if (bad_dstva(dstva) || to == caller->env_id || to == 0)
		return -E_INVAL;
	if ((r = prepare(call, value, srcva, perm, &msg)) < 0)
		return r;
	if ((r = lock_both(caller, callee, to)) < 0) {
		drop(&msg);
		return r;
	}
	if (caller->env_status == ENV_DYING) {
		r = CALL_PARKED; // for ever
	} else {
		callee->k->called = true;
		r = deliver(callee, &msg, call->entry ? WAKE_ANYWHERE : WAKE_HERE, &lost);
		if (r == -E_IPC_NOT_RECV) {
			send_append(callee, call, &msg);
			msg.page = NULL; // its hold, too
			r = 0;
		}
		if (r == 0) {
			park_receive(call, dstva, to);
			r = CALL_PARKED;
		}
	}
	spin_unlock(&callee->k->lock);
	spin_unlock(&caller->k->lock);
	drop(&msg);
	page_lost(lost);
	return r;
}

// Unmaps what is at dstva, sends to an env, 0: to nobody, and waits for a message from
// anybody. Whether the send succeeds is not the caller's concern.
SWITCHPATH int32_t
sys_ipc_reply(struct Call *call, envid_t to, uint32_t value, void *srcva, int perm, void *dstva)
{
	struct Env *caller = call->env;
	struct PageInfo *lost = NULL;
	struct Message msg = {0};
	bool refused = false;
	int r;

	if (bad_dstva(dstva) || to == caller->env_id)
		return -E_INVAL;
	if (to && (r = prepare(call, value, srcva, perm, &msg)) < 0)
		return r;
	if ((uintptr_t)dstva < UTOP) {
		struct AddrSpace *as = caller->k->as;
		spin_lock(&as->lock);
		struct PageInfo *old = as_unmap(as, (uintptr_t)dstva);
		spin_unlock(&as->lock);
		page_lost(old);
	}
	spin_lock(&caller->k->lock);
	bool got = caller->k->senders.head && receive_waiting(call, dstva, &lost, &refused);
	bool news = !got && park_receive(call, dstva, 0);
	spin_unlock(&caller->k->lock);
	page_lost(lost);
	if (refused)
		tell_refused(caller);
	if (to)
		send(NULL, to, &msg, got || call->entry ? WAKE_ANYWHERE : WAKE_HERE, true);
	drop(&msg);
	if (news)
		futex_notify(&caller->env_ipc_recving);
	return got ? 0 : CALL_PARKED;
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
ipc_abandon_callers(struct Env *callee)
{
	const envid_t ended = callee->env_id;

	drop_senders(callee);
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
