// The programs that the kernel image carries, as ELF files. The build makes the
// table (scripts/mkprograms.sh), sorted by name.
#ifndef KERN_PROGRAMS_H
#define KERN_PROGRAMS_H

#include <inc/types.h>

struct Program {
	const char *name;
	const uint8_t *start, *end;
};

extern const struct Program programs[];
extern const int nprograms;

#endif
