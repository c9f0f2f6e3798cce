// Files: the device of the file server's descriptors, and the calls by path.
//
// A request is one call of the file server with a page (inc/fs.h). Reads and writes
// have their data in that page, and where the caller's buffer is a page of its own
// it is that page that goes to the server, so that nothing is copied here.
#include "lib/libcall.h"
#include "lib/share.h"

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

// The page of a request. A program may use it between two calls of the library.
union Fsipc fsipcbuf __attribute__((aligned(PGSIZE)));

// ---- Requests ---------------------------------------------------------------------

// The file server's id, or 0.
static envid_t
find_server(void)
{
	static envid_t server;

	if (!env_is_alive(server))
		server = ipc_find_env(ENV_TYPE_FS);
	return server;
}

// Makes a request; page, writeable, goes with it, unless it is NO_PAGE. A page that is
// answered comes to dstva. What the server answers; -E_NO_FS if there is none, or it
// ends; -E_NO_MEM.
static int
request(uint32_t word, void *page, void *dstva)
{
	const int perm = PTE_P | PTE_U | PTE_W;
	int32_t answer = 0;
	int r;

	if (page != NO_PAGE) {
		// It may be copy-on-write: it must be ours before it is sent.
		lib_touch(page, 1, true);
	}
	for (;;) {
		envid_t server = find_server();
		const volatile struct Env *e = &envs[ENVX(server)];
		uint32_t ends = e->env_ends; // before the call: it changes when it ends
		if (!server)
			return -E_NO_FS;
		r = lib_ipc_call(server, word, page, page == NO_PAGE ? 0 : perm, dstva, &answer);
		if (r != -E_IPC_NOT_RECV)
			break;
		// It is busy.
		lib_futex_wait2(&e->env_ipc_recving, 0, &e->env_ends, ends);
	}
	if (r == -E_BAD_ENV)
		return -E_NO_FS;
	return r < 0 ? r : answer;
}

// A request whose fields are in fsipcbuf.
static int
fsipc(uint32_t req)
{
	return request(req, &fsipcbuf, NO_PAGE);
}

// Copies a path into a request. 0 or -E_BAD_PATH.
static int
put_path(char *field, const char *path)
{
	size_t len = strnlen(path, MAXPATHLEN);

	if (len == MAXPATHLEN)
		return -E_BAD_PATH;
	memcpy(field, path, len + 1);
	return 0;
}

// ---- The device -------------------------------------------------------------------

// Whether buf is a page that can go to the server itself.
static bool
is_own_page(const void *buf)
{
	pte_t pte;

	if (PGOFF(buf) || !(pte = pte_at((uintptr_t)buf)))
		return false;
	return (pte & (PTE_U | PTE_W | PTE_COW)) == (PTE_U | PTE_W) &&
	       !(pages[PGNUM(PTE_ADDR(pte))].pp_flags & PP_FSCPAGE);
}

static ssize_t
devfile_read(struct Fd *fd, void *buf, size_t n)
{
	size_t done = 0;
	int r = 0;

	while (done < n) {
		char *to = (char *)buf + done;
		size_t want = MIN(n - done, (size_t)PGSIZE);
		bool direct = want == PGSIZE && is_own_page(to);

		if (!direct)
			lib_touch(to, want, true); // before what comes for it is in fsipcbuf
		r = request(FSREQ_WORD(FSREQ_READ, fd->fd_file.id, want),
			    direct ? to : fsipcbuf.data, NO_PAGE);
		if (r <= 0)
			break;
		if (!direct)
			memcpy(to, fsipcbuf.data, r);
		done += r;
		if ((size_t)r < want)
			break; // the end
	}
	return done > 0 ? (ssize_t)done : r;
}

static ssize_t
devfile_write(struct Fd *fd, const void *buf, size_t n)
{
	size_t done = 0;
	int r = 0;

	while (done < n) {
		const char *from = (const char *)buf + done;
		size_t want = MIN(n - done, (size_t)PGSIZE);
		bool direct = want == PGSIZE && is_own_page(from);

		if (!direct) {
			lib_touch(from, want, false);
			memcpy(fsipcbuf.data, from, want);
		}
		r = request(FSREQ_WORD(FSREQ_WRITE, fd->fd_file.id, want),
			    direct ? (void *)from : fsipcbuf.data, NO_PAGE);
		if (r <= 0)
			break;
		done += r;
	}
	return done > 0 ? (ssize_t)done : r;
}

