// time COMMAND [ARG...]: runs a command, and says on descriptor 2 what time it took:
// by the clock, and of CPUs, with that of its children that have ended. Ends with the
// command's status.
//
// user: in ring 3. kernel: in the kernel for it, by trap or page fault. syscall thread:
// what its syscall threads took, wherever they ran.
#include <user/child.h>

static void
print_time(const char *what, uint64_t cycles)
{
	uint32_t ms = cycles / sysinfo.tsc_khz;

	fprintf(2, "%-14s %5u.%03u s\n", what, ms / 1000, ms % 1000);
}

static uint64_t
less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

void
umain(int argc, char **argv)
{
	struct EnvStat stat;
	int r;

	command.args = "COMMAND [ARG...]";
	if (argc < 2 || argv[1][0] == '-')
		usage();
	envid_t child = child_make(argv + 1, ENVF_TIMED);
	uint64_t began = read_tsc();
	sys_env_set_status(child, ENV_RUNNABLE);
	child_await(child);
	uint64_t wall = read_tsc() - began;

	// A zombie still says what it has used.
	if ((r = sys_env_stat(child, &stat)) < 0) {
		complain_of(argv[1], r);
	} else {
		uint64_t kernel = stat.kernel + stat.child_kernel;
		uint64_t calls = stat.calls + stat.child_calls;
		print_time("wall", wall);
		print_time("user", less(stat.cycles + stat.child_cycles, kernel + calls));
		print_time("kernel", kernel);
		print_time("syscall thread", calls);
	}
	child_finish(child, argv[1]);
}
