// The operations on paths. Names in a path are separated by one '/' or more; those at
// its ends mean nothing, so "" and "/" are the root.

#include <fs/core.h>

// Where a path leads: a name, without a 0, in a directory.
struct Target {
	struct Node *dir;
	const char *name;
	uint32_t len; // 0: the root itself
};

// The Node of a name in a directory.
static int
child_get(struct Node *dir, const char *name, uint32_t len, struct Node **store)
{
	struct Place hit, gap;
	int r = dir_find(dir, name, len, &hit, &gap);

	return r < 0 ? r : node_get(hit.block, hit.slot, store);
}

// Finds the directory of what a path names; the caller puts its Node. -E_INVAL if the
// way goes through avoid. -E_NOT_FOUND, -E_NOT_DIR, -E_BAD_PATH, -E_BAD_FS, -E_IO,
// -E_NO_MEM.
static int
walk(const char *path, const struct Node *avoid, struct Target *store)
{
	struct Node *dir, *next;
	uint32_t len;
	int r = node_get(ROOTS_BLOCK, ROOT_SLOT, &dir);

	if (r < 0)
		return r;
	while (*path == '/')
		path++;
	for (;;) {
		const char *name = path;

		while (*path && *path != '/')
			path++;
		len = path - name;
		while (*path == '/')
			path++;
		if (dir == avoid)
			r = -E_INVAL;
		else if (dir->file.f_type != FTYPE_DIR)
			r = -E_NOT_DIR;
		else if (len >= MAXNAMELEN)
			r = -E_BAD_PATH;
		*store = (struct Target){dir, name, len};
		if (r == 0 && !*path)
			return 0;
		if (r == 0)
			r = child_get(dir, name, len, &next);
		node_put(dir);
		if (r < 0)
			return r;
		dir = next;
	}
}

int
node_lookup(const char *path, struct Node **store)
{
	struct Target t;
	int r = op_begin(false);

	if (r == 0)
		r = walk(path, NULL, &t);
	if (r < 0)
		return r;
	if (t.len == 0) {
		*store = t.dir;
		return 0;
	}
	r = child_get(t.dir, t.name, t.len, store);
	node_put(t.dir);
	return r;
}

// ---- Creating ----

// Puts a struct File into a slot, under a new name.
static void
put_file(const struct Place *place, const struct File *file, const struct Target *t)
{
	struct File *f = place_file(place);

	*f = *file;
	memset(f->f_name, 0, MAXNAMELEN);
	memcpy(f->f_name, t->name, t->len);
}

static int
create_at(const struct Target *t, uint32_t type, struct Node **store)
{
	struct File file = {.f_type = type};
	struct Place hit, gap;
	int r, need;

	if (t->len == 0)
		return -E_FILE_EXISTS;
	r = dir_find(t->dir, t->name, t->len, &hit, &gap);
	if (r == 0)
		return -E_FILE_EXISTS;
	if (r != -E_NOT_FOUND)
		return r;
	if (!node_is_left())
		return -E_MAX_OPEN;
	r = need = dir_prepare(t->dir, &gap);
	if (r >= 0)
		r = blocks_reserve(need);
	if (r >= 0)
		r = buf_spare(need);
	if (r < 0)
		return r;

	dir_take(t->dir, &gap);
	put_file(&gap, &file, t);
	return node_get(gap.block, gap.slot, store);
}

int
node_create(const char *path, uint32_t type, struct Node **store)
{
	struct Target t;
	int r;

	if (type != FTYPE_REG && type != FTYPE_DIR)
		return -E_INVAL;
	r = op_begin(true);
	if (r == 0)
		r = walk(path, NULL, &t);
	if (r < 0)
		return r;
	r = create_at(&t, type, store);
	node_put(t.dir);
	return r;
}

// ---- Removing ----

static void
clear_place(const struct Place *place)
{
	memset(place_file(place), 0, sizeof(struct File));
}

