// What a file system is, told in the simplest way: a table of files, each of which has
// its blocks. And random operations, made on it and on fs/, with the same results.
#ifndef TEST_HOST_FS_MODEL_H
#define TEST_HOST_FS_MODEL_H

#include "test/host/fs_check.h"

#define M_FILES 400
#define M_BLOCKS 1100 // of a file: a few behind the double indirect block
#define M_POOL 4000   // of all
#define ROOT 0
#define DETACHED -2 // removed, but open

struct Model {
	bool used;
	int parent;
	uint32_t type;
	int32_t size;
	char name[MAXNAMELEN];
	unsigned char *blocks[M_BLOCKS];
	uint64_t hashes[M_BLOCKS];
	uint64_t hash; // their sum
};
static struct Model model[M_FILES];

static unsigned char pool[M_POOL][BLKSIZE] __attribute__((aligned(8)));
static unsigned char *pool_free[M_POOL];
static int npool;

// Files that are open on both sides.
#define NHANDLES 6
static struct {
	struct Node *node;
	int file;
} handles[NHANDLES];

static void
model_reset(void)
{
	memset(model, 0, sizeof(model));
	memset(handles, 0, sizeof(handles));
	for (npool = 0; npool < M_POOL; npool++)
		pool_free[npool] = pool[npool];
	model[ROOT] = (struct Model){.used = true, .parent = -1, .type = FTYPE_DIR};
}

static void
model_set_block(struct Model *m, uint32_t n, bool there)
{
	if (there && !m->blocks[n]) {
		if (npool == 0)
			panic("the model has no blocks left");
		m->blocks[n] = pool_free[--npool];
		memset(m->blocks[n], 0, BLKSIZE);
	} else if (!there && m->blocks[n]) {
		pool_free[npool++] = m->blocks[n];
		m->blocks[n] = NULL;
		m->hash -= m->hashes[n];
		m->hashes[n] = 0;
	}
}

static void
model_hash_block(struct Model *m, uint32_t n)
{
	m->hash -= m->hashes[n];
	m->hashes[n] = block_hash(n, m->blocks[n]);
	m->hash += m->hashes[n];
}

static bool
is_open(int file)
{
	for (int i = 0; i < NHANDLES; i++)
		if (handles[i].node && handles[i].file == file)
			return true;
	return false;
}

// Forgets a file that nothing leads to.
static void
model_free(int file)
{
	if (is_open(file)) {
		model[file].parent = DETACHED;
		return;
	}
	for (uint32_t n = 0; n < M_BLOCKS; n++)
		model_set_block(&model[file], n, false);
	model[file].used = false;
}

static int
model_child(int dir, const char *name)
{
	for (int i = 1; i < M_FILES; i++)
		if (model[i].used && model[i].parent == dir && !strcmp(model[i].name, name))
			return i;
	return -E_NOT_FOUND;
}

// The directory of what a path names, and the name, "" for the root.
static int
model_walk(const char *path, int avoid, char *name)
{
	int dir = ROOT;
	const char *begin;

	while (*path == '/')
		path++;
	for (;;) {
		for (begin = path; *path && *path != '/'; path++)
			;
		if (dir == avoid)
			return -E_INVAL;
		if (model[dir].type != FTYPE_DIR)
			return -E_NOT_DIR;
		if (path - begin >= MAXNAMELEN)
			return -E_BAD_PATH;
		memcpy(name, begin, path - begin);
		name[path - begin] = 0;
		while (*path == '/')
			path++;
		if (!*path)
			return dir;
		dir = model_child(dir, name);
		if (dir < 0)
			return dir;
	}
}

static int
model_lookup(const char *path)
{
	char name[MAXNAMELEN];
	int dir = model_walk(path, -1, name);

	return dir < 0 || !name[0] ? dir : model_child(dir, name);
}

