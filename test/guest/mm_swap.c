// A program with a limit of pages that uses four times as many: every byte is right,
// in several threads, after fork in both, and where system calls read and write what
// is swapped out.
//
// Arguments: limit in pages, beside what it has at first (40), seed (1).
#include <test/guest/kt_check.h>

#define WORDS (PGSIZE / 4)
#define NTHREADS 4

static uint32_t limit, npages, seed0;
static volatile uint32_t *array;

static uint32_t
value(uint32_t page, uint32_t generation)
{
	return page * 0x9e3779b9U + generation * 77 + 1;
}

static void
write_page(uint32_t page, uint32_t generation)
{
	for (uint32_t i = 0; i < WORDS; i += 31)
		array[page * WORDS + i] = value(page, generation) + i;
}

static void
check_page(uint32_t page, uint32_t generation)
{
	for (uint32_t i = 0; i < WORDS; i += 31)
		if (array[page * WORDS + i] != value(page, generation) + i)
			panic("page %u, word %u: %08x, not %08x", page, i, array[page * WORDS + i],
			      value(page, generation) + i);
}

static void
begin(void)
{
	limit += resident();
	npages = 4 * limit;
	CHECK_EQ(sys_env_set_limit(0, limit), 0);
	CHECK_EQ(thisenv->env_limit, limit);
	array = (uint32_t *)map_anon(npages);
	for (uint32_t i = 0; i < npages; i++)
		write_page(i, 0);
}

static void
within_limit(void)
{
	struct EnvStat st = stat_of(0);

	CHECK(st.nresident <= limit);
	CHECK(st.nswapped + st.nresident >= npages);
	CHECK_EQ(st.limit, limit);
}

static void
in_order_and_at_random(int arg)
{
	uint32_t seed = seed0;

	begin();
	within_limit();
	for (uint32_t i = 0; i < npages; i++)
		check_page(i, 0);
	within_limit();
	for (uint32_t n = 0; n < npages; n++) {
		uint32_t i = next_random(&seed) % npages;

		check_page(i, 0);
		write_page(i, 0);
	}
	for (uint32_t i = npages; i-- > 0;)
		check_page(i, 0);
	within_limit();
	CHECK_EQ(munmap((void *)array, npages * PGSIZE), 0);
	CHECK(stat_of(0).nswapped < npages / 4); // the slots are free
}

// Parent and child each have their own from then on, and both see all that was.
static void
child_part(int arg)
{
	for (uint32_t i = 0; i < npages; i++)
		check_page(i, 0);
	for (uint32_t i = 0; i < npages; i += 3)
		write_page(i, 1);
	for (uint32_t i = 0; i < npages; i++)
		check_page(i, i % 3 ? 0 : 1);
	CHECK_EQ(thisenv->env_limit, limit);
}

static void
forked(int arg)
{
	envid_t id;

	begin();
	id = child_watched(child_part, 0);
	for (uint32_t i = 1; i < npages; i += 3)
		write_page(i, 2);
	for (uint32_t i = 0; i < npages; i++)
		check_page(i, i % 3 == 1 ? 2 : 0);
	CHECK_EQ(wait_status(id), 0);
	for (uint32_t i = 0; i < npages; i++)
		check_page(i, i % 3 == 1 ? 2 : 0);
}

// Threads each with pages of their own, and words of their own on common pages.
static void
works(void *arg1, void *arg2)
{
	uint32_t me = (uint32_t)arg1, seed = seed0 + me + 1, common = npages - 8;
	uint32_t generation[64] = {0}, count[8] = {0};

	for (int n = 0; n < 400; n++) {
		uint32_t k = next_random(&seed) % 64, page = k * NTHREADS + me;
		uint32_t c = next_random(&seed) % 8;

		if (page < common) {
			check_page(page, generation[k]);
			write_page(page, ++generation[k]);
		}
		array[(common + c) * WORDS + me] += 1;
		count[c]++;
	}
	for (uint32_t c = 0; c < 8; c++)
		CHECK_EQ(array[(common + c) * WORDS + me], count[c]);
}

