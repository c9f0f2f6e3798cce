// The system call that the benchmarks measure the kernel by.

#include <inc/error.h>
#include <inc/x86.h>
#include <kern/syscall.h>

#define BENCH_MAX 4096

// What a call costs with no door at all: the page's dispatcher, times over. For
// page_alloc, with a page_unmap of the same address each time. Returns the
// cycles that it took, or -E_INVAL.
int32_t
sys_flexsc_bench(struct Call *call, int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t times)
{
	int32_t r = 0;

	if ((num != SYS_getenvid && num != SYS_time_msec && num != SYS_page_alloc) ||
	    times > BENCH_MAX)
		return -E_INVAL;
	uint64_t start = read_tsc();
	for (uint32_t i = 0; i < times && r >= 0; i++) {
		r = ((volatile const syscall_fn *)syscall_page_table)[num](call, a1, a2, a3, 0, 0);
		if (num == SYS_page_alloc && r >= 0)
			r = sys_page_unmap(call, a1, (void *)a2);
	}
	return r < 0 ? r : (int32_t)((read_tsc() - start) & 0x7fffffff);
}
