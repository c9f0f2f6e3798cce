// mprotect and munprotect as in OSTEP's projects: pages become read-only and writeable
// again, in the process and its children from then on; what they refuse, and change
// nothing; how a fault shows; and that other CPUs know at once.
#include <test/guest/kt_check.h>

#define NPAGES 4

static char data[NPAGES * PGSIZE] __attribute__((aligned(PGSIZE))) = "first";
static volatile char bss[NPAGES * PGSIZE] __attribute__((aligned(PGSIZE)));
static volatile uint32_t gate, stop, faults;
static volatile uintptr_t fault_va;
static volatile uint32_t fault_err;

static void
is_read_only(const char *what, char *at)
{
	if (can_write(at))
		panic("%s: a child wrote there", what);
	child_must_live(what, reads, (int)at);
}

// One page of some memory, alone and between others.
static void
one_page(const char *what, char *base)
{
	char *page = base + PGSIZE;

	for (int i = 0; i < NPAGES; i++)
		base[i * PGSIZE + 5] = 10 + i;
	CHECK_EQ(mprotect(page, 2), 0);
	for (int i = 0; i < NPAGES; i++)
		CHECK_EQ(base[i * PGSIZE + 5], 10 + i);
	is_read_only(what, page);
	is_read_only(what, page + 2 * PGSIZE - 1);
	base[5] = 20;
	base[3 * PGSIZE] = 20;
	CHECK_EQ(mprotect(page, 2), 0); // once more changes nothing
	is_read_only(what, page);
	CHECK_EQ(munprotect(page, 1), 0);
	page[5] = 99;
	CHECK_EQ(page[5], 99);
	is_read_only(what, page + PGSIZE);
	CHECK_EQ(munprotect(page, 2), 0);
	page[PGSIZE] = 98;
	CHECK_EQ(page[PGSIZE], 98);
	CHECK_EQ(page[PGSIZE + 5], 12);
	CHECK_EQ(munprotect(page, 2), 0);
}

static void
all_sorts_of_memory(int arg)
{
	char *heap = malloc(6 * PGSIZE), *brk = sbrk(6 * PGSIZE), *map = map_anon(NPAGES);

	CHECK(heap && brk != (void *)-1);
	one_page("data", data);
	one_page("bss", (char *)bss);
	one_page("heap", ROUNDUP(heap, PGSIZE));
	one_page("sbrk", ROUNDUP(brk, PGSIZE));
	one_page("mmap", map);
	free(heap);
	CHECK(sbrk(-6 * PGSIZE) != (void *)-1);
	CHECK_EQ(munmap(map, NPAGES * PGSIZE), 0);
}

// Not touched before: the zeroes come when it is read, and writing faults.
static void
untouched(int arg)
{
	char *map = map_anon(NPAGES);

	CHECK_EQ(mprotect(map, 2), 0);
	CHECK(!can_write(map));
	CHECK_EQ(map[0], 0);
	CHECK(!can_write(map));
	CHECK(!can_write(map + PGSIZE));
	CHECK_EQ(munprotect(map, 2), 0);
	map[0] = map[PGSIZE] = 1;
	CHECK_EQ(munmap(map, NPAGES * PGSIZE), 0);
}

static void
refused_by(const char *name, int (*f)(void *, int), const char *what, void *at, int len)
{
	int r = f(at, len);

	if (r != -1)
		panic("%s, %s: %d, not -1", name, what, r);
}

static void
refused(const char *what, void *at, int len)
{
	refused_by("mprotect", mprotect, what, at, len);
	refused_by("munprotect", munprotect, what, at, len);
}

static void
refuses(int arg)
{
	char *map = map_anon(6);

	memset(map, 1, 6 * PGSIZE);
	CHECK_EQ(munmap(map + 3 * PGSIZE, PGSIZE), 0);

	refused("a byte off", map + 1, 1);
	refused("in the middle", map + 100, 1);
	refused("length 0", map, 0);
	refused("length -1", map, -1);
	refused("the least length", map, (int)0x80000000);
	refused("null", NULL, 1);
	refused("from null", NULL, 4096);
	refused("not there", (void *)(AREA + 0x1000000), 1);
	refused("a hole in the middle", map, 6);
	refused("a hole at the end", map, 4);
	refused("a hole at the beginning", map + 3 * PGSIZE, 2);
	refused("more than there is", map + 4 * PGSIZE, 100);
	refused("up to the end of memory", map + 4 * PGSIZE, 0x7fffffff);
	refused("round the end of memory", (void *)0xfffff000, 2);
	refused("at UTOP", (void *)UTOP, 1);
	refused("page tables", (void *)UVPT, 1);
	refused("envs", (void *)UENVS, 1);
	refused("in the kernel", (void *)KERNBASE, 1);
	refused("so long that it wraps", map, 0x100000);
	for (int i = 0; i < 6; i++)
		if (i != 3)
			map[i * PGSIZE] = 2; // nothing has become read-only
	CHECK_EQ(mprotect(map, 2), 0);
	refused_by("munprotect", munprotect, "a hole at the end", map, 4);
	is_read_only("as it was", map); // nor writeable
	CHECK_EQ(munmap(map, 6 * PGSIZE), 0);
}

// The parent's protection is the child's; the child's own changes are its own.
static void
changes_its_own(int at)
{
	CHECK_EQ(munprotect((void *)at, 1), 0);
	*(volatile char *)at = 77;
	CHECK_EQ(*(volatile char *)at, 77);
	CHECK_EQ(mprotect((void *)(at + 2 * PGSIZE), 1), 0);
}

