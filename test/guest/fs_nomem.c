// Files when there is no memory left: every call works or says -E_NO_MEM, at once; what
// was written stays; and with memory again all is as before.
#include <test/guest/filecheck.h>

#define DIR "/t-fs_nomem"
#define FIRST 0xA0000000 // pages are mapped from here up

static char buf[PGSIZE];

static bool
no_mem(int r)
{
	if (r < 0 && r != -E_NO_MEM)
		panic("an error out of place: %e", r);
	return r < 0;
}

void
umain(int argc, char **argv)
{
	const char *child[] = {"lib_child", "exit", "4", NULL};
	uint32_t n = 0;
	int r, fd, done = 0;
	int p[2];

	library_mode(argc, argv);
	share_results();
	work_begin(DIR);
	make_file(DIR "/large", 6 << 20, 1); // larger than the server's cache
	fd = must_open(DIR "/a", O_RDWR | O_CREAT);
	fill(buf, PGSIZE, 0, 2);
	CHECK_EQ(write(fd, buf, PGSIZE), PGSIZE);
	while ((r = sys_page_alloc(0, (void *)(FIRST + n * PGSIZE), RW)) == 0)
		n++;
	CHECK_EQ(r, -E_NO_MEM);

	// A file that is open goes on: its requests need no memory.
	for (uint32_t at = PGSIZE; at < 50 * PGSIZE; at += PGSIZE) {
		fill(buf, PGSIZE, at, 2);
		if (no_mem(write(fd, buf, PGSIZE)))
			break;
		done++;
	}
	CHECK_EQ(seek(fd, 0), 0);
	check_fd(fd, 0, (done + 1) * PGSIZE, 2);
	for (int i = 0; i < 20; i++) {
		static char path[64];
		int one;

		snprintf(path, sizeof(path), DIR "/n%d", i);
		if (no_mem(one = open(path, O_RDWR | O_CREAT)))
			continue;
		no_mem(write(one, buf, 100));
		CHECK_EQ(close(one), 0);
		no_mem(remove(path));
	}
	if (!no_mem(pipe(p))) {
		CHECK_EQ(close(p[0]), 0);
		CHECK_EQ(close(p[1]), 0);
	}
	r = fork();
	if (r == 0)
		exit();
	if (!no_mem(r))
		wait(r);
	r = spawn_stopped("/test/lib_child", child);
	if (!no_mem(r))
		sys_env_destroy(r);
	CHECK_EQ(open_fds(), 4);

	for (uint32_t i = 0; i < n; i++)
		CHECK_EQ(sys_page_unmap(0, (void *)(FIRST + i * PGSIZE)), 0);
	check_file(DIR "/large", 6 << 20, 1);
	check_file(DIR "/a", (done + 1) * PGSIZE, 2);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(run_stopped(spawn_stopped("/test/lib_child", child)), 4);
	CHECK_EQ(sync(), 0);
	CHECK_EQ(open_fds(), 3);
	work_end(DIR);
	PASS("fs_nomem");
}
