// The edges of xv6's calls: inc/xv6.h, and nothing else, as a program for xv6 has it.
#include <inc/xv6.h>

#define CHECK(cond)                                                          \
	do {                                                                 \
		if (!(cond)) {                                               \
			printf(2, "line %d: not so: %s\n", __LINE__, #cond); \
			exit(1);                                             \
		}                                                            \
	} while (0)

char buf[256];
int ran;
lock_t lock;

// ---- Ends ---------------------------------------------------------------------------

void
spin(void)
{
	for (;;)
		;
}

void
test_wait(void)
{
	int i, pid, status, pids[20];

	CHECK(wait() == -1);
	for (i = 0; i < 20; i++) {
		pids[i] = fork();
		CHECK(pids[i] >= 0);
		if (pids[i] == 0)
			exit(getpid() & 0x7f);
	}
	for (i = 0; i < 20; i++) {
		pid = wait(&status);
		CHECK(pid > 0 && status == (pid & 0x7f));
	}
	CHECK(wait(&status) == -1);

	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		spin();
	CHECK(kill(pid) == 0);
	CHECK(wait(&status) == pid && status == -1);
	CHECK(kill(pid) == -1 && kill(0) == -1 && kill(-5) == -1 && kill(1) == -1);

	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		*(volatile int *)0 = 1;
	CHECK(wait(&status) == pid && status == -1);
}

// A child's child is not ours.
void
test_grandchild(void)
{
	int pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		CHECK(wait() == -1);
		pid = fork();
		if (pid == 0) {
			sleep(2);
			exit(0);
		}
		exit(pid > 0 ? 3 : 4);
	}
	int status;
	CHECK(wait(&status) == pid && status == 3);
	CHECK(wait(&status) == -1);
}

// ---- Threads ------------------------------------------------------------------------

void
thread(void *arg1, void *arg2)
{
	lock_acquire(&lock);
	ran += (int)arg1;
	lock_release(&lock);
	exit(0); // of the thread alone
}

// wait is for processes and join for threads, whoever makes them.
void
forking_thread(void *arg1, void *arg2)
{
	int status, pid = fork();

	if (pid == 0)
		exit(9);
	*(int *)arg1 = pid > 0 && wait(&status) == pid && status == 9;
}

void
test_threads(void)
{
	int i, good = 0, pid = getpid(), tid;

	lock_init(&lock);
	for (i = 1; i <= 10; i++) {
		tid = thread_create(thread, (void *)i, 0);
		CHECK(tid > 0 && tid != pid);
	}
	CHECK(wait() == -1);
	for (i = 0; i < 10; i++)
		CHECK(thread_join() > 0);
	CHECK(ran == 55);
	CHECK(thread_join() == -1);
	CHECK(thread_create(forking_thread, &good, 0) > 0);
	CHECK(thread_join() > 0);
	CHECK(good == 1);
}

// A thread of one process waits while another thread's child ends.
void
waiting_thread(void *arg1, void *arg2)
{
	int pid = wait();

	*(int *)arg1 = pid;
}

void
test_wait_shared(void)
{
	int pid = fork(), got = 0;

	CHECK(pid >= 0);
	if (pid == 0) {
		sleep(5);
		exit(0);
	}
	CHECK(thread_create(waiting_thread, &got, 0) > 0);
	CHECK(thread_join() > 0);
	CHECK(got == pid);
}

// ---- Descriptors --------------------------------------------------------------------

