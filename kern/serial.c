// The serial line: a 16550 or compatible at COM1, 115200 baud, 8 bits, no
// parity. Output waits for the device; input comes by interrupt or by polling.
#include <inc/x86.h>
#include <kern/clock.h>
#include <kern/console.h>
#include <kern/serial.h>
#include <kern/tlb.h>

#define COM1 0x3f8
#define COM_RX 0      // in: received byte
#define COM_TX 0      // out: byte to send
#define COM_DLL 0     // divisor, low, with LCR_DLAB
#define COM_DLM 1     // divisor, high, with LCR_DLAB
#define COM_IER 1     // interrupt enable
#define IER_RDI 0x01  //   when a byte has come
#define COM_IIR 2     // in: interrupt identification
#define IIR_FIFO 0xc0 //   both bits set: the FIFOs work
#define COM_FCR 2     // out: FIFO control
#define FCR_ON 0x07   //   on and emptied, interrupt at every byte
#define COM_LCR 3     // line control
#define LCR_8N1 0x03
#define LCR_DLAB 0x80
#define COM_MCR 4     // modem control
#define MCR_ON 0x0b   //   DTR, RTS, and OUT2, which lets interrupts through
#define COM_LSR 5     // line status
#define LSR_DATA 0x01 //   a byte has come
#define LSR_THRE 0x20 //   what was to be sent is sent

#define FIFO_SIZE 16

// Before a byte is given up: a line that works needs 2 ms for a full FIFO, but behind an
// emulated one sits a reader, who may be slow. Less than SPIN_LIMIT_MS of kern/spinlock.c.
#define SEND_LIMIT_MS 5000
#define SEND_TRIES 300000 // looks at the line status, as long as time can't be told

static bool serial_exists;
static int serial_fifo;     // bytes that can be sent once THRE is set
static bool serial_stalled; // it took no byte in time: don't wait again

void
serial_init(void)
{
	outb(COM1 + COM_FCR, FCR_ON);
	outb(COM1 + COM_LCR, LCR_DLAB);
	outb(COM1 + COM_DLL, 1); // 115200 / 1
	outb(COM1 + COM_DLM, 0);
	outb(COM1 + COM_LCR, LCR_8N1);
	outb(COM1 + COM_MCR, MCR_ON);
	outb(COM1 + COM_IER, IER_RDI);

	// No device: the bus reads all ones.
	serial_exists = inb(COM1 + COM_LSR) != 0xff;
	serial_fifo = (inb(COM1 + COM_IIR) & IIR_FIFO) == IIR_FIFO ? FIFO_SIZE : 1;
}

// Waits until everything has been sent; false if that takes too long.
static bool
serial_ready(void)
{
	uint64_t start = read_tsc(), limit = (uint64_t)SEND_LIMIT_MS * tsc_khz;
	int tries = SEND_TRIES;

	while (!(inb(COM1 + COM_LSR) & LSR_THRE)) {
		if (serial_stalled || (limit ? read_tsc() - start > limit : --tries == 0)) {
			serial_stalled = true;
			return false;
		}
		tlb_service(); // the console's lock is held
	}
	serial_stalled = false;
	return true;
}

void
serial_write(const char *s, size_t n)
{
	int room = 0;

	if (!serial_exists)
		return;
	for (; n > 0; n--, s++) {
		if (room == 0) {
			if (!serial_ready())
				return;
			room = serial_fifo;
		}
		outb(COM1 + COM_TX, *s);
		room--;
	}
}

void
serial_poll(void)
{
	int c;

	if (!serial_exists)
		return;
	// Bounded, should the device go mad.
	for (int i = 0; i < 256 && inb(COM1 + COM_LSR) & LSR_DATA; i++) {
		c = inb(COM1 + COM_RX);
		// Terminals send DEL for the backspace key, CR for enter.
		if (c == 0x7f)
			c = '\b';
		if (c == '\r')
			c = '\n';
		if (c != 0)
			cons_input(c);
	}
}
