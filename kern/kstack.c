// Kernel stacks. The CPUs' lie at the top of the region; below them is a pool
// of one-page stacks for syscall threads. A stack that has been used keeps its
// page for the next thread, so that nothing of the kernel's is ever unmapped
// and no other CPU needs to hear of it.

#include <kern/cpu.h>
#include <kern/kstack.h>
#include <kern/mem.h>

#define CPU_STRIDE ((CPU_STACK_PAGES + 1) * PGSIZE)
#define POOL_STRIDE (2 * PGSIZE)
#define POOL_SIZE ((KSTACKLIM - KSTACKBASE - MAXCPU * CPU_STRIDE) / POOL_STRIDE)

static struct Spinlock lock = SPINLOCK("kernel stacks", RANK_POOL);
static uint16_t free_stacks[POOL_SIZE]; // under lock: a pile of pool indices
static int nfree;                       // under lock
static int nmapped;                     // under lock: stacks that have a page

uintptr_t
kstack_cpu_top(int cpu)
{
	return KSTACKLIM - cpu * CPU_STRIDE;
}

// Maps a CPU's stack. Called once for each.
void
kstack_init_cpu(int cpu)
{
	for (int i = 1; i <= CPU_STACK_PAGES; i++) {
		struct PageInfo *pp = page_alloc(0);
		if (!pp)
			panic("no memory for CPU %d's stack", cpu);
		page_incref(pp);
		kern_map(kstack_cpu_top(cpu) - i * PGSIZE, pp);
	}
}

static uintptr_t
pool_top(int index)
{
	return KSTACKBASE + (index + 1) * POOL_STRIDE;
}

// The top of a free stack, or 0 when stacks or memory are out.
uintptr_t
kstack_alloc(void)
{
	uintptr_t top = 0;

	spin_lock(&lock);
	if (nfree) {
		top = pool_top(free_stacks[--nfree]);
	} else if (nmapped < (int)POOL_SIZE) {
		struct PageInfo *pp = page_alloc(0);
		if (pp) {
			page_incref(pp);
			top = pool_top(nmapped++);
			kern_map(top - PGSIZE, pp);
		}
	}
	spin_unlock(&lock);
	return top;
}

void
kstack_free(uintptr_t top)
{
	spin_lock(&lock);
	free_stacks[nfree++] = (top - KSTACKBASE) / POOL_STRIDE - 1;
	spin_unlock(&lock);
}

int
kstack_count_used(void)
{
	return nmapped - nfree;
}

// The pages that the pool keeps.
int
kstack_count_pages(void)
{
	return nmapped;
}
