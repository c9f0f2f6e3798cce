// Pages of files that programs map to write to them: one for each page of a file,
// whoever maps it.
//
// What programs write there is the file's from that moment on: who reads the file, or
// maps it, gets it from here. On its way to the disk it is written to the file as if by
// a write: when somebody wants all to be safe, or when nobody maps the page any more.
// Nobody tells that it has been written to, so it is compared.
//
// A page keeps the open file that it was asked for with. That a page is mapped nowhere
// else is seen, as of descriptors' pages, by its references.
#include <inc/lib.h>
#include <fs/layout.h>
#include <fs/mapping.h>

#define NHASH 1024

struct Mapping {
	struct OpenFile *open; // NULL: free
	uint32_t index;        // of the page in the file
	bool written;          // somebody may write to it
	struct Mapping *next;  // with the same hash, or free
};

static struct Mapping mappings[NMAPPED]; // each has the page at its own place
static struct Mapping *hash[NHASH];
static struct Mapping *unused;
static uint32_t nbegun; // the others have never been used
static uint32_t nused;

static char *
page_of(const struct Mapping *m)
{
	return (char *)MAPPED_BASE + (m - mappings) * PGSIZE;
}

static off_t
offset_of(const struct Mapping *m)
{
	return m->index * PGSIZE;
}

// ---- Lists ----

static struct Mapping **
hash_chain(const struct Node *node, uint32_t index)
{
	return &hash[((uintptr_t)node / 16 * 31 + index) % NHASH];
}

static struct Mapping *
find(const struct Node *node, uint32_t index)
{
	struct Mapping *m = nused ? *hash_chain(node, index) : NULL;

	while (m && (m->open->node != node || m->index != index))
		m = m->next;
	return m;
}

// One that is free, or NULL.
static struct Mapping *
take(void)
{
	struct Mapping *m = unused;

	if (m)
		unused = m->next;
	else if (nbegun < NMAPPED)
		m = &mappings[nbegun++];
	return m;
}

static void
put_back(struct Mapping *m)
{
	sys_page_unmap(0, page_of(m));
	m->open = NULL;
	m->next = unused;
	unused = m;
}

static void
insert(struct Mapping *m, struct OpenFile *o, uint32_t index)
{
	struct Mapping **chain = hash_chain(o->node, index);

	*m = (struct Mapping){.open = o, .index = index, .next = *chain};
	*chain = m;
	o->nmapped++;
	nused++;
}

static void
remove_mapping(struct Mapping *m)
{
	struct Mapping **link = hash_chain(m->open->node, m->index);

	while (*link != m)
		link = &(*link)->next;
	*link = m->next;
	m->open->nmapped--;
	nused--;
	put_back(m);
}

// ---- To the file ----

// Writes to the file what differs there.
static int
save(const struct Mapping *m)
{
	static char now[PGSIZE];
	struct Node *node = m->open->node;
	off_t offset = offset_of(m);
	int r;

	if (!m->written)
		return 0;
	r = node_read(node, now, PGSIZE, offset); // none behind the file's end
	if (r <= 0 || memcmp(now, page_of(m), r) == 0)
		return MIN(r, 0);
	return MIN(node_write(node, page_of(m), r, offset), 0);
}

int
mapping_save_page(struct Node *node, off_t offset)
{
	const struct Mapping *m = offset < 0 ? NULL : find(node, offset / PGSIZE);

	return m ? save(m) : 0;
}

int
mapping_save(struct Node *node)
{
	int first = 0, r;

	for (uint32_t i = 0; nused > 0 && i < nbegun; i++) {
		const struct Mapping *m = &mappings[i];

		if (!m->open || (node && m->open->node != node))
			continue;
		r = save(m);
		if (first == 0)
			first = r;
	}
	return first;
}

// A page is kept where it may yet be saved another time.
void
mapping_sweep(void)
{
	for (uint32_t i = 0; nused > 0 && i < nbegun; i++) {
		struct Mapping *m = &mappings[i];

		if (!m->open || pageref(page_of(m)) > 1)
			continue;
		int r = save(m);
		if (r != -E_NO_DISK && r != -E_NO_MEM)
			remove_mapping(m);
	}
}

// ---- From the file ----

// A new page with what is in the file.
static int
load(struct OpenFile *o, uint32_t index, struct Mapping **store)
{
	struct Mapping *m = take();
	int r;

	if (!m) {
		mapping_sweep();
		m = take();
	}
	if (!m)
		return -E_MAX_OPEN;
	r = sys_page_alloc(0, page_of(m), PTE_P | PTE_U | PTE_W);
	if (r == 0)
		r = node_read(o->node, page_of(m), PGSIZE, index * PGSIZE);
	if (r < 0) {
		put_back(m);
		return r;
	}
	insert(m, o, index);
	*store = m;
	return 0;
}

int
mapping_get(struct OpenFile *o, off_t offset, void **store)
{
	struct Mapping *m;
	const void *data;
	uint32_t block;
	int r = node_block(o->node, offset, &block, &data);

	if (r == -E_NOT_SUPP) // a hole: its block must not be missing when the page is saved
		r = open_may_write(o) ? node_write(o->node, "", 1, offset) : 0;
	if (r < 0)
		return r;
	m = find(o->node, offset / PGSIZE);
	if (!m) {
		r = load(o, offset / PGSIZE, &m);
		if (r < 0)
			return r;
	}
	m->written |= open_may_write(o);
	*store = page_of(m);
	return 0;
}

// ---- Along with the file ----

// Of n bytes at `at` in a file, how many are in the same page as the first.
static uint32_t
part_in_page(uint32_t at, uint32_t n)
{
	return MIN(n, PGSIZE - at % PGSIZE);
}

int
mapping_read(struct Node *node, void *buf, uint32_t n, off_t offset)
{
	uint32_t done, part;

	if (nused == 0 || offset >= node_size(node))
		return node_read(node, buf, n, offset);
	n = MIN(n, (uint32_t)(node_size(node) - offset));
	for (done = 0; done < n; done += part) {
		uint32_t at = offset + done;
		const struct Mapping *m = find(node, at / PGSIZE);
		int r = 0;

		part = part_in_page(at, n - done);
		if (m)
			memmove((char *)buf + done, page_of(m) + at % PGSIZE, part);
		else
			r = node_read(node, (char *)buf + done, part, at);
		if (r < 0)
			return r;
	}
	return n;
}

void
mapping_write(const struct Node *node, const void *buf, uint32_t n, off_t offset)
{
	uint32_t done, part;

	for (done = 0; nused > 0 && done < n; done += part) {
		uint32_t at = offset + done;
		const struct Mapping *m = find(node, at / PGSIZE);

		part = part_in_page(at, n - done);
		if (m)
			memmove(page_of(m) + at % PGSIZE, (const char *)buf + done, part);
	}
}

void
mapping_resized(const struct Node *node, off_t end)
{
	for (uint32_t i = 0; nused > 0 && i < nbegun; i++) {
		const struct Mapping *m = &mappings[i];

		if (!m->open || m->open->node != node || offset_of(m) + PGSIZE - 1 < end)
			continue;
		uint32_t from = end > offset_of(m) ? end - offset_of(m) : 0;
		memset(page_of(m) + from, 0, PGSIZE - from);
	}
}
