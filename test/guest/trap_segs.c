// Segment registers are the program's, and so are the segments: a kernel that
// used the program's data segment before it has loaded its own would read and
// write where the program likes. Nor has a program descriptors of its own.
#include <inc/mmu.h>
#include <test/guest/check.h>

// What a program can load beside its data segment: the null selector, a segment
// based at its thread-local storage, and its code, which is not writeable.
static const uint16_t selectors[] = {0, GD_TLS | 3, GD_UT | 3};

#define USER_DS (GD_UD | 3)

// Runs the instructions with ds and es as given, eax going in and out. Between
// loading and restoring nothing is addressed but the stack.
#define WITH_SEGMENTS(ds, es, eax, instructions)                                              \
	asm volatile("pushl %%ebp\n\t"                                                        \
		     "movw %w[d],%%ds\n\t"                                                    \
		     "movw %w[e],%%es\n\t" instructions "\n\t"                                \
		     "movw %%ds,%%cx\n\t"                                                     \
		     "movl $%c[flat],%%edx\n\t"                                               \
		     "movw %%dx,%%ds\n\t"                                                     \
		     "movw %%dx,%%es\n\t"                                                     \
		     "popl %%ebp"                                                             \
		     : "+a"(eax), "=&c"(ds_after)                                             \
		     : [d] "b"((uint32_t)(ds)), [e] "D"((uint32_t)(es)), [flat] "i"(USER_DS), \
		       [vector] "i"(T_SYSCALL)                                                \
		     : "edx", "esi", "memory", "cc")

static void
traps_with(uint16_t ds, uint16_t es)
{
	uint32_t ds_after, eax = SYS_getenvid;

	WITH_SEGMENTS(ds, es, eax, "int %[vector]");
	CHECK_EQ(eax, thisenv->env_id);
	CHECK_EQ((uint16_t)ds_after, ds);

	eax = NSYSCALLS;
	WITH_SEGMENTS(ds, es, eax, "int %[vector]");
	CHECK_EQ(eax, -E_INVAL);

	if (cpu_has_sysenter()) {
		eax = SYS_getenvid;
		WITH_SEGMENTS(ds, es, eax, "movl %%esp,%%ebp; movl $1f,%%esi; sysenter; 1:");
		CHECK_EQ(eax, thisenv->env_id);
	}

	// Some time slices' worth of ticks.
	eax = 40000000;
	WITH_SEGMENTS(ds, es, eax, "1: decl %%eax; jnz 1b");
	CHECK_EQ((uint16_t)ds_after, ds);
}

// A local descriptor table, after a reset, lies at address 0.
static void
loads_own_descriptor(int arg)
{
	CHECK_EQ(sys_page_alloc(0, UTEMP, RW), 0);
	((volatile uint32_t *)UTEMP)[2] = 0x0000ffff; // flat, data, for ring 3
	((volatile uint32_t *)UTEMP)[3] = 0x00cff200;
	CHECK_EQ(sys_page_map(0, UTEMP, 0, 0, RW), 0);
	asm volatile("movw %w0,%%es\n\t"
		     "movw %w1,%%es"
		     :
		     : "r"(1 << 3 | 4 | 3), "r"(USER_DS));
}

void
umain(int argc, char **argv)
{
	share_results();
	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
		traps_with(selectors[i], USER_DS);
		traps_with(USER_DS, selectors[i]);
	}
	child_must_die("with a descriptor of its own", loads_own_descriptor, 0);
	PASS("trap_segs");
}
