// Pipes: two descriptors, and between them a page of data that both have, with a ring
// of bytes. Several processes may have either end.
//
// Waiting. Who finds nothing to read, or the lock taken, announces itself in `readable`,
// looks again, and sleeps there (lib/announce.h); who has written, or gives the lock back,
// wakes who is announced. `writable` is the same for writers.
//
// Locks. One for readers and one for writers, so that bytes are taken and put by one
// process at a time. A position moves by one store when all is copied: a process that is
// killed at any moment has done its read or write wholly or not at all. A lock has its
// holder's id, and is taken over from one that is dead. No page fault happens under a
// lock, because a handler of the program's might use the pipe, too.
//
// The end. There is no count of readers and writers, which the killed would not keep
// right, but pages have counts of their mappings. Let D be those of the data page, R
// and W those of the pages of the two descriptors, which go together with one of the
// data page each. A data page is mapped before its descriptor's, and unmapped after it,
// also by the end of a process: so always D >= R + W. If D == R, no writer is left.
//
// But the two can't be read in one moment. A reader reads `shares`, D, R, and `shares`
// again, in this order, and whoever makes descriptors (fork, spawn, dup) adds to
// `shares` between mapping the data page and the descriptor's. If R grew after D was
// read, by a process that mapped the data page before that, then D had this in it
// beside R + W; if it did so later, `shares` has changed, and the look counts for
// nothing. So if `shares` has not changed and D == R, then W was 0 when D was read, and
// stays 0.
//
// Not to sleep over the end: the kernel wakes all who wait at a page when it loses a
// mapping, and refuses to let one sleep if the page has not as many any more as D was
// when the reader looked. Who made a descriptor wakes all who are announced, as they
// may have seen it half made.
//
// Who is about to sleep looks whether its descriptor has been closed by another thread,
// and if so steps aside (lib/fdtable.c); who closes it wakes all who are announced.
#include "lib/announce.h"
#include "lib/fdtable.h"
#include "lib/libcall.h"

static ssize_t devpipe_read(struct Fd *fd, void *buf, size_t n);
static ssize_t devpipe_write(struct Fd *fd, const void *buf, size_t n);
static int devpipe_close(struct Fd *fd);
static int devpipe_stat(struct Fd *fd, struct Stat *stat);

struct Dev devpipe = {
	.dev_id = 'p',
	.dev_name = "pipe",
	.dev_read = devpipe_read,
	.dev_write = devpipe_write,
	.dev_close = devpipe_close,
	.dev_stat = devpipe_stat,
};

#define PIPE_ROOM (PGSIZE - 64)
#define PIPE_WHOLE 512 // a write of up to so many bytes is not mixed with others

struct Pipe {
	// From 0 to 2 * PIPE_ROOM - 1, so that full and empty differ.
	volatile uint32_t rpos, wpos;
	volatile uint32_t rlock, wlock;       // the holder's id, or 0
	volatile uint32_t readable, writable; // where readers and writers wait
	volatile uint32_t shares;
	uint32_t reserved[9];
	char buf[PIPE_ROOM];
};
static_assert(sizeof(struct Pipe) == PGSIZE, "a pipe fills its page");

static struct Pipe *
pipe_of(struct Fd *fd)
{
	return (struct Pipe *)fd2data(fd);
}

// ---- The ring ---------------------------------------------------------------------

// Positions are what the other side says: nothing outside buf is touched, whatever
// that is.
static inline uint32_t
bytes_in(const struct Pipe *p)
{
	uint32_t n = (p->wpos % (2 * PIPE_ROOM) + 2 * PIPE_ROOM - p->rpos % (2 * PIPE_ROOM)) %
		     (2 * PIPE_ROOM);

	return MIN(n, (uint32_t)PIPE_ROOM);
}

static inline uint32_t
room_in(const struct Pipe *p)
{
	return PIPE_ROOM - bytes_in(p);
}

// n bytes on from a position.
static inline uint32_t
advance(uint32_t pos, uint32_t n)
{
	return (pos % (2 * PIPE_ROOM) + n) % (2 * PIPE_ROOM);
}

