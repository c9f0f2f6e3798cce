// Any call by any door, and a table of calls that must fail with a documented
// error and change nothing.
#ifndef TEST_GUEST_CALLS_H
#define TEST_GUEST_CALLS_H

#include <test/guest/check.h>

enum Door { BY_INT, BY_SYSENTER, BY_PAGE };

static const char *const door_name[] = {"int", "sysenter", "page"};

// Call num by the library's trap stub, whichever door syscall_door says.
// exofork has no such stub.
static inline int32_t
trap_call(int num, const uint32_t a[5])
{
#define DO_OWN(name, call)
#define DO_PAGE(name, call)      \
	if (num == SYS_##name) { \
		return (call);   \
	}
#define DO_TRAP(name, call) DO_PAGE(name, call)
#define DO_POST(name, call)      \
	if (num == SYS_##name) { \
		call;            \
		return 0;        \
	}
#define SYSCALL0(doors, type, name) DO_##doors(name, sys_##name())
#define SYSCALL1(doors, type, name, t1, a1) DO_##doors(name, sys_##name((t1)a[0]))
#define SYSCALL2(doors, type, name, t1, a1, t2, a2) DO_##doors(name, sys_##name((t1)a[0], (t2)a[1]))
#define SYSCALL3(doors, type, name, t1, a1, t2, a2, t3, a3) \
	DO_##doors(name, sys_##name((t1)a[0], (t2)a[1], (t3)a[2]))
#define SYSCALL4(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4) \
	DO_##doors(name, sys_##name((t1)a[0], (t2)a[1], (t3)a[2], (t4)a[3]))
#define SYSCALL5(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	DO_##doors(name, sys_##name((t1)a[0], (t2)a[1], (t3)a[2], (t4)a[3], (t5)a[4]))
#include <inc/syscall.def>
#include <inc/syscall_undef.h>
#undef DO_OWN
#undef DO_PAGE
#undef DO_TRAP
#undef DO_POST
	panic("no stub for call %d", num);
}

// Call num by a door; the page must be registered for BY_PAGE.
static inline int32_t
call_by(enum Door door, int num, const uint32_t a[5])
{
	if (door == BY_PAGE)
		return flex_collect(flex_post(num, a[0], a[1], a[2], a[3], a[4]));
	syscall_door = door == BY_INT ? DOOR_INT : DOOR_SYSENTER;
	return trap_call(num, a);
}

// Whether this CPU has the door.
static inline bool
door_here(enum Door door)
{
	return door != BY_SYSENTER || cpu_has_sysenter();
}

// int 0x30 itself, in JOS's registers, with any number.
static inline int32_t
raw_int(int32_t num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
	int32_t ret;

	asm volatile("int %1"
		     : "=a"(ret)
		     : "i"(T_SYSCALL), "a"(num), "d"(a1), "c"(a2), "b"(a3), "D"(a4), "S"(a5)
		     : "cc", "memory");
	return ret;
}

// bad_calls_prepare makes the first two, leaves the third unmapped.
#define BAD_RW AREA
#define BAD_RO (AREA + PGSIZE)
#define BAD_NONE (AREA + 2 * PGSIZE)

#define NO_ENV 0x7ffff000 // a generation that no env has reached
#define GARBAGE_ENV 0x00fffabc

struct BadCall {
	const char *what;
	int num;
	uint32_t args[5];
	int32_t want;
};

