// fork, made out of exofork and the page calls: parent and child share all
// pages until one of them writes.
//
// A page that was writeable becomes read-only in both, marked PTE_COW; the pager
// (lib/pager.c) copies it for who writes first. Pages that are not present are so in the
// child. Pages marked PTE_SHARE stay shared, writeable or not; descriptors' pages are such,
// and come last. The child has one thread, a fresh exception stack, and no syscall page.
#include "lib/fdtable.h"
#include "lib/libcall.h"
#include "lib/thread.h"
#include "lib/vm.h"

// Makes of a child that exofork made one that can run. The lock is held. 0 or an error.
static int
furnish(envid_t child)
{
	void *xstack = (void *)(thisenv->env_xstacktop - PGSIZE);
	int r;

	// What is in the swap area goes to the child first, while memory that the file server may
	// need for that can be freed; and again, for what was evicted meanwhile.
	if ((r = fork_make_shared()) < 0 || (r = evict_share(child)) < 0 ||
	    (r = fork_give_all(child)) < 0 || (r = evict_share(child)) < 0)
		return r;
	do
		r = lib_page_alloc(child, xstack, PTE_P | PTE_U | PTE_W);
	while (vm_try_again(r));
	return r < 0 ? r : lib_env_set_pgfault_upcall(child, _pgfault_upcall);
}

// ---- The calls ----------------------------------------------------------------------------

// Locks in the order in which the library takes them.
static void
lock_all(void)
{
	fd_lock_all();
	thread_lock_all();
	vm_lock();
}

// In parent and child, which has the pager's lock no more.
static void
unlock_all(void)
{
	thread_unlock_all();
	fd_unlock_all();
}

// Lets a child that has all memory run. 0 or an error.
static int
start(envid_t child, uint32_t flags)
{
	int r;

	do
		r = share_fds(child, NULL, 0);
	while (r == -E_NO_MEM && vm_make_room() == 0);
	if (r < 0)
		return r;
	if (flags && (r = sys_env_set_flags(child, flags)) < 0)
		return r;
	return lib_env_set_status(child, ENV_RUNNABLE);
}

// fork, the child having ENVF_* flags set from the beginning, as by sys_env_set_flags.
envid_t
fork_flags(uint32_t flags)
{
	envid_t child;
	int r;

	if ((r = pager_setup()) < 0)
		return r;
	lock_all();
	do
		child = sys_exofork();
	while (vm_try_again(child));
	if (child == 0) {
		thisenv = &envs[ENVX(sys_getenvid())];
		unlock_all();
		threads_forked();
		return 0;
	}
	r = child < 0 ? child : furnish(child);
	vm_unlock();
	if (r >= 0 && child > 0)
		r = start(child, flags);
	unlock_all();
	if (r >= 0)
		return child;
	if (child > 0)
		sys_env_destroy(child);
	return r;
}

// Makes a child that goes on from here as the calling thread does. 0 in the child, its id in
// the parent; or -E_NO_FREE_ENV, -E_NO_MEM: there is no child then.
envid_t
fork(void)
{
	return fork_flags(0);
}

// A fork whose child shares all memory but the stack: not offered. -E_INVAL.
envid_t
sfork(void)
{
	return -E_INVAL;
}
