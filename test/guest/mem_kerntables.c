// The part of UVPT that shows the kernel's own page tables: ring 3 can't read it,
// and no call does so for a program that names it. The tables of the program's
// own addresses stay readable by calls as well.
#include <test/guest/calls.h>

// The entries of the kernel's addresses begin here.
#define TABLES_END ((uintptr_t)&uvpt[PGNUM(ULIM)])

static const uintptr_t hidden[] = {
	TABLES_END - 8, // begins in what is shown, and goes on
	TABLES_END,
	UVPT + PGNUM(KSTACKBASE) * sizeof(pte_t),
	UVPT + PGNUM(KERNBASE) * sizeof(pte_t),
	UVPT + PGNUM(KERNBASE + EXTPHYSMEM) * sizeof(pte_t),
	ULIM - 16,
};

#define LENGTH 16

static volatile uint32_t fetched;

static void
reads(int va)
{
	fetched = *(volatile uint32_t *)(va + LENGTH - 4);
}

static void
prints_by_int(int va)
{
	syscall_door = DOOR_INT;
	sys_cputs((const char *)va, LENGTH);
}

static void
prints_by_sysenter(int va)
{
	syscall_door = DOOR_SYSENTER;
	sys_cputs((const char *)va, LENGTH);
}

static void
prints_from_visible_on(int va)
{
	sys_cputs((const char *)TABLES_END - PGSIZE, PGSIZE + PGOFF(va) + LENGTH);
}

// page_map by sysenter with the stack pointer, where argument 5 is, at va.
static int32_t
sysenter_arg5(uintptr_t va)
{
	int32_t ret;

	asm volatile("pushl %%ebp\n\t"
		     "movl %%esp,%%ebx\n\t"
		     "movl %%ecx,%%ebp\n\t"
		     "movl $1f,%%esi\n\t"
		     "sysenter\n"
		     "1:\tmovl %%ebx,%%esp\n\t"
		     "popl %%ebp"
		     : "=a"(ret), "+c"(va)
		     : "0"(SYS_page_map | SYSENTER_ARG5), "d"(0), "D"(AREA)
		     : "ebx", "esi", "memory", "cc");
	return ret;
}

static void
not_by_pointer(uintptr_t va, envid_t child)
{
	const uint32_t text[5] = {va, LENGTH}, frame[5] = {child, va};

	child_must_die("read of the kernel's tables", reads, va);
	child_must_die("cputs of the kernel's tables", prints_by_int, va);
	child_must_die("cputs up to the kernel's tables", prints_from_visible_on, va);
	for (enum Door door = BY_INT; door <= BY_PAGE; door++)
		if (door_here(door))
			CHECK_EQ(call_by(door, SYS_env_set_trapframe, frame), -E_FAULT);
	CHECK_EQ(call_by(BY_PAGE, SYS_cputs, text), -E_FAULT);
	if (!cpu_has_sysenter())
		return;
	child_must_die("cputs of the kernel's tables", prints_by_sysenter, va);
	if (va >= TABLES_END)
		CHECK_EQ(sysenter_arg5(va), -E_FAULT);
}

// Registers of a child that never runs, since reading them prints nothing.
static void
own_tables_readable(envid_t child)
{
	const uintptr_t shown[] = {
		(uintptr_t)&uvpt[PGNUM(UTEXT)],
		(uintptr_t)&uvpt[PGNUM(USCPAGE)],
		(uintptr_t)&uvpd[PDX(UTEXT)],
		TABLES_END - sizeof(struct Trapframe),
	};

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		const uint32_t frame[5] = {child, shown[i]};

		reads(shown[i]);
		for (enum Door door = BY_INT; door <= BY_PAGE; door++)
			if (door_here(door))
				CHECK_EQ(call_by(door, SYS_env_set_trapframe, frame), 0);
	}
	if (cpu_has_sysenter()) // the call is made, and fails: nothing is at AREA
		CHECK_EQ(sysenter_arg5((uintptr_t)&uvpt[PGNUM(UTEXT)]), -E_INVAL);
}

void
umain(int argc, char **argv)
{
	envid_t child;

	share_results();
	CHECK_EQ(flexsc_register(), 0);
	child = sys_exofork();
	CHECK(child > 0);
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		not_by_pointer(hidden[i], child);
	own_tables_readable(child);
	CHECK_EQ(sys_env_destroy(child), 0);
	PASS("mem_kerntables");
}
