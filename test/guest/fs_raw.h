// Requests to the file server as no library makes them, for tests of it: the page of a request,
// and descriptors, are where the test wants them.
#ifndef TEST_GUEST_FS_RAW_H
#define TEST_GUEST_FS_RAW_H

#include <test/guest/filecheck.h>

#define PAGE ((union Fsipc *)AREA) // the request's page

static envid_t fs;

static inline void
raw_begin(void)
{
	fs = ipc_find_env(ENV_TYPE_FS);
	CHECK(fs > 0);
	CHECK_EQ(sys_page_alloc(0, PAGE, RW), 0);
}

// Makes a request with the page at va, permissions perm. The answer; a page that comes with
// it is at dstva.
static inline int
request_at(uint32_t word, void *va, int perm, void *dstva)
{
	int32_t answer = 0;

	CHECK_EQ(ipc_call(fs, word, va, perm, dstva, &answer), 0);
	return answer;
}

static inline int
request(uint32_t word)
{
	return request_at(word, PAGE, RW, NO_PAGE);
}

static inline int
open_raw(const char *path, int mode, void *dstva)
{
	memset(PAGE, 0, PGSIZE);
	strlcpy(PAGE->open.req_path, path, MAXPATHLEN);
	PAGE->open.req_omode = mode;
	return request_at(FSREQ_OPEN, PAGE, RW, dstva);
}

// ---- Swap ----

static inline int
swap_out(const void *va)
{
	return request_at(FSREQ_SWAP_OUT, (void *)va, RO, NO_PAGE);
}

static inline int
swap_in(int slot, void *va)
{
	return request_at(FSREQ_SLOT_WORD(FSREQ_SWAP_IN, slot), va, RW, NO_PAGE);
}

static inline int
swap_free(int slot)
{
	PAGE->swap_free.req_n = 1;
	PAGE->swap_free.req_slots[0] = slot;
	return request(FSREQ_SWAP_FREE);
}

static inline int
swap_share(envid_t child)
{
	PAGE->swap_share.req_child = child;
	return request(FSREQ_SWAP_SHARE);
}

#endif
