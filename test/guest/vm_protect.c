// mprotect and munprotect on everything that is a program's: data, heap, stack, text, what
// sbrk and mmap gave; PROT_NONE; and across fork.
#include <test/guest/vmcheck.h>

static volatile char data[4 * PGSIZE] __attribute__((aligned(PGSIZE))) = {1};
static const char constants[PGSIZE] __attribute__((aligned(PGSIZE))) = {5};

static volatile uint32_t seen;

// Repairs what was protected.
static void
handler(struct UTrapframe *utf)
{
	seen++;
	CHECK(utf->utf_err & FEC_WR);
	CHECK_EQ(munprotect((void *)ROUNDDOWN(utf->utf_fault_va, PGSIZE), 1), 0);
}

// One page that holds `is` is protected, and then not.
static void
one_page(volatile char *p, char is)
{
	CHECK_EQ(mprotect((void *)p, 1), 0);
	CHECK_EQ(*p, is);
	CHECK(can_read(p));
	CHECK(!can_write(p));
	CHECK_EQ(munprotect((void *)p, 1), 0);
	CHECK_EQ(*p, is);
	CHECK(can_write(p));
	CHECK_EQ(*p, is); // the child's was its own
	*p = is + 1;
	CHECK_EQ(*p, is + 1);
	*p = is;
}

static void
kinds(void)
{
	volatile char local[3 * PGSIZE];
	volatile char *mapped = map_anon(3), *large = malloc(3 * PGSIZE), *grown = sbrk(3 * PGSIZE);

	one_page(data, 1);
	one_page(data + PGSIZE, 0);
	one_page(mapped, 0);
	one_page(mapped + PGSIZE, 0);
	volatile char *inner = (char *)ROUNDUP((uintptr_t)large, PGSIZE);
	*inner = 0;
	one_page(inner, 0);
	volatile char *page = (char *)ROUNDUP((uintptr_t)grown, PGSIZE);
	one_page(page, 0);
	*page = 3;
	one_page(page, 3);
	volatile char *stack = (char *)ROUNDUP((uintptr_t)local, PGSIZE);
	*stack = 4;
	one_page(stack, 4);
	free((void *)large);
	CHECK_EQ(munmap((void *)mapped, 3 * PGSIZE), 0);
	CHECK(sbrk(-3 * PGSIZE) != (void *)-1);
}

// Pages that were never used: the mark says what may be done.
static void
unused(void)
{
	char *p = map_anon(6);

	CHECK_EQ(mprotect(p + PGSIZE, 4), 0);
	CHECK(can_write(p) && can_write(p + 5 * PGSIZE));
	CHECK(can_read(p + PGSIZE) && !can_write(p + PGSIZE) && !can_write(p + 4 * PGSIZE));
	CHECK_EQ(p[2 * PGSIZE], 0);
	CHECK(!can_write(p + 2 * PGSIZE));
	CHECK_EQ(munprotect(p, 6), 0);
	for (int i = 0; i < 6; i++)
		p[i * PGSIZE] = i;
	CHECK_EQ(munmap(p, 6 * PGSIZE), 0);
}

static void
handled(void)
{
	seen = 0;
	data[0] = 1;
	CHECK_EQ(mprotect((void *)data, 4), 0);
	set_pgfault_handler(handler);
	for (int i = 0; i < 4; i++)
		data[i * PGSIZE] = 10 + i;
	set_pgfault_handler(NULL);
	CHECK_EQ(seen, 4);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(data[i * PGSIZE], 10 + i);
}

static void
in_child(int unused)
{
	CHECK_EQ(data[0], 1);
	CHECK(!can_write(data));
	CHECK_EQ(munprotect((void *)data, 2), 0);
	data[0] = 2;
	data[PGSIZE] = 2;
	CHECK_EQ(mprotect((void *)data, 2), 0);
	CHECK(!can_write(data));
}

// A child has what its parent has, and changes it for itself.
static void
inherited(void)
{
	memset((void *)data, 1, sizeof(data));
	CHECK_EQ(mprotect((void *)data, 2), 0);
	child_must_live("protected memory", in_child, 0);
	CHECK(!can_write(data));
	CHECK_EQ(data[0], 1);
	CHECK_EQ(munprotect((void *)data, 2), 0);
	data[0] = 3;
	// Shared with a child when it was writeable.
	envid_t id = fork_watched();
	if (id == 0) {
		CHECK_EQ(mprotect((void *)data, 1), 0);
		AWAIT(shared->ready);
		CHECK_EQ(data[0], 3);
		CHECK_EQ(munprotect((void *)data, 1), 0);
		data[0] = 5;
		shared->result = data[0];
		exit();
	}
	data[0] = 4;
	shared->ready = 1;
	CHECK_EQ(wait_status(id), 0);
	CHECK_EQ(data[0], 4);
	CHECK_EQ(shared->result, 5);
	shared->ready = 0;
}

