// Parking a call, and completing it later. All that is under the lock of
// the env that calls, so that a call is parked, completed or cancelled once.
// And going on with a long one.

#include <kern/call.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/sched.h>

// Parks a call in a queue, with what its completer needs to know. The caller
// of a trap loses its CPU: the function returns CALL_PARKED without another
// look at it. False if the env is being ended; return CALL_PARKED all the same.
SWITCHPATH bool
call_park(struct Call *call, struct CallQueue *queue, uint32_t arg)
{
	if (call->env->env_status == ENV_DYING)
		return false;
	call->flags |= CALL_IS_PARKED;
	call->arg = arg;
	call->next = NULL;
	if (queue->tail)
		queue->tail->next = call;
	else
		queue->head = call;
	queue->tail = call;
	if (call->entry)
		flexsc_park(call);
	else
		sched_block(call->env);
	return true;
}

// Hands a parked call, which its queue no longer holds, its result. False if its env is
// being ended; then there is nobody to have it.
SWITCHPATH bool
call_complete(struct Call *call, int32_t result, enum CallWake wake)
{
	call->flags &= CALL_AT_WINDOW;
	if (call->env->env_status == ENV_DYING)
		return false;
	if (call->entry) {
		flexsc_complete(call, result);
	} else {
		call->env->k->tf.tf_regs.reg_eax = result;
		if (wake == WAKE_HERE)
			sched_ready_here(call->env);
		else
			sched_ready(call->env);
	}
	return true;
}

// Forgets all calls parked in the queue of an env that is being ended.
void
call_cancel_all(struct CallQueue *queue)
{
	for (struct Call *call = queue->head; call; call = call->next)
		call->flags &= CALL_AT_WINDOW;
	queue->head = queue->tail = NULL;
}

// The program is to make a call by trap again, after any interrupt. Returns what the
// call's function is to return.
int32_t
call_restart(struct Call *call)
{
	struct Trapframe *tf = &call->env->k->tf;

	tf->tf_eip -= 2;           // the size of int $n, and of sysenter
	tf->tf_trapno = T_SYSCALL; // all registers go back as they came
	return CALL_AGAIN;
}

// What is made again by trap is so after the pager, perhaps, which traps for messages: its
// progress has a place of its own.
static struct Progress *
progress_of(struct Call *call)
{
	return call->entry ? &call->progress : &call->env->k->progress;
}

// A call with first arguments a1 and a2 has done a part of its work: call_done, when it
// comes again.
void
call_keep(struct Call *call, uint32_t a1, uint32_t a2, uint32_t done)
{
	*progress_of(call) = (struct Progress){done, a1, a2};
}

// A call by trap has done a part, and leaves off so as not to keep the CPU for long.
int32_t
call_again(struct Call *call, uint32_t a1, uint32_t a2, uint32_t done)
{
	call_keep(call, a1, a2, done);
	return call_restart(call);
}

// How much of it was done already, when it comes again; else 0.
uint32_t
call_done(struct Call *call, uint32_t a1, uint32_t a2)
{
	struct Progress *progress = progress_of(call);
	uint32_t done = progress->done;

	// Others may come in between: from a pager, say.
	if (progress->a1 != a1 || progress->a2 != a2)
		return 0;
	progress->done = 0;
	return done;
}
