// A fork while other threads write: the child's memory is as it was at some moment, as far as
// they can tell. Each writer counts in many places, one after the other, on pages of many
// kinds; so in the child no place may be ahead of one that comes before it, and none more
// than one behind. Nor may a chain of two break, of which one writes down what it has seen of
// the other's.
//
// Argument: forks (60).
#include <test/guest/vmcheck.h>

#define NPLACES 24

static volatile uint32_t *place[NPLACES];
static volatile uint32_t data[8 * PGSIZE / 4] __attribute__((aligned(PGSIZE)));
static volatile uint32_t stop;

// All in one order, which has nothing to do with that of the addresses.
static void
choose_places(volatile uint32_t *stack)
{
	volatile uint32_t *mapped = (uint32_t *)map_anon(8);
	volatile uint32_t *large = malloc(8 * PGSIZE);

	for (int i = 0; i < NPLACES; i++)
		switch (i % 4) {
		case 0: place[i] = &data[(i / 4) * 1024 + i]; break;
		case 1: place[i] = &mapped[(5 - i / 4) * 1024 + i]; break;
		case 2: place[i] = &large[(i / 4) * 1024 + i + 8]; break;
		default: place[i] = &stack[i]; // of the thread that forks
		}
	for (int i = 0; i < NPLACES; i++)
		*place[i] = 0;
}

static void
writer(void *unused, void *also)
{
	for (uint32_t n = 1; !stop; n++)
		for (int i = 0; i < NPLACES; i++) {
			*place[i] = n;
			barrier();
		}
}

// Sees the last place, and says so in another page: whoever sees that must see all before.
static void
follower(void *unused, void *also)
{
	while (!stop) {
		uint32_t n = *place[NPLACES - 1];
		barrier();
		*(volatile uint32_t *)also = n;
		pause();
	}
}

static void
look(volatile uint32_t *follows)
{
	uint32_t first = *place[0];

	CHECK(*follows <= *place[NPLACES - 1]);
	for (int i = 1; i < NPLACES; i++) {
		CHECK(*place[i] <= *place[i - 1]);
		CHECK(*place[i] + 1 >= first);
	}
	count_up(&shared->count[0]);
}

void
umain(int argc, char **argv)
{
	uint32_t forks = arg_number(argc, argv, 1, 60);
	volatile uint32_t stack[NPLACES];
	volatile uint32_t *follows = (uint32_t *)map_anon(1);

	share_results();
	choose_places(stack);
	*follows = 0;
	must_create(writer, NULL, NULL);
	must_create(follower, NULL, (void *)follows);
	AWAIT(*follows > 0);
	for (uint32_t i = 0; i < forks; i++) {
		envid_t id = fork();
		if (id < 0)
			panic("fork: %e", id);
		if (id == 0) {
			look(follows);
			exit();
		}
		wait(id);
		CHECK_EQ(shared->count[0], i + 1);
	}
	stop = 1;
	must_join(2);
	PASS("vm_cut");
}
