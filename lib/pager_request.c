// What the pager asks of the file server. It traps, whatever flex_library says: a fault may
// come in the middle of anything. The lock is held.
#include "lib/fdtable.h"
#include "lib/vm.h"

// Sends a request with our page at `page` and waits for the answer; a page that is answered comes
// to dst, unless that is UTOP. What the server answers; -E_NO_FS, -E_NO_MEM.
int
pager_request(uint32_t word, uintptr_t page, int perm, uintptr_t dst)
{
	return fsreq_send(word, (void *)page, perm, (void *)dst, true);
}

// The page for a request's fields, at VM_REQUEST; NULL: no memory.
union Fsipc *
pager_request_page(void)
{
	if (!vm_entry(VM_REQUEST) && vm_alloc(VM_REQUEST, PTE_P | PTE_U | PTE_W) < 0)
		return NULL;
	return (union Fsipc *)VM_REQUEST;
}
