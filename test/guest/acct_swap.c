// acct_swap PAGES: writes so many pages, lets ps show this process, and reads them. For
// a process that may not have as many at once.
#include <test/guest/acct_check.h>

static uint32_t
word(uint32_t page, uint32_t i)
{
	return (page * 1024 + i) * 2654435761u;
}

void
umain(int argc, char **argv)
{
	uint32_t n = arg_number(argc, argv, 1, 800);
	uint32_t *memory = sbrk(n * PGSIZE);
	struct EnvStat stat;

	CHECK(memory != (void *)-1);
	for (uint32_t p = 0; p < n; p++)
		for (uint32_t i = 0; i < 1024; i++)
			memory[p * 1024 + i] = word(p, i);
	show_by_ps(NULL);
	show_by_ps("-m");
	CHECK_EQ(sys_env_stat(0, &stat), 0);
	CHECK(stat.limit == 0 || stat.nresident <= stat.limit + 8);
	CHECK(stat.nresident + stat.nswapped >= n);
	for (uint32_t p = 0; p < n; p++)
		for (uint32_t i = 0; i < 1024; i++)
			CHECK_EQ(memory[p * 1024 + i], word(p, i));
	PASS("acct_swap");
}