// What was written is safe when it is closed. The server itself closes the file when
// the descriptor's page is mapped nowhere any more.
static int
devfile_close(struct Fd *fd)
{
	if ((fd->fd_omode & O_ACCMODE) == O_RDONLY)
		return 0;
	fsipcbuf.flush.req_fileid = fd->fd_file.id;
	return fsipc(FSREQ_FLUSH);
}

static int
devfile_stat(struct Fd *fd, struct Stat *stat)
{
	int r;

	fsipcbuf.stat.req_fileid = fd->fd_file.id;
	if ((r = fsipc(FSREQ_STAT)) < 0)
		return r;
	strlcpy(stat->st_name, fsipcbuf.stat_ret.ret_name, sizeof(stat->st_name));
	stat->st_size = fsipcbuf.stat_ret.ret_size;
	stat->st_isdir = fsipcbuf.stat_ret.ret_isdir;
	return 0;
}

static int
devfile_trunc(struct Fd *fd, off_t size)
{
	fsipcbuf.set_size.req_fileid = fd->fd_file.id;
	fsipcbuf.set_size.req_size = size;
	return fsipc(FSREQ_SET_SIZE);
}

// ---- Calls by path ------------------------------------------------------------------

// Opens a file, O_* of inc/fs.h. The lowest free descriptor; -E_MAX_OPEN, -E_BAD_PATH,
// -E_NO_FS, or what the file server says: -E_NOT_FOUND, -E_FILE_EXISTS, ...
int
open(const char *path, int mode)
{
	struct Fd *fd;
	int r;

	if ((r = fd_alloc(&fd)) < 0)
		return r;
	if ((r = put_path(fsipcbuf.open.req_path, path)) < 0)
		return r;
	fsipcbuf.open.req_omode = mode;
	if ((r = request(FSREQ_OPEN, &fsipcbuf, fd)) < 0)
		return r;
	return fd2num(fd);
}

// Maps a page of a file at va, read-only, in place of what is there: the one at offset,
// a multiple of PGSIZE. It stays as it is now if the file changes. How many bytes of the
// file are there, 1 to PGSIZE; -E_INVAL (not an
// open file, or offset), -E_NOT_SUPP: a hole in the file; -E_NO_MEM, ...
int
file_map(int fdnum, off_t offset, void *va)
{
	struct Fd *fd;
	int r;

	if ((r = fd_lookup(fdnum, &fd)) < 0)
		return r;
	if (fd->fd_dev_id != devfile.dev_id || PGOFF(va) || (uintptr_t)va >= UTOP)
		return -E_INVAL;
	fsipcbuf.map.req_fileid = fd->fd_file.id;
	fsipcbuf.map.req_offset = offset;
	return request(FSREQ_MAP, &fsipcbuf, va);
}

// Removes a file, or an empty directory. Who has it open can go on using it. 0, or
// -E_BAD_PATH, -E_NO_FS, or what the server says: -E_NOT_FOUND, -E_NOT_EMPTY, ...
int
remove(const char *path)
{
	int r = put_path(fsipcbuf.remove.req_path, path);

	return r < 0 ? r : fsipc(FSREQ_REMOVE);
}

// Gives a file or directory another name, in place of a file that has that name, or of
// an empty directory if it is a directory. Errors as of remove, and -E_IS_DIR,
// -E_NOT_DIR, -E_INVAL (a directory into itself).
int
rename(const char *from, const char *to)
{
	int r = put_path(fsipcbuf.rename.req_from, from);

	if (r == 0)
		r = put_path(fsipcbuf.rename.req_to, to);
	return r < 0 ? r : fsipc(FSREQ_RENAME);
}

// Makes a directory. 0, or an error as of open.
int
mkdir(const char *path)
{
	int fdnum = open(path, O_RDONLY | O_MKDIR);

	return fdnum < 0 ? fdnum : close(fdnum);
}

// When this returns 0, all that was done to files is on the disk. -E_NO_FS, -E_IO, ...
int
sync(void)
{
	return request(FSREQ_SYNC, NO_PAGE, NO_PAGE);
}
