// Loading a program that is part of the kernel's image into a new env, the way
// spawn does it from a file: segments with the permissions that they ask for,
// a stack, and the arguments on it.

#include <inc/elf.h>
#include <inc/error.h>
#include <inc/string.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/mem.h>
#include <kern/programs.h>

static const struct Program *
find_program(const char *name)
{
	for (int i = 0; i < nprograms; i++)
		if (strcmp(programs[i].name, name) == 0)
			return &programs[i];
	return NULL;
}

bool
program_exists(const char *name)
{
	return find_program(name) != NULL;
}

// Maps a fresh page at va, unless a segment before left one there; more
// permissions then add up. Returns where the kernel sees it, or NULL.
static uint8_t *
map_page(struct AddrSpace *as, uintptr_t va, int perm)
{
	pte_t pte;
	struct PageInfo *pp = as_lookup(as, va, &pte), *before;

	if (pp)
		perm |= pte & PTE_W;
	else if (!(pp = page_alloc(PAGE_ZERO)))
		return NULL;
	page_incref(pp);
	int r = as_map(as, pp, va, perm | PTE_U, &before);
	if (before) // pp itself
		page_decref(before);
	page_decref(pp);
	return r < 0 ? NULL : page2kva(pp);
}

static int
load_segment(struct AddrSpace *as, const struct Program *prog, const struct Proghdr *ph)
{
	size_t size = prog->end - prog->start;
	int perm = ph->p_flags & ELF_PROG_FLAG_WRITE ? PTE_W : 0;
	uintptr_t end = ph->p_va + ph->p_memsz;

	if (ph->p_filesz > ph->p_memsz || ph->p_offset > size ||
	    ph->p_filesz > size - ph->p_offset || end < ph->p_va ||
	    end > USTACKTOP - (USTACKPAGES + 1) * PGSIZE || ph->p_va < PGSIZE)
		return -E_NOT_EXEC;
	for (uintptr_t va = ROUNDDOWN(ph->p_va, PGSIZE); va < end; va += PGSIZE) {
		uint8_t *page = map_page(as, va, perm);
		if (!page)
			return -E_NO_MEM;
		uintptr_t lo = MAX(va, ph->p_va);
		uintptr_t hi = MIN(va + PGSIZE, ph->p_va + ph->p_filesz);
		if (lo < hi)
			memcpy(page + (lo - va), prog->start + ph->p_offset + (lo - ph->p_va),
			       hi - lo);
	}
	return 0;
}

// Lays the arguments out on the page under USTACKTOP: strings at the top, then
// the vector, then [argc, argv], where esp points. Returns esp, or -E_INVAL.
static int
push_args(uint8_t *page, int argc, char **argv, uintptr_t *esp)
{
	uintptr_t base = USTACKTOP - PGSIZE;
	size_t strings = 0;

	for (int i = 0; i < argc; i++)
		strings += strlen(argv[i]) + 1;
	size_t vector = ROUNDUP(strings, 4) + 4 * (argc + 1);
	if (vector + 8 > PGSIZE / 2)
		return -E_INVAL;

	size_t off = PGSIZE - strings;
	uint32_t *slot = (uint32_t *)(page + PGSIZE - vector);
	for (int i = 0; i < argc; i++) {
		slot[i] = base + off;
		strcpy((char *)page + off, argv[i]);
		off += strlen(argv[i]) + 1;
	}
	slot[argc] = 0;
	slot[-1] = base + PGSIZE - vector;
	slot[-2] = argc;
	*esp = base + PGSIZE - vector - 8;
	return 0;
}

// Loads a program into e, which is NOT_RUNNABLE and known to nobody yet. 0;
// -E_NOT_FOUND, -E_NOT_EXEC, -E_NO_MEM, or -E_INVAL for too many arguments.
int
load_program(struct Env *e, const char *name, int argc, char **argv)
{
	const struct Program *prog = find_program(name);
	struct AddrSpace *as = e->k->as;
	int r = 0;

	if (!prog)
		return -E_NOT_FOUND;
	size_t size = prog->end - prog->start;
	const struct Elf *elf = (const struct Elf *)prog->start;
	if (size < sizeof(*elf) || elf->e_magic != ELF_MAGIC || elf->e_type != ELF_TYPE_EXEC ||
	    elf->e_machine != ELF_MACHINE_386 || elf->e_phoff > size ||
	    elf->e_phnum > (size - elf->e_phoff) / sizeof(struct Proghdr))
		return -E_NOT_EXEC;

	spin_lock(&as->lock);
	const struct Proghdr *ph = (const struct Proghdr *)(prog->start + elf->e_phoff);
	for (int i = 0; r == 0 && i < elf->e_phnum; i++)
		if (ph[i].p_type == ELF_PROG_LOAD)
			r = load_segment(as, prog, &ph[i]);
	if (r == 0) {
		uint8_t *stack = NULL;
		for (int i = USTACKPAGES; i > 0 && (stack || i == USTACKPAGES); i--)
			stack = map_page(as, USTACKTOP - i * PGSIZE, PTE_W);
		r = stack ? push_args(stack, argc, argv, &e->k->tf.tf_esp) : -E_NO_MEM;
	}
	spin_unlock(&as->lock);
	e->k->tf.tf_eip = elf->e_entry;
	strlcpy(e->env_name, name, sizeof(e->env_name));
	return r;
}
