// Reading directories, for the commands.
#ifndef USER_DIR_H
#define USER_DIR_H

#include <inc/lib.h>

struct DirEntry {
	char name[MAXNAMELEN];
	off_t size;
	bool isdir;
};

// What is in a directory, sorted by name.
struct Dir {
	int n;
	struct DirEntry *entries;
};

static inline void
dir_free(struct Dir *dir)
{
	free(dir->entries);
	dir->entries = NULL;
	dir->n = 0;
}

// Puts entries[at] where it belongs in the heap below it: of n, the largest name on top.
static inline void
dir_sift(struct DirEntry *entries, int at, int n)
{
	for (int child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && strcmp(entries[child].name, entries[child + 1].name) < 0)
			child++;
		if (strcmp(entries[at].name, entries[child].name) >= 0)
			return;
		struct DirEntry entry = entries[at];
		entries[at] = entries[child];
		entries[child] = entry;
	}
}

static inline void
dir_sort(struct DirEntry *entries, int n)
{
	for (int i = n / 2; i-- > 0;)
		dir_sift(entries, i, n);
	while (n-- > 1) {
		struct DirEntry entry = entries[0];
		entries[0] = entries[n];
		entries[n] = entry;
		dir_sift(entries, 0, n);
	}
}

// Reads the open directory fd. 0, or an error: -E_NO_MEM, those of read.
static inline int
dir_read_fd(struct Dir *dir, int fd)
{
	static struct File files[BLKFILES] __attribute__((aligned(PGSIZE)));
	struct Stat st;
	int r, max;

	dir->n = 0;
	dir->entries = NULL;
	if ((r = fstat(fd, &st)) < 0)
		return r;
	max = st.st_size / sizeof(struct File);
	if (max > 0 && !(dir->entries = malloc(max * sizeof(struct DirEntry))))
		return -E_NO_MEM;
	while ((r = readn(fd, files, sizeof(files))) > 0) {
		for (int i = 0; i < r / (int)sizeof(struct File) && dir->n < max; i++) {
			if (!files[i].f_name[0])
				continue;
			struct DirEntry *entry = &dir->entries[dir->n++];
			strlcpy(entry->name, files[i].f_name, MAXNAMELEN);
			entry->size = files[i].f_size;
			entry->isdir = files[i].f_type == FTYPE_DIR;
		}
	}
	if (r < 0)
		dir_free(dir);
	else
		dir_sort(dir->entries, dir->n);
	return MIN(r, 0);
}

// Reads a directory. 0, or an error; -E_NOT_DIR if it is a file. For dir_free.
static inline int
dir_read(struct Dir *dir, const char *path)
{
	struct Stat st;
	int r, fd;

	dir->n = 0;
	dir->entries = NULL;
	if ((fd = open(path, O_RDONLY)) < 0)
		return fd;
	r = fstat(fd, &st);
	if (r >= 0)
		r = st.st_isdir ? dir_read_fd(dir, fd) : -E_NOT_DIR;
	close(fd);
	return r;
}

#endif
