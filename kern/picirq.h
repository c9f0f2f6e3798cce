// The two 8259 interrupt controllers of old PCs, which are not used.
#ifndef KERN_PICIRQ_H
#define KERN_PICIRQ_H

// Silences them. Once, before interrupts are enabled.
void pic_init(void);

#endif
