// Copying to and from user memory. Another CPU may unmap it at any time, so
// nothing is checked ahead but the address: the page tables say the rest.

#include <inc/error.h>
#include <inc/memlayout.h>
#include <kern/cpu.h>
#include <kern/usercopy.h>

// What ring 3 can read ends here: beyond, UVPT shows the kernel's own tables.
#define UREADLIM (UVPT + (PDX(ULIM) << PGSHIFT))

static int
copy(void *dst, const void *src, size_t n)
{
	return cpu_features.smap ? usercopy_smap(dst, src, n) : usercopy_plain(dst, src, n);
}

// Copies n bytes from src, which a program named. 0 or -E_FAULT.
int
copy_in(void *dst, uintptr_t src, size_t n)
{
	if (src >= UREADLIM || n > UREADLIM - src)
		return -E_FAULT;
	return copy(dst, (const void *)src, n);
}

// Copies n bytes to dst, which a program named. 0 or -E_FAULT; then a part
// may have been written.
int
copy_out(uintptr_t dst, const void *src, size_t n)
{
	if (dst >= UTOP || n > UTOP - dst)
		return -E_FAULT;
	return copy((void *)dst, src, n);
}

extern const uintptr_t usercopy_faults[2][2][2]; // [variant][instruction]{at, to}

// Where to go on after a fault in ring 0 at eip; 0 if it is none of ours.
uintptr_t
usercopy_fixup(uintptr_t eip)
{
	for (int v = 0; v < 2; v++)
		for (int i = 0; i < 2; i++)
			if (usercopy_faults[v][i][0] == eip)
				return usercopy_faults[v][i][1];
	return 0;
}
