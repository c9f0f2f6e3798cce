// top [-n TIMES] [-d SECONDS]: the processes that use the CPUs most, shown anew every
// second until q is typed, or as often as asked for.
//
// A process's share is of one CPU, since the last time; at first, since the machine started.
#include <user/command.h>
#include <user/number.h>
#include <user/pstate.h>

#define ROWS 20

// A process, and what it has used.
struct Row {
	envid_t id;
	uint64_t cycles;
	uint64_t recent; // since the last time
};

static struct Row rows[NENV];
static int nrows;

static struct {
	envid_t id;
	uint64_t cycles;
} last[NENV]; // by slot

static uint64_t last_time; // time-stamp counter

static struct {
	uint32_t threads, running;
	uint64_t recent;
} totals;

static void
gather(void)
{
	struct EnvStat stat;

	nrows = 0;
	memset(&totals, 0, sizeof(totals));
	for (int i = 0; (i = pstat_next(i, &stat)) < NENV; i++) {
		struct Row *row = &rows[nrows++];
		uint64_t before = last[i].id == stat.id ? last[i].cycles : 0;
		row->id = last[i].id = stat.id;
		row->cycles = last[i].cycles = stat.cycles;
		row->recent = stat.cycles > before ? stat.cycles - before : 0;
		totals.threads += stat.threads;
		totals.running += stat.status == ENV_RUNNING;
		totals.recent += row->recent;
	}
}

static bool
goes_before(const struct Row *a, const struct Row *b)
{
	return a->recent != b->recent ? a->recent > b->recent : a->cycles > b->cycles;
}

// Brings the first ROWS to the front, in order.
static void
sort(void)
{
	for (int i = 0; i < MIN(nrows, ROWS); i++) {
		int first = i;
		for (int j = i + 1; j < nrows; j++)
			if (goes_before(&rows[j], &rows[first]))
				first = j;
		struct Row row = rows[i];
		rows[i] = rows[first];
		rows[first] = row;
	}
}

static void
print_totals(uint64_t cycles)
{
	uint32_t share = totals.recent * 1000 / (cycles * sysinfo.ncpu);

	print("%d processes, %u of them running; %u threads; %u CPUs, %u.%u%% used\n", nrows,
	      totals.running, totals.threads, sysinfo.ncpu, share / 10, share % 10);
	print("%8s %-7s %3s %6s %8s %3s %8s %7s %s\n", "ID", "STATE", "CPU", "%CPU", "SECONDS",
	      "THR", "RESIDENT", "SWAPPED", "NAME");
}

// Nothing if it has ended meanwhile.
static void
print_row(const struct Row *row, uint64_t cycles)
{
	uint32_t share = row->recent * 1000 / cycles;
	uint32_t ms = row->cycles / sysinfo.tsc_khz;
	struct EnvStat stat;

	if (sys_env_stat(row->id, &stat) < 0)
		return;
	print("%08x %-7s %3d %4u.%u %4u.%03u %3u %8u %7u %s\n", stat.id, state_words(stat.status),
	      stat.cpu, share / 10, share % 10, ms / 1000, ms % 1000, stat.threads, stat.nresident,
	      stat.nswapped, stat.name);
}

static void
show(bool screen)
{
	uint64_t now = read_tsc();
	uint64_t cycles = MAX(now - last_time, (uint64_t)1);

	gather();
	sort();
	if (screen)
		print("\033[H\033[2J");
	print_totals(cycles);
	for (int i = 0; i < MIN(nrows, ROWS); i++)
		print_row(&rows[i], cycles);
	if (nrows > ROWS)
		print("%d more\n", nrows - ROWS);
	flush();
	last_time = now;
}

// Waits ms milliseconds, or, if there is a keyboard, until q is typed. Whether it was.
static bool
wait_key(uint32_t ms, bool keyboard)
{
	uint32_t began = sys_time_msec();

	while (msec_since(began) < ms) {
		// Before the looks.
		uint32_t ticks = sysinfo.ticks, input = sysinfo.input;
		for (int c = 1; keyboard && (c = sys_cgetc()) != 0;)
			if (c == 'q' || c == 'Q')
				return true;
		if (msec_since(began) < ms)
			sys_futex_wait2(&sysinfo.ticks, ticks, &sysinfo.input, input);
	}
	return false;
}

// An option's value, from 1 to most.
static long
option_number(struct Argstate *options, long most)
{
	const char *text = argvalue(options);
	long n;

	if (!text || !read_number(text, 10, 1, most, &n))
		usage();
	return n;
}

void
umain(int argc, char **argv)
{
	struct Argstate options;
	long times = 0, seconds = 1;
	int option;

	command.args = "[-n TIMES] [-d SECONDS]";
	argstart(&argc, argv, &options);
	while ((option = argnext(&options)) >= 0) {
		switch (option) {
		case 'n': times = option_number(&options, 1L << 30); break;
		case 'd': seconds = option_number(&options, 3600); break;
		default: usage();
		}
	}
	if (argc > 1)
		usage();

	bool screen = iscons(1) > 0, keyboard = iscons(0) > 0;
	for (long n = 0;;) {
		show(screen);
		if (++n == times || wait_key(seconds * 1000, keyboard))
			break;
	}
	finish();
}
