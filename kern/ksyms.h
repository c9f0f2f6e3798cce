// Which function and source line a kernel address belongs to.
#ifndef KERN_KSYMS_H
#define KERN_KSYMS_H

#include <inc/types.h>

struct KsymInfo {
	const char *func;
	uintptr_t func_addr; // where it begins
	const char *file;    // NULL if the line is not known
	int line;
};

int ksym_lookup(uintptr_t eip, struct KsymInfo *info);

#endif
