// Requests to the file server: one call of it, with a page (inc/fs.h).
//
// Threads that make requests at once each take a page; fsipcbuf is the first, and the
// only one that a program without threads uses. No page fault of the program's happens
// while a page is taken, so that a handler never finds all taken by those who wait
// for it.
#include "lib/fdtable.h"
#include "lib/libcall.h"
#include "lib/mutex.h"

#define NPAGES 8

// A program may use it, too, while no thread is in a call of the library. Apart from the
// library's variables, which fork copies at once.
union Fsipc fsipcbuf __attribute__((aligned(PGSIZE), section(".bss.buffer")));

struct Places fsreq_places;

static union Fsipc *
page_at(int i)
{
	return i == 0 ? &fsipcbuf : (union Fsipc *)FSREQ_PAGES + (i - 1);
}

static bool
is_made(int i)
{
	return vm_present((uintptr_t)page_at(i)) ||
	       vm_page_alloc(page_at(i), 1, PTE_P | PTE_U | PTE_W) == 0;
}

// Takes a page for a request.
union Fsipc *
fsreq_begin(void)
{
	if (!threads_made)
		return &fsipcbuf;
	int i = place_take(&fsreq_places, NPAGES);

	if (i > 0 && !is_made(i)) {
		place_give(&fsreq_places, i);
		i = place_take(&fsreq_places, 1); // no memory: it takes turns
	}
	return page_at(i);
}

// The same at the end of a process, for whom others may never give back theirs; or NULL.
union Fsipc *
fsreq_begin_last(void)
{
	if (!threads_made)
		return &fsipcbuf;
	int i = place_try(&fsreq_places, NPAGES + 1);

	return i >= 0 && is_made(i) ? page_at(i) : NULL;
}

void
fsreq_end(union Fsipc *page)
{
	if (threads_made)
		place_give(&fsreq_places,
			   page == &fsipcbuf ? 0 : PGNUM(page) - PGNUM(FSREQ_PAGES) + 1);
}

// The file server's id, or 0.
static envid_t
find_server(void)
{
	static volatile envid_t server;
	envid_t id = server;

	if (!env_is_alive(id))
		server = id = ipc_find_env(ENV_TYPE_FS);
	return id;
}

// Sends a request, by trap, or as flex_library says; page, unless it is NO_PAGE, goes with it
// with perm. A page that is answered comes to dstva. What the server answers; -E_NO_FS if
// there is none, or it ends; -E_NO_MEM.
int
fsreq_send(uint32_t word, void *page, int perm, void *dstva, bool trap)
{
	envid_t server = find_server();
	int32_t answer = 0;
	int r;

	if (!server)
		return -E_NO_FS;
	if (trap)
		r = ipc_call(server, word, page, perm, dstva, &answer);
	else
		r = lib_ipc_call(server, word, page, perm, dstva, &answer);
	if (r == -E_BAD_ENV)
		return -E_NO_FS;
	return r < 0 ? r : answer;
}

// Makes a request, as flex_library says; page, unless it is NO_PAGE, goes with it writeable.
// Else as fsreq_send.
int
fsreq_call(uint32_t word, void *page, void *dstva)
{
	if (page == NO_PAGE)
		return fsreq_send(word, page, 0, dstva, false);
	// It may be copy-on-write: it must be ours before it is sent.
	lib_touch(page, 1, true);
	return fsreq_send(word, page, PTE_P | PTE_U | PTE_W, dstva, false);
}