void
test_files(void)
{
	struct stat st;
	int i, n, fd, fds[2];

	CHECK(open("/xv6_none", O_RDONLY) == -1 && close(77) == -1 && dup(77) == -1);
	CHECK(read(77, buf, 1) == -1 && write(77, buf, 1) == -1 && fstat(77, &st) == -1);
	CHECK(stat("/xv6_none", &st) == -1 && unlink("/xv6_none") == -1);
	fd = open("/xv6_file", O_CREATE | O_WRONLY);
	CHECK(fd >= 3);
	CHECK(write(fd, "one\ntwo\n", 8) == 8 && read(fd, buf, 1) == -1);
	CHECK(dup(fd) == fd + 1 && close(fd) == 0 && dup(fd + 1) == fd);
	CHECK(write(fd, "three\n", 6) == 6);
	CHECK(close(fd) == 0 && close(fd + 1) == 0);
	CHECK(stat("/xv6_file", &st) == 0 && st.type == T_FILE && st.size == 14 && st.nlink == 1);
	CHECK(fstat(0, &st) == 0 && st.type == T_DEV);
	CHECK(link("/xv6_file", "/xv6_link") == -1 && mkdir("/xv6_file") == -1);
	CHECK(chdir("/") == 0 && chdir("/xv6_file") == -1 && mknod("/xv6_console", 1, 1) == -1);

	// gets takes lines, with their ends, from what 0 is.
	int console = dup(0);
	close(0);
	CHECK(open("/xv6_file", O_RDONLY) == 0);
	CHECK(strcmp(gets(buf, sizeof(buf)), "one\n") == 0);
	CHECK(strcmp(gets(buf, 3), "tw") == 0);
	CHECK(strcmp(gets(buf, sizeof(buf)), "o\n") == 0);
	CHECK(strcmp(gets(buf, sizeof(buf)), "three\n") == 0);
	CHECK(strcmp(gets(buf, sizeof(buf)), "") == 0);
	close(0);
	CHECK(dup(console) == 0);
	close(console);
	CHECK(unlink("/xv6_file") == 0);

	CHECK(pipe(fds) == 0);
	if (fork() == 0) {
		close(fds[0]);
		for (i = 0; i < 100; i++)
			printf(fds[1], "%d %s %c|", i, "text", 'x');
		exit(0);
	}
	close(fds[1]);
	for (n = 0; (i = read(fds[0], buf, sizeof(buf))) > 0; n += i)
		;
	CHECK(i == 0 && n == 10 * 9 + 90 * 10);
	close(fds[0]);
	CHECK(wait() > 0);
	// Nobody reads it any more.
	CHECK(pipe(fds) == 0 && close(fds[0]) == 0);
	CHECK(write(fds[1], buf, 1) == -1);
	close(fds[1]);
}

// ---- Others -------------------------------------------------------------------------

void
test_exec(char *self)
{
	char *args[] = {self, "exec", "two words", 0};
	int status, pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		exec("/test/xv6_calls", args);
		exit(100);
	}
	CHECK(wait(&status) == pid && status == 42);
	CHECK(exec("/motd", args) == -1);
}

void
test_stat(void)
{
	struct pstat pstat;
	struct times times;
	int i, found = 0;

	CHECK(getpstat(&pstat) == 0 && getpstat(0) == -1);
	for (i = 0; i < NPROC; i++)
		if (pstat.inuse[i] && pstat.pid[i] == getpid())
			found++;
	CHECK(found == 1);
	CHECK(gettimes(&times) == 0 && times.allticks <= (uint)uptime() && gettimes(0) == -1);
}

void
test_memory(void)
{
	char *end = sbrk(0), *more = sbrk(10000);

	CHECK(more == end && sbrk(0) == end + 10000);
	more[0] = more[9999] = 1;
	CHECK(sbrk(-10000) == end + 10000 && sbrk(0) == end);
	char *page = malloc(3 * 4096);
	page = (char *)(((uint)page + 4095) & ~4095);
	page[0] = 1;
	CHECK(mprotect(page, 1) == 0 && mprotect(page + 1, 1) == -1 && mprotect(page, 0) == -1);
	int status, pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		page[0] = 2;
		exit(0);
	}
	CHECK(wait(&status) == pid && status == -1);
	CHECK(munprotect(page, 1) == 0);
	page[0] = 3;
}

int
main(int argc, char *argv[])
{
	if (argc > 1) {
		CHECK(argc == 3 && strcmp(argv[1], "exec") == 0 && argv[3] == 0);
		CHECK(strcmp(argv[2], "two words") == 0);
		return 42;
	}
	test_wait();
	test_grandchild();
	test_threads();
	test_wait_shared();
	test_files();
	test_exec(argv[0]);
	test_stat();
	test_memory();
	CHECK(atoi("123") == 123 && atoi("-7 ") == -7);
	printf("xv6_calls: %s\n", "OK");
	exit(0);
}
