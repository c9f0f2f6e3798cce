// Every way into the kernel with ds, es and fs based where the program likes: where
// the kernel's addresses are nobody's, or the program's own memory. The kernel takes
// no notice, and gives the segments back as they were, based as they were, though
// other programs with bases of their own have run in between.
#include <test/guest/check.h>

#define BASED (GD_TLS | 3)
#define FLAT (GD_UD | 3)
#define CODE (GD_UT | 3)

#define MAGIC 0xba5eba5e
#define NOTHING (AREA + 0x100000) // not mapped
#define LOOPS 8000000             // some ticks' worth

// What enter_oddly loads, and what there is when it comes back. One cache line, so
// that none of it is copied on write while the library's handler can't run.
enum { DS, ES, FS, EAX, EDX, TARGET, SAVED_ESP, NODD };
uint32_t odd[NODD] __attribute__((aligned(64)));

// Loads the registers and goes to TARGET, one of the labels by_*; back, with flat
// segments, stores them again. back is also where a page fault may lead to.
void enter_oddly(void);
extern char by_int[], by_sysenter[], by_ticks[], by_fault[], by_division[], by_hlt[], back[];

asm(".text\n"
    "enter_oddly:\n\t"
    "pushal\n\t"
    "pushl %fs\n\t"
    "movl %esp,odd+4*6\n\t"
    "movl odd+4*3,%eax\n\t"
    "movl odd+4*4,%edx\n\t"
    "movl odd+4*5,%esi\n\t"
    "movw odd+4*2,%fs\n\t"
    "movw odd+4*1,%es\n\t"
    "movw odd+4*0,%ds\n\t"
    "jmp *%esi\n"
    "by_int:\n\t"
    "int $0x30\n\t"
    "jmp back\n"
    "by_sysenter:\n\t"
    "movl %esp,%ebp\n\t"
    "movl $back,%esi\n\t"
    "sysenter\n"
    "by_ticks:\n\t"
    "decl %eax\n\t"
    "jnz by_ticks\n\t"
    "testl %edx,%edx\n\t" // to read by ds, or not
    "jz back\n\t"
    "movl 0,%eax\n\t"
    "jmp back\n"
    "by_fault:\n\t"
    "movl %ss:(%edx),%eax\n\t"
    "jmp back\n"
    "by_division:\n\t"
    "xorl %ecx,%ecx\n\t"
    "divl %ecx\n\t"
    "jmp back\n"
    "by_hlt:\n\t"
    "hlt\n"
    "back:\n\t"
    "movl %ds,%ebx\n\t"
    "movl %es,%ecx\n\t"
    "movl %fs,%edi\n\t"
    "pushl $0x23\n\t"
    "popl %ds\n\t"
    "pushl %ds\n\t"
    "popl %es\n\t"
    "movl %ebx,odd+4*0\n\t"
    "movl %ecx,odd+4*1\n\t"
    "movl %edi,odd+4*2\n\t"
    "movl %eax,odd+4*3\n\t"
    "movl odd+4*6,%esp\n\t"
    "popl %fs\n\t"
    "popal\n\t"
    "ret");
static_assert(FLAT == 0x23 && T_SYSCALL == 0x30, "the assembly above counts on it");

struct Segments {
	uint16_t ds, es, fs;
};

static const struct Segments choices[] = {
	{BASED, FLAT, 0}, {FLAT, BASED, BASED}, {BASED, BASED, CODE},
	{0, 0, 0},        {CODE, CODE, BASED},
};

// Kernel addresses, seen through these bases, are: their own; low ones, which are
// not mapped; those of a page of the program's; other ones of the kernel's; nobody's.
static const uintptr_t bases[] = {0, 0 - KERNBASE, AREA - KERNBASE - EXTPHYSMEM, 0x02000000, AREA};

