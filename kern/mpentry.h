// Where the other CPUs start: a page below 1 MiB that mem.c keeps free.
#ifndef KERN_MPENTRY_H
#define KERN_MPENTRY_H

#define MPENTRY 0x7000

#ifndef __ASSEMBLER__
extern const unsigned char mpentry_start[], mpentry_end[];
#endif

#endif
