// What a trap must leave alone: the program's registers, and its odd flags
// (direction, nested task, alignment check, single step), by both doors and by
// interrupts. The kernel must not be led astray by them.
#include <test/guest/check.h>

// The values that the registers get, and what they are afterwards.
struct Regs {
	uint32_t ebx, esi, edi, ebp;
};

static const struct Regs pattern = {0x11223344, 0x55667788, 0x99aabbcc, 0xddeeff00};
static struct Regs regs_after;
static uint32_t flags_after;

// Calls fn with pattern in the registers that a function must preserve.
static void
call_with_pattern(envid_t (*fn)(void))
{
	static envid_t (*target)(void);

	target = fn;
	asm volatile("pushal\n\t"
		     "movl %[ebx],%%ebx\n\t"
		     "movl %[esi],%%esi\n\t"
		     "movl %[edi],%%edi\n\t"
		     "movl %[ebp],%%ebp\n\t"
		     "call *%[target]\n\t"
		     "movl %%ebx,%[out]\n\t"
		     "movl %%esi,%[out]+4\n\t"
		     "movl %%edi,%[out]+8\n\t"
		     "movl %%ebp,%[out]+12\n\t"
		     "popal"
		     : [out] "=m"(regs_after)
		     : [ebx] "i"(0x11223344), [esi] "i"(0x55667788), [edi] "i"(0x99aabbcc),
		       [ebp] "i"(0xddeeff00), [target] "m"(target)
		     : "memory", "cc");
}

static void
registers_kept(void)
{
	for (int i = 0; i < 1000; i++) {
		call_with_pattern(sys_getenvid);
		CHECK_EQ(regs_after.ebx, pattern.ebx);
		CHECK_EQ(regs_after.esi, pattern.esi);
		CHECK_EQ(regs_after.edi, pattern.edi);
		CHECK_EQ(regs_after.ebp, pattern.ebp);
	}
}

// int 0x30 itself with flags set: all registers but eax stay, and the flags.
static envid_t
int_with_flags(uint32_t flags)
{
	static uint32_t set;
	envid_t ret;
	uint32_t edx = 0xd0d0d0d0, ecx = 0xc0c0c0c0, ebx = 0xb0b0b0b0, edi = 0xd1d1d1d1,
		 esi = 0x51515151;

	set = flags;
	asm volatile("pushfl\n\t"
		     "pushfl\n\t"
		     "popl %%eax\n\t"
		     "orl %[set],%%eax\n\t"
		     "pushl %%eax\n\t"
		     "movl %[num],%%eax\n\t"
		     "popfl\n\t"
		     "int %[vector]\n\t"
		     "pushfl\n\t"
		     "popl %[after]\n\t"
		     "popfl"
		     : "=&a"(ret), "+d"(edx), "+c"(ecx), "+b"(ebx), "+D"(edi),
		       "+S"(esi), [after] "=m"(flags_after)
		     : [set] "m"(set), [num] "i"(SYS_getenvid), [vector] "i"(T_SYSCALL)
		     : "memory", "cc");
	CHECK_EQ(edx, 0xd0d0d0d0);
	CHECK_EQ(ecx, 0xc0c0c0c0);
	CHECK_EQ(ebx, 0xb0b0b0b0);
	CHECK_EQ(edi, 0xd1d1d1d1);
	CHECK_EQ(esi, 0x51515151);
	return ret;
}

// The library's door with flags set. Only that the call works is promised.
static envid_t
door_with_flags(uint32_t flags)
{
	envid_t ret;
	uint32_t before = read_eflags();

	write_eflags(before | flags);
	ret = sys_getenvid();
	write_eflags(before);
	return ret;
}

// Spins with the flags set while interrupts come; no call in between.
static void
busy_with_flags(uint32_t flags)
{
	static uint32_t set;
	uint32_t loops = 30000000;

	set = flags;
	asm volatile("pushfl\n\t"
		     "pushfl\n\t"
		     "popl %%eax\n\t"
		     "orl %[set],%%eax\n\t"
		     "pushl %%eax\n\t"
		     "popfl\n\t"
		     "movl $0xdeafbeef,%%edx\n\t"
		     "1: decl %[loops]\n\t"
		     "jnz 1b\n\t"
		     "pushfl\n\t"
		     "popl %[after]\n\t"
		     "popfl\n\t"
		     "movl %%edx,%%eax"
		     : [loops] "+c"(loops), "=&a"(set), [after] "=m"(flags_after)
		     : [set] "m"(set)
		     : "edx", "memory", "cc");
	CHECK_EQ(set, 0xdeafbeef);
}

