// The library that every program links. What is here is JOS's interface, and
// FlexSC's; a function's comment stands with its definition in lib/.
#ifndef INC_LIB_H
#define INC_LIB_H

#include <inc/args.h>
#include <inc/assert.h>
#include <inc/env.h>
#include <inc/error.h>
#include <inc/fd.h>
#include <inc/flexpost.h>
#include <inc/flexsc.h>
#include <inc/futex.h>
#include <inc/memlayout.h>
#include <inc/pstat.h>
#include <inc/stdarg.h>
#include <inc/stdio.h>
#include <inc/string.h>
#include <inc/syscall.h>
#include <inc/sysinfo.h>
#include <inc/thread.h>
#include <inc/trap.h>
#include <inc/types.h>
#include <inc/vm.h>
#include <inc/x86.h>

#define USED(x) (void)(x)

// The program's own entry point.
void umain(int argc, char **argv);

// lib/libmain.c: one per thread; the calling env's struct Env.
extern __thread const volatile struct Env *thisenv;
extern const char *binaryname;
extern const volatile struct Env envs[NENV];
extern const volatile struct PageInfo pages[];
extern const volatile struct SystemInfo sysinfo;

// lib/exit.c
void exit(void) __attribute__((noreturn));
void exit_status(int status) __attribute__((noreturn));

// lib/pgfault.c
void set_pgfault_handler(void (*handler)(struct UTrapframe *utf));

// lib/syscall.c: the doors. syscall_door picks one for every sys_ call: the
// best the CPU has, unless a program says otherwise.
enum SyscallDoor { DOOR_INT, DOOR_SYSENTER };
extern enum SyscallDoor syscall_door;
bool cpu_has_sysenter(void);

#define SYSCALL0(doors, type, name) type sys_##name(void);
#define SYSCALL1(doors, type, name, t1, a1) type sys_##name(t1 a1);
#define SYSCALL2(doors, type, name, t1, a1, t2, a2) type sys_##name(t1 a1, t2 a2);
#define SYSCALL3(doors, type, name, t1, a1, t2, a2, t3, a3) type sys_##name(t1 a1, t2 a2, t3 a3);
#define SYSCALL4(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4) \
	type sys_##name(t1 a1, t2 a2, t3 a3, t4 a4);
#define SYSCALL5(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	type sys_##name(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5);
#define sys_exofork sys_exofork_is_inline // OWN: below
#include <inc/syscall.def>
#include <inc/syscall_undef.h>
#undef sys_exofork

// Must be inlined: the child's stack is copied after this has returned.
static inline __attribute__((always_inline)) envid_t
sys_exofork(void)
{
	envid_t ret;
	asm volatile("int %2" : "=a"(ret) : "a"(SYS_exofork), "i"(T_SYSCALL) : "memory", "cc");
	if (ret == 0)
		flex_forget(); // a child has no syscall page until it registers
	return ret;
}

// lib/flex_syscall.c: system calls through the page. api: doc/flexsc.md.
int flexsc_register(void);
int flexsc_register_at(void *va);
int flexsc_wait(void);
int flexsc_affinity(uint32_t cpus);
// flex_post, flex_done, flex_collect: inc/flexpost.h

#define FLEX_TRAP(declaration)
#define FLEX_OWN(declaration)
#define FLEX_PAGE(declaration) declaration;
#define FLEX_POST(declaration) declaration;
#define SYSCALL0(doors, type, name) FLEX_##doors(type flex_##name(void))
#define SYSCALL1(doors, type, name, t1, a1) FLEX_##doors(type flex_##name(t1 a1))
#define SYSCALL2(doors, type, name, t1, a1, t2, a2) FLEX_##doors(type flex_##name(t1 a1, t2 a2))
#define SYSCALL3(doors, type, name, t1, a1, t2, a2, t3, a3) \
	FLEX_##doors(type flex_##name(t1 a1, t2 a2, t3 a3))
#define SYSCALL4(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4) \
	FLEX_##doors(type flex_##name(t1 a1, t2 a2, t3 a3, t4 a4))
#define SYSCALL5(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	FLEX_##doors(type flex_##name(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5))
#include <inc/syscall.def>
#include <inc/syscall_undef.h>
#undef FLEX_TRAP
#undef FLEX_OWN
#undef FLEX_PAGE
#undef FLEX_POST

// Whether the env of that id is there, or was a moment ago, and has not been ended.
static inline bool
env_is_alive(envid_t id)
{
	const volatile struct Env *e = &envs[ENVX(id)];

	return e->env_id == id && e->env_status != ENV_FREE && e->env_status != ENV_DYING &&
	       e->env_status != ENV_ZOMBIE;
}

// For the calls that send or take a page: an address that none can have.
#define NO_PAGE ((void *)UTOP)

// lib/ipc.c
void ipc_send(envid_t to_env, uint32_t value, void *pg, int perm);
int32_t ipc_recv(envid_t *from_env_store, void *pg, int *perm_store);
envid_t ipc_find_env(enum EnvType type);

// lib/libcall.c: whether the library's own calls go through the syscall page of
// the thread that makes them, if it has one.
enum FlexLibrary {
	FLEX_NEVER,   // they trap
	FLEX_BATCHES, // where many are made at once: fork, spawn
	FLEX_ALWAYS,  // most that the page may carry: doc/library.md says what not
};
extern enum FlexLibrary flex_library; // FLEX_BATCHES
int ipc_call(envid_t to, uint32_t value, void *srcva, int perm, void *dstva, int32_t *answer);

// lib/fork.c
envid_t fork(void);
envid_t fork_flags(uint32_t flags);
envid_t sfork(void); // -E_INVAL, as in JOS: threads are not here yet

// lib/malloc.c
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t size);
void free(void *p);

// lib/wait.c
void wait(envid_t envid);
int wait_status(envid_t envid);

// lib/sleep.c
void sleep_msec(uint32_t ms);

// The milliseconds since sys_time_msec() was `began`; that begins anew at 2^31.
static inline uint32_t
msec_since(uint32_t began)
{
	return (sys_time_msec() - began) & 0x7fffffff;
}

// lib/fd.c, lib/file.c: doc/library.md has all of what follows
int close(int fdnum);
void close_all(void);
ssize_t read(int fdnum, void *buf, size_t n);
ssize_t readn(int fdnum, void *buf, size_t n);
ssize_t write(int fdnum, const void *buf, size_t n);
int seek(int fdnum, off_t offset);
int dup(int oldfdnum, int newfdnum);
int fstat(int fdnum, struct Stat *stat);
int stat(const char *path, struct Stat *stat);
int ftruncate(int fdnum, off_t size);
int open(const char *path, int mode);
int file_map(int fdnum, off_t offset, void *va);
int remove(const char *path);
int rename(const char *from, const char *to);
int mkdir(const char *path);
int sync(void);
extern union Fsipc fsipcbuf;

// lib/console.c, lib/pipe.c
int opencons(void);
int pipe(int pipefds[2]);
int pipeisclosed(int fdnum);

// lib/pageref.c
int pageref(void *addr);

// lib/spawn.c
envid_t spawn(const char *program, const char **argv);
envid_t spawnl(const char *program, const char *arg0, ...);
envid_t spawn_stopped(const char *program, const char **argv);
envid_t spawn_fds(const char *program, const char **argv, const int *fds, int nfds);

#endif
