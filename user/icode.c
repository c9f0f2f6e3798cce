// The first user of files: shows /motd, then starts /init with two arguments and
// leaves.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	char text[512];
	int fd, n;

	binaryname = "icode";
	cprintf("icode startup\n");

	cprintf("icode: open /motd\n");
	if ((fd = open("/motd", O_RDONLY)) < 0)
		panic("open /motd: %e", fd);

	cprintf("icode: read /motd\n");
	while ((n = read(fd, text, sizeof(text))) > 0)
		sys_cputs(text, n);
	if (n < 0)
		panic("read /motd: %e", n);

	cprintf("icode: close /motd\n");
	close(fd);

	cprintf("icode: spawn /init\n");
	envid_t init = spawnl("/init", "init", "initarg1", "initarg2", NULL);
	if (init < 0)
		panic("spawn /init: %e", init);

	cprintf("icode: exiting\n");
}
