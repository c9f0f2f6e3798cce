// What runs before umain, and the first thread's thread-local storage.
//
// user/user.ld lays all __thread variables out one after another, as they are
// to be at a thread's start: .tdata, then .tbss, which is all zeros; together a multiple
// of 16, the strictest alignment that one may have. Each thread has a copy, and %gs is
// based behind it:
//
//     block ->  .tdata | .tbss | tcb, which holds its own address
//                                ^ %gs:0
#include "lib/vm.h"

__thread const volatile struct Env *thisenv;
const char *binaryname = "<unknown>";

struct ThreadControl {
	struct ThreadControl *self;
};

// From user/user.ld.
extern char tls_start[], tls_filesz_end[], tls_end[], tls_first[];

// Lays a block out as it is to be at a thread's start, at an address that is a multiple of
// 16. What %gs is to be based at.
void *
tls_make(void *block)
{
	size_t size = tls_end - tls_start, filled = tls_filesz_end - tls_start;
	struct ThreadControl *tcb = (struct ThreadControl *)((char *)block + size);

	memcpy(block, tls_start, filled);
	memset((char *)block + filled, 0, size - filled);
	tcb->self = tcb;
	return tcb;
}

// Makes the first thread's block, for which user/user.ld leaves room among what is never paged,
// and tells the kernel where it is.
static void
tls_setup(void)
{
	int r = sys_env_set_tls(0, tls_make(tls_first));

	if (r < 0)
		panic("thread-local storage: %s", error_words(r));
}

// A program that nobody spawned has no descriptors: the console becomes 0, 1 and 2. Without
// the memory for it, it has none.
static void
open_standard(void)
{
	if (thisenv->env_parent_id != 0 || thisenv->env_type != ENV_TYPE_USER)
		return;
	if (opencons() == 0) {
		dup(0, 1);
		dup(0, 2);
	}
}

// Called by lib/entry.S.
void libmain(int argc, char **argv) __attribute__((noreturn));

void
libmain(int argc, char **argv)
{
	if (argc > 0)
		binaryname = argv[0];
	if (cpu_has_sysenter())
		syscall_door = DOOR_SYSENTER;

	tls_setup();
	thisenv = &envs[ENVX(sys_getenvid())];

	// What it was loaded with may have to go to the swap area, too. Without
	// memory for that, it does not.
	if (vm_limit())
		pager_setup();
	open_standard();
	umain(argc, argv);
	exit();
}
