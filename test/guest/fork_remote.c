// Forks whose pages go to the child by another CPU's syscall thread, of parents and
// children that all have one.
//
// Arguments: forks (60); 1: children have no page (0); flex_library (1).
#include <test/guest/filecheck.h>

static volatile uint32_t mine = 17;

static void
child_has_all(int arg)
{
	CHECK_EQ(mine, 17);
	mine = 18;
	count_up(&shared->count[0]);
}

void
umain(int argc, char **argv)
{
	uint32_t n = arg_number(argc, argv, 1, 60);
	bool plain = arg_number(argc, argv, 2, 0);
	uint32_t way = arg_number(argc, argv, 3, 1);

	share_results();
	remote = with_page = true;
	library_register();
	flex_library = way;
	for (uint32_t i = 0; i < n; i++) {
		envid_t id = plain ? child_run(child_has_all, 0) : lib_child(child_has_all, 0);

		wait(id);
		CHECK_EQ(shared->count[0], i + 1);
		CHECK_EQ(mine, 17);
	}
	PASS("fork_remote");
}
