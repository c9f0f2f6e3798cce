// A CPU's look at whether another has panicked. panic itself: inc/assert.h.
#ifndef KERN_PANIC_H
#define KERN_PANIC_H

void panic_check(void);

#endif