static int
model_create(const char *path, uint32_t type)
{
	char name[MAXNAMELEN];
	int dir = model_walk(path, -1, name), i;

	if (dir < 0)
		return dir;
	if (!name[0] || model_child(dir, name) >= 0)
		return -E_FILE_EXISTS;
	for (i = 1; model[i].used; i++)
		if (i == M_FILES - 1)
			panic("the model has no files left");
	model[i] = (struct Model){.used = true, .parent = dir, .type = type};
	memcpy(model[i].name, name, sizeof(name));
	return i;
}

static bool
model_is_empty(int dir)
{
	for (int i = 1; i < M_FILES; i++)
		if (model[i].used && model[i].parent == dir)
			return false;
	return true;
}

static int
model_remove(const char *path)
{
	int file = model_lookup(path);

	if (file < 0)
		return file;
	if (file == ROOT)
		return -E_INVAL;
	if (!model_is_empty(file))
		return -E_NOT_EMPTY;
	model_free(file);
	return 0;
}

static int
model_rename(const char *from, const char *to)
{
	int file = model_lookup(from), dir, old;
	char name[MAXNAMELEN];

	if (file <= 0)
		return file ? file : -E_INVAL;
	dir = model_walk(to, file, name);
	if (dir == -E_INVAL && model[file].type != FTYPE_DIR)
		dir = -E_NOT_DIR;
	if (dir < 0)
		return dir;
	if (!name[0])
		return -E_INVAL;
	old = model_child(dir, name);
	if (old == file)
		return 0;
	if (old >= 0) {
		if (model[old].type != model[file].type)
			return model[old].type == FTYPE_DIR ? -E_IS_DIR : -E_NOT_DIR;
		if (!model_is_empty(old))
			return -E_NOT_EMPTY;
		model_free(old);
	}
	model[file].parent = dir;
	memcpy(model[file].name, name, sizeof(name));
	return 0;
}

static int
model_write(int file, const unsigned char *data, uint32_t n, int32_t offset)
{
	struct Model *m = &model[file];

	if (m->type == FTYPE_DIR)
		return -E_IS_DIR;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = offset + i;

		model_set_block(m, at / BLKSIZE, true);
		m->blocks[at / BLKSIZE][at % BLKSIZE] = data[i];
	}
	if (n) {
		model_hash_block(m, offset / BLKSIZE);
		model_hash_block(m, (offset + n - 1) / BLKSIZE);
		m->size = MAX(m->size, offset + (int32_t)n);
	}
	return n;
}

static int
model_truncate(int file, int32_t size)
{
	struct Model *m = &model[file];
	uint32_t n = size / BLKSIZE;

	if (m->type == FTYPE_DIR)
		return -E_IS_DIR;
	m->size = size;
	if (size % BLKSIZE && m->blocks[n]) {
		memset(m->blocks[n] + size % BLKSIZE, 0, BLKSIZE - size % BLKSIZE);
		model_hash_block(m, n);
	}
	for (n += size % BLKSIZE != 0; n < M_BLOCKS; n++)
		model_set_block(m, n, false);
	return 0;
}

// The path of a file, NULL if it has none.
static const char *
model_path(int file)
{
	static char path[MAXPATHLEN];
	char *at = path + sizeof(path) - 1;

	*at = 0;
	for (; file != ROOT; file = model[file].parent) {
		if (file == DETACHED)
			return NULL;
		size_t len = strlen(model[file].name);

		at -= len + 1;
		*at = '/';
		memcpy(at + 1, model[file].name, len);
	}
	return at;
}

// fs_digest must say the same.
static uint64_t
model_digest(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < M_FILES; i++) {
		const char *path = model[i].used ? model_path(i) : NULL;

		if (path)
			sum += file_hash(path_hash(path), model[i].type, model[i].size,
					 model[i].hash);
	}
	return sum;
}

// ---- Taking over what is mounted ----