// A call of memcpy costs more than the copy itself for a few bytes.
static inline void
copy(char *to, const char *from, uint32_t n)
{
	if (n > 8) {
		memcpy(to, from, n);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		to[i] = from[i];
}

static inline void
copy_out(struct Pipe *p, char *to, uint32_t n)
{
	uint32_t from = p->rpos % PIPE_ROOM, first = MIN(n, PIPE_ROOM - from);

	copy(to, p->buf + from, first);
	if (n > first)
		copy(to + first, p->buf, n - first);
	barrier(); // copied before it is given up; x86 keeps loads before stores
	p->rpos = advance(p->rpos, n);
}

static inline void
copy_in(struct Pipe *p, const char *from, uint32_t n)
{
	uint32_t to = p->wpos % PIPE_ROOM, first = MIN(n, PIPE_ROOM - to);

	copy(p->buf + to, from, first);
	if (n > first)
		copy(p->buf, from + first, n - first);
	barrier(); // copied before it is there; x86 keeps stores in order
	p->wpos = advance(p->wpos, n);
}

// ---- The end ----------------------------------------------------------------------

// Whether nobody has the other end any more. *refs is how many references to the
// data page that was concluded from: D above.
static inline bool
other_gone(struct Fd *fd, uint32_t *refs)
{
	const struct Pipe *p = pipe_of(fd);
	uint32_t shares = p->shares;

	barrier(); // in this order; x86 keeps loads in order
	*refs = *refs_of(p);
	barrier();
	uint32_t same = *refs_of(fd);
	barrier();
	return *refs == same && p->shares == shares;
}

// Sleeps until amount(p) may have come to be n. False: it isn't, and nobody has the
// other end. *fdp changes if the call has to go on with another descriptor.
static inline __attribute__((always_inline)) bool
await(struct Fd **fdp, volatile uint32_t *word, uint32_t (*amount)(const struct Pipe *), uint32_t n)
{
	struct Fd *fd = *fdp;
	const struct Pipe *p = pipe_of(fd);
	uint32_t refs;

	uint32_t seen = announce(word); // before the looks
	if (amount(p) >= n)
		return true;
	if (other_gone(fd, &refs))
		return amount(p) >= n; // the last thing it did
	if ((*fdp = fd_step_aside(fd)) != fd)
		return true;
	lib_futex_wait2(word, seen, refs_of(p), refs);
	return true;
}

static bool
is_open_pipe(struct Fd *fd)
{
	return fd->fd_dev_id == devpipe.dev_id && vm_present((uintptr_t)fd2data(fd));
}

void
pipe_sharing(struct Fd *fd)
{
	if (is_open_pipe(fd))
		__atomic_add_fetch(&pipe_of(fd)->shares, 1, __ATOMIC_SEQ_CST);
}

void
pipe_shared(struct Fd *fd)
{
	if (!is_open_pipe(fd))
		return;
	notify(&pipe_of(fd)->readable, 0);
	notify(&pipe_of(fd)->writable, 0);
}

// ---- Locks ------------------------------------------------------------------------

// Takes a lock over if its holder is dead; else sleeps until that may be so, or it may
// be free. Whether we have it.
static __attribute__((noinline)) bool
take_over(volatile uint32_t *lock, volatile uint32_t *word)
{
	// All before the looks, as in await.
	uint32_t seen = announce(word);
	uint32_t held = *lock;
	const volatile struct Env *holder = &envs[ENVX(held)];
	uint32_t ends = holder->env_ends;

	if (held == 0)
		return false;
	if (holder->env_id != (envid_t)held || holder->env_status == ENV_FREE ||
	    holder->env_status == ENV_ZOMBIE)
		return swap_if(lock, held, thisenv->env_id);
	// One that is being ended may still run.
	lib_futex_wait2(word, seen, &holder->env_ends, ends);
	return false;
}

// Takes the lock of readers or writers; word is where these wait.
static inline void
take(volatile uint32_t *lock, volatile uint32_t *word)
{
	while (!swap_if(lock, 0, thisenv->env_id))
		if (take_over(lock, word))
			return;
}

static inline void
give_back(volatile uint32_t *lock, volatile uint32_t *word)
{
	*lock = 0;
	notify(word, 0);
}

// ---- The device -------------------------------------------------------------------

// At least one byte; 0 when all is read and nobody can write any more.
static ssize_t
devpipe_read(struct Fd *fd, void *buf, size_t n)
{
	struct Pipe *p = pipe_of(fd);

	while (n > 0) {
		uint32_t take_n = MIN(n, bytes_in(p));
		if (take_n == 0) {
			if (!await(&fd, &p->readable, bytes_in, 1))
				return 0;
			p = pipe_of(fd);
			continue;
		}
		lib_touch(buf, take_n, true);
		take(&p->rlock, &p->readable);
		take_n = MIN(take_n, bytes_in(p)); // others may have been here
		copy_out(p, buf, take_n);
		give_back(&p->rlock, &p->readable);
		if (take_n == 0)
			continue;
		// Not for every byte: a writer needs room for PIPE_WHOLE at most.
		if (room_in(p) >= PIPE_WHOLE)
			notify(&p->writable, bytes_in(p) == 0 ? FUTEX_SYNC : 0);
		return take_n;
	}
	return 0;
}

// All of it; less, or 0, when nobody can read any more.
static ssize_t
devpipe_write(struct Fd *fd, const void *buf, size_t n)
{
	struct Pipe *p = pipe_of(fd);
	uint32_t need = n <= PIPE_WHOLE ? n : 1;
	size_t done = 0;
	uint32_t refs;

	while (done < n && !other_gone(fd, &refs)) {
		const char *from = (const char *)buf + done;
		uint32_t put = MIN(n - done, room_in(p));
		if (put < need) {
			if (!await(&fd, &p->writable, room_in, need))
				break;
			p = pipe_of(fd);
			continue;
		}
		lib_touch(from, put, false);
		take(&p->wlock, &p->writable);
		put = MIN(put, room_in(p));
		if (put >= need)
			copy_in(p, from, put);
		else
			put = 0; // others have been here
		give_back(&p->wlock, &p->writable);
		done += put;
		if (put > 0)
			notify(&p->readable, n <= PIPE_WHOLE ? FUTEX_SYNC : 0);
	}
	return done;
}

// What there is to close is the two pages, and fd_close unmaps them.
static int
devpipe_close(struct Fd *fd)
{
	return 0;
}

static int
devpipe_stat(struct Fd *fd, struct Stat *stat)
{
	strcpy(stat->st_name, "<pipe>");
	stat->st_size = bytes_in(pipe_of(fd));
	return 0;
}

// ---- Calls ------------------------------------------------------------------------

// Reserves a number and maps the pages of an end. 0, -E_MAX_OPEN or -E_NO_MEM; then
// nothing is mapped.
static int
make_end(struct Fd **store, int mode, struct Pipe *data)
{
	const int perm = PTE_P | PTE_U | PTE_W | PTE_SHARE;
	struct Fd *fd;
	int r;

	if ((r = fd_reserve(&fd)) < 0)
		return r;
	if (data)
		r = lib_page_map(0, data, 0, fd2data(fd), perm);
	else
		r = vm_page_alloc(fd2data(fd), 1, perm);
	if (r == 0 && (r = vm_page_alloc(fd, 1, perm)) < 0)
		lib_page_unmap(0, fd2data(fd));
	if (r < 0) {
		fd_give_up(fd);
		return r;
	}
	fd->fd_dev_id = devpipe.dev_id;
	fd->fd_omode = mode;
	*store = fd;
	return 0;
}

// Makes a pipe: what is written to pipefds[1] can be read from pipefds[0]. 0,
// -E_MAX_OPEN or -E_NO_MEM.
int
pipe(int pipefds[2])
{
	struct Fd *end[2];
	int r;

	if ((r = make_end(&end[0], O_RDONLY, NULL)) < 0)
		return r;
	if ((r = make_end(&end[1], O_WRONLY, pipe_of(end[0]))) < 0) {
		fd_give_up(end[0]);
		return r;
	}
	fd_publish(end, 2, false);
	pipefds[0] = fd2num(end[0]);
	pipefds[1] = fd2num(end[1]);
	return 0;
}

// Whether nobody has the other end any more. -E_INVAL: fdnum is not an open pipe.
int
pipeisclosed(int fdnum)
{
	struct FdUse use;
	uint32_t refs;
	int r = fd_get(fdnum, &use);

	if (r < 0)
		return r;
	r = is_open_pipe(use.fd) ? other_gone(use.fd, &refs) : -E_INVAL;
	fd_put(&use);
	return r;
}
