// Waits for what nobody is left to bring, by trap and, in a child, by its page: the
// run names both, says what they wait for, and does not hang.
#include <test/guest/fsccheck.h>

void
umain(int argc, char **argv)
{
	envid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		CHECK_EQ(flexsc_register(), 0);
		flex_ipc_recv((void *)UTOP);
	} else {
		ipc_recv(NULL, NULL, NULL);
	}
	panic("a message has come");
}
