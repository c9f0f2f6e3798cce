// Puts what /newmotd says into /motd.
#include <inc/lib.h>

static char buf[PGSIZE];

static void
show(const char *title, int fd)
{
	int n;

	cprintf("%s\n===\n", title);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		sys_cputs(buf, n);
	if (n < 0)
		panic("read /motd: %e", n);
	cprintf("===\n");
}

static void
check(const char *what, int r)
{
	if (r < 0)
		panic("%s: %e", what, r);
}

void
umain(int argc, char **argv)
{
	int motd, newmotd, n;

	check("open /newmotd", newmotd = open("/newmotd", O_RDONLY));
	check("open /motd", motd = open("/motd", O_RDWR));
	cprintf("file descriptors %d %d\n", newmotd, motd);
	if (motd == newmotd)
		panic("two files, one descriptor");
	show("OLD MOTD", motd);

	check("truncate /motd", ftruncate(motd, 0));
	check("seek /motd", seek(motd, 0));
	while ((n = read(newmotd, buf, sizeof(buf))) > 0) {
		int r = write(motd, buf, n);
		if (r != n)
			panic("write /motd: %e", r < 0 ? r : -E_UNSPECIFIED);
	}
	check("read /newmotd", n);

	check("seek /motd", seek(motd, 0));
	show("NEW MOTD", motd);
	check("close /motd", close(motd));
}
