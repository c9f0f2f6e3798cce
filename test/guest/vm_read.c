// read into a page that another thread writes to, in another place, while a third one forks:
// what was read is there.
//
// Argument: forks (150).
#include <test/guest/vmcheck.h>

#define NPAGES 8

static volatile uint32_t stop, nreads;
static char *area;
static int fd;

static void
reader(void *unused, void *also)
{
	for (int i = 0; !stop; i = (i + 1) % NPAGES) {
		char *page = area + i * PGSIZE;
		CHECK_EQ(seek(fd, i * PGSIZE), 0);
		CHECK_EQ(read(fd, page, PGSIZE), PGSIZE);
		for (int j = 1; j < PGSIZE; j += 97)
			CHECK_EQ(page[j], file_byte(i * PGSIZE + j));
		memset(page + 1, 0xee, PGSIZE - 1);
		nreads++;
	}
}

static void
toucher(void *unused, void *also)
{
	while (!stop)
		for (int i = 0; i < NPAGES; i++) {
			*(volatile char *)(area + i * PGSIZE) += 1;
			sys_yield();
		}
}

void
umain(int argc, char **argv)
{
	uint32_t forks = arg_number(argc, argv, 1, 150);

	share_results();
	area = map_anon(NPAGES);
	fd = make_file("/read", NPAGES * PGSIZE);
	memset(area, 1, NPAGES * PGSIZE);
	must_create(reader, NULL, NULL);
	must_create(toucher, NULL, NULL);
	for (uint32_t i = 0; i < forks; i++) {
		envid_t id = fork();
		if (id < 0)
			panic("fork: %e", id);
		if (id == 0)
			exit();
		wait(id);
	}
	AWAIT(nreads > 2 * NPAGES);
	stop = 1;
	must_join(2);
	CHECK_EQ(remove("/read"), 0);
	PASS("vm_read");
}
