// Commands of the monitor that look at memory: what is mapped where, and what
// it contains, in the address space at hand or in another env's.
#include <inc/error.h>
#include <inc/stdio.h>
#include <inc/string.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/monmem.h>
#include <kern/peek.h>

#define DUMP_MAX 1024 // words
#define DUMP_WORDS 4  // in a line

// A number in base 16 (with or without 0x), or 10, that makes up all of s.
static bool
monmem_number(const char *s, uint32_t base, uint32_t *store)
{
	uint32_t n = 0;

	if (s[0] == '0' && s[1] == 'x') {
		s += 2;
		base = 16;
	}
	if (!*s)
		return false;
	for (; *s; s++) {
		uint32_t digit = 99;

		if (*s >= '0' && *s <= '9')
			digit = *s - '0';
		else if (*s >= 'a' && *s <= 'f')
			digit = *s - 'a' + 10;
		else if (*s >= 'A' && *s <= 'F')
			digit = *s - 'A' + 10;
		if (digit >= base || n > (0xffffffff - digit) / base)
			return false;
		n = n * base + digit;
	}
	*store = n;
	return true;
}

// As above, with a complaint.
static bool
monmem_arg(const char *s, uint32_t base, uint32_t *store)
{
	if (monmem_number(s, base, store))
		return true;
	cprintf("'%s' is not a %s number\n", s, base == 16 ? "hexadecimal" : "decimal");
	return false;
}

// Takes "of ENV" off the end of a command: *pgdir is that env's page directory
// then, and otherwise NULL, for the one that is loaded.
static bool
monmem_of_env(int *argc, char **argv, const pde_t **pgdir)
{
	struct AddrSpace *as;
	struct Env *e;
	uint32_t id;

	*pgdir = NULL;
	if (*argc < 3 || strcmp(argv[*argc - 2], "of") != 0)
		return true;
	if (!monmem_arg(argv[*argc - 1], 16, &id))
		return false;
	e = &envs[ENVX(id)];
	if (e->env_status == ENV_FREE || (uint32_t)e->env_id != id) {
		cprintf("there is no env %08x; 'envs' lists them\n", id);
		return false;
	}
	as = *(struct AddrSpace *volatile *)&e->k->as;
	if (!as) {
		cprintf("env %08x has no address space left\n", id);
		return false;
	}
	*pgdir = as->pgdir;
	*argc -= 2;
	return true;
}

// ---- mappings -----------------------------------------------------------------

// What entries must agree in to be shown as one range.
#define SHOWN \
	(PTE_P | PTE_W | PTE_U | PTE_PWT | PTE_PCD | PTE_A | PTE_D | PTE_PS | PTE_G | PTE_AVAIL)

static void
monmem_range(uintptr_t first, uintptr_t last, pte_t pte)
{
	static const struct {
		pte_t bit;
		char letter;
	} letters[] = {
		{PTE_U, 'U'}, {PTE_W, 'W'}, {PTE_COW, 'C'}, {PTE_SHARE, 'S'}, {PTE_A, 'A'},
		{PTE_D, 'D'}, {PTE_G, 'G'}, {PTE_PCD, 'N'}, {PTE_PS, 'B'},
	};
	char perm[ARRAY_SIZE(letters) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		perm[i] = pte & letters[i].bit ? letters[i].letter : '-';
	perm[ARRAY_SIZE(letters)] = 0;
	cprintf("  %08x-%08x  %08x  %s\n", first, last + (PGSIZE - 1), PTE_ADDR(pte), perm);
}

// Shows the pages from first to last, neighbours that are alike in one line.
static void
monmem_show(const pde_t *pgdir, uintptr_t first, uintptr_t last)
{
	uintptr_t start = 0, prev = 0;
	pte_t start_pte = 0; // of the range not yet shown, 0 if there is none
	bool any = false;

	for (uintptr_t va = first;; va += PGSIZE) {
		pte_t pte = peek_pte(pgdir, va);

		if (start_pte && (((pte ^ start_pte) & SHOWN) ||
				  PTE_ADDR(pte) - PTE_ADDR(start_pte) != va - start)) {
			monmem_range(start, prev, start_pte);
			start_pte = 0;
		}
		if (pte && !start_pte) {
			if (!any)
				cprintf("  virtual            physical  permissions\n");
			any = true;
			start = va;
			start_pte = pte;
		}
		prev = va;
		if (va == last)
			break;
	}
	if (start_pte)
		monmem_range(start, prev, start_pte);
	if (!any)
		cprintf("nothing is mapped there\n");
}

void
monmem_mappings(int argc, char **argv)
{
	const pde_t *pgdir;
	uint32_t first, last;

	if (!monmem_of_env(&argc, argv, &pgdir))
		return;
	if (argc != 2 && argc != 3) {
		cprintf("usage: mappings VA [LAST] [of ENV]\n"
			"U user  W writeable  C copy-on-write  S shared  A accessed  D dirty\n"
			"G global  N not cached  B part of a 4 MiB page\n");
		return;
	}
	if (!monmem_arg(argv[1], 16, &first) || !monmem_arg(argv[argc - 1], 16, &last))
		return;
	if (last < first) {
		cprintf("%08x lies before %08x\n", last, first);
		return;
	}
	monmem_show(pgdir, ROUNDDOWN(first, PGSIZE), ROUNDDOWN(last, PGSIZE));
}

// ---- x ------------------------------------------------------------------------

static void
monmem_chars(uint32_t word)
{
	for (int i = 0; i < 4; i++, word >>= 8) {
		int c = word & 0xff;
		cprintf("%c", c >= ' ' && c < 0x7f ? c : '.');
	}
}

void
monmem_dump(int argc, char **argv)
{
	const pde_t *pgdir;
	uint32_t va, count = 4 * DUMP_WORDS;
	uint32_t words[DUMP_WORDS];

	if (!monmem_of_env(&argc, argv, &pgdir))
		return;
	if (argc != 2 && argc != 3) {
		cprintf("usage: x VA [WORDS] [of ENV]\n");
		return;
	}
	if (!monmem_arg(argv[1], 16, &va) || (argc == 3 && !monmem_arg(argv[2], 10, &count)))
		return;
	if (count < 1 || count > DUMP_MAX) {
		cprintf("WORDS must be between 1 and %d\n", DUMP_MAX);
		return;
	}
	while (count > 0) {
		uint32_t n = MIN(count, (uint32_t)DUMP_WORDS), got = 0;

		while (got < n && peek(pgdir, va + got * 4, &words[got], 4))
			got++;
		if (got > 0) {
			cprintf("%08x: ", va);
			for (uint32_t i = 0; i < DUMP_WORDS; i++)
				if (i < got)
					cprintf(" %08x", words[i]);
				else
					cprintf("         ");
			cprintf("  ");
			for (uint32_t i = 0; i < got; i++)
				monmem_chars(words[i]);
			cprintf("\n");
		}
		va += got * 4;
		if (got < n) {
			cprintf("%08x is %s\n", va,
				peek_pte(pgdir, va) ? "a device's" : "not mapped");
			return;
		}
		count -= n;
	}
}