static void
none(void)
{
	char *p = map_anon(4);

	for (int i = 0; i < 3; i++)
		p[i * PGSIZE] = i + 1;
	CHECK_EQ(vm_protect(p, 4 * PGSIZE, PROT_NONE), 0);
	for (int i = 0; i < 4; i++)
		CHECK(!can_read(p + i * PGSIZE) && !can_write(p + i * PGSIZE));
	CHECK_EQ(vm_protect(p, 4 * PGSIZE, PROT_NONE), 0);
	envid_t id = fork_watched();
	if (id == 0) {
		CHECK_EQ(vm_protect(p, 4 * PGSIZE, RDWR), 0);
		for (int i = 0; i < 4; i++)
			CHECK_EQ(p[i * PGSIZE], i < 3 ? i + 1 : 0);
		p[0] = 77;
		exit();
	}
	CHECK_EQ(wait_status(id), 0);
	CHECK_EQ(vm_protect(p, 2 * PGSIZE, PROT_READ), 0);
	CHECK_EQ(p[0], 1);
	CHECK_EQ(p[PGSIZE], 2);
	CHECK(!can_write(p) && !can_read(p + 2 * PGSIZE));
	CHECK_EQ(vm_protect(p, 4 * PGSIZE, RDWR), 0);
	for (int i = 0; i < 4; i++) {
		CHECK_EQ(p[i * PGSIZE], i < 3 ? i + 1 : 0);
		p[i * PGSIZE] = 9;
	}
	CHECK_EQ(vm_protect(p, 4 * PGSIZE, PROT_NONE), 0);
	CHECK_EQ(munmap(p, 4 * PGSIZE), 0);
}

static void
refused(void *p, int len)
{
	CHECK_EQ(mprotect(p, len), -1);
	CHECK_EQ(munprotect(p, len), -1);
}

static void
refusals(void)
{
	char *p = map_anon(2);

	*p = 1;
	refused(p + 1, 1);
	refused(p, 0);
	refused(p, -1);
	refused(p, 3); // the third is nobody's
	refused(p, 0x100000);
	refused(p, 0x7fffffff);
	refused(NULL, 1);
	refused((void *)UTEMP, 1);
	refused((void *)0xA5000000, 1);
	refused((void *)FDTABLE, 1);
	refused((void *)SHARED, 1); // PTE_SHARE
	refused((void *)USTACKTOP, 1);
	refused((void *)(UXSTACKTOP - PGSIZE), 1);
	refused((void *)UTOP, 1);
	refused((void *)UVPT, 1);
	refused((void *)KERNBASE, 1);
	refused((void *)0xfffff000, 1);
	*p = 2;
	CHECK_EQ(munmap(p, 2 * PGSIZE), 0);
}

// Code and constants are read-only until a program says otherwise; then it has its own copy.
static void
text(void)
{
	volatile char *code = (char *)ROUNDDOWN((uintptr_t)text, PGSIZE);
	volatile char *fixed = (volatile char *)constants;

	CHECK(!can_write(code) && !can_write(fixed));
	CHECK_EQ(munprotect((void *)fixed, 1), 0);
	*fixed = 6;
	CHECK_EQ(*fixed, 6);
	CHECK_EQ(mprotect((void *)fixed, 1), 0);
	CHECK_EQ(munprotect((void *)code, 1), 0);
	*code = *code;
	CHECK_EQ(mprotect((void *)code, 1), 0);
	CHECK(!can_write(code) && !can_write(fixed));
	CHECK_EQ(*fixed, 6);
	CHECK_EQ(munprotect((void *)fixed, 1), 0);
	*fixed = 5;
	CHECK_EQ(mprotect((void *)fixed, 1), 0);
}

static void
all(void)
{
	kinds();
	unused();
	handled();
	data[0] = 1;
	data[PGSIZE] = 0;
	inherited();
	none();
	refusals();
	text();
	data[0] = 1;
	data[PGSIZE] = 0;
}

void
umain(int argc, char **argv)
{
	run_twice(all);
	PASS("vm_protect");
}
