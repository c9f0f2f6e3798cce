// How many mappings a page has.
#include <inc/lib.h>
#include "lib/share.h"

// How often the page at addr is mapped, in all address spaces together; 0 if
// nothing is mapped there.
int
pageref(void *addr)
{
	return vm_present((uintptr_t)addr) ? *refs_of(addr) : 0;
}