// Enters with s and gs' base moved, and compares the segments. What eax is then.
static uint32_t
enter(const char *way, const struct Segments *s, uintptr_t base, uint32_t eax, uint32_t edx)
{
	void *tcb;

	odd[DS] = s->ds;
	odd[ES] = s->es;
	odd[FS] = s->fs;
	odd[EAX] = eax;
	odd[EDX] = edx;
	odd[TARGET] = (uint32_t)way;
	asm volatile("movl %%gs:0,%0" : "=r"(tcb));
	sys_env_set_tls(0, (void *)base);
	enter_oddly();
	sys_env_set_tls(0, tcb);
	if (way == by_int || way == by_ticks) {
		CHECK_EQ((uint16_t)odd[DS], s->ds);
		CHECK_EQ((uint16_t)odd[ES], s->es);
		CHECK_EQ((uint16_t)odd[FS], s->fs);
	}
	return odd[EAX];
}

static void
calls(const struct Segments *s, uintptr_t base)
{
	envid_t me = sys_getenvid();

	CHECK_EQ(enter(by_int, s, base, SYS_getenvid, 0), me);
	CHECK_EQ(enter(by_int, s, base, SYS_yield, 0), 0);
	CHECK_EQ(enter(by_int, s, base, NSYSCALLS, 0), -E_INVAL);
	if (!cpu_has_sysenter())
		return;
	CHECK_EQ(enter(by_sysenter, s, base, SYS_getenvid, 0), me);
	CHECK_EQ(enter(by_sysenter, s, base, SYS_yield, 0), 0);
	CHECK_EQ(enter(by_sysenter, s, base, NSYSCALLS, 0), -E_INVAL);
}

// The handler is back itself: a library's would need its data segment.
static void
faults(const struct Segments *s, uintptr_t base)
{
	const volatile struct UTrapframe *utf = (void *)(UXSTACKTOP - sizeof(*utf));

	memset((void *)(UXSTACKTOP - PGSIZE), 0, PGSIZE);
	enter(by_fault, s, base, 0, NOTHING);
	CHECK_EQ(utf->utf_fault_va, NOTHING);
	CHECK_EQ(utf->utf_eip, by_fault);
	CHECK_EQ(utf->utf_err, FEC_U);
}

static void
ends(int which)
{
	const char *const way[] = {by_fault, by_division, by_hlt};

	sys_env_set_pgfault_upcall(0, 0);
	enter(way[which % 3], &choices[which / 3], bases[which % ARRAY_SIZE(bases)], 1, NOTHING);
}

// Its thread-local storage is elsewhere. It ends without the library, which would
// look for the real one.
static void
uses_its_own(int arg)
{
	static uint32_t tcb[4] = {0x0e0e0e0e};

	sys_env_set_tls(0, tcb);
	shared->ready = 1;
	while (!shared->stop) {
		uint32_t first;

		for (int i = 0; i < 1000; i++) {
			asm volatile("movl %%gs:0,%0" : "=r"(first));
			if (first != 0x0e0e0e0e)
				count_up(&shared->count[0]);
		}
		sys_yield();
	}
	sys_env_destroy(0);
}

// With others in between, ds goes on leading to what it led to.
static void
among_others(void)
{
	envid_t child[3];

	for (int i = 0; i < 3; i++)
		child[i] = child_run(uses_its_own, 0);
	AWAIT(shared->ready);
	for (int i = 0; i < 5; i++)
		CHECK_EQ(enter(by_ticks, &choices[0], AREA, LOOPS, 1), MAGIC);
	shared->stop = 1;
	for (int i = 0; i < 3; i++)
		AWAIT(env_gone(child[i]));
	CHECK_EQ(shared->count[0], 0);
}

void
umain(int argc, char **argv)
{
	share_results();
	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW | PTE_SHARE), 0);
	*(volatile uint32_t *)AREA = MAGIC;
	CHECK_EQ(sys_page_alloc(0, (void *)(UXSTACKTOP - PGSIZE), RW), 0);
	CHECK_EQ(sys_env_set_pgfault_upcall(0, back), 0);
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++)
		for (size_t j = 0; j < ARRAY_SIZE(bases); j++) {
			calls(&choices[i], bases[j]);
			faults(&choices[i], bases[j]);
			enter(by_ticks, &choices[i], bases[j], LOOPS, 0);
		}
	CHECK_EQ(*(volatile uint32_t *)AREA, MAGIC);
	CHECK_EQ(sys_env_set_pgfault_upcall(0, 0), 0);
	among_others();
	for (int which = 0; which < 3 * (int)ARRAY_SIZE(choices); which++)
		child_must_die("a fault with odd segments", ends, which);
	PASS("trap_bases");
}
