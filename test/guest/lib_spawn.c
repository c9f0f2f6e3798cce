// spawn: arguments, what the child has and has not from its parent, statuses, and
// each way to fail, after which nothing is left behind.
#include <test/guest/filecheck.h>

#define DIR "/t-lib_spawn"
#define CHILD "/test/lib_child"

#define MAXARGS 200

static char text[7 * PGSIZE];

// Runs the child with argv and its output in a pipe; all of argv must come back.
static void
arguments(const char *const *argv)
{
	int p[2], argc = 0, n = 0;
	uint32_t want = 0;
	envid_t id;

	CHECK_EQ(dup(1, 20), 20);
	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(dup(p[1], 1), 1);
	CHECK_EQ(close(p[1]), 0);
	id = spawn_stopped(CHILD, (const char **)argv);
	CHECK_EQ(dup(20, 1), 1);
	CHECK_EQ(close(20), 0);
	if (id < 0)
		panic("spawn_stopped: %e", id);
	CHECK_EQ(sys_env_set_flags(id, ENVF_WATCHED), 0);
	CHECK_EQ(sys_env_set_status(id, ENV_RUNNABLE), 0);
	n = readn(p[0], text, sizeof(text));
	CHECK_EQ(wait_status(id) & 0xff, shared->result & 0xff);
	for (; argv[argc]; argc++) {
		CHECK(want + strlen(argv[argc]) < sizeof(text));
		CHECK_EQ(strcmp(text + want, argv[argc]), 0);
		want += strlen(argv[argc]) + 1;
	}
	CHECK_EQ(n, want);
	CHECK_EQ(shared->result, argc);
	CHECK_EQ(close(p[0]), 0);
}

// The longest third argument that fits, all of it; one more byte is an error.
static void
longest_arguments(void)
{
	static char last[6 * PGSIZE];
	const char *argv[] = {"c", "args", last, NULL};
	uint32_t fits = 3000, not = sizeof(last) - 1;

	while (not -fits > 1) {
		uint32_t n = (fits + not ) / 2;
		int r;

		memset(last, 'y', n);
		last[n] = 0;
		r = spawn_stopped(CHILD, argv);
		if (r < 0) {
			CHECK_EQ(r, -E_INVAL);
			not = n;
		} else {
			CHECK_EQ(sys_env_destroy(r), 0);
			wait(r);
			fits = n;
		}
	}
	memset(last, 'y', fits);
	last[fits] = 0;
	arguments(argv);
}

static void
all_arguments(void)
{
	static const char *argv[MAXARGS + 2];
	static char longest[2500], high[256];
	const char *none[] = {NULL};

	argv[0] = "name";
	argv[1] = "args";
	arguments(argv);
	argv[2] = "";
	argv[3] = " two  words\t\n";
	argv[4] = "";
	arguments(argv);
	for (int i = 1; i < 256; i++)
		high[i - 1] = i;
	argv[2] = high;
	arguments(argv);
	memset(longest, 'x', sizeof(longest) - 1);
	argv[3] = longest;
	arguments(argv);
	for (int i = 2; i < MAXARGS; i++)
		argv[i] = i % 3 ? "a" : "bcd";
	arguments(argv);
	longest_arguments();
	CHECK_EQ(run_stopped(spawn_stopped(CHILD, none)), 77);
}

static void
statuses(void)
{
	static const struct {
		const char *argv[4];
		int status;
	} how[] = {
		{{"c", "exit", "0"}, 0},   {{"c", "exit", "42"}, 42}, {{"c", "fault"}, -E_FAULT},
		{{"c", "text"}, -E_FAULT}, {{"c", "private"}, 0},     {{"c", "tls"}, 1},
	};
	const char *stay[] = {"c", "stay", NULL};
	envid_t id;

	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0); // private to us
	for (unsigned i = 0; i < ARRAY_SIZE(how); i++)
		CHECK_EQ(run_stopped(spawn_stopped(CHILD, (const char **)how[i].argv)),
			 how[i].status);
	id = spawn_stopped(CHILD, stay);
	CHECK(id > 0);
	CHECK_EQ(envs[ENVX(id)].env_status, ENV_NOT_RUNNABLE);
	CHECK_EQ(envs[ENVX(id)].env_parent_id, sys_getenvid());
	CHECK_EQ(envs[ENVX(id)].env_runs, 0);
	CHECK_EQ(sys_env_set_flags(id, ENVF_WATCHED), 0);
	CHECK_EQ(sys_env_destroy(id), 0);
	CHECK_EQ(wait_status(id), -E_KILLED);

	// spawn and spawnl start it at once.
	shared->result = 0;
	id = spawnl(CHILD, "c", "exit", "9", NULL);
	CHECK(id > 0);
	wait(id);
	CHECK_EQ(shared->result, 9);
	id = spawn("test/lib_child", stay);
	CHECK(id > 0);
	AWAIT(asleep(id));
	ipc_send(id, 0, NULL, 0);
	wait(id);
}

