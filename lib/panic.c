// panic and warn for programs.
#include <inc/lib.h>

// Says where and why, then breaks into the monitor, or ends the env: what a
// breakpoint does is the run's choice.
void
_panic(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	cprintf("[%08x] user panic in %s at %s:%d: ", (unsigned int)sys_getenvid(), binaryname,
		file, line);
	va_start(ap, fmt);
	vcprintf(fmt, ap);
	va_end(ap);
	cprintf("\n");

	for (;;)
		breakpoint();
}

// Says where and what, and goes on.
void
_warn(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	cprintf("[%08x] user warning in %s at %s:%d: ", (unsigned int)sys_getenvid(), binaryname,
		file, line);
	va_start(ap, fmt);
	vcprintf(fmt, ap);
	va_end(ap);
	cprintf("\n");
}
