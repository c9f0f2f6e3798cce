// Eviction among threads, with files, protection, forks and system calls in between: four
// threads work on an array of three times the limit of the process, each on words of its own
// in all pages; a file is mapped that does not fit either; buffers of read, write and a syscall
// page's calls are in the swap area when the call is made.
//
// Arguments: pages that the process may have (90), rounds (2).
#include <test/guest/vmcheck.h>

#define NTHREADS 4
#define PATH "/mixed"

static uint32_t npages;
static volatile uint32_t *array;

static volatile uint32_t *
word_of(uint32_t page, uint32_t thread)
{
	return array + page * 1024 + 64 * thread;
}

static void
work(void *number, void *round)
{
	uint32_t n = (uint32_t)number, state = n * 77 + 1;

	for (uint32_t p = 0; p < npages; p++)
		*word_of(p, n) = (uint32_t)round * p + n;
	for (uint32_t i = 0; i < npages; i++) {
		uint32_t p = next_random(&state) % npages;
		CHECK_EQ(*word_of(p, n), (uint32_t)round * p + n);
		*word_of(p, n) = (uint32_t)round * p + n;
	}
}

static void
expect(uint32_t round)
{
	for (uint32_t p = 0; p < npages; p++)
		for (uint32_t n = 0; n < NTHREADS; n++)
			CHECK_EQ(*word_of(p, n), round * p + n);
}

static void
threads(uint32_t round)
{
	for (int i = 0; i < NTHREADS; i++)
		must_create(work, (void *)i, (void *)round);
	// A child that starts from whatever is there in the middle of it.
	envid_t id = fork_watched();
	if (id == 0) {
		for (uint32_t p = 0; p < npages; p++)
			*word_of(p, 5) = p;
		for (uint32_t p = 0; p < npages; p++)
			CHECK_EQ(*word_of(p, 5), p);
		exit();
	}
	must_join(NTHREADS);
	CHECK_EQ(wait_status(id), 0);
	expect(round);
}

static void
protected_pages(uint32_t round)
{
	CHECK_EQ(mprotect((void *)array, npages), 0);
	expect(round);
	CHECK(!can_write(array) && !can_write(array + (npages - 1) * 1024));
	CHECK_EQ(vm_protect((void *)array, 20 * PGSIZE, PROT_NONE), 0);
	CHECK(!can_read(array));
	CHECK_EQ(munprotect((void *)array, npages), 0);
	expect(round);
}

static void
file(uint32_t size)
{
	int fd = make_file(PATH, size);
	volatile char *p = mmap(NULL, size, RDWR, MAP_PRIVATE, fd, 0);

	CHECK(p != MAP_FAILED);
	for (uint32_t i = 0; i < size; i += 511)
		CHECK_EQ(p[i], file_byte(i));
	for (uint32_t at = 0; at < size; at += 3 * PGSIZE)
		p[at] = 1;
	for (uint32_t i = 0; i < size; i += 512)
		CHECK_EQ(p[i], i % (3 * PGSIZE) ? file_byte(i) : 1);
	CHECK_EQ(munmap((void *)p, size), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(remove(PATH), 0);
}

// The whole array goes to a file and comes back, through whatever is there of it.
static void
buffers(uint32_t round)
{
	int fd = make_file(PATH, 0);

	CHECK_EQ(write(fd, (void *)array, npages * PGSIZE), npages * PGSIZE);
	for (uint32_t p = 0; p < npages; p++)
		*word_of(p, 0) = 0;
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(readn(fd, (void *)array, npages * PGSIZE), npages * PGSIZE);
	expect(round);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(remove(PATH), 0);
}

// Results of calls through the syscall page go to places that are not present.
static void
posted(void)
{
	struct FscEntry *e[8];

	CHECK_EQ(flexsc_register(), 0);
	for (uint32_t p = 0; p < npages; p += 8) {
		for (int i = 0; i < 8; i++)
			e[i] = flex_post(SYS_gettimes, (uint32_t)word_of(p + i, 6), 0, 0, 0, 0);
		for (int i = 0; i < 8; i++) {
			CHECK_EQ(flex_collect(e[i]), 0);
			CHECK(((struct times *)word_of(p + i, 6))->allticks < 1000000);
		}
	}
}

void
umain(int argc, char **argv)
{
	uint32_t limit = arg_number(argc, argv, 1, 90), rounds = arg_number(argc, argv, 2, 2);

	share_results();
	npages = limit * 3 / 8 * 8;
	array = (uint32_t *)map_anon(npages);
	CHECK_EQ(sys_env_set_limit(0, limit), 0);
	for (uint32_t round = 1; round <= rounds; round++) {
		threads(round);
		protected_pages(round);
		buffers(round);
		file(limit * 2 * PGSIZE);
		expect(round);
	}
	posted();
	expect(rounds);
	CHECK_EQ(munmap((void *)array, npages * PGSIZE), 0);
	PASS("vm_swapmix");
}
