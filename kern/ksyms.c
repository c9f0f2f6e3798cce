// Symbol and line lookup for backtraces, in tables that the build makes from
// the kernel's own symbols and debugging information (scripts/mksyms.sh).

#include <inc/error.h>
#include <kern/ksyms.h>

// Each entry holds from its address to the next entry's.
struct KsymFunc {
	uintptr_t addr;
	const char *name;
};

struct KsymLine {
	uintptr_t addr;
	uint16_t file; // index into ksym_files
	uint16_t line; // 0: none
};
static_assert(sizeof(struct KsymLine) == 8, "scripts/mksyms.sh counts on it");

// Weak, because the kernel's first link is without the tables.
extern const struct KsymFunc ksym_funcs[] __attribute__((weak));
extern const struct KsymLine ksym_lines[] __attribute__((weak));
extern const uint32_t ksym_nfuncs __attribute__((weak));
extern const uint32_t ksym_nlines __attribute__((weak));
extern const char *const ksym_files[] __attribute__((weak));

extern const char text_start[], etext[];

// The index of the last of n entries, each size bytes long and beginning with
// its address, whose address is at most addr; -1 if there is none.
static int
last_at_most(const void *table, uint32_t n, uint32_t size, uintptr_t addr)
{
	uint32_t low = 0, high = n;

	// every entry before low is at most addr, none from high on is
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const uintptr_t *entry = (const void *)((const char *)table + mid * size);

		if (*entry <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return (int)low - 1;
}

// Finds the function and line of the instruction at eip. For a return address
// ask for the byte before it: the call may be its function's last instruction.
// 0 with *info filled, or -E_NOT_FOUND if eip is not in the kernel's code.
int
ksym_lookup(uintptr_t eip, struct KsymInfo *info)
{
	const struct KsymLine *line;
	int i;

	if (eip < (uintptr_t)text_start || eip >= (uintptr_t)etext || !&ksym_nfuncs)
		return -E_NOT_FOUND;
	i = last_at_most(ksym_funcs, ksym_nfuncs, sizeof(ksym_funcs[0]), eip);
	if (i < 0)
		return -E_NOT_FOUND;
	info->func = ksym_funcs[i].name;
	info->func_addr = ksym_funcs[i].addr;

	info->file = NULL;
	info->line = 0;
	i = last_at_most(ksym_lines, ksym_nlines, sizeof(ksym_lines[0]), eip);
	if (i >= 0) {
		line = &ksym_lines[i];
		if (line->line != 0 && line->addr >= info->func_addr) {
			info->file = ksym_files[line->file];
			info->line = line->line;
		}
	}
	return 0;
}
