// A disk in memory for tests of fs/, and pages for its cache. It counts, it fails when it
// is told to, and it can record all that is written.
#ifndef TEST_HOST_FS_DISK_H
#define TEST_HOST_FS_DISK_H

#include "test/host/host.h"
#include "test/host/random.h"

// The tests use the host's.
#undef memset
#undef memcpy
#undef memcmp
#undef strlen
#undef strcmp

#include <fs/core.h>

size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
void host_abort(void) HOST_NAME("abort") __attribute__((noreturn));

#define DISK_MAX 4096      // blocks
#define RECORDED_MAX 40000 // writes and flushes

static unsigned char disk[DISK_MAX][BLKSIZE] __attribute__((aligned(BLKSIZE)));
static uint32_t disk_nblocks = 1024;

// How many there were.
static uint32_t disk_reads, disk_writes, disk_flushes; // disk_reads counts commands

// Fails from so many more on; < 0: never.
static int reads_left = -1, writes_left = -1;
static uint32_t bad_block; // that cannot be read

// ---- What is recorded ----

struct Recorded {
	uint32_t block; // 0: a flush
	unsigned char data[BLKSIZE];
};
static struct Recorded recorded[RECORDED_MAX];
static uint32_t nrecorded;
static bool recording;

static struct Recorded *
record(uint32_t block)
{
	if (nrecorded == RECORDED_MAX) {
		host_printf("too much to record\n");
		host_abort();
	}
	recorded[nrecorded].block = block;
	return &recorded[nrecorded++];
}

// ---- fs/disk.h, fs/pages.h ----

static bool
fails(int *left)
{
	if (*left < 0)
		return false;
	if (*left == 0)
		return true;
	--*left;
	return false;
}

static void
check_transfer(uint32_t block, uint32_t n, void *const bufs[])
{
	bool ok = n > 0 && block + n > block && block + n <= disk_nblocks;

	for (uint32_t i = 0; ok && i < n; i++)
		ok = (uintptr_t)bufs[i] % BLKSIZE == 0;
	if (!ok) {
		host_printf("disk: impossible transfer: %u blocks at %u\n", n, block);
		host_abort();
	}
}

// No record may be overwritten before the head that passes over it is safe. A crash
// that shows it is too rare for the tests of crashes.
static bool head_unsafe;

static void
check_order(uint32_t block)
{
	const struct Super *super = (struct Super *)disk[1];

	if (block == super->s_log) {
		head_unsafe = true;
	} else if (head_unsafe && block > super->s_log && block <= super->s_log + super->s_nlog) {
		host_printf("disk: the log is written before its head is safe\n");
		host_abort();
	}
}

int
disk_init(void)
{
	return disk_nblocks ? (int)disk_nblocks : -E_NO_DEV;
}

int
disk_read(uint32_t block, uint32_t n, void *const bufs[])
{
	check_transfer(block, n, bufs);
	disk_reads++;
	if (fails(&reads_left) || (bad_block >= block && bad_block < block + n && bad_block))
		return -E_IO;
	for (uint32_t i = 0; i < n; i++)
		memcpy(bufs[i], disk[block + i], BLKSIZE);
	return 0;
}

int
disk_write(uint32_t block, uint32_t n, void *const bufs[])
{
	check_transfer(block, n, bufs);
	disk_writes += n;
	if (fails(&writes_left))
		return -E_IO;
	for (uint32_t i = 0; i < n; i++) {
		check_order(block + i);
		memcpy(disk[block + i], bufs[i], BLKSIZE);
		if (recording)
			memcpy(record(block + i)->data, bufs[i], BLKSIZE);
	}
	return 0;
}

int
disk_flush(void)
{
	disk_flushes++;
	head_unsafe = false;
	if (recording)
		record(0);
	return 0;
}

static int pages_budget = MIN_PAGES;

int
pages_grow(void *store[], int want)
{
	static char pages[CACHE_BLOCKS][BLKSIZE] __attribute__((aligned(BLKSIZE)));
	static int npages;
	int n;

	for (n = 0; n < want && npages < pages_budget; n++)
		store[n] = pages[npages++];
	return n;
}

void
pages_changed(uint32_t block)
{
}

void
_panic(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	host_printf("%s:%d: ", file, line);
	va_start(ap, fmt);
	host_vprintf(fmt, ap);
	va_end(ap);
	host_printf("\n");
	host_abort();
}

#endif