static void
threads(int arg)
{
	begin();
	for (uint32_t c = 0; c < 8; c++)
		for (uint32_t i = 0; i < NTHREADS; i++)
			array[(npages - 8 + c) * WORDS + i] = 0;
	for (int i = 0; i < NTHREADS; i++)
		must_create(works, (void *)i, NULL);
	must_join(NTHREADS);
}

// A buffer of a system call that is swapped out, by every door.
static uint32_t
some_swapped(uint32_t from)
{
	for (uint32_t i = 0; i < npages; i++)
		if (is_swapped(entry_of((uintptr_t)&array[(from + i) % npages * WORDS])))
			return (from + i) % npages;
	panic("no page is swapped out");
}

static void
buffers(int arg)
{
	begin();
	CHECK_EQ(flexsc_register(), 0);
	for (int door = 0; door < 3; door++) {
		CHECK_EQ(flexsc_affinity(door == 2 ? 1U << (sysinfo.ncpu - 1) : 0), 0);
		for (int n = 0; n < 20; n++) {
			uint32_t i = some_swapped(n * 37);
			struct times *t = (struct times *)&array[i * WORDS + 1];
			uint32_t word = value(i, 0);
			int r;

			// written
			r = door ? flex_gettimes(t) : sys_gettimes(t);
			CHECK_EQ(r, 0);
			CHECK(t->allticks < 1ULL << 40);
			CHECK_EQ(array[i * WORDS], word); // the rest is as it was
			CHECK_EQ(array[i * WORDS + 31], word + 31);
			// read
			i = some_swapped(n * 41 + 5);
			word = value(i, 0) + 31;
			r = door ? flex_futex_wait(&array[i * WORDS + 31], word + 1)
				 : sys_futex_wait(&array[i * WORDS + 31], word + 1);
			CHECK_EQ(r, -E_AGAIN);
			check_page(i, 0);
		}
	}
}

// Program data, heap and sbrk can be swapped out as well.
static uint32_t bss[300][WORDS] __attribute__((aligned(PGSIZE)));

static void
all_sorts(int arg)
{
	static uint32_t *heap[300];
	uint32_t *brk;

	CHECK_EQ(sys_env_set_limit(0, resident() + 100), 0);
	brk = sbrk(300 * PGSIZE);
	CHECK(brk != (void *)-1);
	for (uint32_t round = 1; round < 4; round++) {
		for (uint32_t i = 0; i < 300; i++) {
			if (round == 1)
				CHECK((heap[i] = malloc(3000)));
			heap[i][5] = round * i;
			bss[i][7] = round * i + 1;
			brk[i * WORDS + 9] = round * i + 2;
		}
		CHECK(stat_of(0).nswapped > 300);
		for (uint32_t i = 0; i < 300; i++) {
			CHECK_EQ(heap[i][5], round * i);
			CHECK_EQ(bss[i][7], round * i + 1);
			CHECK_EQ(brk[i * WORDS + 9], round * i + 2);
		}
	}
	for (uint32_t i = 0; i < 300; i++)
		free(heap[i]);
}

// Ends with much in the swap area.
static void
dies_with_swapped(int arg)
{
	begin();
	*(volatile uint32_t *)0 = 1;
}

void
umain(int argc, char **argv)
{
	static const struct {
		const char *what;
		void (*body)(int arg);
		bool dies;
	} parts[] = {
		{"in order and at random", in_order_and_at_random, false},
		{"fork", forked, false},
		{"threads", threads, false},
		{"buffers", buffers, false},
		{"all sorts of memory", all_sorts, false},
		{"a fault", dies_with_swapped, true},
		{"after all", in_order_and_at_random, false},
	};

	limit = arg_number(argc, argv, 1, 40);
	seed0 = arg_number(argc, argv, 2, 1);
	share_results();
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		unsigned began = sys_time_msec();

		if (parts[i].dies)
			death_counted(parts[i].what, parts[i].body, 0);
		else
			child_counted(parts[i].what, parts[i].body, 0);
		cprintf("%s: %u ms\n", parts[i].what, sys_time_msec() - began);
	}
	PASS("mm_swap");
}
