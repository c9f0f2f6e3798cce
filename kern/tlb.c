// TLB shootdown. A CPU asks another for a flush by taking a number there, and
// waits until the other has done that many:
//
//     asker                          asked
//     change the page table
//     see that it has it loaded
//     n = ++tlb_want
//     interrupt it                   w = tlb_want
//                                    flush
//     wait for tlb_done >= n         tlb_done = w
//
// The asked may have interrupts off and spin on a lock that the asker holds, or
// ask for a flush itself: so whoever spins in the kernel calls tlb_service.

#include <inc/trap.h>
#include <inc/x86.h>
#include <kern/aspace.h>
#include <kern/cpu.h>
#include <kern/lapic.h>
#include <kern/panic.h>
#include <kern/tlb.h>

// Does the flushes that were asked of this CPU. Called by all who spin: if another
// CPU has panicked, what they wait for will never come.
void
tlb_service(void)
{
	panic_check();
	struct Cpu *cpu = thiscpu;
	uint32_t want = cpu->tlb_want;

	if (cpu->as && cpu->as->ended)
		as_load(NULL); // as_unload has another reference

	if (cpu->tlb_done == want)
		return;
	lcr3(rcr3());
	barrier(); // pairs with the asker's wait
	cpu->tlb_done = want;
}

// Makes the CPUs of a mask do so, and waits for them.
static void
ask(uint32_t mask)
{
	uint32_t ticket[MAXCPU];

	for (int i = 0; i < ncpu; i++)
		if (mask & (1u << i)) {
			ticket[i] = __atomic_add_fetch(&cpus[i].tlb_want, 1, __ATOMIC_SEQ_CST);
			lapic_ipi(cpus[i].apicid, T_IPI_TLB);
		}
	for (int i = 0; i < ncpu; i++)
		if (mask & (1u << i))
			while ((int32_t)(cpus[i].tlb_done - ticket[i]) < 0) {
				tlb_service();
				pause();
			}
}

// Called with the address space locked, after the entry for va has changed:
// on return no CPU uses the old one.
void
tlb_shootdown(struct AddrSpace *as, uintptr_t va)
{
	struct Cpu *me = thiscpu;

	if (me->as == as)
		invlpg((void *)va);
	// The entry was changed by xchg: a full barrier, so that a CPU whose
	// bit is not seen here loads the new entry. Pairs with as_load.
	ask(as->cpus & ~(1u << me->id));
}

// The same for many entries that have changed: all translations are forgotten.
void
tlb_shootdown_all(struct AddrSpace *as)
{
	struct Cpu *me = thiscpu;

	if (me->as == as)
		lcr3(rcr3());
	ask(as->cpus & ~(1u << me->id)); // as above
}

// A full barrier here, and on every other CPU that has the address space loaded.
// So that the program, which does the other side of something far more often,
// needs none.
void
tlb_barrier(struct AddrSpace *as)
{
	full_barrier();
	ask(as->cpus & ~(1u << cpunum()));
}
