// Files in use. There is one Node for a file, however many use it, found by where
// the file's struct File lies. It has a copy of that, which is checked once, here;
// what changes it writes the copy back with node_update.

#include <fs/core.h>

// Open files, and what an operation needs on its way.
#define NNODES (MAXOPEN + 16)
#define NHASH 256

static struct Node nodes[NNODES];
static struct Node *hash[NHASH];
static struct Node *unused;

static struct Node **
hash_chain(uint32_t block, uint32_t slot)
{
	return &hash[(block * BLKFILES + slot) % NHASH];
}

static void
hash_insert(struct Node *node)
{
	struct Node **chain = hash_chain(node->block, node->slot);

	node->next = *chain;
	*chain = node;
}

static void
hash_remove(struct Node *node)
{
	struct Node **link = hash_chain(node->block, node->slot);

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
}

// Forgets all, for a mount.
void
nodes_reset(void)
{
	memset(hash, 0, sizeof(hash));
	unused = NULL;
	for (int i = NNODES - 1; i >= 0; i--) {
		nodes[i].next = unused;
		unused = &nodes[i];
	}
}

// Whether node_get would find room for one more.
bool
node_is_left(void)
{
	return unused != NULL;
}

static bool
is_sound(const struct File *f)
{
	uint32_t n = 0;

	while (n < MAXNAMELEN && f->f_name[n])
		n++;
	if (n == 0 || n == MAXNAMELEN)
		return false;
	if (f->f_type == FTYPE_DIR)
		return f->f_size >= 0 && f->f_size % BLKSIZE == 0 &&
		       f->f_size / BLKSIZE <= (int32_t)(MAXDIRENTS / BLKFILES);
	return f->f_type == FTYPE_REG && f->f_size >= 0 && f->f_size <= MAXFILESIZE;
}

// The Node of the file in a slot of a block, for node_put. -E_BAD_FS, -E_IO,
// -E_NO_MEM; -E_MAX_OPEN if too many are in use.
int
node_get(uint32_t block, uint32_t slot, struct Node **store)
{
	struct Node *node = *hash_chain(block, slot);
	struct File *files;
	struct Buf *b;
	int r;

	while (node && (node->block != block || node->slot != slot))
		node = node->next;
	if (node) {
		node->refs++;
		*store = node;
		return 0;
	}
	r = buf_peek(block, 0, &b);
	if (r < 0)
		return r;
	files = b->data;
	if (!is_sound(&files[slot]))
		return -E_BAD_FS;
	if (!unused)
		return -E_MAX_OPEN;
	node = unused;
	unused = node->next;
	node->refs = 1;
	node->block = block;
	node->slot = slot;
	// Who knows what was done to it before.
	node->tx = tx.nlogged + tx.nfresh ? tx.id : tx.id - 1;
	node->next_read = 0;
	node->orphan = false;
	node->file = files[slot];
	hash_insert(node);
	*store = node;
	return 0;
}

void
node_put(struct Node *node)
{
	if (--node->refs > 0)
		return;
	// If that fails, the next mount does it.
	if (node->orphan)
		orphan_end(node);
	hash_remove(node);
	node->next = unused;
	unused = node;
}

// The file's struct File lies elsewhere now.
void
node_move(struct Node *node, uint32_t block, uint32_t slot)
{
	hash_remove(node);
	node->block = block;
	node->slot = slot;
	hash_insert(node);
	node->tx = tx.id;
}

// Holds the block where the file's struct File lies. -E_BAD_FS, -E_IO, -E_NO_MEM.
int
node_home(const struct Node *node)
{
	struct Buf *b;

	// a damaged directory may have lost it to another file
	if (node->block != ROOTS_BLOCK && !block_is_used(node->block))
		return -E_BAD_FS;
	return buf_get(node->block, &b);
}

// Writes the Node's copy back, all but the name; the operation holds the block.
void
node_update(struct Node *node)
{
	struct File *f = place_file(&(struct Place){node->block, node->slot});

	memcpy((char *)f + MAXNAMELEN, (char *)&node->file + MAXNAMELEN,
	       sizeof(struct File) - MAXNAMELEN);
	node->tx = tx.id;
}

uint32_t
node_type(const struct Node *node)
{
	return node->file.f_type;
}

int32_t
node_size(const struct Node *node)
{
	return node->file.f_size;
}

const char *
node_name(const struct Node *node)
{
	return node->file.f_name;
}

bool
node_is_safe(const struct Node *node)
{
	return node->tx != tx.id;
}
