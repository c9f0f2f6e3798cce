// The console as one device: what is printed goes to the serial line and to
// the screen, and what comes from the serial line or the keyboard goes into
// one ring buffer. The devices are in serial.c, vga.c and kbd.c; all of it is
// covered by the lock here.
#include <inc/x86.h>
#include <kern/console.h>
#include <kern/cpu.h>
#include <kern/ctrlc.h>
#include <kern/kbd.h>
#include <kern/serial.h>
#include <kern/spinlock.h>
#include <kern/sysinfo.h>
#include <kern/vga.h>

static struct Spinlock cons_lock = SPINLOCK("console", RANK_CONSOLE);
static volatile bool cons_broken; // a CPU panicked: nobody takes the lock

// The CPU that holds cons_lock, or -1. Only that CPU can find itself here, so it
// may be read without the lock.
static volatile int cons_holder = -1;

// cons_lock must be held for all below.
static int cons_depth;      // cons_begin within cons_begin
static int cons_owner = -1; // the CPU that gets the input, -1: any

#define RING 512 // a power of two
static struct {
	char buf[RING];
	uint32_t rpos, wpos; // count up for ever; they differ by what is in buf
} ring;
static volatile uint32_t news;   // something was put there that nobody was told of
static volatile uint32_t struck; // ctrl-C came, and there are programs to end by it

void
cons_init(void)
{
	serial_init();
	vga_init();
	kbd_init();
}

void
cons_begin(void)
{
	if (cons_broken)
		return;
	if (cons_holder == cpunum()) {
		cons_depth++;
		return;
	}
	spin_lock(&cons_lock);
	cons_holder = cpunum();
}

void
cons_end(void)
{
	// Another holder, or none: the lock was broken before cons_begin.
	if (cons_holder != cpunum())
		return;
	if (cons_depth > 0) {
		cons_depth--;
		return;
	}
	cons_holder = -1;
	spin_unlock(&cons_lock);
}

void
cons_panic(void)
{
	cons_broken = true;
	cons_owner = cpunum();
}

bool
cons_panicked(void)
{
	return cons_broken;
}

void
cons_write(const char *s, size_t n)
{
	cons_begin();
	serial_write(s, n);
	vga_write(s, n);
	cons_end();
}

static void
ring_put(int c)
{
	// What nobody reads in time is lost, the newest first.
	if (ring.wpos - ring.rpos < RING)
		ring.buf[ring.wpos++ % RING] = c;
	news = 1;
}

void
cons_input(int c)
{
	if (c == CTRL_C && cons_owner < 0 && ctrlc_has_target())
		struck = 1;
	else
		ring_put(c);
}

void
cons_events(void)
{
	if (struck && xchg(&struck, 0))
		ctrlc_strike();
	if (news && xchg(&news, 0))
		sysinfo_input();
}

void
cons_serial_intr(void)
{
	cons_begin();
	serial_poll();
	cons_end();
}

void
cons_kbd_intr(void)
{
	cons_begin();
	kbd_poll();
	cons_end();
}

int
cons_getc(void)
{
	int c = 0;

	cons_begin();
	serial_poll();
	kbd_poll();
	if (ring.rpos != ring.wpos && (cons_owner < 0 || cons_owner == cpunum()))
		c = (uint8_t)ring.buf[ring.rpos++ % RING];
	cons_end();
	return c;
}

void
cons_own_input(bool own)
{
	cons_begin();
	if (!cons_broken)
		cons_owner = own ? cpunum() : -1;
	cons_end();
}
