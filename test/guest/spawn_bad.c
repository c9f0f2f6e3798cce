// Programs that are none: spawn says so, and leaves nothing behind. The files are made
// from a good one, /hello.
#include <inc/elf.h>
#include "check.h"

#define GOOD "/hello"
#define BAD "/spawn_bad.tmp"
#define MAXSIZE 100000

static char good[MAXSIZE], bad[MAXSIZE];
static int size;
static int first_fd; // the lowest that is free

static struct Elf *elf;    // in bad[]
static struct Proghdr *ph; // its first segment

static void
save(int n)
{
	int fd = open(BAD, O_WRONLY | O_CREAT | O_TRUNC);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, bad, n), n);
	CHECK_EQ(close(fd), 0);
}

// What spawn makes of the first n bytes of bad[]. A child is ended before it runs.
static int
result(int n)
{
	const char *argv[] = {BAD, NULL};

	save(n);
	envid_t child = spawn_stopped(BAD, argv);
	if (child > 0) {
		CHECK_EQ(sys_env_destroy(child), 0);
		wait(child);
	}
	for (int i = 0; i < NENV; i++)
		if (envs[i].env_parent_id == thisenv->env_id && envs[i].env_type == ENV_TYPE_USER)
			CHECK(envs[i].env_status == ENV_FREE || envs[i].env_status == ENV_DYING);
	for (int i = 0; i < 256; i++)
		CHECK(!is_mapped((uintptr_t)UTEMP + i * PGSIZE));
	int fd = open(GOOD, O_RDONLY);
	CHECK_EQ(fd, first_fd);
	close(fd);
	return child > 0 ? 0 : child;
}

static void
afresh(void)
{
	memcpy(bad, good, size);
}

#define EXPECT(change, want)                  \
	do {                                  \
		afresh();                     \
		change;                       \
		CHECK_EQ(result(size), want); \
	} while (0)

static void
headers(void)
{
	struct Proghdr *last = ph + elf->e_phnum - 1;

	while (last->p_type != ELF_PROG_LOAD)
		last--;
	CHECK(last > ph);
	EXPECT((void)0, 0);
	EXPECT(elf->e_magic ^= 1, -E_NOT_EXEC);
	EXPECT(elf->e_type = 1, -E_NOT_EXEC);
	EXPECT(elf->e_machine = 62, -E_NOT_EXEC);
	EXPECT(elf->e_phentsize = 56, -E_NOT_EXEC);
	EXPECT(elf->e_phnum = 0, -E_NOT_EXEC);
	EXPECT(elf->e_phnum = 0xffff, -E_NOT_EXEC);
	EXPECT(elf->e_phoff = size, -E_NOT_EXEC);
	EXPECT(elf->e_phoff = -32, -E_NOT_EXEC);
	EXPECT(elf->e_phoff = 0x80000000, -E_NOT_EXEC);

	EXPECT(ph->p_filesz = ph->p_memsz + 1, -E_NOT_EXEC);
	EXPECT(ph->p_offset = size - 1, -E_NOT_EXEC);
	EXPECT(ph->p_offset = 0xfffffff0, -E_NOT_EXEC);
	EXPECT(ph->p_offset = 0x7ffff000, -E_NOT_EXEC);
	EXPECT(ph->p_va = 0, -E_NOT_EXEC);
	EXPECT(ph->p_va = UTOP, -E_NOT_EXEC);
	EXPECT(ph->p_va = KERNBASE, -E_NOT_EXEC);
	EXPECT(ph->p_va = -PGSIZE, -E_NOT_EXEC);
	EXPECT(last->p_va = FDTABLE, -E_NOT_EXEC);
	EXPECT(last->p_va = FDTABLE - PGSIZE; last->p_memsz = 3 * PGSIZE, -E_NOT_EXEC);
	EXPECT(last->p_va = USTACKTOP - PGSIZE, -E_NOT_EXEC);
	EXPECT(last->p_memsz = -PGSIZE, -E_NOT_EXEC);
	EXPECT(last->p_va = ph->p_va, -E_NOT_EXEC);      // one over the other
	EXPECT(last->p_va = ph->p_va + 16, -E_NOT_EXEC); // and on the same page
	// Nothing to load.
	EXPECT(for (int i = 0; i < elf->e_phnum; i++) ph[i].p_type = 7, -E_NOT_EXEC);
}

// Without any one of its last bytes it is no program, but for what is behind the
// segments.
static void
truncated(void)
{
	int end = 0;

	afresh();
	for (int i = 0; i < elf->e_phnum; i++)
		if (ph[i].p_type == ELF_PROG_LOAD)
			end = MAX(end, (int)(ph[i].p_offset + ph[i].p_filesz));
	for (int n = 0; n < end; n += 1 + n / 3)
		CHECK_EQ(result(n), -E_NOT_EXEC);
	CHECK_EQ(result(end - 1), -E_NOT_EXEC);
	CHECK_EQ(result(end), 0);
}

// Anything at all in the headers: no matter what, spawn returns.
static void
scribbled(int times)
{
	uint32_t random = 4711;

	for (int i = 0; i < times; i++) {
		afresh();
		for (int n = 1 + next_random(&random) % 4; n > 0; n--)
			bad[next_random(&random) % (52 + 3 * 32)] = next_random(&random);
		for (int k = 0; k < elf->e_phnum && elf->e_phnum < 8; k++)
			ph[k].p_memsz %= 1 << 22; // large ones take long
		int r = result(size);
		CHECK(r == 0 || r == -E_NOT_EXEC || r == -E_NO_MEM);
	}
}

static void
other_errors(void)
{
	static char word[PGSIZE];
	const char *argv[] = {"hello", word, NULL};
	int none = first_fd;

	CHECK_EQ(spawnl("/no/such", "such", NULL), -E_NOT_FOUND);
	CHECK_EQ(spawnl("/no_such", "no_such", NULL), -E_NOT_FOUND);
	CHECK_EQ(spawnl("/", "root", NULL), -E_NOT_EXEC);
	CHECK_EQ(spawn_fds(GOOD, argv, &none, 1), -E_INVAL);
	CHECK_EQ(spawn_fds(GOOD, argv, &none, MAXFD + 1), -E_INVAL);
	memset(word, 'a', sizeof(word) - 1);
	CHECK_EQ(spawn_stopped(GOOD, argv), -E_INVAL);
	// More memory than there is.
	afresh();
	for (int i = 0; i < elf->e_phnum; i++)
		if (ph[i].p_type == ELF_PROG_LOAD && (ph[i].p_flags & ELF_PROG_FLAG_WRITE))
			ph[i].p_memsz = 0x40000000;
	CHECK_EQ(result(size), -E_NO_MEM);
}

void
umain(int argc, char **argv)
{
	int fd = open(GOOD, O_RDONLY);

	CHECK(fd >= 0);
	first_fd = fd;
	size = readn(fd, good, sizeof(good));
	CHECK(size > 0 && size < MAXSIZE);
	CHECK_EQ(close(fd), 0);
	elf = (struct Elf *)bad;
	afresh();
	ph = (struct Proghdr *)(bad + elf->e_phoff);

	headers();
	truncated();
	scribbled(arg_number(argc, argv, 1, 60));
	other_errors();
	CHECK_EQ(remove(BAD), 0);
	PASS("spawn_bad");
}