static int
remove_node(struct Node *node)
{
	struct Place place = {node->block, node->slot}, gap;
	int need = remove_prepare(node, &gap), r = need;

	if (r >= 0)
		r = blocks_reserve(need);
	if (r >= 0)
		r = buf_spare(need);
	if (r < 0) {
		free_cancel();
		return r;
	}

	clear_place(&place);
	remove_apply(node, &gap);
	return 0;
}

int
fs_remove(const char *path)
{
	struct Target t;
	struct Node *node;
	int r = op_begin(true);

	if (r == 0)
		r = walk(path, NULL, &t);
	if (r < 0)
		return r;
	r = t.len == 0 ? -E_INVAL : child_get(t.dir, t.name, t.len, &node);
	if (r == 0) {
		r = remove_node(node);
		node_put(node);
	}
	node_put(t.dir);
	return r;
}

// ---- Renaming ----

// Moves a file to a slot that dir_take or buf_get made ready.
static void
move_apply(struct Node *node, const struct Place *to, const struct Target *t)
{
	struct Place from = {node->block, node->slot};

	if (from.block != to->block || from.slot != to->slot)
		clear_place(&from);
	put_file(to, &node->file, t);
	memset(node->file.f_name, 0, MAXNAMELEN);
	memcpy(node->file.f_name, t->name, t->len);
	node_move(node, to->block, to->slot);
}

// Moves a file, whose block is held, to a name that is not there.
static int
rename_free(struct Node *node, struct Node *from, const struct Target *t, struct Place *gap)
{
	int need = 0, r;

	if (t->dir == from)
		*gap = (struct Place){node->block, node->slot};
	else
		need = dir_prepare(t->dir, gap);
	r = need;
	if (r >= 0)
		r = blocks_reserve(need);
	if (r >= 0)
		r = buf_spare(need);
	if (r < 0)
		return r;

	dir_take(t->dir, gap);
	move_apply(node, gap, t);
	return 0;
}

// Moves a file, whose block is held, to the place of another.
static int
rename_over(struct Node *node, struct Node *old, const struct Target *t)
{
	struct Place place = {old->block, old->slot}, gap;
	int need, r;

	if (node->file.f_type != old->file.f_type)
		return old->file.f_type == FTYPE_DIR ? -E_IS_DIR : -E_NOT_DIR;
	r = need = remove_prepare(old, &gap);
	if (r >= 0)
		r = blocks_reserve(need);
	if (r >= 0)
		r = buf_spare(need);
	if (r < 0) {
		free_cancel();
		return r;
	}

	remove_apply(old, &gap);
	move_apply(node, &place, t);
	return 0;
}

static int
rename_to(struct Node *node, struct Node *from, const struct Target *t)
{
	struct Place hit, gap;
	struct Node *old;
	int r, found;

	if (t->len == 0)
		return -E_INVAL;
	found = dir_find(t->dir, t->name, t->len, &hit, &gap);
	if (found < 0 && found != -E_NOT_FOUND)
		return found;
	if (found == 0 && hit.block == node->block && hit.slot == node->slot)
		return 0;
	r = node_home(node);
	if (r < 0)
		return r;
	if (found < 0)
		return rename_free(node, from, t, &gap);
	r = node_get(hit.block, hit.slot, &old);
	if (r < 0)
		return r;
	r = rename_over(node, old, t);
	node_put(old);
	return r;
}

int
fs_rename(const char *from, const char *to)
{
	struct Target f, t;
	struct Node *node;
	int r = op_begin(true);

	if (r == 0)
		r = walk(from, NULL, &f);
	if (r < 0)
		return r;
	r = f.len == 0 ? -E_INVAL : child_get(f.dir, f.name, f.len, &node);
	if (r == 0) {
		r = walk(to, node->file.f_type == FTYPE_DIR ? node : NULL, &t);
		if (r == 0) {
			r = rename_to(node, f.dir, &t);
			node_put(t.dir);
		}
		node_put(node);
	}
	node_put(f.dir);
	return r;
}
