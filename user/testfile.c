// Files: first the file server's requests, made by the functions of the device, then the
// calls that programs use.
#include <inc/lib.h>

// Where the descriptor goes that is opened by hand.
#define HANDMADE ((struct Fd *)0xCCCCC000)

static const char message[] = "This is the NEW message of the day!\n\n";

// Asks the file server to open path, and maps the descriptor at HANDMADE.
static int
open_by_hand(const char *path, int mode)
{
	envid_t server = ipc_find_env(ENV_TYPE_FS);
	int32_t answer;
	int r;

	if (!server)
		return -E_NO_FS;
	strcpy(fsipcbuf.open.req_path, path);
	fsipcbuf.open.req_omode = mode;
	r = ipc_call(server, FSREQ_OPEN, &fsipcbuf, PTE_P | PTE_W | PTE_U, HANDMADE, &answer);
	return r < 0 ? r : answer;
}

static void
expect(const char *what, int r, int expected)
{
	if (r != expected && r < 0)
		panic("%s: %e", what, r);
	if (r != expected)
		panic("%s: %d, not %d", what, r, expected);
}

static void
test_server(void)
{
	static char buf[512], again[512];
	struct Stat st;
	struct Fd copy;
	int r;

	expect("serve_open of a file that is not there", open_by_hand("/not-found", O_RDONLY),
	       -E_NOT_FOUND);
	if ((r = open_by_hand("/newmotd", O_RDONLY)) < 0)
		panic("serve_open /newmotd: %e", r);
	if (HANDMADE->fd_dev_id != devfile.dev_id || HANDMADE->fd_offset != 0 ||
	    HANDMADE->fd_omode != O_RDONLY)
		panic("serve_open did not fill struct Fd correctly");
	cprintf("serve_open is good\n");

	expect("file_stat", devfile.dev_stat(HANDMADE, &st), 0);
	if (strcmp(st.st_name, "newmotd") != 0 || st.st_size <= 0 || st.st_isdir)
		panic("file_stat: '%s', %d bytes", st.st_name, st.st_size);
	cprintf("file_stat is good\n");

	expect("file_read", devfile.dev_read(HANDMADE, buf, sizeof(buf)), st.st_size);
	expect("file_read at the end", devfile.dev_read(HANDMADE, again, sizeof(again)), 0);
	HANDMADE->fd_offset = 1;
	expect("file_read", devfile.dev_read(HANDMADE, again, sizeof(again)), st.st_size - 1);
	if (memcmp(buf + 1, again, st.st_size - 1) != 0)
		panic("file_read returned wrong data");
	cprintf("file_read is good\n");

	expect("file_close", devfile.dev_close(HANDMADE), 0);
	cprintf("file_close is good\n");

	// Once its page is mapped nowhere the file is closed, and its id says nothing.
	copy = *HANDMADE;
	sys_page_unmap(0, HANDMADE);
	expect("read with a stale id", devfile.dev_read(&copy, buf, sizeof(buf)), -E_INVAL);
	cprintf("stale fileid is good\n");

	if ((r = open_by_hand("/new-file", O_RDWR | O_CREAT)) < 0)
		panic("serve_open /new-file: %e", r);
	expect("file_write", devfile.dev_write(HANDMADE, message, strlen(message)),
	       strlen(message));
	cprintf("file_write is good\n");

	HANDMADE->fd_offset = 0;
	memset(buf, 0, sizeof(buf));
	expect("file_read after file_write", devfile.dev_read(HANDMADE, buf, sizeof(buf)),
	       strlen(message));
	if (strcmp(buf, message) != 0)
		panic("file_read after file_write returned wrong data");
	expect("file_close", devfile.dev_close(HANDMADE), 0);
	sys_page_unmap(0, HANDMADE);
	cprintf("file_read after file_write is good\n");
}

static void
test_open(void)
{
	struct Stat st;
	struct Fd *fd;
	int r;

	expect("open of a file that is not there", open("/not-found", O_RDONLY), -E_NOT_FOUND);
	if ((r = open("/newmotd", O_RDONLY)) < 0)
		panic("open /newmotd: %e", r);
	if (fd_lookup(r, &fd) < 0 || fd != INDEX2FD(r) || fd->fd_dev_id != devfile.dev_id ||
	    fd->fd_offset != 0 || fd->fd_omode != O_RDONLY)
		panic("open did not fill struct Fd correctly");
	expect("fstat", fstat(r, &st), 0);
	expect("close", close(r), 0);
	cprintf("open is good\n");
}

// More blocks than a file has direct ones: the first word of each says where it is.
static void
test_large(void)
{
	static uint32_t buf[128];
	const int end = (NDIRECT * 3) * BLKSIZE;
	int fd, r;

	if ((fd = open("/big", O_WRONLY | O_CREAT | O_TRUNC)) < 0)
		panic("creat /big: %e", fd);
	memset(buf, 0, sizeof(buf));
	for (int at = 0; at < end; at += sizeof(buf)) {
		buf[0] = at;
		expect("write /big", write(fd, buf, sizeof(buf)), sizeof(buf));
	}
	expect("close /big", close(fd), 0);

	if ((fd = open("/big", O_RDONLY)) < 0)
		panic("open /big: %e", fd);
	for (int at = 0; at < end; at += sizeof(buf)) {
		buf[0] = ~0;
		expect("read /big", readn(fd, buf, sizeof(buf)), sizeof(buf));
		if (buf[0] != (uint32_t)at)
			panic("read /big at %d returned the data of %d", at, buf[0]);
	}
	close(fd);
	if ((r = remove("/big")) < 0 || (r = remove("/new-file")) < 0)
		panic("remove: %e", r);
	cprintf("large file is good\n");
}

void
umain(int argc, char **argv)
{
	test_server();
	test_open();
	test_large();
}
