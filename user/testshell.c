// testshell [SCRIPT KEY]: has the shell run a script, /testshell.sh, and compares
// what that prints with what it should print, /testshell.key.
#include <inc/lib.h>

// A descriptor that is read a byte at a time.
struct Reader {
	int fd;
	int at, n;
	int offset; // of the next byte
	char buf[512];
};

// The next byte, or -1 at the end.
static int
next(struct Reader *reader, const char *name)
{
	if (reader->at == reader->n) {
		reader->at = 0;
		reader->n = read(reader->fd, reader->buf, sizeof(reader->buf));
		if (reader->n < 0)
			panic("read %s: %e", name, reader->n);
		if (reader->n == 0)
			return -1;
	}
	reader->offset++;
	return (unsigned char)reader->buf[reader->at++];
}

// Prints what is left of the line that c is in, and the rest.
static void
show(const char *title, struct Reader *reader, const char *line, int c)
{
	cprintf("%s:\n%s", title, line);
	for (; c >= 0; c = next(reader, title))
		cputchar(c);
	cprintf("\n");
}

// The shell's child, its output in *output, and a descriptor for its errors the same.
static envid_t
start_shell(const char *script, int *output)
{
	const char *argv[] = {"sh", "-x", NULL};
	int fds[2], input, r;

	if ((input = open(script, O_RDONLY)) < 0)
		panic("open %s: %e", script, input);
	if ((r = pipe(fds)) < 0)
		panic("pipe: %e", r);
	int given[] = {input, fds[1], fds[1]};
	envid_t shell = spawn_fds("/sh", argv, given, ARRAY_SIZE(given));
	if (shell < 0)
		panic("spawn /sh: %e", shell);
	sys_env_set_status(shell, ENV_RUNNABLE);
	close(input);
	close(fds[1]);
	*output = fds[0];
	return shell;
}

void
umain(int argc, char **argv)
{
	static struct Reader got, expected;
	const char *script = argc > 2 ? argv[1] : "/testshell.sh";
	const char *key = argc > 2 ? argv[2] : "/testshell.key";
	char line[128];
	int len = 0;

	cprintf("running sh -x < %s\n", script);
	if ((expected.fd = open(key, O_RDONLY)) < 0)
		panic("open %s: %e", key, expected.fd);
	envid_t shell = start_shell(script, &got.fd);

	for (;;) {
		int c = next(&got, "output"), k = next(&expected, key);
		if (c != k) {
			int at = got.offset;
			line[len] = 0;
			show("expected", &expected, line, k);
			show("got", &got, line, c);
			panic("the shell's output differs at byte %d", at);
		}
		if (c < 0)
			break;
		len = c == '\n' || len == sizeof(line) - 1 ? 0 : len;
		if (c != '\n')
			line[len++] = c;
	}
	wait(shell);
	cprintf("shell ran correctly\n");
}