static void
loses_a_child(int at)
{
	child_must_die("a grandchild", writes, at);
}

static void
inherited(int arg)
{
	memset(data, 3, sizeof(data));
	CHECK_EQ(mprotect(data, 2), 0);
	child_must_live("a child", loses_a_child, (int)data);
	child_must_live("a child's own", changes_its_own, (int)data);
	CHECK_EQ(data[0], 3);
	is_read_only("after a child's munprotect", data);
	data[2 * PGSIZE] = 4; // the child's mprotect was not ours
	CHECK_EQ(munprotect(data, 2), 0);
	memset(data, 5, sizeof(data));
}

// The handler sees a write to a page that is there, and may allow it.
static void
allows(struct UTrapframe *utf)
{
	faults++;
	fault_va = utf->utf_fault_va;
	fault_err = utf->utf_err;
	CHECK_EQ(munprotect((void *)ROUNDDOWN(fault_va, PGSIZE), 1), 0);
}

static void
handled(int arg)
{
	set_pgfault_handler(allows);
	faults = 0;
	for (int i = 1; i <= 50; i++) {
		bss[7] = 1;
		CHECK_EQ(faults, i - 1);
		CHECK_EQ(mprotect((char *)bss, 1), 0);
		CHECK_EQ(bss[7], 1);
		bss[9] = 2;
		CHECK_EQ(faults, i);
		CHECK_EQ(fault_va, (uintptr_t)bss + 9);
		CHECK_EQ(fault_err & (FEC_PR | FEC_WR | FEC_U), FEC_PR | FEC_WR | FEC_U);
	}
}

// When mprotect has returned, no thread on any CPU writes there.
static volatile uint32_t turn;    // counts the times that it is writeable again
static volatile uint32_t held[3]; // the turn in which a thread's handler holds it
static __thread uint32_t me;

static void
counts(void *arg1, void *arg2)
{
	volatile uint32_t *at = (volatile uint32_t *)(bss + 64 * (int)arg1);

	me = (uint32_t)arg1;
	count_up(&gate);
	while (!stop)
		++*at;
}

static void
waits_for_turn(struct UTrapframe *utf)
{
	uint32_t now = turn;

	held[me] = now;
	AWAIT(turn != now || stop); // it may come only after the last turn
}

static void
on_other_cpus(int arg)
{
	set_pgfault_handler(waits_for_turn);
	turn = 1;
	for (int n = 0; n < 3; n++)
		must_create(counts, (void *)n, NULL);
	AWAIT(gate == 3);
	for (int round = 0; round < 200; round++) {
		uint32_t seen[3];

		CHECK_EQ(mprotect((char *)bss, 1), 0);
		for (int i = 0; i < 3; i++)
			seen[i] = *(volatile uint32_t *)(bss + 64 * i);
		some_time(300);
		for (int i = 0; i < 3; i++)
			CHECK_EQ(*(volatile uint32_t *)(bss + 64 * i), seen[i]);
		for (int i = 0; i < 3 && round % 10 == 0; i++)
			AWAIT(held[i] == turn); // all stand there
		CHECK_EQ(munprotect((char *)bss, 1), 0);
		turn++;
	}
	stop = 1;
	must_join(3);
}

// The kernel writes there no more than the program, by any door.
static void
system_calls(int arg)
{
	struct times *at = (struct times *)data;

	CHECK_EQ(flexsc_register(), 0);
	memset(data, 9, PGSIZE);
	CHECK_EQ(mprotect(data, 1), 0);
	for (int remote = 0; remote < 2; remote++) {
		CHECK_EQ(flexsc_affinity(remote << (sysinfo.ncpu - 1)), 0);
		CHECK_EQ(sys_gettimes(at), -E_FAULT);
		CHECK_EQ(flex_gettimes(at), -E_FAULT);
		CHECK_EQ(sys_env_stat(0, (struct EnvStat *)(data + PGSIZE - 8)), -E_FAULT);
		CHECK_EQ(sys_env_set_name(0, data), 0); // reading it is allowed
	}
	for (int i = 0; i < PGSIZE; i++)
		CHECK_EQ(data[i], 9);
	CHECK_EQ(munprotect(data, 1), 0);
	CHECK_EQ(sys_gettimes(at), 0);
	CHECK_EQ(flex_gettimes(at), 0);
}

// The text is read-only, and can be made writeable: the program's copy, no other's.
static int __attribute__((noinline)) answer(void)
{
	return 42;
}

static void
text(int arg)
{
	volatile char *at = (volatile char *)answer;
	char *page = ROUNDDOWN((char *)answer, PGSIZE), was = *at;

	is_read_only("text", (char *)answer);
	CHECK_EQ(munprotect(page, 1), 0);
	*at = was;
	CHECK_EQ(((int (*volatile)(void))answer)(), 42);
	CHECK_EQ(mprotect(page, 1), 0);
	is_read_only("text again", (char *)answer);
}

void
umain(int argc, char **argv)
{
	share_results();
	child_must_live("all sorts of memory", all_sorts_of_memory, 0);
	child_must_live("untouched", untouched, 0);
	child_must_live("refusals", refuses, 0);
	child_must_live("children", inherited, 0);
	child_counted("handler", handled, 0);
	child_counted("other CPUs", on_other_cpus, 0);
	child_counted("system calls", system_calls, 0);
	child_must_live("text", text, 0);
	PASS("mm_protect");
}
