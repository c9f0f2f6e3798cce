// The swap area by raw requests: who may have which slot; sharing with a child; a full
// area, and what dead processes had there; bad requests; files and swap at the same time.
//
//   swap_server [PAGES]   pages in the test of many; 0: until the area is full
//   swap_server none      there is no area
//   swap_server error N   there is no disk, or no file system: all answers are error N
#include <test/guest/fs_raw.h>

#define DIR "/t-swap"
#define BUF ((uint32_t *)(AREA + PGSIZE)) // a page
#define MOST 131072                       // slots that there can be

static uint32_t *slot_of; // by the number of a page

// ---- Pages that can be known again ----

static void
stamp(uint32_t number)
{
	for (int i = 0; i < PGSIZE / 4; i++)
		BUF[i] = number * 2654435761u + i * 40503u;
}

static void
check_stamp(uint32_t number)
{
	for (int i = 0; i < PGSIZE / 4; i++)
		if (BUF[i] != number * 2654435761u + i * 40503u)
			panic("page %u: word %d is %08x", number, i, BUF[i]);
}

static int
out(uint32_t number)
{
	stamp(number);
	int r = swap_out(BUF);
	memset(BUF, 0x55, PGSIZE);
	return r;
}

static void
must_come_in(int slot, uint32_t number)
{
	memset(BUF, 0xaa, PGSIZE);
	CHECK_EQ(swap_in(slot, BUF), 0);
	check_stamp(number);
}

// ---- One process ----

static void
basics(void)
{
	int a = out(1), b = out(2);

	CHECK(a >= 0);
	CHECK_EQ(b, a + 1); // in a row
	must_come_in(b, 2);
	CHECK_EQ(swap_in(b, BUF), -E_INVAL);
	must_come_in(a, 1);
	a = out(3);
	CHECK_EQ(swap_free(a), 0);
	CHECK_EQ(swap_free(a), -E_INVAL);
	CHECK_EQ(swap_in(a, BUF), -E_INVAL);
}

static void
bad_requests(void)
{
	int slot = out(1);

	CHECK_EQ(request_at(FSREQ_SWAP_OUT, NO_PAGE, 0, NO_PAGE), -E_INVAL);
	CHECK_EQ(request_at(FSREQ_SLOT_WORD(FSREQ_SWAP_IN, slot), BUF, RO, NO_PAGE), -E_INVAL);
	CHECK_EQ(request_at(FSREQ_SLOT_WORD(FSREQ_SWAP_IN, slot), NO_PAGE, 0, NO_PAGE), -E_INVAL);
	CHECK_EQ(swap_in(0xffffff, BUF), -E_INVAL);
	CHECK_EQ(swap_in(MOST, BUF), -E_INVAL);
	PAGE->swap_free.req_n = ARRAY_SIZE(PAGE->swap_free.req_slots) + 1;
	CHECK_EQ(request(FSREQ_SWAP_FREE), -E_INVAL);
	PAGE->swap_free.req_n = 0xffffffff;
	CHECK_EQ(request(FSREQ_SWAP_FREE), -E_INVAL);
	PAGE->swap_free.req_n = 0;
	CHECK_EQ(request(FSREQ_SWAP_FREE), 0);
	// One that is wrong: none is given up. One that is there twice counts once.
	PAGE->swap_free.req_n = 2;
	PAGE->swap_free.req_slots[0] = slot;
	PAGE->swap_free.req_slots[1] = 0xffffffff;
	CHECK_EQ(request(FSREQ_SWAP_FREE), -E_INVAL);
	must_come_in(slot, 1);
	slot = out(1);
	for (unsigned i = 0; i < ARRAY_SIZE(PAGE->swap_free.req_slots); i++)
		PAGE->swap_free.req_slots[i] = slot;
	PAGE->swap_free.req_n = ARRAY_SIZE(PAGE->swap_free.req_slots);
	CHECK_EQ(request(FSREQ_SWAP_FREE), 0);
	CHECK_EQ(swap_in(slot, BUF), -E_INVAL);
}

// Puts out n pages, and takes them back in another order. How many there were room for.
static uint32_t
many(uint32_t n)
{
	uint32_t i;
	int r = 0;

	for (i = 0; i < n && (r = out(i)) >= 0; i++)
		slot_of[i] = r;
	CHECK(r >= 0 || r == -E_NO_DISK);
	n = i;
	for (uint32_t step = n % 7 ? 7 : 1, k = 0; k < n; k++) {
		i = k * step % n;
		must_come_in(slot_of[i], i);
	}
	return n;
}