static void
load_visit(const char *path, struct Node *node)
{
	unsigned char data[BLKSIZE];
	int file = ROOT, n;

	if (*path)
		file = model_create(path, node_type(node));
	if (node_type(node) != FTYPE_REG)
		return;
	for (int32_t at = 0; at < node_size(node); at += n) {
		n = node_read(node, data, BLKSIZE, at);
		if (n <= 0)
			return;
		bool any = false;
		for (int i = 0; i < n; i++)
			any |= data[i];
		if (any)
			model_write(file, data, n, at);
	}
	model[file].size = node_size(node);
}

static void
model_load(void)
{
	model_reset();
	digest_visit = load_visit;
	fs_digest();
	digest_visit = NULL;
}

// ---- Operations ----

static char op_text[3 * MAXPATHLEN]; // the last one
static bool op_committed;            // it was a commit, and worked
static uint32_t commits = 8;         // of 100 operations
static bool overwrites;              // write where there is something more often

// A path from few names, so that they meet often.
static void
random_path(char *path)
{
	static const char *const dirs[] = {"", "", "", "d", "d", "d/e", "/d//e/", "x", "none", "a"};
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "x", ""};
	int n;

	n = host_snprintf(path, MAXPATHLEN, "%s/%s", dirs[random_below(ARRAY_SIZE(dirs))],
			  names[random_below(ARRAY_SIZE(names))]);
	if (random_below(4) == 0)
		n += host_snprintf(path + n, MAXPATHLEN - n, "%u", random_below(20));
	if (random_below(40) == 0)
		host_snprintf(path + n, MAXPATHLEN - n, "%0*u", 122 + random_below(8), 1);
}

static unsigned char *
random_data(uint32_t n)
{
	static unsigned char data[BLKSIZE];
	uint32_t seed = random_below(1u << 30), zero = random_below(16) == 0;

	for (uint32_t i = 0; i < n; i++)
		data[i] = zero ? 0 : (seed += 0x9E3779B9u) >> 24;
	return data;
}

// Both sides' results: whether they fit. The disk may be full on one side only.
static bool
same(int got, int want)
{
	if (got == -E_NO_DISK && fs_nfree() < 8)
		return true;
	if (got == want || (got >= 0 && want >= 0))
		return true;
	host_snprintf(failure, sizeof(failure), "%.150s: %d, not %d", op_text, got, want);
	return false;
}

static bool
op_open(int h)
{
	char path[MAXPATHLEN];
	struct Node *node;
	uint32_t type = random_below(3) ? FTYPE_REG : FTYPE_DIR;
	int got, want;

	random_path(path);
	if (random_below(3)) {
		host_snprintf(op_text, sizeof(op_text), "create %s type %u", path, type);
		got = node_create(path, type, &node);
		if (got == -E_NO_DISK && model_lookup(path) < 0)
			return same(got, -E_NO_DISK);
		want = model_create(path, type);
	} else {
		host_snprintf(op_text, sizeof(op_text), "lookup %s", path);
		got = node_lookup(path, &node);
		want = model_lookup(path);
	}
	if (got < 0 || want < 0)
		return same(got, want);
	if (node_size(node) != model[want].size && node_type(node) == FTYPE_REG) {
		host_snprintf(failure, sizeof(failure), "%s: another size", path);
		return false;
	}
	handles[h].node = node;
	handles[h].file = want;
	return true;
}

static void
op_close(int h)
{
	int file = handles[h].file;

	host_snprintf(op_text, sizeof(op_text), "close");
	node_put(handles[h].node);
	handles[h].node = NULL;
	if (model[file].parent == DETACHED && !is_open(file))
		model_free(file);
}

