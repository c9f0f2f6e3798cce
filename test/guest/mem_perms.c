// What programs may not touch. Each attempt is a child's, which dies of it;
// the parent goes on.
#include <test/guest/check.h>

static const char constant[] = "in a read-only segment";
static volatile uint32_t fetched;

static void
reads(int va)
{
	fetched = *(volatile uint32_t *)va;
}

static void
writes(int va)
{
	*(volatile uint32_t *)va = 0x90909090;
}

static void
jumps(int va)
{
	((void (*)(void))va)();
}

// The lowest mapped page of the stack that sp is in.
static uintptr_t
stack_bottom(uintptr_t sp)
{
	uintptr_t va = ROUNDDOWN(sp, PGSIZE);

	while (is_mapped(va - PGSIZE))
		va -= PGSIZE;
	return va;
}

static int
recurse(volatile char *below)
{
	volatile char room[256];

	if (!below)
		return 0;
	room[0] = *below;
	return recurse(room) + room[0];
}

static void
overflows_stack(int arg)
{
	volatile char first = 0;

	recurse(&first);
}

static void
text_and_data(void)
{
	CHECK_EQ(uvpt[PGNUM(umain)] & PTE_W, 0);
	child_must_die("write to text", writes, (int)umain);
	child_must_die("write to the first page of text", writes, UTEXT);
	child_must_die("write to a constant", writes, (int)constant);
	CHECK_EQ(strcmp(constant, "in a read-only segment"), 0);
}

static void
unmapped(void)
{
	static const uintptr_t nowhere[] = {0, 4, PGSIZE, 0x1000000 * 7, USTACKTOP, USCPAGE};
	uintptr_t guard = stack_bottom(read_esp()) - PGSIZE;

	for (size_t i = 0; i < ARRAY_SIZE(nowhere); i++) {
		CHECK(!is_mapped(nowhere[i]));
		child_must_die("read of nothing", reads, nowhere[i]);
		child_must_die("write to nothing", writes, nowhere[i]);
		child_must_die("jump to nothing", jumps, nowhere[i]);
	}
	child_must_die("read below the stack", reads, guard);
	child_must_die("write below the stack", writes, guard + PGSIZE - 4);
	child_must_die("stack overflow", overflows_stack, 0);
}

static void
kernel_memory(void)
{
	static const uintptr_t kernels[] = {ULIM,
					    MMIOBASE + PGSIZE,
					    KSTACKBASE,
					    KERNBASE - PGSIZE,
					    KERNBASE,
					    KERNBASE + IOPHYSMEM + 0x18000,
					    KERNBASE + EXTPHYSMEM,
					    0xfffffffc};
	static const uintptr_t readable[] = {UENVS, UPAGES, UVPT + (UTEXT >> PGSHIFT) * 4,
					     UVPT + (UVPT >> PGSHIFT) * 4};

	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		child_must_die("read of the kernel", reads, kernels[i]);
		child_must_die("write to the kernel", writes, kernels[i]);
		child_must_die("jump into the kernel", jumps, kernels[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(readable); i++) {
		child_must_live("read of what is shown", reads, readable[i]);
		child_must_die("write to what is shown", writes, readable[i]);
	}
}

// A page without PTE_W, and one that was taken away.
static void
pages_of_mine(void)
{
	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RO), 0);
	child_must_live("read of a read-only page", reads, AREA);
	child_must_die("write to a read-only page", writes, AREA);
	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0);
	writes(AREA);
	CHECK_EQ(sys_page_map(0, (void *)AREA, 0, (void *)AREA, RO), 0);
	child_must_die("write to a page made read-only", writes, AREA);
	reads(AREA);
	CHECK_EQ(fetched, 0x90909090);
	CHECK_EQ(sys_page_unmap(0, (void *)AREA), 0);
	child_must_die("read of an unmapped page", reads, AREA);
}

static void
privileged(int which)
{
	static struct Pseudodesc nothing;

	switch (which) {
	case 0: asm volatile("cli"); break;
	case 1: asm volatile("hlt"); break;
	case 2:
		outb(0x501, 0); // would leave QEMU
		break;
	case 3: outb(0x3f8, '!'); break;
	case 4: inb(0x60); break;
	case 5: lgdt(&nothing); break;
	case 6: lidt(&nothing); break;
	case 7: ltr(GD_TSS0); break;
	case 8: lcr3(0); break;
	case 9: lcr0(0); break;
	case 10: invlpg((void *)UTEXT); break;
	case 11: wrmsr(MSR_SYSENTER_EIP, UTEXT); break;
	case 12:
		asm volatile("int $0x0e"); // a page fault's gate
		break;
	case 13: asm volatile("int $0x08"); break;
	case 14:
		asm volatile("int $0x20"); // the timer's
		break;
	case 15:
		asm volatile("int $0x41"); // another CPU's
		break;
	case 16: asm volatile("int $0xff"); break;
	case 17: asm volatile("movw %w0,%%ds" : : "r"(GD_KD)); break;
	case 18: asm volatile("movw %w0,%%ss" : : "r"(GD_KD)); break;
	case 19: asm volatile("ljmp %0,$0xf0100000" : : "i"(GD_KT)); break;
	case 20: asm volatile("ljmp %0,$0" : : "i"(GD_TSS0)); break;
	case 21: asm volatile("ud2"); break;
	case 22: asm volatile("lcall %0,$0" : : "i"(GD_DF)); break;
	}
}

// popfl can't take what it is not given: interrupts stay on, IOPL stays 0.
static void
flags_stay(int arg)
{
	write_eflags((read_eflags() & ~FL_IF) | FL_IOPL_3);
	CHECK_EQ(read_eflags() & (FL_IF | FL_IOPL_MASK), FL_IF);
}

void
umain(int argc, char **argv)
{
	share_results();
	text_and_data();
	unmapped();
	kernel_memory();
	pages_of_mine();
	for (int which = 0; which < 23; which++)
		child_must_die("a privileged instruction", privileged, which);
	child_must_live("popf", flags_stay, 0);
	PASS("mem_perms");
}
