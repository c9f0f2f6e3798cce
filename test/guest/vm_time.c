// What a page costs: mapped, touched and unmapped; a fault and its repair; fork with exit
// and wait. Cycles, the least of many: what else happens on the machine makes them more.
// What has a limit is compared with a system call by int 0x30, measured in the same way.
#include <test/guest/kt_check.h>

#define ROUNDS 200
#define FORKS 60
#define LIMIT 50 // of mmap, touch and munmap together, in system calls

static uint32_t
least(uint32_t (*work)(void), int rounds)
{
	uint32_t best = ~0u;

	for (int i = 0; i < rounds; i++)
		best = MIN(best, work());
	return best;
}

static uint32_t
system_call(void)
{
	enum SyscallDoor door = syscall_door;

	syscall_door = DOOR_INT;
	uint64_t began = read_tsc();
	sys_getenvid();
	uint32_t took = read_tsc() - began;
	syscall_door = door;
	return took;
}

static uint32_t
map_touch_unmap(void)
{
	uint64_t began = read_tsc();
	volatile char *p = mmap(NULL, PGSIZE, RDWR, ANON, -1, 0);

	*p = 1;
	munmap((void *)p, PGSIZE);
	return read_tsc() - began;
}

static volatile char *area;

static uint32_t
fault(void)
{
	uint64_t began = read_tsc();

	*area = 1;
	uint32_t took = read_tsc() - began;
	sys_page_mark(0, (void *)area, 1, PTE_PAGED | PTE_U | PTE_W);
	return took;
}

static uint32_t
copy(void)
{
	sys_page_map(0, (void *)area, 0, (void *)(area + PGSIZE), RO | PTE_COW);
	sys_page_map(0, (void *)area, 0, (void *)area, RO | PTE_COW);
	uint64_t began = read_tsc();

	*area = 1;
	return read_tsc() - began;
}

static uint32_t
fork_exit_wait(void)
{
	uint64_t began = read_tsc();
	envid_t id = fork();

	if (id == 0)
		exit();
	wait(id);
	return read_tsc() - began;
}

void
umain(int argc, char **argv)
{
	area = map_anon(2);
	uint32_t call = least(system_call, ROUNDS), cycle = least(map_touch_unmap, ROUNDS);
	cprintf("system call: %u\n", call);
	cprintf("mmap, touch, munmap: %u\n", cycle);
	cprintf("fault: %u\n", least(fault, ROUNDS));
	cprintf("copy on write: %u\n", least(copy, ROUNDS));
	cprintf("fork, exit, wait: %u\n", least(fork_exit_wait, FORKS));
	CHECK(cycle < LIMIT * call);
	PASS("vm_time");
}
