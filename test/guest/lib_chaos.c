// Everything at once: processes that fork, spawn, pipe, write, rename and remove at
// random, by both doors, of which many are killed in the middle. Whatever becomes of
// them, the file server goes on, the directory is sound, and all is given back.
//
// Arguments: workers (60), seed (1).
#include <test/guest/filecheck.h>

#define DIR "/t-lib_chaos"
#define ATONCE 5
#define STEPS 12
#define NNAMES 10

static uint32_t random;
static const char *door = "traps";

static uint32_t
below(uint32_t n)
{
	return next_random(&random) % n;
}

static char *
some_name(char *at)
{
	snprintf(at, 32, DIR "/%sf%d", below(3) ? "" : "d/", below(NNAMES));
	return at;
}

// Others do the same to the same names, and so most things may fail; but only with an
// error that says so.
static void
may_fail(const char *what, int r)
{
	if (r < 0 && r != -E_NOT_FOUND && r != -E_FILE_EXISTS && r != -E_NOT_EMPTY &&
	    r != -E_NO_MEM && r != -E_NO_FREE_ENV)
		panic("%s: %e (%s, way %d)", what, r, door, flex_library);
}

static void
some_file(void)
{
	static char buf[6000];
	char name[32];
	int fd = open(some_name(name), O_RDWR | O_CREAT | (below(3) ? 0 : O_TRUNC));

	may_fail("open", fd);
	if (fd < 0)
		return;
	may_fail("seek", seek(fd, below(20000)));
	may_fail("write", write(fd, buf, below(sizeof(buf))));
	may_fail("seek", seek(fd, 0));
	may_fail("read", read(fd, buf, sizeof(buf)));
	if (below(2))
		close(fd);
	else
		dup(fd, 20);
}

static void
some_pipe(void)
{
	char buf[500];
	uint32_t sum = 0;
	envid_t id;
	int p[2], n, r;

	CHECK_EQ(pipe(p), 0);
	n = below(20000);
	id = fork();
	may_fail("fork", id);
	if (id == 0) {
		close(p[0]);
		while (n > 0 && (r = write(p[1], buf, MIN(n, 500))) > 0)
			n -= r;
		exit();
	}
	close(p[1]);
	while ((r = read(p[0], buf, sizeof(buf))) > 0)
		sum += r;
	CHECK_EQ(r, 0);
	CHECK(id < 0 || sum <= (uint32_t)n);
	close(p[0]);
	if (id > 0)
		wait(id);
}

static void
some_spawn(void)
{
	const char *argv[] = {"lib_child", below(4) ? "exit" : "shared", "3", NULL};
	envid_t id = spawn_stopped("/test/lib_child", argv);

	may_fail("spawn", id);
	if (id < 0)
		return;
	if (below(3)) {
		int r = run_stopped(id);

		if (r < 0)
			panic("its child: %e (%s, way %d)", r, door, flex_library);
	} else if (below(2)) {
		CHECK_EQ(sys_env_destroy(id), 0);
		wait(id);
	} else {
		CHECK_EQ(sys_env_set_status(id, ENV_RUNNABLE), 0); // and on its own
	}
}

static void
works(int seed)
{
	char a[32], b[32];

	random = seed;
	if (below(3) == 0) {
		CHECK_EQ(flexsc_register(), 0);
		flex_library = below(3);
		door = "page, at wait";
		if (below(2)) {
			CHECK_EQ(flexsc_affinity(1U << below(sysinfo.ncpu)), 0);
			door = "page, by another CPU";
		}
	}
	for (int step = 0; step < STEPS; step++) {
		switch (below(10)) {
		case 0:
		case 1:
		case 2: some_file(); break;
		case 3: may_fail("rename", rename(some_name(a), some_name(b))); break;
		case 4: may_fail("remove", remove(some_name(a))); break;
		case 5: some_pipe(); break;
		case 6: some_spawn(); break;
		case 7: sys_yield(); break;
		case 8:
			if (below(4) == 0)
				may_fail("sync", sync());
			break;
		case 9:
			if (below(12) == 0)
				*(volatile uint32_t *)0 = 0;
		}
	}
}

void
umain(int argc, char **argv)
{
	uint32_t nworkers = arg_number(argc, argv, 1, 60);
	envid_t id[ATONCE] = {0};

	random = arg_number(argc, argv, 2, 1) * 2654435761U | 1;
	share_results();
	work_begin(DIR);
	CHECK_EQ(mkdir(DIR "/d"), 0);
	for (uint32_t i = 0; i < nworkers + ATONCE; i++) {
		uint32_t n = i % ATONCE;

		if (id[n] > 0) {
			if (below(2)) { // somewhere in the middle
				for (uint32_t j = below(30); j > 0; j--)
					sys_yield();
				if (!env_gone(id[n]))
					sys_env_destroy(id[n]);
			}
			wait(id[n]);
		}
		if (i < nworkers)
			id[n] = child_run(works, next_random(&random));
	}
	// What is there can be read and removed.
	for (int i = 0; i < 2; i++) {
		struct File f;
		int fd = must_open(i ? DIR "/d" : DIR, O_RDONLY);

		while (readn(fd, &f, sizeof(f)) == sizeof(f)) {
			static char path[64], buf[PGSIZE];
			int one, r;

			if (!f.f_name[0] || f.f_type == FTYPE_DIR)
				continue;
			snprintf(path, sizeof(path), DIR "/%s%s", i ? "d/" : "", f.f_name);
			one = open(path, O_RDONLY); // grandchildren may still be at work
			may_fail("open", one);
			if (one < 0)
				continue;
			while ((r = read(one, buf, sizeof(buf))) > 0)
				;
			CHECK_EQ(r, 0);
			CHECK_EQ(close(one), 0);
		}
		CHECK_EQ(close(fd), 0);
	}
	PASS("lib_chaos");
}
