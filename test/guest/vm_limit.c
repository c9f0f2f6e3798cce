// A process with a limit of pages: pages of files count, a thread that was made before knows
// the limit, a handler can make room, and where the limit is too small for an instruction's
// pages the process ends. And what free gives back of a block that was protected.
#include <test/guest/vmcheck.h>

#define NPAGES 400
#define ROOM 80
#define MORE 3 // a page in place of another is there before that is gone

static uint32_t
set_room(uint32_t room)
{
	uint32_t limit = resident() + room;

	CHECK_EQ(sys_env_set_limit(0, limit), 0);
	return limit;
}

static void
expect_pages(const volatile char *p, uint32_t limit, char first)
{
	for (int i = 0; i < NPAGES; i++) {
		CHECK_EQ(p[i * PGSIZE], first ? (char)(first + i) : file_byte(i * PGSIZE));
		CHECK_EQ(p[i * PGSIZE + 9], file_byte(i * PGSIZE + 9));
		if (i % 50 == 49)
			CHECK(resident() <= limit + MORE);
	}
}

static void
files(int flags)
{
	int fd = make_file("/limited", NPAGES * PGSIZE);
	volatile char *p = mmap(NULL, NPAGES * PGSIZE, RDWR, flags, fd, 0);
	char c;

	CHECK(p != MAP_FAILED);
	uint32_t limit = set_room(ROOM);
	expect_pages(p, limit, 0);
	for (int i = 0; i < NPAGES; i++)
		p[i * PGSIZE] = 1 + i;
	expect_pages(p, limit, 1);
	envid_t id = fork_watched();
	if (id == 0) {
		expect_pages(p, limit, 1);
		exit();
	}
	CHECK_EQ(wait_status(id), 0);
	CHECK_EQ(munmap((void *)p, NPAGES * PGSIZE), 0);
	CHECK_EQ(seek(fd, 7 * PGSIZE), 0);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, flags == MAP_SHARED ? 8 : file_byte(7 * PGSIZE));
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(remove("/limited"), 0);
	CHECK_EQ(sys_env_set_limit(0, 0), 0);
}

// ---- Threads ----------------------------------------------------------------------------

static volatile uint32_t limit_now;

static void
uses_much(void *unused, void *also)
{
	AWAIT(limit_now);
	volatile char *p = map_anon(NPAGES);
	for (int i = 0; i < NPAGES; i++)
		p[i * PGSIZE] = i;
	CHECK(resident() <= limit_now + MORE);
	for (int i = 0; i < NPAGES; i++)
		CHECK_EQ(p[i * PGSIZE], (char)i);
}

static void
older_thread(int unused)
{
	must_create(uses_much, NULL, NULL);
	limit_now = set_room(ROOM);
	must_join(1);
}

// ---- Handlers ---------------------------------------------------------------------------

static void
handler(struct UTrapframe *utf)
{
	void *page = (void *)ROUNDDOWN(utf->utf_fault_va, PGSIZE);
	int r;

	while ((r = sys_page_alloc(0, page, RW)) == -E_NO_MEM && vm_make_room() == 0)
		continue;
	CHECK_EQ(r, 0);
}

static void
with_handler(int unused)
{
	volatile char *p = map_anon(NPAGES);

	set_pgfault_handler(handler);
	set_room(ROOM);
	for (int i = 0; i < 30; i++) {
		for (int j = 0; j < NPAGES; j += 4)
			p[j * PGSIZE] = i;
		*(volatile char *)(AREA + i * PGSIZE) = i;
	}
	for (int i = 0; i < 30; i++)
		CHECK_EQ(*(volatile char *)(AREA + i * PGSIZE), i);
	for (int j = 0; j < NPAGES; j += 4)
		CHECK_EQ(p[j * PGSIZE], 29);
}

// ---- Limits that are too small ----------------------------------------------------------

// Two pages in an instruction, all of the time.
static void
copies(int room)
{
	char *p = map_anon(20);

	set_room(room);
	for (int round = 0; round < 20; round++)
		for (int i = 0; i < 18; i++) {
			char *from = p + i * PGSIZE + PGSIZE - 2, *to = from + PGSIZE;
			asm volatile("movsl" : "+S"(from), "+D"(to) : : "memory");
		}
}

// ---- The heap ---------------------------------------------------------------------------

static void
hidden_blocks(void)
{
	for (int i = 0; i < 3; i++) {
		char *p = malloc(100 * PGSIZE), *page = ROUNDUP(p, PGSIZE);

		memset(page, 1, 50 * PGSIZE);
		CHECK_EQ(vm_protect(page, 50 * PGSIZE, PROT_NONE), 0);
		free(p);
	}
}

void
umain(int argc, char **argv)
{
	share_results();
	files(MAP_PRIVATE);
	files(MAP_SHARED);
	hidden_blocks();
	uint32_t before = free_pages();
	hidden_blocks();
	CHECK_EQ(free_pages(), before);
	child_must_live("a thread from before", older_thread, 0);
	child_must_live("a handler that makes room", with_handler, 0);
	for (int room = 0; room < 4; room++)
		child_must_die("with less than an instruction may need", copies, room);
	for (int room = 8; room <= 16; room += 4)
		child_must_live("with what an instruction may need", copies, room);
	PASS("vm_limit");
}
