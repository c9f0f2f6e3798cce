// What files must hold, kept in memory beside the files themselves; and how trees
// are shown, as fs/fsck.c does with -s.
#ifndef TEST_GUEST_FSMODEL_H
#define TEST_GUEST_FSMODEL_H

#include <inc/lib.h>
#include <test/guest/check.h>

#define NFILES 80
#define NPATH 64
#define CONTENTS 0x40000000 // of the models
#define STRIDE 0x01000000   // from one to the next: the largest that a file may be

#define HASH_START 0xcbf29ce484222325ULL
#define HASH_PRIME 0x100000001b3ULL

struct Model {
	char path[NPATH]; // empty: there is none
	bool is_dir;
	int32_t size;
	int32_t hashed; // bytes that hash is of, from the beginning
	uint64_t hash;  // FNV-1a
	int op;         // the last operation on its contents
};

static struct Model models[NFILES];

static inline uint64_t
hash_bytes(uint64_t hash, const uint8_t *data, int32_t n)
{
	while (n-- > 0)
		hash = (hash ^ *data++) * HASH_PRIME;
	return hash;
}

static inline uint8_t *
contents(struct Model *m)
{
	return (uint8_t *)CONTENTS + (m - models) * STRIDE;
}

static inline struct Model *
model_find(const char *path)
{
	int i;

	for (i = 0; i < NFILES; i++)
		if (models[i].path[0] && !strcmp(models[i].path, path))
			return &models[i];
	return NULL;
}

static inline struct Model *
model_new(const char *path, bool is_dir)
{
	int i;

	for (i = 0; i < NFILES && models[i].path[0]; i++) {
	}
	CHECK(i < NFILES);
	CHECK(strlen(path) < NPATH);
	memset(&models[i], 0, sizeof(models[i]));
	strcpy(models[i].path, path);
	models[i].is_dir = is_dir;
	models[i].hash = HASH_START;
	return &models[i];
}

// Changes the size; what is new is zeroes. Pages stay mapped, and zeroed, for the
// next who gets them.
static inline void
model_resize(struct Model *m, int32_t size)
{
	uint8_t *data = contents(m), *page;

	CHECK(size <= STRIDE);
	for (page = data + ROUNDUP(m->size, PGSIZE); page < data + size; page += PGSIZE)
		if (!is_mapped((uintptr_t)page))
			CHECK_EQ(sys_page_alloc(0, page, RW), 0);
	if (size < m->size)
		memset(data + size, 0, m->size - size);
	m->size = size;
	if (m->hashed > size) {
		m->hashed = 0;
		m->hash = HASH_START;
	}
}

static inline void
model_write(struct Model *m, const uint8_t *data, int32_t n, int32_t offset)
{
	if (offset + n > m->size)
		model_resize(m, offset + n);
	memmove(contents(m) + offset, data, n);
	if (offset < m->hashed) {
		m->hashed = 0;
		m->hash = HASH_START;
	}
}

static inline void
model_remove(struct Model *m)
{
	model_resize(m, 0);
	cprintf("- %s\n", m->path);
	m->path[0] = 0;
}

static inline void
say(struct Model *m)
{
	if (m->is_dir) {
		cprintf("+ %s d\n", m->path);
		return;
	}
	m->hash = hash_bytes(m->hash, contents(m) + m->hashed, m->size - m->hashed);
	m->hashed = m->size;
	cprintf("+ %s f %d %016llx\n", m->path, m->size, m->hash);
}

#endif
