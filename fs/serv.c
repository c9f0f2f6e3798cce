// The file server: answers the requests of inc/fs.h, one after the other.
//
// A request's page is shared with the client, as are the descriptors' pages:
// whatever is read from there is read once, checked, and not read again. What a
// client writes there meanwhile can spoil its own request, and nothing else. The
// server waits for no client: an answer that cannot be delivered is dropped.
#include <inc/lib.h>
#include <fs/fs.h>
#include <fs/mapping.h>
#include <fs/open.h>
#include <fs/serv.h>
#include <fs/swap.h>

struct Answer answer;

// Cuts a file, or makes it longer.
static int
resize(struct Node *node, off_t size)
{
	off_t old = node_size(node);
	int r = node_truncate(node, size);

	if (r >= 0)
		mapping_resized(node, MIN(old, size));
	return r;
}

// Takes a path from a request. -E_BAD_PATH: it does not end.
static int
take_path(char path[MAXPATHLEN], const char *from)
{
	memcpy(path, from, MAXPATHLEN);
	barrier(); // the copy is made here, and what follows looks at nothing else
	return strnlen(path, MAXPATHLEN) == MAXPATHLEN ? -E_BAD_PATH : 0;
}

// The file to be opened, existing or made. *made: it is new.
static int
find_or_create(const char *path, int mode, struct Node **store, bool *made)
{
	uint32_t type = mode & O_MKDIR ? FTYPE_DIR : FTYPE_REG;
	bool must_be_new = (mode & O_MKDIR) || (mode & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
	int r = -E_NOT_FOUND;

	*made = false;
	if (!must_be_new)
		r = node_lookup(path, store);
	if (must_be_new || (r == -E_NOT_FOUND && (mode & O_CREAT))) {
		r = node_create(path, type, store);
		*made = r >= 0;
	}
	return r;
}

// What is left of opening once there is a Node: a look at its type, and O_TRUNC.
static int
prepare_node(struct Node *node, int mode, bool made)
{
	bool changes = (mode & O_ACCMODE) != O_RDONLY || (mode & O_TRUNC);

	if (node_type(node) == FTYPE_DIR && changes)
		return -E_IS_DIR;
	return (mode & O_TRUNC) && !made ? resize(node, 0) : 0;
}

static int
serve_open(uint32_t word)
{
	const int known = O_ACCMODE | O_CREAT | O_TRUNC | O_EXCL | O_MKDIR | O_APPEND;
	static char path[MAXPATHLEN];
	int mode = READ_ONCE(REQUEST->open.req_omode);
	struct OpenFile *o;
	struct Node *node;
	bool made;
	int r;

	if ((mode & ~known) || (mode & O_ACCMODE) == O_ACCMODE)
		return -E_INVAL;
	if ((mode & O_MKDIR) && ((mode & O_ACCMODE) != O_RDONLY || (mode & O_TRUNC)))
		return -E_IS_DIR;
	if ((r = take_path(path, REQUEST->open.req_path)) < 0 || (r = open_take(&o)) < 0 ||
	    (r = find_or_create(path, mode, &node, &made)) < 0)
		return r;
	if ((r = prepare_node(node, mode, made)) < 0) {
		node_put(node);
		return r;
	}
	open_use(o, node, mode);
	o->fd->fd_dev_id = devfile.dev_id;
	o->fd->fd_omode = mode & (O_ACCMODE | O_APPEND);
	o->fd->fd_file.id = o->id;
	answer = (struct Answer){o->fd, FD_PERM};
	return 0;
}

static int
serve_set_size(uint32_t word)
{
	struct OpenFile *o;
	int r = open_lookup(READ_ONCE(REQUEST->set_size.req_fileid), &o);

	if (r < 0)
		return r;
	if (!open_may_write(o))
		return -E_INVAL;
	return resize(o->node, READ_ONCE(REQUEST->set_size.req_size));
}

static int
serve_read(uint32_t word)
{
	uint32_t n = FSREQ_N(word);
	struct OpenFile *o;
	int r = open_lookup(FSREQ_ID(word), &o);

	if (r < 0)
		return r;
	off_t offset = READ_ONCE(o->fd->fd_offset);
	if (!open_may_read(o) || n < 1 || n > PGSIZE || offset < 0)
		return -E_INVAL;
	if (offset >= node_size(o->node))
		return 0;
	if ((r = mapping_read(o->node, REQUEST->data, n, offset)) > 0)
		o->fd->fd_offset = offset + r;
	return r;
}

static int
serve_write(uint32_t word)
{
	uint32_t n = FSREQ_N(word);
	struct OpenFile *o;
	int r = open_lookup(FSREQ_ID(word), &o);

	if (r < 0)
		return r;
	off_t offset = READ_ONCE(o->fd->fd_offset);
	if (o->mode & O_APPEND)
		offset = node_size(o->node);
	if (!open_may_write(o) || n < 1 || n > PGSIZE || offset < 0)
		return -E_INVAL;
	if (offset > (off_t)(MAXFILESIZE - n))
		return -E_FILE_BIG;
	off_t end = node_size(o->node);
	if ((r = node_write(o->node, REQUEST->data, n, offset)) < 0)
		return r;
	if (offset + r > end)
		mapping_resized(o->node, end);
	mapping_write(o->node, REQUEST->data, r, offset);
	o->fd->fd_offset = offset + r;
	return r;
}

static int
serve_stat(uint32_t word)
{
	struct OpenFile *o;
	int r = open_lookup(READ_ONCE(REQUEST->stat.req_fileid), &o);

	if (r < 0)
		return r;
	struct Fsret_stat *ret = &REQUEST->stat_ret;
	strlcpy(ret->ret_name, node_name(o->node), sizeof(ret->ret_name));
	ret->ret_size = node_size(o->node);
	ret->ret_isdir = node_type(o->node) == FTYPE_DIR;
	return 0;
}

static int
serve_flush(uint32_t word)
{
	struct OpenFile *o;
	int r = open_lookup(READ_ONCE(REQUEST->flush.req_fileid), &o);

	if (r < 0)
		return r;
	if ((r = mapping_save(o->node)) < 0)
		return r;
	return node_is_safe(o->node) ? 0 : fs_commit();
}

static int
serve_remove(uint32_t word)
{
	static char path[MAXPATHLEN];
	int r = take_path(path, REQUEST->remove.req_path);

	return r < 0 ? r : fs_remove(path);
}

static int
serve_rename(uint32_t word)
{
	static char from[MAXPATHLEN], to[MAXPATHLEN];
	int r;

	if ((r = take_path(from, REQUEST->rename.req_from)) < 0 ||
	    (r = take_path(to, REQUEST->rename.req_to)) < 0)
		return r;
	return fs_rename(from, to);
}

static int
serve_sync(uint32_t word)
{
	int r = mapping_save(NULL), committed = fs_commit();

	return r < 0 ? r : committed;
}

// By request. SHUTDOWN is not here: it is answered by ending.
static const struct Request {
	int (*serve)(uint32_t word);
	int page;    // permissions that the request's page must have; 0: none is needed
	bool sweeps; // closed files are put away first, so that removed ones are gone for good
} requests[] = {
	[FSREQ_OPEN] = {serve_open, PTE_W, false}, // does so itself
	[FSREQ_SET_SIZE] = {serve_set_size, PTE_W, false},
	[FSREQ_READ] = {serve_read, PTE_W, false},
	[FSREQ_WRITE] = {serve_write, PTE_W, false},
	[FSREQ_STAT] = {serve_stat, PTE_W, false},
	[FSREQ_FLUSH] = {serve_flush, PTE_W, false},
	[FSREQ_REMOVE] = {serve_remove, PTE_W, true},
	[FSREQ_SYNC] = {serve_sync, 0, true},
	[FSREQ_RENAME] = {serve_rename, PTE_W, true},
	[FSREQ_MAP] = {serve_map, PTE_W, false},
	[FSREQ_MAP_SHARED] = {serve_map_shared, PTE_W, false},
	[FSREQ_SWAP_OUT] = {serve_swap_out, PTE_P, false},
	[FSREQ_SWAP_IN] = {serve_swap_in, PTE_W, false},
	[FSREQ_SWAP_FREE] = {serve_swap_free, PTE_W, false},
	[FSREQ_SWAP_SHARE] = {serve_swap_share, PTE_W, false},
};

// Serves the request that word and perm, its page's permissions, stand for.
static int
serve(uint32_t word, int perm)
{
	uint32_t number = FSREQ_OF(word);

	if (number >= ARRAY_SIZE(requests) || !requests[number].serve)
		return -E_INVAL;
	const struct Request *request = &requests[number];
	if ((perm & request->page) != request->page)
		return -E_INVAL;
	if (request->sweeps) {
		open_sweep();
		swap_sweep();
	}
	int r = request->serve(word);
	// What was removed may hold space until it is put away.
	if (r == -E_NO_DISK && open_sweep())
		r = request->serve(word);
	return r;
}

// The end: nobody is left.
static void
shut_down(void)
{
	int saved = mapping_save(NULL);
	open_close_all();
	int r = fs_unmount();
	if (r >= 0)
		r = saved;
	if (r < 0)
		cprintf("fs: disk 1: %e: what was done last may be lost\n", r);
	exit();
}

void
umain(int argc, char **argv)
{
	envid_t to = 0; // whom to answer: nobody yet
	int r = 0;

	flexsc_register(); // where it fails, all goes by trap
	// So that there is a page table for requests, whatever becomes of memory.
	sys_page_alloc(0, REQUEST, PTE_P | PTE_U);
	int mounted = fs_mount();
	if (mounted < 0 && mounted != -E_NO_DEV)
		cprintf("fs: disk 1: %e\n", mounted);
	if (mounted >= 0)
		serve_swap_begin();

	answer.page = NO_PAGE;
	for (;;) {
		int got = sys_ipc_reply(to, r, answer.page, answer.perm, REQUEST);
		if (got < 0)
			panic("sys_ipc_reply: %e", got); // never: all is sound
		answer = (struct Answer){NO_PAGE, 0};
		to = thisenv->env_ipc_from;
		uint32_t word = thisenv->env_ipc_value;
		if (to == 0 && FSREQ_OF(word) == FSREQ_SHUTDOWN) {
			if (mounted < 0)
				exit();
			shut_down();
		}
		r = mounted < 0 ? mounted : serve(word, thisenv->env_ipc_perm);
	}
}