// What the child has: all descriptors as they are, and all shared pages.
static void
inherited(void)
{
	const char *fds[] = {"c", "fds", NULL}, *sh[] = {"c", "shared", NULL};
	int p[2];

	run_stopped(spawn_stopped(CHILD, fds));
	CHECK_EQ(shared->result, 7);
	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(dup(p[1], 30), 30);
	run_stopped(spawn_stopped(CHILD, fds));
	CHECK_EQ(shared->result, 7 | 1 << p[0] | 1 << p[1] | 1 << 30);
	CHECK_EQ(close(p[0]), 0);
	CHECK_EQ(close(p[1]), 0);
	CHECK_EQ(close(30), 0);
	shared->word[0] = 10;
	CHECK_EQ(run_stopped(spawn_stopped(CHILD, sh)), 11);
	CHECK_EQ(run_stopped(spawn_stopped(CHILD, sh)), 12);
	CHECK_EQ(shared->word[0], 12);
}

// A child with descriptors of our choice, and no others.
static void
chosen(void)
{
	const char *fds[] = {"c", "fds", NULL}, *text[] = {"c", "write", "2", "chosen", NULL};
	static char got[10];
	int p[2], list[MAXFD + 1] = {0};

	CHECK_EQ(pipe(p), 0);
	run_stopped(spawn_fds(CHILD, fds, list, 0));
	CHECK_EQ(shared->result, 0);
	list[0] = list[2] = p[1];
	list[1] = -1;
	list[3] = p[0];
	run_stopped(spawn_fds(CHILD, fds, list, 3));
	CHECK_EQ(shared->result, 5);
	run_stopped(spawn_fds(CHILD, fds, list, 4));
	CHECK_EQ(shared->result, 13);
	CHECK_EQ(run_stopped(spawn_fds(CHILD, text, list, 3)), 6);
	CHECK_EQ(close(p[1]), 0);
	CHECK_EQ(readn(p[0], got, sizeof(got)), 6); // and the end: it was the last writer
	CHECK_EQ(memcmp(got, "chosen", 6), 0);
	CHECK_EQ(spawn_fds(CHILD, fds, list, 3), -E_INVAL); // p[1] is closed
	CHECK_EQ(close(p[0]), 0);
	list[0] = MAXFD;
	CHECK_EQ(spawn_fds(CHILD, fds, list, 1), -E_INVAL);
	list[0] = 0;
	CHECK_EQ(spawn_fds(CHILD, fds, list, MAXFD + 1), -E_INVAL);
	CHECK_EQ(spawn_fds("/test/missing", fds, list, 1), -E_NOT_FOUND);
	CHECK_EQ(open_fds(), 3);
}

static uint32_t
used_slots(void)
{
	uint32_t n = 0;

	for (int i = 0; i < NENV; i++)
		n += envs[i].env_status != ENV_FREE && envs[i].env_status != ENV_DYING;
	return n;
}

static void
errors(void)
{
	static envid_t ids[NENV];
	const char *argv[] = {"c", "exit", "1", NULL};
	static char path[MAXPATHLEN + 10];
	uint32_t used = used_slots();
	int n = 0, fds = open_fds();

	make_file(DIR "/empty", 0, 0);
	make_file(DIR "/short", 20, 1);
	make_file(DIR "/text", 9000, 2);
	CHECK_EQ(spawn("/test/missing", argv), -E_NOT_FOUND);
	CHECK_EQ(spawn("/missing/missing", argv), -E_NOT_FOUND);
	CHECK_EQ(spawn(DIR "/text/x", argv), -E_NOT_DIR);
	CHECK_EQ(spawn(DIR "/empty", argv), -E_NOT_EXEC);
	CHECK_EQ(spawn(DIR "/short", argv), -E_NOT_EXEC);
	CHECK_EQ(spawn(DIR "/text", argv), -E_NOT_EXEC);
	n = spawn(DIR, argv);
	CHECK(n == -E_NOT_EXEC || n == -E_IS_DIR);
	memset(path, 'p', sizeof(path) - 1);
	CHECK_EQ(spawn(path, argv), -E_BAD_PATH);
	CHECK_EQ(open_fds(), fds);
	CHECK_EQ(used_slots(), used);

	// No env left; then, as if nothing had been.
	for (n = 0; (ids[n] = sys_exofork()) > 0;)
		n++;
	CHECK_EQ(ids[n], -E_NO_FREE_ENV);
	CHECK_EQ(spawn(CHILD, argv), -E_NO_FREE_ENV);
	CHECK_EQ(spawn_stopped(CHILD, argv), -E_NO_FREE_ENV);
	for (int i = 0; i < n; i++)
		CHECK_EQ(sys_env_destroy(ids[i]), 0);
	for (int i = 0; i < n; i++)
		AWAIT(env_gone(ids[i]));
	CHECK_EQ(open_fds(), fds);
	CHECK_EQ(run_stopped(spawn_stopped(CHILD, argv)), 1);
}

// Many, one after the other and beside each other.
static void
many(void)
{
	const char *argv[] = {"c", "shared", NULL};
	envid_t id[10];

	shared->word[0] = 0;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 10; i++) {
			id[i] = spawn_stopped(CHILD, argv);
			CHECK(id[i] > 0);
			CHECK_EQ(sys_env_set_flags(id[i], ENVF_WATCHED), 0);
		}
		for (int i = 0; i < 10; i++)
			CHECK_EQ(sys_env_set_status(id[i], ENV_RUNNABLE), 0);
		for (int i = 0; i < 10; i++)
			CHECK(wait_status(id[i]) > 0);
	}
}

void
umain(int argc, char **argv)
{
	library_mode(argc, argv);
	share_results();
	work_begin(DIR);
	all_arguments();
	statuses();
	inherited();
	chosen();
	errors();
	many();
	CHECK_EQ(open_fds(), 3);
	work_end(DIR);
	PASS("lib_spawn");
}
