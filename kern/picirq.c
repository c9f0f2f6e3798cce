// Silences the 8259s: interrupts come through the APICs. Their vectors are
// moved to IRQ_OFFSET first, because even a masked one can raise a spurious
// interrupt, and where the BIOS left them that would look like an exception.
#include <inc/trap.h>
#include <inc/x86.h>
#include <kern/picirq.h>

#define PIC1 0x20
#define PIC2 0xa0
#define PIC_INIT 0x11 // to the first port; three more bytes follow on the second
#define PIC_CASCADE 2 // the input of the first that has the second
#define PIC_8086 0x01

void
pic_init(void)
{
	outb(PIC1 + 1, 0xff);
	outb(PIC2 + 1, 0xff);

	outb(PIC1, PIC_INIT);
	outb(PIC1 + 1, IRQ_OFFSET);
	outb(PIC1 + 1, 1 << PIC_CASCADE);
	outb(PIC1 + 1, PIC_8086);

	outb(PIC2, PIC_INIT);
	outb(PIC2 + 1, IRQ_OFFSET + 8);
	outb(PIC2 + 1, PIC_CASCADE);
	outb(PIC2 + 1, PIC_8086);

	outb(PIC1 + 1, 0xff);
	outb(PIC2 + 1, 0xff);
}
