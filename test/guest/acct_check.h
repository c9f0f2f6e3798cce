// What the tests of accounting share: a process in what getpstat stores, and ps.
#ifndef TEST_GUEST_ACCT_CHECK_H
#define TEST_GUEST_ACCT_CHECK_H

#include <test/guest/check.h>

// Where the process is in there, or -1.
static inline int
pstat_index(const struct pstat *p, envid_t id)
{
	for (int i = 0; i < PSTAT_MAX; i++)
		if (p->inuse[i] && p->pid[i] == id)
			return i;
	return -1;
}

// gettimes twice, with n ticks of the machine between: it has counted them.
static inline void
times_apart(uint32_t n, struct times *first, struct times *second)
{
	uint32_t outer = sysinfo.ticks, inner;

	CHECK_EQ(gettimes(first), 0);
	inner = sysinfo.ticks;
	AWAIT(sysinfo.ticks - inner >= n);
	inner = sysinfo.ticks - inner;
	CHECK_EQ(gettimes(second), 0);
	outer = sysinfo.ticks - outer;
	CHECK(second->allticks - first->allticks >= inner);
	CHECK(second->allticks - first->allticks <= outer + 1);
	CHECK(second->procticks >= first->procticks);
}

// Runs ps for this process; with an option, unless it is NULL.
static inline void
show_by_ps(const char *option)
{
	char id[12];
	const char *argv[] = {"ps", option ? option : id, option ? id : NULL, NULL};
	envid_t child;

	snprintf(id, sizeof(id), "%x", thisenv->env_id);
	CHECK((child = spawn("/ps", argv)) > 0);
	wait(child);
}

#endif
