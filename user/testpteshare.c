// A page marked PTE_SHARE is one to parent and child, made by fork or by spawn.
#include <inc/lib.h>

#define SHARED ((char *)0xA0000000)

static const char by_fork[] = "hello, world\n";
static const char by_spawn[] = "goodbye, world\n";

static void
check(const char *what, const char *expected)
{
	cprintf("%s handles PTE_SHARE %s\n", what,
		strcmp(SHARED, expected) == 0 ? "right" : "wrong");
}

void
umain(int argc, char **argv)
{
	envid_t child;
	int r;

	if (argc > 1) { // the child that is spawned
		strcpy(SHARED, by_spawn);
		return;
	}

	if ((r = sys_page_alloc(0, SHARED, PTE_P | PTE_W | PTE_U | PTE_SHARE)) < 0)
		panic("sys_page_alloc: %e", r);
	if ((child = fork()) < 0)
		panic("fork: %e", child);
	if (child == 0) {
		strcpy(SHARED, by_fork);
		exit();
	}
	wait(child);
	check("fork", by_fork);

	if ((child = spawnl("/testpteshare", "testpteshare", "child", NULL)) < 0)
		panic("spawn: %e", child);
	wait(child);
	check("spawn", by_spawn);
}
