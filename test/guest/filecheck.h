// What the tests of files, pipes and spawn share: a directory for each test,
// files of known contents, children that make their library calls by the same
// door as the test, and waiting for a child's exit status.
//
// Words after such a test's name say by which door: never, batches or always
// (flex_library), page: a syscall page is registered, in the children too, and
// remote: its calls are executed on the last CPU.
#ifndef TEST_GUEST_FILECHECK_H
#define TEST_GUEST_FILECHECK_H

#include <test/guest/check.h>

static bool with_page, remote;

static inline void
library_register(void)
{
	CHECK_EQ(flexsc_register(), 0);
	if (remote)
		CHECK_EQ(flexsc_affinity(1U << (sysinfo.ncpu - 1)), 0);
}

// Takes the words that say by which door. The first argument that is none of
// them, or argc.
static inline int
library_mode(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "never") == 0)
			flex_library = FLEX_NEVER;
		else if (strcmp(argv[i], "batches") == 0)
			flex_library = FLEX_BATCHES;
		else if (strcmp(argv[i], "always") == 0)
			flex_library = FLEX_ALWAYS;
		else if (strcmp(argv[i], "page") == 0)
			with_page = true;
		else if (strcmp(argv[i], "remote") == 0)
			with_page = remote = true;
		else
			break;
	}
	if (with_page)
		library_register();
	return i;
}

// A child that has a page if its parent has one, calls body(arg) and exits.
static inline envid_t
lib_child(void (*body)(int arg), int arg)
{
	envid_t id = fork();

	if (id < 0)
		panic("fork: %e", id);
	if (id == 0) {
		if (with_page)
			library_register();
		body(arg);
		exit();
	}
	return id;
}

// The same, and returns when it is no more.
static inline void
lib_child_finish(void (*body)(int arg), int arg)
{
	wait(lib_child(body, arg));
}

// Sleeps until somebody calls go(word); waiting by AWAIT would keep a CPU busy.
static inline void
sleep_at(volatile uint32_t *word)
{
	while (*word == 0)
		sys_futex_wait(word, 0);
}

static inline void
go(volatile uint32_t *word)
{
	*word = 1;
	sys_futex_wake(word, NENV);
}

// Whether the env sleeps in a call.
static inline bool
asleep(envid_t id)
{
	const volatile struct Env *e = &envs[ENVX(id)];

	return e->env_id == id && e->env_status == ENV_NOT_RUNNABLE;
}

// Starts a child of spawn_stopped, waits for its end, and returns its exit status.
static inline int
run_stopped(envid_t id)
{
	if (id < 0)
		panic("spawn_stopped: %e", id);
	CHECK_EQ(sys_env_set_flags(id, ENVF_WATCHED), 0);
	CHECK_EQ(sys_env_set_status(id, ENV_RUNNABLE), 0);
	return wait_status(id);
}

// open, for what must succeed.
static inline int
must_open(const char *path, int mode)
{
	int fd = open(path, mode);

	if (fd < 0)
		panic("open %s, mode %x: %e", path, mode, fd);
	return fd;
}

// How many descriptors are open.
static inline int
open_fds(void)
{
	struct Fd *fd;
	int n = 0;

	for (int i = 0; i < MAXFD; i++)
		n += fd_lookup(i, &fd) == 0;
	return n;
}

// ---- Contents that can be known again ------------------------------------------

static inline uint8_t
pattern(uint32_t offset, uint32_t seed)
{
	return (offset ^ offset >> 7 ^ offset >> 13) * 167 + seed * 59;
}

static inline void
fill(void *buf, uint32_t n, uint32_t offset, uint32_t seed)
{
	for (uint32_t i = 0; i < n; i++)
		((uint8_t *)buf)[i] = pattern(offset + i, seed);
}

static inline bool
is_filled(const void *buf, uint32_t n, uint32_t offset, uint32_t seed)
{
	for (uint32_t i = 0; i < n; i++)
		if (((const uint8_t *)buf)[i] != pattern(offset + i, seed))
			return false;
	return true;
}

