// The monitor's line editor: backspace, ^U to start anew, ^C to give the line
// up, ^P or the up key for the lines typed before. It polls the console,
// because the kernel has interrupts off.
#include <inc/stdio.h>
#include <inc/string.h>
#include <inc/x86.h>
#include <kern/console.h>
#include <kern/kbd.h>
#include <kern/monline.h>
#include <kern/tlb.h>

#define CTRL(c) ((c)&0x1f)
#define LINE_MAX 80
#define NHISTORY 8 // lines remembered

// One monitor runs at a time (monitor.c).
static char history[NHISTORY][LINE_MAX];
static uint32_t nhistory; // lines ever remembered

static int
monline_getc(void)
{
	int c;

	while ((c = cons_getc()) == 0) {
		// Others may wait for this CPU to flush its TLB.
		tlb_service();
		pause();
	}
	return c;
}

// The next key; a terminal's sequences for up and down become the keys' codes.
static int
monline_key(void)
{
	int c = monline_getc();

	if (c != CTRL('['))
		return c;
	if (monline_getc() != '[')
		return 0;
	switch (monline_getc()) {
	case 'A': return KEY_UP;
	case 'B': return KEY_DN;
	}
	return 0;
}

// Takes all of the line back, on the screen too.
static size_t
monline_erase(size_t len)
{
	for (; len > 0; len--)
		cons_write("\b \b", 3);
	return 0;
}

// Shows line number n of the history instead of what is there.
static size_t
monline_recall(char *buf, size_t size, size_t len, uint32_t n)
{
	monline_erase(len);
	buf[0] = 0;
	if (n < nhistory)
		strlcpy(buf, history[n % NHISTORY], size);
	len = strlen(buf);
	cons_write(buf, len);
	return len;
}

void
monline_read(const char *prompt, char *buf, size_t size)
{
	uint32_t at = nhistory; // the line of the history that is shown
	size_t len = 0;

	cprintf("%s", prompt);
	for (;;) {
		int c = monline_key();

		if (c == '\n') {
			cons_write("\n", 1);
			break;
		} else if (c == '\b') {
			if (len > 0) {
				monline_erase(1);
				len--;
			}
		} else if (c == CTRL('U')) {
			len = monline_erase(len);
		} else if (c == CTRL('C')) {
			cons_write("^C\n", 3);
			len = 0;
			break;
		} else if (c == CTRL('P') || c == KEY_UP) {
			if (at > 0 && nhistory - at < NHISTORY)
				len = monline_recall(buf, size, len, --at);
		} else if (c == CTRL('N') || c == KEY_DN) {
			if (at < nhistory)
				len = monline_recall(buf, size, len, ++at);
		} else if (c >= ' ' && c < 0x7f && len + 1 < size) {
			char ch = c;
			buf[len++] = ch;
			cons_write(&ch, 1);
		}
	}
	buf[len] = 0;
	if (len > 0)
		strlcpy(history[nhistory++ % NHISTORY], buf, LINE_MAX);
}
