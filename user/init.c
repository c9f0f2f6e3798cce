// The first program: checks that it was loaded well, says with what arguments,
// and keeps a shell on the console. Ends when that has exited.
#include <user/keepshell.h>

#define DATA_WORDS 2048
#define BSS_BYTES 6000

// Longer than a page, so that the loader cannot have put all of it right by chance.
static uint32_t data[DATA_WORDS] = {[0] = 0x600dda7a, [DATA_WORDS - 1] = 0x1a57da7a};
static char bss[BSS_BYTES];

static bool
data_is_good(void)
{
	volatile uint32_t *words = data;

	for (int i = 1; i < DATA_WORDS - 1; i++)
		if (words[i] != 0)
			return false;
	return words[0] == 0x600dda7a && words[DATA_WORDS - 1] == 0x1a57da7a;
}

static bool
bss_is_good(void)
{
	for (int i = 0; i < BSS_BYTES; i++)
		if (((volatile char *)bss)[i])
			return false;
	return true;
}

void
umain(int argc, char **argv)
{
	char args[256];
	int len = 0, r;

	cprintf("init: running\n");
	cprintf("init: data %s\n", data_is_good() ? "seems okay" : "is damaged");
	cprintf("init: bss %s\n", bss_is_good() ? "seems okay" : "is not zero");

	for (int i = 0; i < argc && len < (int)sizeof(args); i++)
		len += snprintf(args + len, sizeof(args) - len, " '%s'", argv[i]);
	cprintf("init: args:%s\n", args);

	cprintf("init: running sh\n");
	if ((r = console_first()) < 0) {
		cprintf("init: console: %e\n", r);
		exit_status(1);
	}
	r = keep_shell("init");
	exit_status(r < 0 ? 1 : r);
}
