// The open files of the file server.
#ifndef FS_OPEN_H
#define FS_OPEN_H

#include <inc/fd.h>
#include <fs/fs.h>

// Of the pages of descriptors.
#define FD_PERM (PTE_P | PTE_U | PTE_W | PTE_SHARE)

// A file that a client opened. All that matters is kept here: fd's page is
// shared with the client, who may write anything there at any time.
struct OpenFile {
	struct Node *node; // NULL: free
	int mode;          // O_*
	int id;            // the clients' name for it
	struct Fd *fd;     // at a place of its own, for each slot
	uint32_t nmapped;  // pages that fs/mapping.c keeps it open for
};

// A free slot, with fd's page empty, which is in use when open_use is called and
// not before. -E_MAX_OPEN; -E_NO_MEM: no page for fd.
int open_take(struct OpenFile **store);

// The slot from open_take holds node, which is put when it is closed.
void open_use(struct OpenFile *o, struct Node *node, int mode);

// The open file of that id, any number. -E_INVAL: none, or nobody has it any more.
int open_lookup(int id, struct OpenFile **store);

// Closes the files that no client has any more, nor a page of them that may be written
// to. Whether there were any.
bool open_sweep(void);

// Closes all.
void open_close_all(void);

// Whether its mode allows that.
static inline bool
open_may_read(const struct OpenFile *o)
{
	return (o->mode & O_ACCMODE) != O_WRONLY;
}

static inline bool
open_may_write(const struct OpenFile *o)
{
	return (o->mode & O_ACCMODE) != O_RDONLY;
}

#endif