// ---- Others ----

static void
try_all_slots(int n)
{
	for (int i = 0; i < n; i++) {
		CHECK_EQ(swap_in(i, BUF), -E_INVAL);
		CHECK_EQ(swap_free(i), -E_INVAL);
	}
}

static void
foreign_slots(void)
{
	int slot = out(9);

	child_must_live("one that has no slot", try_all_slots, slot + 100);
	must_come_in(slot, 9);
}

static void
read_shared(int n)
{
	AWAIT(shared->ready == 1);
	for (int i = 0; i < n; i++)
		must_come_in(shared->word[i], i);
	for (int i = 0; i < n; i++)
		CHECK_EQ(swap_in(shared->word[i], BUF), -E_INVAL);
	shared->result = out(1000);
}

static void
sharing(void)
{
	const int n = 200;

	shared->ready = shared->survived = 0;
	for (int i = 0; i < n; i++)
		shared->word[i] = out(i);
	for (int i = n; i < 2 * n; i++)
		CHECK((slot_of[i] = out(i)) < MOST);
	envid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		read_shared(n);
		shared->survived = 1;
		exit();
	}
	CHECK_EQ(swap_share(child), 0);
	CHECK_EQ(swap_share(child), 0); // the same
	shared->ready = 1;
	for (int i = 0; i < n / 2; i++)
		must_come_in(shared->word[i], i);
	AWAIT(env_gone(child));
	CHECK_EQ(shared->survived, 1);
	for (int i = n / 2; i < n; i++)
		must_come_in(shared->word[i], i);
	for (int i = n; i < 2 * n; i++)
		must_come_in(slot_of[i], i);
	CHECK_EQ(swap_in(shared->result, BUF), -E_INVAL);
}

static void
sleep_on(int arg)
{
	if (arg == 0) {
		envid_t grandchild = child_run(sleep_on, 1);
		shared->result = grandchild;
		shared->ready = 1;
	}
	sleep_at(&shared->stop);
}

static void
not_children(void)
{
	shared->ready = shared->stop = 0;
	envid_t child = child_run(sleep_on, 0);
	AWAIT(shared->ready);

	int slot = out(5);
	CHECK_EQ(swap_share(0), -E_BAD_ENV);
	CHECK_EQ(swap_share(-1), -E_BAD_ENV);
	CHECK_EQ(swap_share(thisenv->env_id), -E_BAD_ENV);
	CHECK_EQ(swap_share(fs), -E_BAD_ENV);
	CHECK_EQ(swap_share(shared->result), -E_BAD_ENV); // a grandchild
	CHECK_EQ(swap_share(child ^ 1 << ENVGENSHIFT), -E_BAD_ENV);
	CHECK_EQ(swap_share(child), 0);
	go(&shared->stop);
	AWAIT(env_gone(child));
	CHECK_EQ(swap_share(child), -E_BAD_ENV);
	must_come_in(slot, 5);
}

static void
take_all(int unused)
{
	while (out(3) >= 0)
		shared->count[0]++;
}

// What dead processes had comes back, what living ones have does not.
static void
dead_owners(void)
{
	int slot = out(77);

	shared->count[0] = 0;
	wait(child_run(take_all, 0)); // for as long as it takes
	uint32_t n = shared->count[0];
	CHECK(n > 0);
	shared->count[0] = 0;
	wait(child_run(take_all, 0));
	CHECK_EQ(shared->count[0], n);
	must_come_in(slot, 77);
}

// ---- Threads ----

#define STACK ((void *)(AREA + 16 * PGSIZE))

static volatile uint32_t thread_slot;

static void
in_thread(void *page, void *unused)
{
	must_come_in(thread_slot, 31);
	thread_slot = out(32);
	sys_env_exit(0);
}

// What one thread has put out is the process's.
static void
threads(void)
{
	int r;

	CHECK_EQ(sys_page_alloc(0, STACK, RW), 0);
	thread_slot = out(31);
	CHECK(sys_clone(in_thread, NULL, NULL, STACK, NULL) > 0);
	AWAIT((r = sys_join(NULL, NULL)) != -E_AGAIN);
	CHECK(r > 0);
	must_come_in(thread_slot, 32);
}

