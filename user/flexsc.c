// System calls through the syscall page, in the ways there are: posted and
// forgotten, called and waited for, posted and collected later, and written
// into the page by hand. Each part prints what it has shown.
#include <inc/lib.h>

#define LINES 10
#define PAGE ((volatile uint32_t *)0xa0000000)

static const char line[] = "This is a FlexSC test\n";

// Posting runs nothing and traps nowhere: the one wait executes all ten.
static void
show_batch(void)
{
	for (int i = 0; i < LINES; i++)
		flex_cputs(line, sizeof(line) - 1);
	int done = flexsc_wait();
	cprintf("one flexsc_wait: %d calls done\n", done);
}

// A flex_ call that has a result waits for it, and so is used like its sys_ twin.
static void
show_results(void)
{
	envid_t me = flex_getenvid();
	if (me != sys_getenvid())
		panic("flex_getenvid says %08x, sys_getenvid %08x", me, sys_getenvid());
	cprintf("flex_getenvid: %08x, the same as by trap\n", me);

	unsigned before = sys_time_msec();
	unsigned now = flex_time_msec();
	unsigned after = sys_time_msec();
	if (now - before > after - before)
		panic("flex_time_msec says %u, not between %u and %u", now, before, after);
	cprintf("flex_time_msec: %u ms, between two readings by trap\n", now);
}

// Two calls under way at once, one of them a wrong one: its error is the result
// of its entry, and no concern of the other's.
static void
show_posts(void)
{
	struct FscEntry *id = flex_post(SYS_getenvid, 0, 0, 0, 0, 0);
	struct FscEntry *bad = flex_post(SYS_page_unmap, 0, 1, 0, 0, 0);

	flexsc_wait();
	if (!flex_done(id) || !flex_done(bad))
		panic("flexsc_wait returned with a call neither done nor blocked");
	envid_t me = flex_collect(id);
	int r = flex_collect(bad);
	cprintf("two posted calls: getenvid %08x; page_unmap of address 1: %e\n", me, r);
}

// An entry without the library. The status comes last: it is what publishes the
// rest, to a syscall thread that may be running on another CPU. The library
// claims only free entries, so taking one here disturbs it nowhere.
static void
show_by_hand(void)
{
	struct FscPage *page = (struct FscPage *)USCPAGE;
	struct FscEntry *e = page->entries;

	while (e->status != FSC_FREE)
		if (++e == page->entries + NSCENTRIES)
			panic("no free entry");
	e->status = FSC_ALLOC;
	e->syscall = SYS_getenvid;
	e->num_args = 0;
	barrier(); // pairs with the kernel's claim of the entry
	e->status = FSC_SUBMIT;

	while (e->status != FSC_DONE)
		flexsc_wait();
	barrier(); // ret was written before the status that we just saw
	cprintf("entry written by hand: getenvid %08x\n", e->ret);
	e->status = FSC_FREE;
}

// What the syscall thread maps is there for the program at once: they share
// one address space.
static void
show_page(void)
{
	int r = flex_page_alloc(0, (void *)PAGE, PTE_P | PTE_U | PTE_W);
	if (r < 0)
		panic("flex_page_alloc: %e", r);

	for (uint32_t i = 0; i < PGSIZE / sizeof(*PAGE); i++)
		PAGE[i] = ~i;
	for (uint32_t i = 0; i < PGSIZE / sizeof(*PAGE); i++)
		if (PAGE[i] != ~i)
			panic("word %u of the page reads %08x", i, PAGE[i]);
	cprintf("flex_page_alloc: page at %08x written and read back\n", (uintptr_t)PAGE);

	if ((r = flex_page_unmap(0, (void *)PAGE)) < 0)
		panic("flex_page_unmap: %e", r);
}

void
umain(int argc, char **argv)
{
	int r = flexsc_register();
	if (r < 0)
		panic("flexsc_register: %e", r);

	show_batch();
	show_results();
	show_posts();
	show_by_hand();
	show_page();
}