static const struct BadCall bad_calls[] = {
	{"destroy, no such env", SYS_env_destroy, {NO_ENV}, -E_BAD_ENV},
	{"destroy, garbage id", SYS_env_destroy, {GARBAGE_ENV}, -E_BAD_ENV},
	{"destroy, negative id", SYS_env_destroy, {(uint32_t)-1}, -E_BAD_ENV},
	{"destroy, a bare index", SYS_env_destroy, {5}, -E_BAD_ENV},

	{"alloc, no such env", SYS_page_alloc, {NO_ENV, BAD_NONE, RW}, -E_BAD_ENV},
	{"alloc, not aligned", SYS_page_alloc, {0, BAD_NONE + 1, RW}, -E_INVAL},
	{"alloc, at UTOP", SYS_page_alloc, {0, UTOP, RW}, -E_INVAL},
	{"alloc, in the kernel", SYS_page_alloc, {0, KERNBASE, RW}, -E_INVAL},
	{"alloc, last page", SYS_page_alloc, {0, 0xfffff000, RW}, -E_INVAL},
	{"alloc, no PTE_U", SYS_page_alloc, {0, BAD_NONE, PTE_P | PTE_W}, -E_INVAL},
	{"alloc, no PTE_P", SYS_page_alloc, {0, BAD_NONE, PTE_U | PTE_W}, -E_INVAL},
	{"alloc, a bit too many", SYS_page_alloc, {0, BAD_NONE, RW | PTE_PCD}, -E_INVAL},
	{"alloc, all bits", SYS_page_alloc, {0, BAD_NONE, 0xffffffff}, -E_INVAL},

	{"map, no source env", SYS_page_map, {NO_ENV, BAD_RW, 0, BAD_NONE, RW}, -E_BAD_ENV},
	{"map, no target env", SYS_page_map, {0, BAD_RW, NO_ENV, BAD_NONE, RW}, -E_BAD_ENV},
	{"map, source not aligned", SYS_page_map, {0, BAD_RW + 4, 0, BAD_NONE, RW}, -E_INVAL},
	{"map, target not aligned", SYS_page_map, {0, BAD_RW, 0, BAD_NONE + 4, RW}, -E_INVAL},
	{"map, source at UTOP", SYS_page_map, {0, UTOP, 0, BAD_NONE, RO}, -E_INVAL},
	{"map, source at UVPT", SYS_page_map, {0, UVPT, 0, BAD_NONE, RO}, -E_INVAL},
	{"map, target at UTOP", SYS_page_map, {0, BAD_RW, 0, UTOP, RW}, -E_INVAL},
	{"map, target in kernel", SYS_page_map, {0, BAD_RW, 0, KERNBASE, RW}, -E_INVAL},
	{"map, source unmapped", SYS_page_map, {0, BAD_NONE, 0, BAD_NONE, RO}, -E_INVAL},
	{"map, no PTE_U", SYS_page_map, {0, BAD_RW, 0, BAD_NONE, PTE_P}, -E_INVAL},
	{"map, a bit too many", SYS_page_map, {0, BAD_RW, 0, BAD_NONE, RW | PTE_G}, -E_INVAL},
	{"map, read-only as writeable", SYS_page_map, {0, BAD_RO, 0, BAD_NONE, RW}, -E_INVAL},

	{"unmap, no such env", SYS_page_unmap, {NO_ENV, BAD_RW}, -E_BAD_ENV},
	{"unmap, not aligned", SYS_page_unmap, {0, BAD_RW + 8}, -E_INVAL},
	{"unmap, at UTOP", SYS_page_unmap, {0, UTOP}, -E_INVAL},
	{"unmap, in the kernel", SYS_page_unmap, {0, KERNBASE}, -E_INVAL},

	{"status, no such env", SYS_env_set_status, {NO_ENV, ENV_RUNNABLE}, -E_BAD_ENV},
	{"status, FREE", SYS_env_set_status, {0, ENV_FREE}, -E_INVAL},
	{"status, DYING", SYS_env_set_status, {0, ENV_DYING}, -E_INVAL},
	{"status, RUNNING", SYS_env_set_status, {0, ENV_RUNNING}, -E_INVAL},
	{"status, garbage", SYS_env_set_status, {0, 77}, -E_INVAL},
	{"status, negative", SYS_env_set_status, {0, (uint32_t)-1}, -E_INVAL},

	{"trapframe, no such env", SYS_env_set_trapframe, {NO_ENV, BAD_RW}, -E_BAD_ENV},
	{"trapframe, null", SYS_env_set_trapframe, {0, 0}, -E_FAULT},
	{"trapframe, unmapped", SYS_env_set_trapframe, {0, BAD_NONE}, -E_FAULT},
	{"trapframe, across an end", SYS_env_set_trapframe, {0, BAD_NONE - 16}, -E_FAULT},
	{"trapframe, in the kernel", SYS_env_set_trapframe, {0, KERNBASE}, -E_FAULT},
	{"trapframe, wraps", SYS_env_set_trapframe, {0, 0xfffffff0}, -E_FAULT},

	{"upcall, no such env", SYS_env_set_pgfault_upcall, {NO_ENV, UTEXT}, -E_BAD_ENV},
	{"tls, no such env", SYS_env_set_tls, {NO_ENV, BAD_RW}, -E_BAD_ENV},

	{"send, no such env", SYS_ipc_try_send, {NO_ENV, 1, UTOP, 0}, -E_BAD_ENV},
	{"send, not receiving", SYS_ipc_try_send, {0, 1, UTOP, 0}, -E_IPC_NOT_RECV},

	{"recv, not aligned", SYS_ipc_recv, {BAD_RW + 1}, -E_INVAL},
	{"recv, page at last byte", SYS_ipc_recv, {UTOP - 1}, -E_INVAL},
};

// Numbers that no call has.
static const int32_t bad_numbers[] = {NSYSCALLS,  NSYSCALLS + 1,      255, 1000, -1, -2,
				      0x7fffffff, (int32_t)0x80000000};

static inline void
bad_calls_prepare(void)
{
	// Shared, so that a fork does not make it copy-on-write.
	CHECK_EQ(sys_page_alloc(0, (void *)BAD_RW, RW | PTE_SHARE), 0);
	CHECK_EQ(sys_page_alloc(0, (void *)BAD_RO, RO), 0);
	*(volatile uint32_t *)BAD_RW = 0x600d600d;
}

// That the failed calls changed nothing that the table names.
static inline void
bad_calls_unchanged(void)
{
	CHECK(is_mapped(BAD_RW) && is_mapped(BAD_RO) && !is_mapped(BAD_NONE));
	CHECK((uvpt[PGNUM(BAD_RW)] & PTE_SYSCALL & ~PTE_AVAIL) == RW);
	CHECK((uvpt[PGNUM(BAD_RO)] & PTE_SYSCALL & ~PTE_AVAIL) == RO);
	CHECK_EQ(*(volatile uint32_t *)BAD_RW, 0x600d600d);
	CHECK(!thisenv->env_ipc_recving);
}

// Makes all of them by a door.
static inline void
bad_calls_by(enum Door door)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_calls); i++) {
		const struct BadCall *c = &bad_calls[i];
		int32_t ret = call_by(door, c->num, c->args);

		if (ret != c->want)
			panic("%s, by %s: %d, expected %d (%e)", c->what, door_name[door], ret,
			      c->want, c->want);
		bad_calls_unchanged();
	}
}

#endif