// ---- At the same time ----

static void
swap_for_a_while(int seed)
{
	uint32_t random = seed + 1, word[64] = {0};
	int slot[64];

	while (!shared->stop) {
		uint32_t i = next_random(&random) % 64;

		if (word[i]) {
			must_come_in(slot[i], word[i]);
			word[i] = 0;
		} else {
			word[i] = next_random(&random);
			CHECK((slot[i] = out(word[i])) >= 0);
		}
		shared->count[seed]++;
	}
	shared->survived++;
}

static void
files_and_swap(void)
{
	envid_t child[2];

	work_begin(DIR);
	shared->stop = shared->survived = 0;
	shared->count[0] = shared->count[1] = 0;
	for (int i = 0; i < 2; i++)
		child[i] = child_run(swap_for_a_while, i);
	for (int i = 0; i < 4 || shared->count[0] < 100 || shared->count[1] < 100; i++) {
		make_file(DIR "/file", 100000 + i, i);
		check_file(DIR "/file", 100000 + i, i);
		sync();
	}
	shared->stop = 1;
	for (int i = 0; i < 2; i++)
		AWAIT(env_gone(child[i]));
	CHECK_EQ(shared->survived, 2);
	work_end(DIR);
}

// ---- A page that changes while it is looked at ----

static void
scribble(int slot)
{
	while (!shared->stop) {
		PAGE->swap_free.req_n ^= 0xffff0001;
		PAGE->swap_free.req_slots[0] = slot;
		PAGE->swap_free.req_slots[0] ^= 0xff00ffff;
	}
}

static void
changing_page(void)
{
	int kept = out(1);

	CHECK_EQ(sys_page_map(0, PAGE, 0, PAGE, RW | PTE_SHARE), 0);
	shared->stop = 0;
	envid_t child = child_run(scribble, kept + 1);
	for (int i = 0; i < 300; i++) {
		int slot = swap_out(BUF), r;

		CHECK(slot >= 0 && slot != kept);
		PAGE->swap_free.req_n = 1;
		PAGE->swap_free.req_slots[0] = slot;
		r = request(FSREQ_SWAP_FREE);
		CHECK(r == 0 || r == -E_INVAL);
		request(FSREQ_SWAP_SHARE);
		CHECK((r = swap_in(slot, BUF)) == 0 || r == -E_INVAL);
	}
	shared->stop = 1;
	AWAIT(env_gone(child));
	CHECK_EQ(sys_page_alloc(0, PAGE, RW), 0);
	must_come_in(kept, 1);
}

// ---- No area ----

static void
none(void)
{
	CHECK_EQ(out(1), -E_NO_DISK);
	CHECK_EQ(swap_in(0, BUF), -E_INVAL);
	CHECK_EQ(swap_free(0), -E_INVAL);
	CHECK_EQ(swap_share(0), -E_BAD_ENV);
	CHECK_EQ(swap_share(child_run(sleep_on, 1)), 0);
	go(&shared->stop);
}

static void
no_disk(int error)
{
	CHECK_EQ(out(1), error);
	CHECK_EQ(swap_in(0, BUF), error);
	CHECK_EQ(swap_free(0), error);
	CHECK_EQ(swap_share(0), error);
	CHECK_EQ(request(FSREQ_MAP_SHARED), error);
}

static void
all(uint32_t n)
{
	CHECK((slot_of = malloc((n ? n : MOST) * sizeof(slot_of[0]))) != NULL);
	basics();
	bad_requests();
	CHECK_EQ(many(n ? n : MOST) == n, n != 0);
	foreign_slots();
	sharing();
	not_children();
	threads();
	files_and_swap();
	changing_page();
	if (n == 0)
		dead_owners();
}

void
umain(int argc, char **argv)
{
	raw_begin();
	share_results();
	CHECK_EQ(sys_page_alloc(0, BUF, RW), 0);
	if (argc > 1 && strcmp(argv[1], "none") == 0)
		none();
	else if (argc > 2)
		no_disk(-(int)arg_number(argc, argv, 2, 0));
	else
		all(arg_number(argc, argv, 1, 2000));
	PASS("swap_server");
}
