// System calls by trap: a stub sys_NAME for each line of inc/syscall.def.
//
// Two doors lead in. Every CPU has the first:
//
//     int $T_SYSCALL   eax: number; edx, ecx, ebx, edi, esi: arguments 1 to 5
//
// and most have the second, which is faster because the CPU neither looks up a
// gate nor saves anything:
//
//     sysenter         eax: number; edx, ecx, ebx, edi: arguments 1 to 4
//                      esi: where to return to; ebp: the stack pointer
//
// A fifth argument lies at (ebp), and SYSENTER_ARG5 in eax says so. By either
// door the result is in eax. int keeps all other registers, sysenter
// only ebx, esi, edi, ebp and esp.
#include <inc/lib.h>

// Until libmain has looked at the CPU, the door that is always there.
enum SyscallDoor syscall_door = DOOR_INT;

// Whether this CPU has sysenter. The first call looks, later ones remember.
bool
cpu_has_sysenter(void)
{
	static enum { UNKNOWN, NO, YES } known;
	const uint32_t fl_id = 1 << 21; // only a CPU with cpuid lets it change
	const uint32_t sep = 1 << 11;
	uint32_t flags, a, b, c, d;

	if (known != UNKNOWN)
		return known == YES;
	known = NO;
	flags = read_eflags();
	write_eflags(flags ^ fl_id);
	if (((read_eflags() ^ flags) & fl_id) == 0)
		return false;
	write_eflags(flags);
	cpuid(0, 0, &a, &b, &c, &d);
	if (a < 1)
		return false;
	cpuid(1, 0, &a, &b, &c, &d);
	// The first Pentium Pros say that they have it, and do not.
	uint32_t family = a >> 8 & 0xf, model_and_step = a & 0xff;
	if ((d & sep) && !(family == 6 && model_and_step < 0x33))
		known = YES;
	return known == YES;
}

// The way in and out is written into each stub: a call to a shared one would
// cost an indirect jump more. The arguments not used are left to chance.
#define BY_INT(num, ...)                                       \
	asm volatile("int %1"                                  \
		     : "=a"(ret)                               \
		     : "i"(T_SYSCALL), "0"(num), ##__VA_ARGS__ \
		     : "memory", "cc")

#define BY_SYSENTER            \
	"pushl %%ebp\n\t"      \
	"movl %%esp,%%ebp\n\t" \
	"movl $1f,%%esi\n\t"   \
	"sysenter\n"           \
	"1:\tpopl %%ebp"

// The fifth argument comes in esi, which then takes the address as usual.
#define BY_SYSENTER5            \
	"pushl %%ebp\n\t"       \
	"pushl %%esi\n\t"       \
	"movl %%esp,%%ebp\n\t"  \
	"movl $1f,%%esi\n\t"    \
	"sysenter\n"            \
	"1:\taddl $4,%%esp\n\t" \
	"popl %%ebp"

static inline __attribute__((always_inline)) int32_t
trap0(int num)
{
	int32_t ret;

	if (syscall_door == DOOR_SYSENTER)
		asm volatile(BY_SYSENTER
			     : "=a"(ret)
			     : "0"(num)
			     : "ecx", "edx", "esi", "memory", "cc");
	else
		BY_INT(num);
	return ret;
}

static inline __attribute__((always_inline)) int32_t
trap1(int num, uint32_t a1)
{
	int32_t ret;

	if (syscall_door == DOOR_SYSENTER)
		asm volatile(BY_SYSENTER
			     : "=a"(ret), "+d"(a1)
			     : "0"(num)
			     : "ecx", "esi", "memory", "cc");
	else
		BY_INT(num, "d"(a1));
	return ret;
}

static inline __attribute__((always_inline)) int32_t
trap2(int num, uint32_t a1, uint32_t a2)
{
	int32_t ret;

	if (syscall_door == DOOR_SYSENTER)
		asm volatile(BY_SYSENTER
			     : "=a"(ret), "+d"(a1), "+c"(a2)
			     : "0"(num)
			     : "esi", "memory", "cc");
	else
		BY_INT(num, "d"(a1), "c"(a2));
	return ret;
}

static inline __attribute__((always_inline)) int32_t
trap3(int num, uint32_t a1, uint32_t a2, uint32_t a3)
{
	int32_t ret;

	if (syscall_door == DOOR_SYSENTER)
		asm volatile(BY_SYSENTER
			     : "=a"(ret), "+d"(a1), "+c"(a2)
			     : "0"(num), "b"(a3)
			     : "esi", "memory", "cc");
	else
		BY_INT(num, "d"(a1), "c"(a2), "b"(a3));
	return ret;
}

static inline __attribute__((always_inline)) int32_t
trap4(int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4)
{
	int32_t ret;

	if (syscall_door == DOOR_SYSENTER)
		asm volatile(BY_SYSENTER
			     : "=a"(ret), "+d"(a1), "+c"(a2)
			     : "0"(num), "b"(a3), "D"(a4)
			     : "esi", "memory", "cc");
	else
		BY_INT(num, "d"(a1), "c"(a2), "b"(a3), "D"(a4));
	return ret;
}

static inline __attribute__((always_inline)) int32_t
trap5(int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
	int32_t ret;

	if (syscall_door == DOOR_SYSENTER)
		asm volatile(BY_SYSENTER5
			     : "=a"(ret), "+d"(a1), "+c"(a2), "+S"(a5)
			     : "0"(num | SYSENTER_ARG5), "b"(a3), "D"(a4)
			     : "memory", "cc");
	else
		BY_INT(num, "d"(a1), "c"(a2), "b"(a3), "D"(a4), "S"(a5));
	return ret;
}

// exofork is in inc/lib.h: it must be inlined into its caller.
#define STUB_TRAP(stub) stub
#define STUB_PAGE(stub) stub
#define STUB_POST(stub) stub
#define STUB_OWN(stub)

#define SYSCALL0(doors, type, name) \
	STUB_##doors(type sys_##name(void) { return (type)trap0(SYS_##name); })
#define SYSCALL1(doors, type, name, t1, a1) \
	STUB_##doors(type sys_##name(t1 a1) { return (type)trap1(SYS_##name, (uint32_t)a1); })
#define SYSCALL2(doors, type, name, t1, a1, t2, a2)                         \
	STUB_##doors(type sys_##name(t1 a1, t2 a2) {                        \
		return (type)trap2(SYS_##name, (uint32_t)a1, (uint32_t)a2); \
	})
#define SYSCALL3(doors, type, name, t1, a1, t2, a2, t3, a3)                               \
	STUB_##doors(type sys_##name(t1 a1, t2 a2, t3 a3) {                               \
		return (type)trap3(SYS_##name, (uint32_t)a1, (uint32_t)a2, (uint32_t)a3); \
	})
#define SYSCALL4(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4)                      \
	STUB_##doors(type sys_##name(t1 a1, t2 a2, t3 a3, t4 a4) {                       \
		return (type)trap4(SYS_##name, (uint32_t)a1, (uint32_t)a2, (uint32_t)a3, \
				   (uint32_t)a4);                                        \
	})
#define SYSCALL5(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)              \
	STUB_##doors(type sys_##name(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5) {                \
		return (type)trap5(SYS_##name, (uint32_t)a1, (uint32_t)a2, (uint32_t)a3, \
				   (uint32_t)a4, (uint32_t)a5);                          \
	})
#include <inc/syscall.def>
#include <inc/syscall_undef.h>
