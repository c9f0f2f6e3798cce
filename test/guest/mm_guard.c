// What no program may touch: address 0, its text, what is under its stacks; each way
// of touching it, and the end that it comes to.
#include <test/guest/kt_check.h>

static const char constant[] = "this is read-only";

static void
jumps(int at)
{
	((void (*)(void))at)();
}

static void
in_thread(void *fn, void *at)
{
	((void (*)(int))fn)((int)at);
}

// By the main thread, and by another.
static void
thread_does(int what)
{
	static void (*const does[])(int) = {reads, writes, jumps};

	must_create(in_thread, does[what & 3], (void *)(what & ~3));
	must_join(1);
}

static void
dies(const char *how, void (*fn)(int), int n, int at)
{
	CHECK_EQ(at & 3, 0); // room for n
	child_must_die(how, fn, at);
	child_must_die(how, thread_does, at | n);
}

static void
null_pointers(void)
{
	static const int at[] = {0, 4, 400, PGSIZE - 4, PGSIZE, 0x10000};

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		CHECK(!is_mapped(at[i]));
		dies("reading null", reads, 0, at[i]);
		dies("writing null", writes, 1, at[i]);
		dies("calling null", jumps, 2, at[i]);
	}
	CHECK_EQ(sys_gettimes(NULL), -E_FAULT);
	CHECK_EQ(flex_gettimes(NULL), -E_FAULT);
	CHECK_EQ(sys_env_set_name(0, NULL), -E_FAULT);
	CHECK_EQ(sys_env_stat(0, NULL), -E_FAULT);
	CHECK_EQ(gettimes(NULL), -1);
}

// No page of the program's code and constants can be written, or become a copy that can.
static void
text_is_read_only(void)
{
	extern const char pinned_start[]; // where the data begins

	CHECK((uintptr_t)constant < (uintptr_t)pinned_start);
	for (uintptr_t va = UTEXT; va < (uintptr_t)pinned_start; va += PGSIZE)
		CHECK_EQ(uvpt[PGNUM(va)] & (PTE_P | PTE_U | PTE_W | PTE_COW), PTE_P | PTE_U);
}

static void
text(void)
{
	text_is_read_only();
	dies("writing text", writes, 1, UTEXT);
	dies("writing text", writes, 1, ROUNDDOWN((int)umain, 4));
	child_must_die("writing a constant", writes, (int)constant);
	CHECK_EQ(sys_gettimes((struct times *)UTEXT), -E_FAULT);
	CHECK_EQ(flex_gettimes((struct times *)UTEXT), -E_FAULT);
	CHECK_EQ(sys_gettimes((struct times *)ROUNDDOWN((uintptr_t)umain, 4)), -E_FAULT);
	text_is_read_only();
}

static void
main_stack(void)
{
	int guard = USTACKTOP - (USTACKPAGES + 1) * PGSIZE;

	CHECK(!is_mapped(guard));
	dies("under the stack", reads, 0, guard + PGSIZE - 4);
	dies("under the stack", writes, 1, guard + PGSIZE - 4);
	dies("under the stack", writes, 1, guard);
	dies("above the stack", writes, 1, USTACKTOP);
	CHECK(!is_mapped(USTACKTOP));
}

static void
recurses_in_thread(int depth)
{
	must_create(in_thread, recurses, (void *)depth);
	must_join(1);
}

void
umain(int argc, char **argv)
{
	CHECK_EQ(flexsc_register(), 0);
	share_results();
	null_pointers();
	text();
	main_stack();
	child_must_live("a deep stack", recurses, 20);
	death_counted("a stack too deep", recurses, 100000);
	CHECK(stack_reached() <= (USTACKPAGES + 1) * PGSIZE);
	child_must_live("a thread's deep stack", recurses_in_thread, 20);
	death_counted("a thread's stack too deep", recurses_in_thread, 100000);
	CHECK(stack_reached() < THREAD_SLOT);
	PASS("mm_guard");
}
