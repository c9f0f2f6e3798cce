// A program in xv6's manner: fork, wait, pipes, exec, files.
#include <inc/xv6.h>

void
die(char *what)
{
	printf(2, "xv6procs: %s failed\n", what);
	exit(1);
}

// Each child ends with its number.
void
children(void)
{
	int i, pid, status, sum = 0;

	for (i = 1; i <= 4; i++) {
		pid = fork();
		if (pid < 0)
			die("fork");
		if (pid == 0)
			exit(i);
	}
	for (i = 0; i < 4; i++) {
		if (wait(&status) < 0)
			die("wait");
		sum += status;
	}
	if (wait(0) != -1)
		die("wait for nobody");
	printf(1, "four children, sum %d\n", sum);
}

// The parent of a child that spins ends it.
void
killed(void)
{
	int pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		for (;;)
			sleep(1);
	sleep(2);
	if (kill(pid) < 0)
		die("kill");
	if (wait() != pid)
		die("wait for the killed");
	if (kill(pid) != -1)
		die("kill of nobody");
	printf(1, "one killed\n");
}

// echo A B | wc, as a shell does it.
void
pipeline(void)
{
	char *echo[] = {"echo", "one", "two", 0};
	char *wc[] = {"wc", 0};
	int p[2];

	if (pipe(p) < 0)
		die("pipe");
	if (fork() == 0) {
		close(1);
		dup(p[1]);
		close(p[0]);
		close(p[1]);
		exec("echo", echo);
		die("exec echo");
	}
	if (fork() == 0) {
		close(0);
		dup(p[0]);
		close(p[0]);
		close(p[1]);
		exec("/wc", wc);
		die("exec wc");
	}
	close(p[0]);
	close(p[1]);
	wait();
	wait();
	if (exec("nosuch", wc) != -1)
		die("exec of nothing");
}

void
files(void)
{
	struct stat st;
	char buf[32];
	int fd;

	fd = open("xv6procs.txt", O_CREATE | O_RDWR);
	if (fd < 0)
		die("open");
	printf(fd, "%s %d\n", "written by", getpid() > 0);
	if (fstat(fd, &st) < 0 || st.type != T_FILE || st.size != 13)
		die("fstat");
	close(fd);
	if ((fd = open("xv6procs.txt", 0)) < 0)
		die("open");
	memset(buf, 0, sizeof(buf));
	if (read(fd, buf, sizeof(buf)) != 13 || strcmp(buf, "written by 1\n") != 0)
		die("read");
	if (read(fd, buf, sizeof(buf)) != 0 || write(fd, buf, 1) != -1)
		die("end");
	close(fd);
	if (unlink("xv6procs.txt") < 0 || open("xv6procs.txt", 0) != -1)
		die("unlink");
	if (mkdir("xv6dir") < 0 || stat("xv6dir", &st) < 0 || st.type != T_DIR)
		die("mkdir");
	if (unlink("xv6dir") < 0 || read(99, buf, 1) != -1)
		die("unlink");
	printf("files are well\n");
}

int
main(void)
{
	int before = uptime();
	char *more;

	children();
	killed();
	pipeline();
	files();
	more = sbrk(4096);
	if (more == (char *)-1)
		die("sbrk");
	more[4095] = 1;
	if (uptime() - before < 2 || atoi("42x") != 42)
		die("uptime");
	printf(1, "xv6procs: done\n");
	exit();
}
