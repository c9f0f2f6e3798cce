// Forks a binary tree of programs, three levels deep. Each names itself by its
// path from the root, which only a fork that copies memory rightly keeps apart.
#include <inc/lib.h>

#define DEPTH 3

static void grow(const char *path);

static void
grow_branch(const char *path, char branch)
{
	char longer[DEPTH + 1];
	envid_t child;

	snprintf(longer, sizeof(longer), "%s%c", path, branch);
	if ((child = fork()) < 0)
		panic("fork: %e", child);
	if (child == 0) {
		grow(longer);
		exit();
	}
}

static void
grow(const char *path)
{
	cprintf("%04x: I am '%s'\n", sys_getenvid(), path);
	if (strlen(path) < DEPTH) {
		grow_branch(path, '0');
		grow_branch(path, '1');
	}
}

void
umain(int argc, char **argv)
{
	grow("");
}
