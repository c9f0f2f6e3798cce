// What runs before umain, and the main thread's thread-local storage.
//
// user/user.ld lays all __thread variables out one after another, as they are
// to be at a thread's start: .tdata, then .tbss, which is all zeros; together
// a multiple of TLS_ALIGN. Each thread has a copy, and %gs is based behind it:
//
//     block ->  .tdata | .tbss | tcb, which holds its own address
//                                ^ %gs:0
#include <inc/lib.h>

// The strictest alignment that a __thread variable may have.
#define TLS_ALIGN 16

// Room for all thread-local variables of the main thread.
#define TLS_ROOM 2048

__thread const volatile struct Env *thisenv;
const char *binaryname = "<unknown>";

struct ThreadControl {
	struct ThreadControl *self;
};

// From user/user.ld.
extern char tls_start[], tls_filesz_end[], tls_end[];

static char main_tls[TLS_ROOM + sizeof(struct ThreadControl)] __attribute__((aligned(TLS_ALIGN)));

// Makes the main thread's block and tells the kernel where it is.
static void
tls_setup(void)
{
	size_t size = tls_end - tls_start;

	if (size > TLS_ROOM)
		panic("thread-local variables take %u bytes, there is room for %u",
		      (unsigned int)size, TLS_ROOM);
	memcpy(main_tls, tls_start, tls_filesz_end - tls_start);

	struct ThreadControl *tcb = (struct ThreadControl *)(main_tls + size);
	tcb->self = tcb;
	int r = sys_env_set_tls(0, tcb);
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

	open_standard();
	umain(argc, argv);
	exit();
}
