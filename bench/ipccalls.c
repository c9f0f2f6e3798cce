// What a send and a receive cost, by trap and by the page. Doors and method are
// those of calls.c; a call is a send or a receive.
//
// Hypothesis: by trap each message costs two traps and a change of process. By
// page a round of n messages each way costs two changes of process and a few
// traps in all, whatever n is.
//
//   ipc        two processes throw messages to and fro, both by the same door:
//              by trap one message each way in a round, by page batch/2 each
//              way (so many receives are parked, and so many sends posted).
//              Changes of process are part of it; with several CPUs so is waking
//              the CPU on which the other process sleeps.
//   ipc-self   by page only: a process sends batch/2 messages to its own parked
//              receives. No change of process is in it, no trap compares with it,
//              and it shows what the executing of the calls costs.
//
// Not there: the door `kernel` (a receive parks, which a loop in ring 0 cannot),
// and ipc between two processes by page-remote (two processes and their two
// syscall threads want four CPUs); ipc-self has it.
//
// A send that comes too early, with no receive parked, is sent again; that is
// part of the time.
#include "calls.h"

#define IPC_CALLS 256 // in a trial of ipc; a multiple of twice the largest batch
#define SELF_CALLS 1024
#define SEND_TRIES 200000

// Sends when the other is ready to receive. 0 or a negative error.
static int
send_trap(envid_t to, uint32_t value)
{
	for (int tries = 0; tries < SEND_TRIES; tries++) {
		int r = sys_ipc_try_send(to, value, (void *)UTOP, 0);
		if (r != -E_IPC_NOT_RECV)
			return r;
		sys_yield();
	}
	return -E_IPC_NOT_RECV;
}

static int
ipc_trap(struct BenchCell *c, uint64_t *cycles)
{
	uint32_t wrong = 0;
	int r;

	use_door(c);
	uint64_t start = read_tsc();
	for (uint32_t round = 0; round < c->calls / 4; round++) {
		if ((r = send_trap(c->arg[ARG_PARTNER], round)) < 0)
			return r;
		if ((r = sys_ipc_recv((void *)UTOP)) < 0)
			return r;
		wrong |= thisenv->env_ipc_value ^ round;
	}
	*cycles = read_tsc() - start;
	return wrong ? -E_UNSPECIFIED : 0;
}

// Posts n receives and stores their entries in rx, posts n sends, of value[i] to
// `to`, and collects the sends. 0 or a negative error.
static int
send_page(const struct BenchCell *c, envid_t to, struct FscEntry **rx, const uint32_t *value,
	  uint32_t n)
{
	struct FscEntry *tx[NSCENTRIES / 2];

	for (uint32_t i = 0; i < n; i++)
		rx[i] = flex_post(SYS_ipc_recv, UTOP, 0, 0, 0, 0);
	for (uint32_t i = 0; i < n; i++)
		tx[i] = flex_post(SYS_ipc_try_send, to, value[i], UTOP, 0, 0);
	for (uint32_t i = 0; i < n; i++) {
		int r = flex_collect(tx[i]);
		for (int t = 0; r == -E_IPC_NOT_RECV && t < SEND_TRIES; t++) {
			sys_yield();
			r = flex_collect(flex_post(SYS_ipc_try_send, to, value[i], UTOP, 0, 0));
		}
		if (r < 0)
			return r;
	}
	return 0;
}

// Collects n receives and stores what came. 0 or a negative error.
static int
recv_page(struct FscEntry **rx, uint32_t *value, uint32_t n)
{
	int wrong = 0;

	// Once collected, an entry is left as it is until the next post. The
	// barrier keeps the compiler from reading it before it is done.
	for (uint32_t i = 0; i < n; i++) {
		wrong |= flex_collect(rx[i]);
		barrier();
		value[i] = rx[i]->ipc_value;
	}
	return wrong ? -E_UNSPECIFIED : 0;
}

// For ipc and for ipc-self, whose partner is the caller.
static int
ipc_page(struct BenchCell *c, uint64_t *cycles)
{
	struct FscEntry *rx[NSCENTRIES / 2];
	uint32_t sent[NSCENTRIES / 2], got[NSCENTRIES / 2], wrong = 0, n = c->batch / 2;
	envid_t partner = c->arg[ARG_PARTNER];
	uint32_t round_calls = partner == thisenv->env_id ? 2 * n : 4 * n;
	int r;

	for (uint32_t i = 0; i < n; i++)
		sent[i] = i;
	use_door(c);
	uint64_t start = read_tsc();
	for (uint32_t done = 0; done < c->calls; done += round_calls) {
		if ((r = send_page(c, partner, rx, sent, n)) < 0 || (r = recv_page(rx, got, n)) < 0)
			return r;
		for (uint32_t i = 0; i < n; i++)
			wrong += got[i] - sent[i];
	}
	*cycles = read_tsc() - start;
	return wrong ? -E_UNSPECIFIED : 0;
}

// The other process of a cell: sends back what comes, until it is destroyed.
static void __attribute__((noreturn)) echo(struct BenchCell *c)
{
	envid_t to = thisenv->env_parent_id;
	uint32_t value[NSCENTRIES / 2], n = c->batch / 2;
	struct FscEntry *rx[NSCENTRIES / 2];

	use_door(c);
	if (c->trial == ipc_trap)
		while (sys_ipc_recv((void *)UTOP) == 0)
			if (send_trap(to, thisenv->env_ipc_value) < 0)
				break;
	if (c->trial == ipc_page && flexsc_register() == 0) {
		for (uint32_t i = 0; i < n; i++)
			rx[i] = flex_post(SYS_ipc_recv, UTOP, 0, 0, 0, 0);
		while (recv_page(rx, value, n) == 0)
			if (send_page(c, to, rx, value, n) < 0)
				break;
	}
	exit();
}

static void
start_partners(void)
{
	for (int i = 0; i < ncells; i++) {
		envid_t child = fork();
		if (child == 0)
			echo(&cells[i]);
		if (child < 0)
			panic("fork: error %d", -child);
		cells[i].arg[ARG_PARTNER] = child;
	}
}

static void
end_partners(void)
{
	for (int i = 0; i < ncells; i++) {
		sys_env_destroy(cells[i].arg[ARG_PARTNER]);
		wait(cells[i].arg[ARG_PARTNER]);
	}
}

void
umain(int argc, char **argv)
{
	calls_init("ipccalls");

	ncells = 0;
	add_traps(IPC_CALLS, IPC_CALLS / 4, ipc_trap);
	add_pages(2, IPC_CALLS, ipc_page);
	start_partners();
	run_local("ipc");
	end_partners();

	ncells = 0;
	add_pages(2, SELF_CALLS, ipc_page);
	run_local("ipc-self");
	if (sysinfo.ncpu > 1)
		run_remote("ipc-self", ipc_page, 2, SELF_CALLS, 1, 0);
}
