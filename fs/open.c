// The open files of the file server.
//
// Nobody tells the server that a file was closed: clients unmap the descriptor's
// page, or end. A file is closed when the server's is the only mapping left of that
// page, and of its pages in fs/mapping.c. The server looks at each open, remove, rename
// and sync, and when there is no space on the disk.
//
// An id is a slot's number, plus MAXOPEN every other time that the slot is used,
// so that the id of a file just closed does not name the next one.
#include <inc/lib.h>
#include <fs/layout.h>
#include <fs/mapping.h>
#include <fs/open.h>

static struct OpenFile slots[MAXOPEN];

// All slots: the first nused are in use, the others free.
static uint16_t order[MAXOPEN];
static int nused;

// Fills in order[] at the first use; each slot's own things when it is first taken.
static void
order_init(void)
{
	static bool done;

	for (int i = 0; !done && i < MAXOPEN; i++)
		order[i] = i;
	done = true;
}

// The server's page is in one place only.
static bool
is_closed(const struct OpenFile *o)
{
	return pageref(o->fd) <= 1;
}

int
open_take(struct OpenFile **store)
{
	order_init();
	open_sweep();
	if (nused == MAXOPEN)
		return -E_MAX_OPEN;

	int slot = order[nused];
	struct OpenFile *o = &slots[slot];
	struct Fd *fd = (struct Fd *)(FD_BASE + slot * PGSIZE);
	if (!o->fd) {
		int r = sys_page_alloc(0, fd, FD_PERM);
		if (r < 0)
			return r;
		o->fd = fd;
		o->id = slot;
	}
	memset(fd, 0, PGSIZE);
	*store = o;
	return 0;
}

void
open_use(struct OpenFile *o, struct Node *node, int mode)
{
	o->node = node;
	o->mode = mode;
	nused++;
}

int
open_lookup(int id, struct OpenFile **store)
{
	if (id < 0 || id >= 2 * MAXOPEN)
		return -E_INVAL;
	struct OpenFile *o = &slots[id % MAXOPEN];
	if (!o->node || o->id != id || is_closed(o))
		return -E_INVAL;
	*store = o;
	return 0;
}

// Closes the file in order[i].
static void
close_at(int i)
{
	int slot = order[i];
	struct OpenFile *o = &slots[slot];

	node_put(o->node);
	o->node = NULL;
	o->id ^= MAXOPEN;
	order[i] = order[--nused];
	order[nused] = slot;
}

bool
open_sweep(void)
{
	int before = nused;

	mapping_sweep();
	for (int i = nused - 1; i >= 0; i--)
		if (is_closed(&slots[order[i]]) && slots[order[i]].nmapped == 0)
			close_at(i);
	return nused < before;
}

void
open_close_all(void)
{
	while (nused > 0)
		close_at(nused - 1);
}
