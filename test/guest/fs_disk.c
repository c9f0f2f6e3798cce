// The disk's driver, by way of a file that the server's cache cannot hold: contents
// come back right, the disk interrupts, and the server sleeps while it works.
//
// With the word pio: by a driver without DMA, which interrupts for each sector.
#include <test/guest/filecheck.h>

#define FILE_NAME "/fs_disk"
#define FILE_BLOCKS 1600
#define FILE_SIZE (FILE_BLOCKS * BLKSIZE)

// Counts how often the server is seen to sleep though it has a request to serve.
static void
watch(int fs)
{
	const volatile struct Env *e = &envs[ENVX(fs)];

	while (!shared->stop && !env_gone(thisenv->env_parent_id)) {
		if (!e->env_ipc_recving && e->env_status == ENV_NOT_RUNNABLE)
			shared->count[0]++;
		sys_yield();
	}
}

// On one CPU, where a program sees nothing that lies between two states. A driver
// that polls would never let the watcher see it so.
static void
sleeping_server(envid_t fs)
{
	envid_t watcher = child_run(watch, fs);

	check_file(FILE_NAME, FILE_SIZE, 3);
	shared->stop = 1;
	AWAIT(env_gone(watcher));
	CHECK(shared->count[0] > 0);
}

void
umain(int argc, char **argv)
{
	bool pio = argc > 1 && strcmp(argv[1], "pio") == 0;
	envid_t fs = ipc_find_env(ENV_TYPE_FS);

	CHECK(fs > 0);
	share_results();
	uint32_t began = sysinfo.irqs[IRQ_IDE];
	make_file(FILE_NAME, FILE_SIZE, 3);
	CHECK_EQ(sync(), 0);
	uint32_t written = sysinfo.irqs[IRQ_IDE] - began;

	began = sysinfo.irqs[IRQ_IDE];
	check_file(FILE_NAME, FILE_SIZE, 3);
	uint32_t read = sysinfo.irqs[IRQ_IDE] - began;

	if (pio) {
		CHECK(written >= FILE_BLOCKS * BLKSECTS);
		CHECK(read >= FILE_BLOCKS * BLKSECTS / 2); // the rest is in the cache
	} else {
		CHECK(written > 0 && written < FILE_BLOCKS); // several blocks by one command
		CHECK(read > 0 && read < FILE_BLOCKS);
	}
	if (sysinfo.ncpu == 1)
		sleeping_server(fs);
	CHECK_EQ(remove(FILE_NAME), 0);
	PASS("fs_disk");
}
