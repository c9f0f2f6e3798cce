// The FPU and SSE registers: given to an env when it first uses them in a time
// slice (trap 7), and saved when it loses the CPU.

#include <inc/mmu.h>
#include <inc/x86.h>
#include <kern/cpu.h>
#include <kern/env.h>

static uint8_t clean[512] __attribute__((aligned(16))); // the state to begin with

// On this CPU: the next use of the FPU traps.
void
fpu_init(void)
{
	uint32_t cr0 = rcr0() & ~(CR0_EM | CR0_TS);

	lcr0(cr0 | CR0_MP | CR0_NE);
	if (cpu_features.fxsr) {
		uint32_t mxcsr = 0x1f80; // all SSE exceptions masked
		asm volatile("fninit; ldmxcsr %1; fxsave %0" : "=m"(clean) : "m"(mxcsr));
	} else {
		asm volatile("fninit; fnsave %0" : "=m"(clean));
	}
	lcr0(rcr0() | CR0_TS);
}

// The current env used the FPU without having it.
void
fpu_trap(struct Env *e)
{
	struct EnvKernel *k = e->k;
	const uint8_t *state = k->fpu_used ? k->fpu : clean;

	asm volatile("clts");
	if (cpu_features.fxsr)
		asm volatile("fxrstor (%0)" : : "r"(state) : "memory");
	else
		asm volatile("frstor (%0)" : : "r"(state) : "memory");
	k->fpu_live = k->fpu_used = true;
}

// The env, which has it, loses the CPU.
void
fpu_save(struct Env *e)
{
	struct EnvKernel *k = e->k;

	if (cpu_features.fxsr)
		asm volatile("fxsave (%0)" : : "r"(k->fpu) : "memory");
	else
		asm volatile("fnsave (%0)" : : "r"(k->fpu) : "memory");
	k->fpu_live = false;
	lcr0(rcr0() | CR0_TS);
}

// The env, which may have it, is gone.
void
fpu_drop(struct Env *e)
{
	if (e->k->fpu_live) {
		e->k->fpu_live = false;
		// An exception that it left pending would come at the next env's frstor.
		asm volatile("fninit");
		lcr0(rcr0() | CR0_TS);
	}
}
