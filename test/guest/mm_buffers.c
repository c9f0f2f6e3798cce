// Buffers of system calls that the program's own pager would have to bring: those that
// are copy-on-write or demand-zero do as if they were there, by each door and in a
// thread, too; those that nothing maps, or that may not be written, are -E_FAULT.
#include <test/guest/kt_check.h>

enum How { BY_TRAP, BY_INT, BY_PAGE, BY_OTHER_CPU, NHOWS };
static const char *const how_name[] = {"trap", "int", "page", "page, other CPU"};

static enum How how;

// A call by the way to be tested.
#define CALL(name, ...) (how <= BY_INT ? sys_##name(__VA_ARGS__) : flex_##name(__VA_ARGS__))

static void
choose(enum How h)
{
	enum SyscallDoor best = cpu_has_sysenter() ? DOOR_SYSENTER : DOOR_INT;

	how = h;
	syscall_door = h == BY_INT ? DOOR_INT : best;
	if (h >= BY_PAGE) {
		int r = flex_thread.page ? 0 : flexsc_register();

		CHECK_EQ(r, 0);
		CHECK_EQ(flexsc_affinity(h == BY_OTHER_CPU ? 1U << (sysinfo.ncpu - 1) : 0), 0);
	}
}

// The result of a call with a buffer of that kind; needs `kind` and r.
#define DONE(call, want)                                                        \
	do {                                                                    \
		if ((r = (call)) != (want))                                     \
			panic("%s, %s, %s: %d", #call, kind, how_name[how], r); \
	} while (0)

// Two pages each: those of kind COW are copy-on-write once a child is there.
#define NBUFFERS 64
static char cow[NBUFFERS * 2 * PGSIZE] __attribute__((aligned(PGSIZE)));
static uint32_t next_cow;

static char *
cow_buffer(void)
{
	char *p = cow + 2 * PGSIZE * next_cow++;

	CHECK(next_cow <= NBUFFERS);
	CHECK(uvpt[PGNUM(p)] & PTE_COW && uvpt[PGNUM(p + PGSIZE)] & PTE_COW);
	return p;
}

static char *
zero_buffer(void)
{
	char *p = map_anon(2);

	CHECK(!is_mapped((uintptr_t)p));
	return p;
}

static char thread_stack[PGSIZE] __attribute__((aligned(PGSIZE)));

// Every call that writes to memory, to a buffer that make() has made; across the end
// of its first page.
static void
written(const char *kind, char *(*make)(void))
{
	struct EnvStat *st;
	struct MemRun *run;
	struct times *t;
	void **store;
	envid_t id;
	char *p;
	int r;

	st = (struct EnvStat *)(make() + PGSIZE - 16);
	DONE(CALL(env_stat, 0, st), 0);
	CHECK_EQ(st->id, sys_getenvid());
	CHECK_EQ(strcmp(st->name, (char *)thisenv->env_name), 0);
	t = (struct times *)(make() + PGSIZE - 8);
	t = how % 2 ? t : (struct times *)ROUNDDOWN((char *)t, PGSIZE);
	DONE(CALL(gettimes, t), 0);
	CHECK(t->allticks < 1ULL << 40);
	run = (struct MemRun *)(make() + PGSIZE - 8);
	CHECK((r = CALL(mem_run, 0, UTEXT, run)) >= 0);
	CHECK_EQ(run->start, UTEXT);
	id = clone(exits_at_once, NULL, NULL, thread_stack);
	AWAIT(!env_is_alive(id)); // no zombie, if main has joined it meanwhile, for us
	store = (void **)(make() + PGSIZE);
	DONE(join(store), id);
	CHECK(*store == thread_stack);
	// A thread's stack.
	p = make();
	id = clone(exits_at_once, NULL, NULL, p);
	DONE(join(store), id);
	CHECK(*store == p);
	CHECK_EQ(((uint32_t *)p)[PGSIZE / 4 - 3], 0xffffffff);
}

// And those that read; the first kind has text there, the second zeroes.
static void
read_from(const char *kind, char *(*make)(void), const char *text)
{
	char *p = make() + PGSIZE - 4, was[20];
	int r;

	strcpy(was, (char *)thisenv->env_name);
	DONE(CALL(env_set_name, 0, p), 0);
	CHECK_EQ(strcmp((char *)thisenv->env_name, text), 0);
	DONE(CALL(env_set_name, 0, was), 0);
	p = make() + PGSIZE - 4;
	DONE(CALL(futex_wait, (uint32_t *)p, 0x12345678), -E_AGAIN);
	p = make();
	DONE(CALL(futex_wait, (uint32_t *)p, 0x12345678), -E_AGAIN);
	p = make() + PGSIZE;
	DONE(CALL(futex_wake, (uint32_t *)p, 1), 0);
}

static void
faults(const char *kind, char *p)
{
	int r;

	DONE(CALL(env_stat, 0, (struct EnvStat *)p), -E_FAULT);
	DONE(CALL(gettimes, (struct times *)p), -E_FAULT);
	DONE(CALL(mem_run, 0, UTEXT, (struct MemRun *)p), -E_FAULT);
}

static void
nothing_there(void)
{
	static const uint32_t bad[] = {0,    4,     PGSIZE, AREA, AREA - 4, UTOP,       UTOP - 4,
				       UVPT, UENVS, UPAGES, ULIM, KERNBASE, 0xfffff000, 0xfffffffc};
	char *half = map_anon(2);
	int r;
	const char *kind = "nothing there";

	half[0] = 7;
	CHECK_EQ(munmap(half + PGSIZE, PGSIZE), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		faults(kind, (char *)bad[i]);
	faults("half of it", half + PGSIZE - 4);
	DONE(CALL(futex_wait, (uint32_t *)(half + PGSIZE), 0), -E_FAULT);
	DONE(CALL(futex_wait, (uint32_t *)KERNBASE, 0), -E_FAULT);
	DONE(CALL(env_set_name, 0, half + PGSIZE), -E_FAULT);
	CHECK_EQ(mprotect(half, 1), 0);
	faults("read-only", half);
	CHECK_EQ(half[0], 7);
	CHECK_EQ(munmap(half, PGSIZE), 0);
	CHECK(!is_mapped(AREA) && !is_mapped(0));
}

// What the pager refuses is the call's error, by any door, and the pager is there as
// before.
static void
refused_by_pager(void)
{
	int fd = open("/motd", O_RDONLY);
	char *none = mmap(NULL, PGSIZE, PROT_NONE, ANON, -1, 0);
	char *read_only = mmap(NULL, PGSIZE, PROT_READ, ANON, -1, 0);
	char *past_end = mmap(NULL, 64 * PGSIZE, RDWR, MAP_PRIVATE, fd, 0);
	const char *kind = "past the end";
	int r;

	CHECK(fd >= 0 && none != MAP_FAILED && read_only != MAP_FAILED && past_end != MAP_FAILED);
	for (int i = 0; i < 3; i++) {
		faults("inaccessible", none);
		DONE(CALL(env_set_name, 0, none), -E_FAULT);
		zero_buffer()[0] = 1;
		faults("read-only, not there yet", read_only);
		DONE(CALL(futex_wait, (uint32_t *)read_only, 1), -E_AGAIN);
		faults("read-only", read_only);
		zero_buffer()[0] = 1;
		faults("past the end", past_end + 63 * PGSIZE);
		DONE(CALL(futex_wait, (uint32_t *)(past_end + 62 * PGSIZE), 0), -E_FAULT);
		zero_buffer()[0] = 1;
		CHECK_EQ(munmap(read_only, PGSIZE), 0);
		read_only = mmap(NULL, PGSIZE, PROT_READ, ANON, -1, 0);
	}
	CHECK_EQ(close(fd), 0);
}

static void
all_kinds(void)
{
	written("demand-zero", zero_buffer);
	read_from("demand-zero", zero_buffer, "");
	written("copy-on-write", cow_buffer);
	read_from("copy-on-write", cow_buffer, "texttext");
	nothing_there();
	refused_by_pager();
}

static void
in_thread(void *arg1, void *arg2)
{
	choose((enum How)arg1);
	all_kinds();
}

static void
by(int arg)
{
	envid_t child;

	for (int i = 0; i < NBUFFERS * 2; i++) {
		strcpy(cow + i * PGSIZE, "text");
		if (i % 2 == 0)
			memcpy(cow + i * PGSIZE + PGSIZE - 4, "text", 4);
	}
	child = child_run(waits_for_message, 0);
	AWAIT(envs[ENVX(child)].env_ipc_recving);
	if (arg & 8) {
		must_create(in_thread, (void *)(arg & 7), NULL);
		must_join(1);
	} else {
		in_thread((void *)arg, NULL);
	}
	CHECK_EQ(sys_env_destroy(child), 0);
}

// The handler of the program takes what the pager does not, for calls it is still
// the program's error.
static void
maps(struct UTrapframe *utf)
{
	CHECK_EQ(sys_page_alloc(0, (void *)ROUNDDOWN(utf->utf_fault_va, PGSIZE), RW), 0);
}

static void
own_handler(int arg)
{
	struct times *t = (struct times *)AREA;

	set_pgfault_handler(maps);
	CHECK_EQ(sys_gettimes(t), -E_FAULT);
	CHECK(!is_mapped(AREA));
	t->allticks = 0;
	CHECK_EQ(sys_gettimes(t), 0);
}

// A file's data straight into such buffers, and out of them.
static void
files(int arg)
{
	char *p = zero_buffer(), *q = zero_buffer(),
	     *text = strcpy(cow, "of a page that is shared");
	int fd = open("/t-mm_buffers", O_RDWR | O_CREAT | O_TRUNC);
	envid_t child = child_run(waits_for_message, 0);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, p, 2 * PGSIZE), 2 * PGSIZE); // zeroes that are not there yet
	CHECK_EQ(write(fd, text, 24), 24);
	CHECK_EQ(seek(fd, 2 * PGSIZE - 10), 0);
	CHECK_EQ(readn(fd, q + PGSIZE - 17, 34), 34);
	CHECK(memcmp(q + PGSIZE - 7, text, 24) == 0);
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(readn(fd, cow + 4 * PGSIZE + 3, 100), 100);
	CHECK_EQ(cow[4 * PGSIZE + 10], 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(remove("/t-mm_buffers"), 0);
	CHECK_EQ(sys_env_destroy(child), 0);
}

void
umain(int argc, char **argv)
{
	share_results();
	for (int h = 0; h < NHOWS; h++) {
		child_must_live(how_name[h], by, h);
		child_must_live(how_name[h], by, h | 8);
	}
	child_must_live("a handler of its own", own_handler, 0);
	child_must_live("files", files, 0);
	PASS("mm_buffers");
}
