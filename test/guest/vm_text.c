// A text that is longer than the limit of pages goes out by one call: once, whole, in order, while
// its pages come from the swap area and go there again.
#include <test/guest/vmcheck.h>

#define NPAGES 60
#define ROOM 24
#define LINE 64

static void
by_page(const char *text, size_t len)
{
	CHECK_EQ(flexsc_register(), 0);
	struct FscEntry *e = flex_post(SYS_cputs, (uint32_t)text, len, 0, 0, 0);
	CHECK(e != NULL);
	CHECK_EQ(flex_collect(e), 0);
}

void
umain(int argc, char **argv)
{
	const size_t len = NPAGES * PGSIZE;
	char *text = map_anon(NPAGES);
	struct EnvStat st;

	for (uint32_t i = 0; i < len / LINE; i++) {
		char *line = text + i * LINE;
		memset(line, '.', LINE);
		snprintf(line, LINE, "vm_text %u ", (unsigned int)i);
		line[strlen(line)] = '.';
		line[LINE - 1] = '\n';
	}
	CHECK_EQ(sys_env_stat(0, &st), 0);
	CHECK_EQ(sys_env_set_limit(0, st.nresident - NPAGES + ROOM), 0);
	// So that they are gone when the kernel comes.
	volatile char *other = map_anon(2 * ROOM);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 2 * ROOM; i++)
			other[i * PGSIZE] = i;
	CHECK_EQ(sys_env_stat(0, &st), 0);
	CHECK(st.nswapped >= NPAGES);
	if (argc > 1)
		by_page(text, len);
	else
		sys_cputs(text, len);
	PASS("vm_text");
}
