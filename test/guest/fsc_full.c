// More calls than the page has entries: the library waits for free ones and
// fire-and-forget calls give theirs back.
#include <test/guest/fsccheck.h>

#define NLINES 1000

static char lines[NLINES][8];

// Prints n0000 to n0999, each once; the grade counts them.
static void
cputs_without_end(void)
{
	for (int i = 0; i < NLINES; i++) {
		snprintf(lines[i], sizeof(lines[i]), "n%04d\n", i);
		flex_cputs(lines[i], 6);
	}
}

static void
yield_without_end(void)
{
	for (int i = 0; i < NLINES; i++)
		flex_yield();
}

// With half of the page held, calls go on in the rest.
static void
post_when_full(void)
{
	struct FscEntry *held[NSCENTRIES / 2];
	envid_t me = sys_getenvid();

	for (int i = 0; i < NSCENTRIES / 2; i++)
		held[i] = flex_post(SYS_getenvid, 0, 0, 0, 0, 0);
	for (int i = 0; i < 200; i++) {
		flex_yield();
		if (i % 3 == 0)
			flex_cputs("", 0);
		if (i % 20 == 0)
			CHECK_EQ(flex_getenvid(), me);
	}
	for (int i = 0; i < NSCENTRIES / 2; i++) {
		for (int j = 0; j < i; j++)
			CHECK(held[i] != held[j]);
		CHECK_EQ(flex_collect(held[i]), me);
	}
}

// 64 fire-and-forget calls in flight; the next waits for one of them.
static void
post_behind_forgotten(void)
{
	struct FscEntry *e;

	for (int i = 0; i < NSCENTRIES; i++)
		flex_yield();
	e = flex_post(SYS_getenvid, 0, 0, 0, 0, 0);
	CHECK(e >= fscpage->entries && e < fscpage->entries + NSCENTRIES);
	CHECK_EQ(flex_collect(e), sys_getenvid());
}

// All 64 at once, many times over.
static void
all_entries(void)
{
	struct FscEntry *e[NSCENTRIES];
	envid_t me = sys_getenvid();

	flex_flush();
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < NSCENTRIES; i++)
			e[i] = flex_post(SYS_getenvid, 0, 0, 0, 0, 0);
		while (!flex_done(e[NSCENTRIES - 1]))
			CHECK(flexsc_wait() > 0);
		// None is free and none will be, yet calls go on.
		CHECK_EQ(flex_getenvid(), me);
		flex_yield();
		for (int i = NSCENTRIES - 1; i >= 0; i--)
			CHECK_EQ(flex_collect(e[i]), me);
	}
}

void
umain(int argc, char **argv)
{
	CHECK_EQ(flexsc_register(), 0);
	cputs_without_end();
	yield_without_end();
	post_when_full();
	post_behind_forgotten();
	all_entries();
	PASS("fsc_full");
}
