// Parent and child send each other a page of memory by IPC, at another address
// at each end: the parent's text, and the child's answer.
#include <inc/lib.h>

#define PARENT_VA ((char *)0xa00000)
#define CHILD_VA ((char *)0xb00000)
#define PERM (PTE_P | PTE_U | PTE_W)

static const char question[] = "hello child environment! how are you?";
static const char answer[] = "hello parent environment! I'm good.";

// Receives a page at va and prints who sent it. Whether it holds text.
static bool
receive(char *va, const char *text, envid_t *from)
{
	ipc_recv(from, va, NULL);
	cprintf("%x got message: %s\n", *from, va);
	return strcmp(va, text) == 0;
}

void
umain(int argc, char **argv)
{
	envid_t who = fork();
	int r;

	if (who < 0)
		panic("fork: %e", who);

	if (who == 0) {
		if (receive(CHILD_VA, question, &who))
			cprintf("child received correct message\n");
		strcpy(CHILD_VA, answer);
		ipc_send(who, 0, CHILD_VA, PERM);
		return;
	}

	if ((r = sys_page_alloc(0, PARENT_VA, PERM)) < 0)
		panic("sys_page_alloc: %e", r);
	strcpy(PARENT_VA, question);
	ipc_send(who, 0, PARENT_VA, PERM);
	if (receive(PARENT_VA, answer, &who))
		cprintf("parent received correct message\n");
}
