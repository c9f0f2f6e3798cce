// What the tests of descriptors among threads share: starting threads that run a body
// with a number, files whose contents tell which they are, and reading that looks.
#ifndef TEST_GUEST_FD_THREADS_H
#define TEST_GUEST_FD_THREADS_H

#include <test/guest/filecheck.h>

#define NTHREADS 5
#define NFILES 6
#define FILE_SIZE (3 * PGSIZE + 1000)

static void
thread_run(void *arg1, void *arg2)
{
	((void (*)(int))arg1)((int)arg2);
}

static inline void
start_thread(void (*body)(int arg), int arg)
{
	int id = thread_create(thread_run, (void *)body, (void *)arg);

	if (id < 0)
		panic("thread_create: %d", id);
}

static inline void
join_threads(int n)
{
	while (n-- > 0)
		CHECK(thread_join() >= 0);
}

// Runs body(0) to body(n - 1) in threads, and returns when all have ended.
static inline void
run_threads(void (*body)(int arg), int n)
{
	for (int i = 0; i < n; i++)
		start_thread(body, i);
	join_threads(n);
}

static inline const char *
file_name(char *room, const char *dir, int i)
{
	snprintf(room, 64, "%s/f%d", dir, i);
	return room;
}

// Files of different contents.
static inline void
make_files(const char *dir)
{
	char name[64];

	work_begin(dir);
	for (int i = 0; i < NFILES; i++)
		make_file(file_name(name, dir, i), FILE_SIZE, i + 1);
}

// The number of the file that has these n bytes at offset, or -1.
static inline int
whose(const void *buf, uint32_t n, uint32_t offset)
{
	for (int i = 0; i < NFILES; i++)
		if (is_filled(buf, n, offset, i + 1))
			return i;
	return -1;
}

#endif
