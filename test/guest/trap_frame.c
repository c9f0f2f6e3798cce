// env_set_trapframe: of the caller itself, which then goes on with all of the new
// registers, whatever they hold, by either door; and of an env that runs
// while its syscall thread makes the call, which is refused.
//
// Argument: for how many milliseconds to try the latter (500).
#include <test/guest/calls.h>
#include <test/guest/fsccheck.h>

static struct Trapframe frame;
static struct PushRegs got;
static uint32_t got_flags;

// Gives itself registers, eax among them, and sees whether it has them.
static void
becomes(enum Door door, uint32_t eax)
{
	static uint32_t saved_esp;

	syscall_door = door == BY_INT ? DOOR_INT : DOOR_SYSENTER;
	frame = (struct Trapframe){
		.tf_regs = {0xd1d1d1d1, 0x51515151, 0xb9b9b9b9, 0, 0xb0b0b0b0, 0xd0d0d0d0,
			    0xc0c0c0c0, eax},
		.tf_eflags = FL_CF,
	};
	asm volatile("pushal\n\t"
		     "movl %%esp,%[saved]\n\t"
		     "movl %%esp,%[esp]\n\t"
		     "movl $1f,%[eip]\n\t"
		     "pushl %[frame]\n\t"
		     "pushl $0\n\t"
		     "call sys_env_set_trapframe\n\t"
		     "movl %[saved],%%esp\n\t"
		     "xorl %%eax,%%eax\n"
		     "1:\tmovl %%eax,%[eax]\n\t"
		     "movl %%ebx,%[ebx]\n\t"
		     "movl %%ecx,%[ecx]\n\t"
		     "movl %%edx,%[edx]\n\t"
		     "movl %%esi,%[esi]\n\t"
		     "movl %%edi,%[edi]\n\t"
		     "movl %%ebp,%[ebp]\n\t"
		     "pushfl\n\t"
		     "popl %[flags]\n\t"
		     "popal"
		     : [saved] "=m"(saved_esp), [esp] "=m"(frame.tf_esp), [eip] "=m"(frame.tf_eip),
		       [eax] "=m"(got.reg_eax), [ebx] "=m"(got.reg_ebx), [ecx] "=m"(got.reg_ecx),
		       [edx] "=m"(got.reg_edx), [esi] "=m"(got.reg_esi), [edi] "=m"(got.reg_edi),
		       [ebp] "=m"(got.reg_ebp), [flags] "=m"(got_flags)
		     : [frame] "i"(&frame)
		     : "memory", "cc");
	got.reg_oesp = 0;
	if (memcmp(&got, &frame.tf_regs, sizeof(got)) != 0)
		panic("by %s, eax %08x: eax %08x ebx %08x ecx %08x edi %08x", door_name[door], eax,
		      got.reg_eax, got.reg_ebx, got.reg_ecx, got.reg_edi);
	CHECK(got_flags & FL_CF);
}

// Where it goes on if it did not run at that moment, but had lost its CPU to
// another env: then its registers may be changed.
static void
changed_off_its_cpu(void)
{
	shared->survived = 1;
	exit();
}

// Its syscall thread tries to change its registers, over and over, as it runs, is
// interrupted and makes calls.
static void
changed_while_it_runs(int msec)
{
	unsigned began = sys_time_msec();

	frame = (struct Trapframe){.tf_eip = (uintptr_t)changed_off_its_cpu,
				   .tf_esp = USTACKTOP - 256};
	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(flexsc_affinity(1U << last_cpu()), 0);
	while (sys_time_msec() - began < (unsigned)msec) {
		struct FscEntry *e[NSCENTRIES];

		for (int i = 0; i < NSCENTRIES; i++)
			e[i] = flex_post(SYS_env_set_trapframe, 0, (uintptr_t)&frame, 0, 0, 0);
		// If it stops in the middle it is its own page's: never wait.
		for (int i = 0; i < NSCENTRIES; i++) {
			while (!flex_done(e[i]))
				CHECK_EQ(sys_getenvid(), thisenv->env_id);
			CHECK_EQ(flex_collect(e[i]), -E_INVAL);
		}
	}
}

static void
counts(int n)
{
	while (!shared->stop)
		shared->count[n]++;
}

// Each of these gets its share, if all the CPUs' clocks still tick.
static void
all_cpus_tick(void)
{
	for (int i = 0; i < 8; i++)
		child_run(counts, i);
	for (int i = 0; i < 8; i++)
		AWAIT(shared->count[i]);
	shared->stop = 1;
}

void
umain(int argc, char **argv)
{
	uint32_t msec = arg_number(argc, argv, 1, 500);

	share_results();
	for (enum Door door = BY_INT; door <= BY_SYSENTER; door++) {
		if (!door_here(door))
			continue;
		becomes(door, 0x12345678);
		for (uint32_t eax = 0x80000000; eax < 0x80000010; eax++)
			becomes(door, eax);
		becomes(door, -E_INVAL);
	}
	syscall_door = DOOR_INT;
	CHECK_EQ(flexsc_register(), 0);
	bool many = last_cpu() > 0;
	if (many) // else the env never runs while its thread does
		child_must_live("while its frame was to be changed", changed_while_it_runs, msec);
	all_cpus_tick();
	PASS("trap_frame");
}
