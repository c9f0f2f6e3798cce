// A program as they are written for xv6 and its projects, with one line in place of the
// includes: threads, locks, processes, files, memory protection.
#include <inc/xv6.h>

#define N 8
#define TURNS 2000

int global = 1;
int ppid;
lock_t lock;

void
fail(char *what)
{
	printf(1, "kt_xv6: FAILED: %s\n", what);
	kill(ppid);
	exit(1);
}

#define test(x)           \
	if (!(x)) {       \
		fail(#x); \
	}

void
worker(void *arg1, void *arg2)
{
	int i;

	test(*(int *)arg1 == 11 && *(int *)arg2 == 22);
	for (i = 0; i < TURNS; i++) {
		lock_acquire(&lock);
		global++;
		lock_release(&lock);
	}
	*(int *)arg1 = 44;
	exit(0);
}

// A page of stack out of malloc, as the projects' tests get it.
void
clone_and_join(void)
{
	void *p = malloc(2 * PGSIZE), *stack = p, *back;
	int arg1 = 11, arg2 = 22, id;

	test(p != NULL);
	if ((uint)stack % PGSIZE)
		stack = stack + (PGSIZE - (uint)stack % PGSIZE);
	test(join(&back) == -1);
	id = clone(worker, &arg1, &arg2, stack);
	test(id > ppid);
	test(join(&back) == id);
	test(back == stack);
	test(arg1 == 44);
	test(global == 1 + TURNS);
	test(clone(worker, &arg1, &arg2, stack + 4) == -1);
	free(p);
}

void
adds(void *arg1, void *arg2)
{
	int i;

	for (i = 0; i < TURNS; i++) {
		lock_acquire(&lock);
		global += (int)arg1;
		lock_release(&lock);
	}
}

void
create_and_join(void)
{
	int id[N], i, j, got;

	global = 0;
	lock_init(&lock);
	for (i = 0; i < N; i++)
		test((id[i] = thread_create(adds, (void *)i, NULL)) > 0);
	for (i = 0; i < N; i++) {
		got = thread_join();
		for (j = 0; j < N && id[j] != got; j++)
			;
		test(j < N);
		id[j] = 0;
	}
	test(thread_join() == -1);
	test(global == TURNS * N * (N - 1) / 2);
}

void
grows(void *arg1, void *arg2)
{
	char *p = sbrk(PGSIZE);

	test(p != (char *)-1);
	p[10] = 7;
	*(char **)arg1 = p;
	exit(0);
}

void
thread_grows(void)
{
	char *p = 0, *end = sbrk(0);

	test(thread_create(grows, &p, 0) > 0);
	test(thread_join() > 0);
	test(p == end && p[10] == 7);
	test(sbrk(0) == end + PGSIZE);
}

void
processes(void)
{
	int fds[2], pid, status = -5, i;
	char buf[20];
	char *argv[] = {"/echo", "exec", "works", 0};

	test(wait() == -1);
	test(pipe(fds) == 0);
	pid = fork();
	test(pid >= 0);
	if (pid == 0) {
		test(getpid() != ppid);
		close(fds[0]);
		test(write(fds[1], "from a child", 13) == 13);
		exit(3);
	}
	close(fds[1]);
	test(read(fds[0], buf, sizeof(buf)) == 13);
	test(strcmp(buf, "from a child") == 0);
	test(read(fds[0], buf, 1) == 0);
	test(wait(&status) == pid);
	test(status == 3);
	close(fds[0]);
	for (i = 0; i < 5; i++) {
		pid = fork();
		if (pid == 0)
			exit(0);
		test(pid > 0);
	}
	test(thread_create(adds, 0, 0) > 0); // wait is for processes
	for (i = 0; i < 5; i++)
		test(wait() > 0);
	test(wait() == -1);
	test(thread_join() > 0);
	pid = fork();
	if (pid == 0)
		for (;;)
			sleep(1);
	test(kill(pid) == 0);
	test(wait() == pid);
	test(kill(pid) == -1);
	if (fork() == 0) {
		exec(argv[0], argv);
		exit(1);
	}
	test(wait(&status) > 0);
	test(status == 0);
}

void
files(void)
{
	struct stat st;
	char buf[10];
	int fd = open("/t-kt_xv6", O_CREATE | O_RDWR), d;

	test(fd >= 0);
	test(write(fd, "abcdef", 6) == 6);
	test(fstat(fd, &st) == 0 && st.type == T_FILE && st.size == 6);
	d = dup(fd);
	test(d >= 0 && d != fd);
	test(close(fd) == 0 && close(d) == 0 && close(d) == -1);
	fd = open("/t-kt_xv6", O_RDONLY);
	test(read(fd, buf, 10) == 6 && buf[5] == 'f');
	test(write(fd, buf, 1) == -1);
	close(fd);
	test(unlink("/t-kt_xv6") == 0);
	test(open("/t-kt_xv6", O_RDONLY) == -1);
}

void
protection(void)
{
	char *p = sbrk(0);
	struct times t;

	sbrk(PGSIZE - (uint)p % PGSIZE);
	p = sbrk(2 * PGSIZE);
	p[0] = 1;
	test(mprotect(p, 1) == 0);
	if (fork() == 0) {
		p[0] = 2;
		exit(55);
	}
	int status = 55;
	test(wait(&status) > 0 && status != 55);
	test(munprotect(p, 1) == 0);
	p[0] = 2;
	test(mprotect(p + 1, 1) == -1 && mprotect(p, 0) == -1 && mprotect(p, -1) == -1);
	test(mprotect(0, 1) == -1 && munprotect(p + 1, 1) == -1 && munprotect(p, 0) == -1);
	test(gettimes(&t) == 0 && gettimes(0) == -1);
}

int
main(int argc, char *argv[])
{
	ppid = getpid();
	test(argc == 3 && strcmp(argv[1], "some") == 0 && strcmp(argv[2], "words") == 0);
	lock_init(&lock);
	clone_and_join();
	create_and_join();
	thread_grows();
	processes();
	files();
	protection();
	printf(1, "kt_xv6: OK\n");
	exit(0);
}
