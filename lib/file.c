// Files: the device of the file server's descriptors, and the calls by path.
//
// A request is one call of the file server with a page (lib/fsreq.c). Reads and writes
// have their data in that page, and where the caller's buffer is a page of its own
// it is that page that goes to the server, so that nothing is copied here.
#include "lib/fdtable.h"
#include "lib/libcall.h"
#include "lib/mutex.h"
#include "lib/vm.h"

static ssize_t devfile_read(struct Fd *fd, void *buf, size_t n);
static ssize_t devfile_write(struct Fd *fd, const void *buf, size_t n);
static int devfile_close(struct Fd *fd);
static int devfile_stat(struct Fd *fd, struct Stat *stat);
static int devfile_trunc(struct Fd *fd, off_t size);

struct Dev devfile = {
	.dev_id = 'f',
	.dev_name = "file",
	.dev_read = devfile_read,
	.dev_write = devfile_write,
	.dev_close = devfile_close,
	.dev_stat = devfile_stat,
	.dev_trunc = devfile_trunc,
};

// ---- Requests ---------------------------------------------------------------------

// Makes a request whose fields are in a page that was taken, and gives that back.
static int
finish(union Fsipc *page, uint32_t req, void *dstva)
{
	int r = fsreq_call(req, page, dstva);

	fsreq_end(page);
	return r;
}

// The length of a path that fits a request, with its 0; or -E_BAD_PATH. A page fault of
// the path's is dealt with then.
static int
path_len(const char *path)
{
	size_t len = strnlen(path, MAXPATHLEN);

	return len == MAXPATHLEN ? -E_BAD_PATH : (int)len + 1;
}

// ---- The device -------------------------------------------------------------------

// Whether buf is a page that can go to the server itself. Another thread's fork would make it
// copy-on-write meanwhile, and a third one's write would copy it here: what the server writes
// then would go to the child alone.
static bool
is_own_page(const void *buf)
{
	pte_t pte;

	if (threads_made || PGOFF(buf) || !(pte = vm_present((uintptr_t)buf)))
		return false;
	return (pte & (PTE_U | PTE_W | PTE_COW)) == (PTE_U | PTE_W) &&
	       !(vm_page_info(pte)->pp_flags & PP_FSCPAGE);
}

// Reads up to a page. How much, less only at the end, or an error.
static int
read_some(struct Fd *fd, void *to, size_t n)
{
	const uint32_t word = FSREQ_WORD(FSREQ_READ, fd->fd_file.id, n);

	if (n == PGSIZE && is_own_page(to))
		return fsreq_call(word, to, NO_PAGE);
	lib_touch(to, n, true); // before what comes for it is in our page
	union Fsipc *page = fsreq_begin();
	int r = fsreq_call(word, page, NO_PAGE);
	if (r > 0)
		memcpy(to, page->data, r);
	fsreq_end(page);
	return r;
}

static int
write_some(struct Fd *fd, const void *from, size_t n)
{
	const uint32_t word = FSREQ_WORD(FSREQ_WRITE, fd->fd_file.id, n);

	if (n == PGSIZE && is_own_page(from))
		return fsreq_call(word, (void *)from, NO_PAGE);
	lib_touch(from, n, false);
	union Fsipc *page = fsreq_begin();
	memcpy(page->data, from, n);
	return finish(page, word, NO_PAGE);
}

static ssize_t
devfile_read(struct Fd *fd, void *buf, size_t n)
{
	bool locked = fd_lock(fd);
	size_t done = 0;
	int r = 0;

	while (done < n) {
		size_t want = MIN(n - done, (size_t)PGSIZE);
		if ((r = read_some(fd, (char *)buf + done, want)) <= 0)
			break;
		done += r;
		if ((size_t)r < want)
			break; // the end
	}
	fd_unlock(fd, locked);
	return done > 0 ? (ssize_t)done : r;
}

static ssize_t
devfile_write(struct Fd *fd, const void *buf, size_t n)
{
	bool locked = fd_lock(fd);
	size_t done = 0;
	int r = 0;

	while (done < n) {
		size_t want = MIN(n - done, (size_t)PGSIZE);
		if ((r = write_some(fd, (const char *)buf + done, want)) <= 0)
			break;
		done += r;
	}
	fd_unlock(fd, locked);
	vm_file_changed();
	return done > 0 ? (ssize_t)done : r;
}

// What was written is safe when it is closed. The server itself closes the file when
// the descriptor's page is mapped nowhere any more.
static int
devfile_close(struct Fd *fd)
{
	if ((fd->fd_omode & O_ACCMODE) == O_RDONLY)
		return 0;
	union Fsipc *page = fsreq_begin();
	page->flush.req_fileid = fd->fd_file.id;
	return finish(page, FSREQ_FLUSH, NO_PAGE);
}

