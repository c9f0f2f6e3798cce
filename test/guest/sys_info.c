// The page at USYSINFO, and what only the file server may do: ports, its IRQs.
//
// Argument: how many CPUs there should be (0: not checked).
#include <test/guest/filecheck.h>

static void
writes_sysinfo(int arg)
{
	*(volatile uint32_t *)&sysinfo.ticks = 0;
}

static void
writes_envs(int arg)
{
	((volatile struct Env *)envs)[0].env_ends = 0;
}

static void
reads_port(int port)
{
	inb(port);
}

static void
writes_port(int port)
{
	outb(port, 0);
}

static void
masks_interrupts(int arg)
{
	cli();
}

// The ports of the file server and some of the kernel's.
static void
ports(void)
{
	static const uint16_t port[] = {0x1F0, 0x3F6, 0xCFC, 0x60, 0x501, 0xC000};

	for (unsigned i = 0; i < ARRAY_SIZE(port); i++) {
		child_must_die("in", reads_port, port[i]);
		if (i % 2)
			child_must_die("out", writes_port, port[i]);
	}
	child_must_die("cli", masks_interrupts, 0);
}

// The file server is an env that programs can name, and do nothing to.
static void
file_server(void)
{
	envid_t fs = ipc_find_env(ENV_TYPE_FS);

	CHECK(fs > 0);
	CHECK(ENVX(fs) > NENV / 2); // services are at the far end of the table
	CHECK_EQ(envs[ENVX(fs)].env_type, ENV_TYPE_FS);
	CHECK_EQ(sys_env_destroy(fs), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_status(fs, ENV_NOT_RUNNABLE), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_pgfault_upcall(fs, NULL), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_flags(fs, ENVF_JOB), -E_BAD_ENV);
	CHECK_EQ(sys_page_alloc(fs, (void *)AREA, RW), -E_BAD_ENV);
	CHECK_EQ(sys_page_map(fs, (void *)UTEXT, 0, (void *)AREA, RO), -E_BAD_ENV);
	CHECK_EQ(sys_page_unmap(fs, (void *)UTEXT), -E_BAD_ENV);
	CHECK_EQ(sys_env_collect(fs), -E_BAD_ENV);
	CHECK_EQ(envs[ENVX(fs)].env_id, fs);
}

// The server waits for its disk by interrupts.
static void
disk_interrupts(void)
{
	uint32_t before = sysinfo.irqs[14];

	make_file("/t-sys_info", 3 * PGSIZE, 1);
	CHECK_EQ(sync(), 0);
	CHECK(sysinfo.irqs[14] != before);
	check_file("/t-sys_info", 3 * PGSIZE, 1);
	CHECK_EQ(remove("/t-sys_info"), 0);
}

void
umain(int argc, char **argv)
{
	uint32_t ncpu = arg_number(argc, argv, 1, 0), began, ms;

	share_results();
	if (ncpu)
		CHECK_EQ(sysinfo.ncpu, ncpu);
	CHECK(sysinfo.ncpu >= 1 && sysinfo.ncpu <= 8);
	CHECK(sysinfo.tsc_khz > 0);
	CHECK(sysinfo.tick_ms >= 1 && sysinfo.tick_ms <= 1000);
	child_must_die("sysinfo is read-only", writes_sysinfo, 0);
	child_must_die("envs[] is read-only", writes_envs, 0);

	// Time goes on for who sleeps, and for who does not.
	began = sysinfo.ticks;
	AWAIT(sysinfo.ticks - began >= 3);
	for (int i = 0; i < 3; i++) {
		ms = sys_time_msec();
		sleep_msec(20);
		CHECK(sys_time_msec() - ms >= 20);
	}
	sleep_msec(0);

	ports();
	file_server();
	disk_interrupts();
	PASS("sys_info");
}
