// What the tests of spawn start, from the disk. Its first argument says what to do.
// Its answer is in the page of results, if that is shared, and the low 8 bits of it
// are its exit status.
#include <test/guest/filecheck.h>

#define TEXT_ROOM 256

static void __attribute__((noreturn)) answer(int r)
{
	if (is_mapped(SHARED))
		shared->result = r;
	exit_status(r);
}

// Copies descriptor 0 to 1, to the end.
static void
copy(void)
{
	static char buf[3000];
	int r;

	while ((r = read(0, buf, sizeof(buf))) > 0)
		if (write(1, buf, r) != r)
			answer(100);
	answer(-r);
}

// The whole argument vector to descriptor 1, each with its 0.
static void
tell_arguments(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		int n = strlen(argv[i]) + 1;

		if (write(1, argv[i], n) != n)
			answer(-1);
	}
	if (argv[argc] != NULL)
		answer(-2);
	answer(argc);
}

void
umain(int argc, char **argv)
{
	static char text[TEXT_ROOM];
	const char *what = argc > 1 ? argv[1] : "";
	int number = argc > 2 ? strtol(argv[2], NULL, 0) : 0;

	if (argc == 0)
		answer(77);
	if (strcmp(what, "args") == 0) {
		tell_arguments(argc, argv);
	} else if (strcmp(what, "exit") == 0) {
		answer(number);
	} else if (strcmp(what, "fault") == 0) {
		*(volatile uint32_t *)0 = 0;
	} else if (strcmp(what, "text") == 0) {
		*(volatile uint32_t *)UTEXT = 0; // text is read-only: this faults
	} else if (strcmp(what, "stay") == 0) {
		sys_ipc_recv((void *)UTOP);
	} else if (strcmp(what, "copy") == 0) {
		copy();
	} else if (strcmp(what, "read") == 0) {
		// number bytes from descriptor 0, to be told by their first
		int r = readn(0, text, MIN(number, TEXT_ROOM));

		answer(r < 0 ? r : r << 8 | (uint8_t)text[0]);
	} else if (strcmp(what, "write") == 0) {
		// the third argument to a descriptor
		answer(write(number, argv[3], strlen(argv[3])));
	} else if (strcmp(what, "fds") == 0) {
		struct Fd *fd;
		uint32_t set = 0;

		for (int i = 0; i < MAXFD; i++)
			set |= (fd_lookup(i, &fd) == 0) << i;
		answer(set);
	} else if (strcmp(what, "shared") == 0) {
		answer(is_mapped(SHARED) ? (int)++shared->word[0] : 99);
	} else if (strcmp(what, "private") == 0) {
		answer(is_mapped(AREA));
	} else if (strcmp(what, "tls") == 0) {
		answer(thisenv->env_id == sys_getenvid() ? 1 : 0);
	} else {
		cprintf("lib_child: started by other tests only\n");
	}
}