static void
flags_kept(void)
{
	static const uint32_t flags[] = {FL_DF, FL_NT, FL_AC, FL_DF | FL_NT | FL_AC};
	envid_t me = sys_getenvid();

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		CHECK_EQ(int_with_flags(flags[i]), me);
		CHECK_EQ(flags_after & flags[i], flags[i]);
		busy_with_flags(flags[i]);
		CHECK_EQ(flags_after & flags[i], flags[i]);
	}
	// The kernel's own do not come out.
	CHECK_EQ(read_eflags() & (FL_DF | FL_NT | FL_AC | FL_TF | FL_IOPL_MASK), 0);
	CHECK_EQ(read_eflags() & FL_IF, FL_IF);
}

static void
flags_by_door(void)
{
	envid_t me = sys_getenvid();

	for (int i = 0; i < 100; i++) {
		CHECK_EQ(door_with_flags(FL_NT), me);
		CHECK_EQ(door_with_flags(FL_AC), me);
		CHECK_EQ(door_with_flags(FL_NT | FL_AC), me);
	}
}

// A fault's way out and back in, with flags set, is the kernel's business too.
static void
faults_with_flags(int flags)
{
	write_eflags(read_eflags() | flags);
	*(volatile uint32_t *)0 = 1;
}

// Single step: a debug exception after an instruction ends the program, also
// when that instruction was the one into the kernel.
static void
steps_into_int(int arg)
{
	asm volatile("pushfl\n\t"
		     "orl %0,(%%esp)\n\t"
		     "popfl\n\t"
		     "int %1"
		     :
		     : "i"(FL_TF), "i"(T_SYSCALL), "a"(SYS_getenvid)
		     : "memory", "cc");
	asm volatile("nop; nop");
}

static void
steps_into_door(int arg)
{
	write_eflags(read_eflags() | FL_TF);
	sys_getenvid();
	asm volatile("nop; nop");
}

// sysenter with a step pending is where a careless kernel is stepped itself.
static void
steps_right_at_sysenter(int arg)
{
	asm volatile("pushfl\n\t"
		     "orl %0,(%%esp)\n\t"
		     "popfl\n\t"
		     "sysenter"
		     :
		     : "i"(FL_TF), "a"(SYS_getenvid)
		     : "memory", "cc");
}

// sysenter with nonsense in all registers, by a program that does not know
// the convention.
static void
sysenter_nonsense(int kind)
{
	asm volatile("movl %%ecx,%%esp\n\t"
		     "movl %%ecx,%%ebp\n\t"
		     "sysenter"
		     :
		     : "a"(kind & 1 ? -1 : SYS_getenvid | SYSENTER_ARG5), "b"(0xffffffff),
		       "c"(kind & 2 ? KERNBASE + 0x1000 : 0), "d"(kind & 4 ? KERNBASE : 0),
		       "S"(kind & 2 ? KERNBASE : 1), "D"(0xfffffffc)
		     : "memory", "cc");
}

void
umain(int argc, char **argv)
{
	static const int flags[] = {FL_DF, FL_NT, FL_AC, FL_DF | FL_NT | FL_AC};

	share_results();
	for (int door = DOOR_INT; door <= DOOR_SYSENTER; door++) {
		if (door == DOOR_SYSENTER && !cpu_has_sysenter())
			continue;
		syscall_door = door;
		registers_kept();
		flags_by_door();
		child_must_die("single step into a door", steps_into_door, 0);
	}
	flags_kept();
	child_must_die("single step into int", steps_into_int, 0);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		child_must_die("a fault with odd flags", faults_with_flags, flags[i]);
	if (cpu_has_sysenter()) {
		child_must_die("single step at sysenter", steps_right_at_sysenter, 0);
		for (int kind = 0; kind < 8; kind++)
			child_must_die("sysenter with nonsense", sysenter_nonsense, kind);
	}
	registers_kept();
	PASS("trap_regs");
}
