// panic and warn for programs.
#include <inc/lib.h>

// What kind of message it is, where it comes from, and what it says.
static void
say(const char *kind, const char *file, int line, const char *fmt, va_list ap)
{
	cprintf("[%08x] user %s in %s at %s:%d: ", (unsigned int)sys_getenvid(), kind, binaryname,
		file, line);
	vcprintf(fmt, ap);
	cprintf("\n");
}

// Says where and why, then breaks into the monitor, or ends the env: what a
// breakpoint does is the run's choice.
void
_panic(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("panic", file, line, fmt, ap);
	va_end(ap);

	for (;;)
		breakpoint();
}

// Says where and what, and goes on.
void
_warn(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("warning", file, line, fmt, ap);
	va_end(ap);
}
