// Requests for pages of files: as they are, or shared with all who map them.
#include <inc/lib.h>
#include <fs/mapping.h>
#include <fs/open.h>
#include <fs/pages_shared.h>
#include <fs/serv.h>

// The open file and the offset that a request is for.
static int
take_request(struct OpenFile **store, off_t *offset)
{
	int r = open_lookup(READ_ONCE(REQUEST->map.req_fileid), store);

	*offset = READ_ONCE(REQUEST->map.req_offset);
	if (r == 0 && (!open_may_read(*store) || *offset % PGSIZE))
		r = -E_INVAL;
	return r;
}

static int
bytes_from(const struct OpenFile *o, off_t offset)
{
	return MIN(node_size(o->node) - offset, PGSIZE);
}

int
serve_map(uint32_t word)
{
	struct OpenFile *o;
	const void *data;
	uint32_t block;
	off_t offset;
	void *page;
	int r = take_request(&o, &offset);

	if (r == 0)
		r = mapping_save_page(o->node, offset);
	if (r == 0)
		r = node_block(o->node, offset, &block, &data);
	if (r < 0)
		return r;
	if (!(page = shared_page(block, data)))
		return -E_NO_MEM;
	answer = (struct Answer){page, PTE_P | PTE_U};
	return bytes_from(o, offset);
}

int
serve_map_shared(uint32_t word)
{
	struct OpenFile *o;
	off_t offset;
	void *page;
	int r = take_request(&o, &offset);

	if (r == 0)
		r = mapping_get(o, offset, &page);
	if (r < 0)
		return r;
	int perm = PTE_P | PTE_U | PTE_SHARE | (open_may_write(o) ? PTE_W : 0);
	answer = (struct Answer){page, perm};
	return bytes_from(o, offset);
}