static int
devfile_stat(struct Fd *fd, struct Stat *stat)
{
	struct Fsret_stat ret;
	union Fsipc *page = fsreq_begin();
	int r;

	page->stat.req_fileid = fd->fd_file.id;
	if ((r = fsreq_call(FSREQ_STAT, page, NO_PAGE)) == 0)
		ret = page->stat_ret;
	fsreq_end(page);
	if (r < 0)
		return r;
	strlcpy(stat->st_name, ret.ret_name, sizeof(stat->st_name));
	stat->st_size = ret.ret_size;
	stat->st_isdir = ret.ret_isdir;
	return 0;
}

static int
devfile_trunc(struct Fd *fd, off_t size)
{
	union Fsipc *page = fsreq_begin();

	page->set_size.req_fileid = fd->fd_file.id;
	page->set_size.req_size = size;
	int r = finish(page, FSREQ_SET_SIZE, NO_PAGE);
	vm_file_changed();
	return r;
}

// At the end of the process, which waits for no other thread: what devfile_close does.
void
file_end(struct Fd *fd)
{
	union Fsipc *page;

	if ((fd->fd_omode & O_ACCMODE) == O_RDONLY || !(page = fsreq_begin_last()))
		return;
	page->flush.req_fileid = fd->fd_file.id;
	finish(page, FSREQ_FLUSH, NO_PAGE);
}

// ---- Calls by path ------------------------------------------------------------------

// open; a hidden descriptor is not for children.
int
file_open(const char *path, int mode, bool hidden)
{
	int len = path_len(path), r;
	struct Fd *fd;

	if ((r = fd_reserve(&fd)) < 0)
		return r;
	if (len < 0) {
		fd_give_up(fd);
		return len;
	}
	union Fsipc *page = fsreq_begin();
	memcpy(page->open.req_path, path, len);
	page->open.req_omode = mode;
	if ((r = finish(page, FSREQ_OPEN, fd)) < 0) {
		fd_give_up(fd);
		return r;
	}
	fd_publish(&fd, 1, hidden);
	return fd2num(fd);
}

// Opens a file, O_* of inc/fs.h. The lowest free descriptor; -E_MAX_OPEN, -E_BAD_PATH,
// -E_NO_FS, or what the file server says: -E_NOT_FOUND, -E_FILE_EXISTS, ...
int
open(const char *path, int mode)
{
	return file_open(path, mode, false);
}

// Maps a page of a file at va, read-only, in place of what is there: the one at offset,
// a multiple of PGSIZE. It stays as it is now if the file changes. How many bytes of the
// file are there, 1 to PGSIZE; -E_INVAL (not an
// open file, or offset), -E_NOT_SUPP: a hole in the file; -E_NO_MEM, ...
int
file_map(int fdnum, off_t offset, void *va)
{
	struct FdUse use;
	int r;

	if ((r = fd_get(fdnum, &use)) < 0)
		return r;
	if (use.fd->fd_dev_id == devfile.dev_id && !PGOFF(va) && (uintptr_t)va < UTOP) {
		union Fsipc *page = fsreq_begin();
		page->map.req_fileid = use.fd->fd_file.id;
		page->map.req_offset = offset;
		r = finish(page, FSREQ_MAP, va);
	} else {
		r = -E_INVAL;
	}
	fd_put(&use);
	return r;
}

// Removes a file, or an empty directory. Who has it open can go on using it. 0, or
// -E_BAD_PATH, -E_NO_FS, or what the server says: -E_NOT_FOUND, -E_NOT_EMPTY, ...
int
remove(const char *path)
{
	int len = path_len(path);

	if (len < 0)
		return len;
	union Fsipc *page = fsreq_begin();
	memcpy(page->remove.req_path, path, len);
	return finish(page, FSREQ_REMOVE, NO_PAGE);
}

// Gives a file or directory another name, in place of a file that has that name, or of
// an empty directory if it is a directory. Errors as of remove, and -E_IS_DIR,
// -E_NOT_DIR, -E_INVAL (a directory into itself).
int
rename(const char *from, const char *to)
{
	int from_len = path_len(from), to_len = path_len(to);

	if (from_len < 0 || to_len < 0)
		return -E_BAD_PATH;
	union Fsipc *page = fsreq_begin();
	memcpy(page->rename.req_from, from, from_len);
	memcpy(page->rename.req_to, to, to_len);
	return finish(page, FSREQ_RENAME, NO_PAGE);
}

// Makes a directory. 0, or an error as of open.
int
mkdir(const char *path)
{
	int fdnum = file_open(path, O_RDONLY | O_MKDIR, true);

	return fdnum < 0 ? fdnum : close(fdnum);
}

// When this returns 0, all that was done to files is on the disk. -E_NO_FS, -E_IO, ...
int
sync(void)
{
	return fsreq_call(FSREQ_SYNC, NO_PAGE, NO_PAGE);
}
