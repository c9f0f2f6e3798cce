// ps [-t] [ID...]: the processes, or those named, a line each; -t: their threads, too.
// ps -m ID...: what is in the address spaces of these.
//
// Sizes are in pages, ticks those of the timer.
#include <user/map.h>
#include <user/number.h>
#include <user/pstate.h>

static void
print_header(void)
{
	print("%8s %8s %-7s %3s %6s %7s %8s %6s %7s %s\n", "ID", "PARENT", "STATE", "CPU", "TICKS",
	      "THREADS", "RESIDENT", "SHARED", "SWAPPED", "NAME");
}

static void
print_line(const struct EnvStat *stat)
{
	print("%08x %08x %-7s %3d %6llu %7u %8u %6u %7u %s\n", stat->id, stat->parent,
	      state_words(stat->status), stat->cpu, stat->ticks, stat->threads, stat->nresident,
	      stat->nshared, stat->nswapped, stat->name);
}

// The threads of a process but the first. They have its pages.
static void
print_threads(envid_t process)
{
	struct EnvStat stat;

	for (int i = 0; i < NENV; i++) {
		envid_t id = envs[i].env_id;
		if (envs[i].env_status == ENV_FREE || envs[i].env_type != ENV_TYPE_THREAD ||
		    envs[i].env_process != process || sys_env_stat(id, &stat) < 0)
			continue;
		print("%08x %08x %-7s %3d %6llu %7s %8s %6s %7s %s\n", stat.id, stat.parent,
		      state_words(stat.status), stat.cpu, stat.ticks, "-", "-", "-", "-",
		      stat.name);
	}
}

static void
print_process(const struct EnvStat *stat)
{
	print_line(stat);
	if (has_option('t'))
		print_threads(stat->id);
}

static void
print_all(void)
{
	struct EnvStat stat;

	for (int i = 0; (i = pstat_next(i, &stat)) < NENV; i++)
		print_process(&stat);
}

// The process of that id; a thread's id stands for its process. Whether there is one:
// else that was said.
static bool
find(const char *text, struct EnvStat *stat)
{
	envid_t id = read_id(text);

	flush();
	if (id == 0)
		complain_that(text, "not an id");
	else if (sys_env_stat(id, stat) == 0 &&
		 (stat->process == id || sys_env_stat(stat->process, stat) == 0))
		return true;
	else
		complain_that(text, "no such process");
	return false;
}

void
umain(int argc, char **argv)
{
	struct EnvStat stat;

	read_options(&argc, argv, "mt", "[-t] [ID...] | -m ID...");
	if (has_option('m') && (argc < 2 || has_option('t')))
		usage();
	if (!has_option('m'))
		print_header();
	if (argc < 2)
		print_all();
	for (int i = 1; i < argc; i++) {
		if (!find(argv[i], &stat))
			continue;
		if (has_option('m'))
			map_print(&stat);
		else
			print_process(&stat);
	}
	finish();
}
