// Reads virtual memory through the page tables and the kernel's window of
// physical memory, never by its own address. So nothing that is looked at can
// fault, whichever address space it is in, and no lock is taken: what another
// CPU changes meanwhile reads as before or after, or as noise.
#include <inc/string.h>
#include <inc/x86.h>
#include <kern/mem.h>
#include <kern/peek.h>

pte_t
peek_pte(const pde_t *pgdir, uintptr_t va)
{
	pde_t pde;
	pte_t pte;

	if (!pgdir)
		pgdir = KADDR(PTE_ADDR(rcr3()));
	pde = ((const volatile pde_t *)pgdir)[PDX(va)];
	if (!(pde & PTE_P))
		return 0;
	if (pde & PTE_PS)
		return (pde & ~(PTSIZE - 1)) | PTX(va) << PTXSHIFT | (pde & (PGSIZE - 1));
	if (PGNUM(pde) >= npages)
		return 0;
	pte = ((const volatile pte_t *)KADDR(PTE_ADDR(pde)))[PTX(va)];
	if (!(pte & PTE_P))
		return 0;
	return pte & ~((PTE_W | PTE_U) & ~pde);
}

bool
peek(const pde_t *pgdir, uintptr_t va, void *buf, size_t n)
{
	char *to = buf;

	while (n > 0) {
		pte_t pte = peek_pte(pgdir, va);
		size_t part = MIN(n, (size_t)(PGSIZE - PGOFF(va)));

		if (!(pte & PTE_P) || PGNUM(pte) >= npages)
			return false;
		memcpy(to, (char *)KADDR(PTE_ADDR(pte)) + PGOFF(va), part);
		to += part;
		va += part;
		n -= part;
	}
	return true;
}