static inline bool
is_zero(const void *buf, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (((const uint8_t *)buf)[i])
			return false;
	return true;
}

// A file of size bytes, made or overwritten. 0, or the first error.
static inline int
try_make_file(const char *path, uint32_t size, uint32_t seed)
{
	static char buf[2 * PGSIZE];
	int r = 0, fd = open(path, O_WRONLY | O_CREAT | O_TRUNC);

	if (fd < 0)
		return fd;
	for (uint32_t at = 0; at < size; at += r) {
		uint32_t n = MIN(sizeof(buf), size - at);

		fill(buf, n, at, seed);
		r = write(fd, buf, n);
		if (r < 0)
			break;
		CHECK(r > 0 && (uint32_t)r <= n); // less: the next one says why
	}
	CHECK_EQ(close(fd), 0);
	return MIN(r, 0);
}

static inline void
make_file(const char *path, uint32_t size, uint32_t seed)
{
	int r = try_make_file(path, size, seed);

	if (r < 0)
		panic("writing %s: %e", path, r);
}

// Reads what is left of fd, from offset on, and compares: size bytes in all.
static inline void
check_fd(int fd, uint32_t offset, uint32_t size, uint32_t seed)
{
	static char buf[2 * PGSIZE];

	while (offset < size) {
		uint32_t n = MIN(sizeof(buf), size - offset);

		CHECK_EQ(readn(fd, buf, n), n);
		if (!is_filled(buf, n, offset, seed))
			panic("fd %d: other contents in bytes %u to %u", fd, offset, offset + n);
		offset += n;
	}
	CHECK_EQ(read(fd, buf, 1), 0);
}

static inline void
check_file(const char *path, uint32_t size, uint32_t seed)
{
	struct Stat st;
	int fd = must_open(path, O_RDONLY);

	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, size);
	CHECK_EQ(st.st_isdir, 0);
	check_fd(fd, 0, size, seed);
	CHECK_EQ(close(fd), 0);
}

static inline void
must_be_missing(const char *path)
{
	struct Stat st;

	CHECK_EQ(open(path, O_RDONLY), -E_NOT_FOUND);
	CHECK_EQ(stat(path, &st), -E_NOT_FOUND);
}

// ---- A directory for the test --------------------------------------------------

// How many names a directory has; if name is one of them, *found is counted up.
static inline int
dir_count(const char *dir, const char *name, int *found)
{
	struct File f;
	int n = 0, r, fd = must_open(dir, O_RDONLY);

	while ((r = readn(fd, &f, sizeof(f))) == sizeof(f)) {
		if (!f.f_name[0])
			continue;
		n++;
		if (name && strcmp(f.f_name, name) == 0)
			++*found;
	}
	CHECK_EQ(r, 0);
	CHECK_EQ(close(fd), 0);
	return n;
}

// Removes a file, or a directory with all that is in it.
static inline void
remove_tree(const char *path)
{
	char *inner = malloc(MAXPATHLEN);
	struct Stat st;
	struct File f;
	int fd, r;

	CHECK(inner != NULL);
	CHECK_EQ(stat(path, &st), 0);
	if (st.st_isdir) {
		fd = must_open(path, O_RDONLY);
		while ((r = readn(fd, &f, sizeof(f))) == sizeof(f)) {
			if (!f.f_name[0])
				continue;
			snprintf(inner, MAXPATHLEN, "%s/%s", path, f.f_name);
			remove_tree(inner);
		}
		CHECK_EQ(r, 0);
		CHECK_EQ(close(fd), 0);
	}
	CHECK_EQ(remove(path), 0);
	free(inner);
}

// Makes an empty directory for the test, whatever an earlier run has left.
static inline void
work_begin(const char *dir)
{
	struct Stat st;

	if (stat(dir, &st) == 0)
		remove_tree(dir);
	CHECK_EQ(mkdir(dir), 0);
	CHECK_EQ(dir_count(dir, NULL, NULL), 0);
}

static inline void
work_end(const char *dir)
{
	remove_tree(dir);
	must_be_missing(dir);
}

#endif
