// The console: as a device of descriptors, and a character at a time.
#include "lib/fdtable.h"
#include "lib/libcall.h"

static ssize_t devcons_read(struct Fd *fd, void *buf, size_t n);
static ssize_t devcons_write(struct Fd *fd, const void *buf, size_t n);
static int devcons_close(struct Fd *fd);
static int devcons_stat(struct Fd *fd, struct Stat *stat);

struct Dev devcons = {
	.dev_id = 'c',
	.dev_name = "cons",
	.dev_read = devcons_read,
	.dev_write = devcons_write,
	.dev_close = devcons_close,
	.dev_stat = devcons_stat,
};

#define CTRL(c) ((c) - '@')

// Waits for a key and returns its character.
static int
key(void)
{
	for (;;) {
		// Read before the look: a key that comes after that changes it.
		uint32_t seen = sysinfo.input;
		int c = sys_cgetc();
		if (c != 0)
			return c;
		lib_futex_wait(&sysinfo.input, seen);
	}
}

// What has been typed, at least one character, at most up to the end of the line. 0 when
// that is ctrl-D.
static ssize_t
devcons_read(struct Fd *fd, void *buf, size_t n)
{
	static volatile uint32_t ended; // a ctrl-D came behind what the last read returned
	char *to = buf;
	size_t done = 0;
	int c;

	if (n == 0)
		return 0;
	if (ended && xchg(&ended, false))
		return 0;
	c = key();
	do {
		if (c == CTRL('D')) {
			ended = done > 0;
			break;
		}
		to[done++] = c == '\r' ? '\n' : c;
	} while (done < n && to[done - 1] != '\n' && (c = sys_cgetc()) != 0);
	return done;
}

static ssize_t
devcons_write(struct Fd *fd, const void *buf, size_t n)
{
	lib_cputs(buf, n);
	return n;
}

static int
devcons_close(struct Fd *fd)
{
	return 0;
}

static int
devcons_stat(struct Fd *fd, struct Stat *stat)
{
	strcpy(stat->st_name, "<cons>");
	return 0;
}

// Opens the console: the lowest free descriptor, or -E_MAX_OPEN, -E_NO_MEM.
int
opencons(void)
{
	struct Fd *fd;
	int r;

	if ((r = fd_reserve(&fd)) < 0)
		return r;
	if ((r = vm_page_alloc(fd, 1, PTE_P | PTE_U | PTE_W | PTE_SHARE)) < 0) {
		fd_give_up(fd);
		return r;
	}
	fd->fd_dev_id = devcons.dev_id;
	fd->fd_omode = O_RDWR;
	fd_publish(&fd, 1, false);
	return fd2num(fd);
}

// Whether the descriptor is the console; -E_INVAL if it is not open.
int
iscons(int fdnum)
{
	return fd_is_of(fdnum, &devcons);
}

// Prints one character on the console.
void
cputchar(int c)
{
	char text = c;

	lib_cputs(&text, 1);
}

// Waits for a character from descriptor 0 and returns it, from 0 to 255. -E_EOF at the
// end; or read's error.
int
getchar(void)
{
	unsigned char c;
	int r = read(0, &c, 1);

	if (r < 0)
		return r;
	return r == 0 ? -E_EOF : c;
}
