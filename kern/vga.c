// The VGA in text mode, 80 by 25, as the BIOS leaves it. Each access to the
// screen's memory is dear under emulation, so scrolling moves the window that
// is shown through the 32 KiB of text memory, and only at its end copies.
#include <inc/memlayout.h>
#include <inc/x86.h>
#include <kern/vga.h>

#define VGA_TEXT 0xb8000 // physical
#define VGA_CELLS (0x8000 / 2)
#define COLS 80
#define ROWS 25
#define SCREEN (COLS * ROWS)
#define BLANK 0x0720 // a space, grey on black

#define CRTC_INDEX 0x3d4
#define CRTC_DATA 0x3d5
#define CRTC_START 12  // first cell shown; high byte, low byte in the next
#define CRTC_CURSOR 14 // cell that has the cursor, likewise

static volatile uint16_t *vga_mem; // NULL if there is no such screen
static int vga_start;              // first cell shown
static int vga_shown;              // as the hardware has it
static int vga_pos;                // next cell to write, always on the screen

static uint16_t
crtc_read(int reg)
{
	uint16_t val;

	outb(CRTC_INDEX, reg);
	val = inb(CRTC_DATA) << 8;
	outb(CRTC_INDEX, reg + 1);
	return val | inb(CRTC_DATA);
}

static void
crtc_write(int reg, uint16_t val)
{
	outb(CRTC_INDEX, reg);
	outb(CRTC_DATA, val >> 8);
	outb(CRTC_INDEX, reg + 1);
	outb(CRTC_DATA, val);
}

void
vga_init(void)
{
	// The kernel's window has this address mapped from the very start.
	volatile uint16_t *mem = (volatile uint16_t *)(KERNBASE + VGA_TEXT);
	uint16_t was = mem[0];

	mem[0] = 0xa55a;
	if (mem[0] != 0xa55a)
		return;
	mem[0] = was;
	vga_mem = mem;

	// Go on below what the BIOS has written.
	crtc_write(CRTC_START, 0);
	vga_pos = crtc_read(CRTC_CURSOR);
	if (vga_pos >= SCREEN)
		vga_pos = 0;
}

static void
vga_scroll(void)
{
	vga_start += COLS;
	if (vga_start + SCREEN > VGA_CELLS) {
		for (int i = 0; i < SCREEN - COLS; i++)
			vga_mem[i] = vga_mem[vga_start + i];
		vga_pos -= vga_start;
		vga_start = 0;
	}
	for (int i = SCREEN - COLS; i < SCREEN; i++)
		vga_mem[vga_start + i] = BLANK;
}

static void
vga_putc(char c)
{
	int col = (vga_pos - vga_start) % COLS;

	switch (c) {
	case '\n': vga_pos += COLS - col; break;
	case '\r': vga_pos -= col; break;
	case '\b': // deletes, so that a program needs to send no more than that
		if (vga_pos > vga_start)
			vga_mem[--vga_pos] = BLANK;
		break;
	case '\t': vga_pos += 8 - col % 8; break;
	default: vga_mem[vga_pos++] = (BLANK & 0xff00) | (uint8_t)c; break;
	}
	if (vga_pos >= vga_start + SCREEN)
		vga_scroll();
}

void
vga_write(const char *s, size_t n)
{
	if (!vga_mem || n == 0)
		return;
	for (; n > 0; n--)
		vga_putc(*s++);
	if (vga_shown != vga_start) {
		crtc_write(CRTC_START, vga_start);
		vga_shown = vga_start;
	}
	crtc_write(CRTC_CURSOR, vga_pos);
}
