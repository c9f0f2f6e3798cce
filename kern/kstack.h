// Kernel stacks, each over an unmapped guard page.
#ifndef KERN_KSTACK_H
#define KERN_KSTACK_H

#include <inc/memlayout.h>
#include <inc/types.h>

#define CPU_STACK_PAGES 4

void kstack_init_cpu(int cpu);
uintptr_t kstack_cpu_top(int cpu);
uintptr_t kstack_alloc(void);
void kstack_free(uintptr_t top);
int kstack_count_used(void);
int kstack_count_pages(void);

#endif
