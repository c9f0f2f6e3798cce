// Entries of the syscall page: their layout, entries written by hand among
// those of the library, and what garbage in them gets.
#include <test/guest/calls.h>
#include <test/guest/fsccheck.h>

static_assert(USCPAGE == 0xBEEF0000 && NSCENTRIES == 64, "as programs know it");
static_assert(sizeof(struct FscEntry) == 64 && sizeof(struct FscPage) == PGSIZE, "sizes");
static_assert(offsetof(struct FscEntry, syscall) == 0, "layout");
static_assert(offsetof(struct FscEntry, num_args) == 4, "layout");
static_assert(offsetof(struct FscEntry, args) == 8, "layout");
static_assert(offsetof(struct FscEntry, status) == 28, "layout");
static_assert(offsetof(struct FscEntry, ret) == 32, "layout");
static_assert(FSC_FREE == 0 && FSC_ALLOC == 1 && FSC_SUBMIT == 2, "states");
static_assert(FSC_BUSY == 3 && FSC_BLOCKED == 4 && FSC_DONE == 5, "states");

// Half the page is the program's, the library finds its entries in the rest.
static void
both_styles(void)
{
	struct FscEntry *mine[NSCENTRIES];
	envid_t me = sys_getenvid();

	for (int i = 0; i < NSCENTRIES; i += 2)
		mine[i] = entry_fill(i, SYS_getenvid, 0, 0, 0, 0, 0);
	for (int i = 0; i < 200; i++)
		CHECK_EQ(flex_getenvid(), me);
	for (int i = 0; i < NSCENTRIES; i += 2) {
		CHECK_EQ(mine[i]->status, FSC_ALLOC);
		CHECK_EQ(mine[i]->ret, 0x5eed5eed);
		entry_submit(mine[i]);
	}
	for (int i = 0; i < 200; i++)
		CHECK_EQ(flex_getenvid(), me);
	CHECK(flexsc_wait() >= 0);
	for (int i = 0; i < NSCENTRIES; i += 2)
		CHECK_EQ(entry_take(mine[i]), me);
	CHECK_EQ(flexsc_wait(), 0);
}

// num_args is the program's remark, not the kernel's business.
static void
num_args_ignored(void)
{
	static const uint32_t counts[] = {0, 1, 5, 6, 64, 0x80000000, 0xffffffff};

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct FscEntry *e = entry_fill(7, SYS_page_unmap, 0, BAD_RW + 1, 0, 0, 0);

		e->num_args = counts[i];
		entry_submit(e);
		CHECK_EQ(flexsc_wait(), 1);
		CHECK_EQ(entry_take(e), -E_INVAL);
	}
}

static void
numbers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_numbers); i++)
		CHECK_EQ(entry_call(i, bad_numbers[i], 1, 2, 3, 4, 5), -E_INVAL);
}

// By the page a bad pointer is an error like any other.
static void
cputs_pointers(void)
{
	static const struct {
		uint32_t s, len;
	} bad[] = {
		{0, 1},         {1, 1},        {BAD_NONE, 1},       {BAD_NONE - 4, 8},
		{KERNBASE, 16}, {ULIM - 4, 8}, {0xfffffff0, 0x100}, {BAD_NONE, 0xffffffff},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(entry_call(9, SYS_cputs, bad[i].s, bad[i].len, 0, 0, 0), -E_FAULT);
}

// Statuses that a program has no business writing are nothing to do.
static void
odd_statuses(void)
{
	static const uint32_t odd[] = {FSC_BUSY, FSC_BLOCKED, FSC_DONE, 6, 77, 0xffffffff};

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		struct FscEntry *e = entry_fill(20, SYS_getenvid, 0, 0, 0, 0, 0);

		e->status = (enum FscStatus)odd[i];
		CHECK_EQ(entry_call(21, SYS_getenvid, 0, 0, 0, 0, 0), sys_getenvid());
		CHECK_EQ(e->ret, 0x5eed5eed);
		e->status = FSC_FREE;
	}
}

// Bad calls in all entries at once: each gets its own error.
static void
full_of_errors(void)
{
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < NSCENTRIES; i++) {
			const struct BadCall *c =
				&bad_calls[(i + 17 * round) % ARRAY_SIZE(bad_calls)];

			entry_put(i, c->num, c->args[0], c->args[1], c->args[2], c->args[3],
				  c->args[4]);
		}
		CHECK_EQ(flexsc_wait(), NSCENTRIES);
		for (int i = 0; i < NSCENTRIES; i++) {
			const struct BadCall *c =
				&bad_calls[(i + 17 * round) % ARRAY_SIZE(bad_calls)];
			int32_t ret = entry_take(&fscpage->entries[i]);

			if (ret != c->want)
				panic("%s: %d, expected %d", c->what, ret, c->want);
		}
		bad_calls_unchanged();
	}
}

void
umain(int argc, char **argv)
{
	bad_calls_prepare();
	CHECK_EQ(flexsc_register(), 0);
	both_styles();
	num_args_ignored();
	numbers();
	cputs_pointers();
	odd_statuses();
	bad_calls_by(BY_PAGE);
	full_of_errors();
	PASS("fsc_entry");
}
