// Where getpstat and join store what they find: a place is good if the program could write
// there, whatever its pager has to do for that, and -1 if not.
#include <test/guest/vmcheck.h>

static char stack[PGSIZE] __attribute__((aligned(PGSIZE)));
static void *made_for;

static void
at_once(void *arg1, void *arg2)
{
	exit();
}

static void
good(void *p)
{
	CHECK_EQ(getpstat(p), 0);
	CHECK(((struct pstat *)p)->nprocs > 0);
	CHECK(clone(at_once, NULL, NULL, stack) > 0);
	CHECK(join(p) > 0);
	CHECK(*(void **)p == stack);
}

static void
bad(void *p)
{
	envid_t id = clone(at_once, NULL, NULL, stack);

	CHECK_EQ(getpstat(p), -1);
	CHECK_EQ(join(p), -1);
	CHECK_EQ(join(NULL), id);
}

static void
make_page(struct UTrapframe *utf)
{
	made_for = (void *)ROUNDDOWN(utf->utf_fault_va, PGSIZE);
	CHECK_EQ(sys_page_alloc(0, made_for, RW), 0);
}

// In a child all is copy-on-write.
static void
copies(int arg)
{
	static char place[4096];

	good(place);
}

void
umain(int argc, char **argv)
{
	static const char path[] = "/t-writeable";
	int fd = make_file(path, PGSIZE + 100);
	char *file = mmap(NULL, 4 * PGSIZE, RDWR, MAP_PRIVATE, fd, 0);
	char *shared_file = mmap(NULL, 4 * PGSIZE, RDWR, MAP_SHARED, fd, 0);
	char *read_only = mmap(NULL, PGSIZE, PROT_READ, ANON, -1, 0);
	char *anon = map_anon(4), *hidden = map_anon(1);

	share_results();
	good(file);
	good(shared_file + PGSIZE);
	bad(file + 2 * PGSIZE);
	bad(shared_file + 3 * PGSIZE);
	CHECK_EQ(getpstat((struct pstat *)(file + 2 * PGSIZE - 100)), -1);
	bad(read_only);
	good(anon);
	good(anon + 2 * PGSIZE - 4);
	CHECK_EQ(join((void **)(anon + 1)), -1);
	CHECK_EQ(vm_protect(hidden, PGSIZE, PROT_NONE), 0);
	bad(hidden);
	CHECK_EQ(vm_protect(hidden, PGSIZE, RDWR), 0);
	good(hidden);
	good(malloc(100000));
	good(sbrk(2 * PGSIZE));
	bad((void *)UTEXT);
	bad((void *)(UTOP));
	child_must_live("copies", copies, 0);

	// Marks of the program's own: its handler's, if it has one.
	CHECK_EQ(sys_page_mark(0, (void *)AREA, 2, PTE_PAGED | PTE_U | PTE_W | MARK_OWN), 0);
	bad((void *)AREA);
	set_pgfault_handler(make_page);
	good((void *)AREA);
	CHECK(made_for == (void *)AREA);
	CHECK_EQ(remove(path), 0);
	PASS("vm_writeable");
}