static bool
op_write(int h)
{
	struct Model *m = &model[handles[h].file];
	uint32_t n = random_below(3) ? BLKSIZE : random_below(BLKSIZE + 1);
	int32_t offset = random_below(m->size + 2 * BLKSIZE);
	const unsigned char *data = random_data(n);
	int got, limit = (M_BLOCKS - 2) * BLKSIZE;

	if (random_below(overwrites ? 8 : 2) == 0)
		offset = m->size;
	else if (overwrites && m->size && random_below(8))
		offset = random_below(m->size);
	if (random_below(60) == 0)
		offset = random_below(limit);
	if (random_below(3) == 0)
		offset = ROUNDDOWN((uint32_t)offset, BLKSIZE);
	offset = MIN(offset, limit);
	host_snprintf(op_text, sizeof(op_text), "write %u at %d, size %d", n, offset, m->size);
	got = node_write(handles[h].node, data, n, offset);
	if (got == -E_NO_DISK)
		return same(got, 0);
	if (!same(got, model_write(handles[h].file, data, n, offset)))
		return false;
	if (got >= 0 && (uint32_t)got != n)
		host_snprintf(failure, sizeof(failure), "%s: only %d", op_text, got);
	return !failure[0];
}

static bool
op_read(int h)
{
	struct Model *m = &model[handles[h].file];
	unsigned char data[BLKSIZE];
	int32_t offset = random_below(m->size + 10);
	int n = random_below(BLKSIZE + 1), got, want = MAX(0, MIN(n, m->size - offset));

	if (m->type == FTYPE_DIR)
		return true;
	host_snprintf(op_text, sizeof(op_text), "read %d at %d of %d", n, offset, m->size);
	got = node_read(handles[h].node, data, n, offset);
	for (int i = 0; i < got && got == want; i++) {
		uint32_t at = offset + i;
		const unsigned char *b = m->blocks[at / BLKSIZE];

		if (data[i] != (b ? b[at % BLKSIZE] : 0))
			got = -1;
	}
	if (got != want)
		host_snprintf(failure, sizeof(failure), "%s: %d", op_text, got);
	return got == want;
}

static bool
op_truncate(int h)
{
	int file = handles[h].file;
	int32_t size = random_below(3) == 0 ? 0 : random_below(model[file].size + 2 * BLKSIZE);
	int got;

	size = MIN(size, (M_BLOCKS - 2) * BLKSIZE);
	host_snprintf(op_text, sizeof(op_text), "truncate to %d of %d", size, model[file].size);
	got = node_truncate(handles[h].node, size);
	return same(got, model_truncate(file, size));
}

static bool
op_remove(void)
{
	char path[MAXPATHLEN];
	int got;

	random_path(path);
	host_snprintf(op_text, sizeof(op_text), "remove %s", path);
	got = fs_remove(path);
	return got == -E_NO_DISK ? same(got, 0) : same(got, model_remove(path));
}

static bool
op_rename(void)
{
	char from[MAXPATHLEN], to[MAXPATHLEN];
	int got;

	random_path(from);
	random_path(to);
	host_snprintf(op_text, sizeof(op_text), "rename %s %s", from, to);
	got = fs_rename(from, to);
	return got == -E_NO_DISK ? same(got, 0) : same(got, model_rename(from, to));
}

// Makes one operation. False, with failure set: the results differ.
static bool
random_op(void)
{
	static int streaming, stream_handle; // a file is being written through
	uint32_t what = random_below(100);
	int h = random_below(NHANDLES);

	op_committed = false;
	if (streaming > 0 && handles[stream_handle].node) {
		streaming--;
		return op_write(stream_handle);
	}
	if (what < 10)
		return op_remove();
	if (what < 18)
		return op_rename();
	if (what < 18 + commits) {
		host_snprintf(op_text, sizeof(op_text), "commit");
		op_committed = true;
		return same(fs_commit(), 0);
	}
	if (!handles[h].node)
		return op_open(h);
	if (what < 38) {
		op_close(h);
		return true;
	}
	if (what < 52)
		return op_truncate(h);
	if (what < 62)
		return op_read(h);
	if (what < 65) {
		streaming = random_below(30);
		stream_handle = h;
	}
	return op_write(h);
}

#endif
