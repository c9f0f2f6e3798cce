// spawn: a new env that runs a program from a file.
//
// The program's pages are made here, above UTEMP, a few at a time, so that the page calls
// go in batches; they are filled from the file and mapped in the child with the
// permissions that their segment asks for. Each thread that spawns has a place of its own
// for them, to which fork doesn't look. The child gets our descriptors, or the ones named,
// and pages marked PTE_SHARE (lib/share.c). lib/libmain.c and kern/load.c have the other
// side.
#include <inc/elf.h>
#include "lib/fdtable.h"
#include "lib/libcall.h"

#define CHUNK 32      // pages that are made at once
#define NPLACES 8     // threads that spawn at once; more wait
#define MAXSEGMENTS 8 // user/user.ld makes fewer

static_assert(SPAWN_BASE + NPLACES * CHUNK * PGSIZE <= SPAWN_TOP, "there is room for the places");

// The top of what a program may occupy: under its stack, and a guard page.
#define PROGRAM_TOP (USTACKTOP - (USTACKPAGES + 1) * PGSIZE)

// ---- Pages that are the child's soon ------------------------------------------------

static void *
temp_page(int place, int i)
{
	return (char *)SPAWN_BASE + (place * CHUNK + i) * PGSIZE;
}

// Gives env (0: us) pages of zeroes, in place of what there was.
static int
alloc_pages(envid_t env, uintptr_t va, uintptr_t end, int perm)
{
	struct Batch b;
	int r;

	do {
		batch_begin(&b);
		for (uintptr_t at = va; at < end && b.error == 0; at += PGSIZE)
			batch_page_alloc(&b, env, (void *)at, perm);
		r = batch_end(&b);
	} while (r == -E_NO_MEM && vm_make_room() == 0);
	return r;
}

// Makes n pages there.
static int
alloc_temp(int place, int n)
{
	return alloc_pages(0, (uintptr_t)temp_page(place, 0), (uintptr_t)temp_page(place, n),
			   PTE_P | PTE_U | PTE_W);
}

// Maps the first n pages there in the child from va on.
static int
give_temp(int place, envid_t child, uintptr_t va, int n, int perm)
{
	struct Batch b;

	batch_begin(&b);
	for (int i = 0; i < n; i++)
		batch_page_map(&b, 0, temp_page(place, i), child, (char *)va + i * PGSIZE, perm);
	return batch_end(&b);
}

static void
free_temp(int place)
{
	struct Batch b;

	batch_begin(&b);
	for (int i = 0; i < CHUNK; i++)
		if (vm_present((uintptr_t)temp_page(place, i)))
			batch_page_unmap(&b, 0, temp_page(place, i));
	batch_end(&b);
}

// ---- The file -----------------------------------------------------------------------

struct Program {
	int fd;
	int place; // for its pages
	uintptr_t entry;
	int nsegments;
	struct Proghdr segment[MAXSEGMENTS]; // from the lowest up
};

// Reads n bytes at offset. 0; -E_NOT_EXEC if they aren't there; or read's error.
static int
read_at(int fd, uint32_t offset, void *buf, uint32_t n)
{
	int r = seek(fd, offset);

	if (r == 0)
		r = readn(fd, buf, n);
	if (r < 0)
		return r;
	return (uint32_t)r == n ? 0 : -E_NOT_EXEC;
}

// Whether a segment can be in a file, lies where a program may be, and on pages of its
// own, above those up to `above`.
static bool
is_sound(const struct Proghdr *ph, uintptr_t above)
{
	uint32_t start = ph->p_va, end = start + ph->p_memsz;

	if (ph->p_filesz > ph->p_memsz || ph->p_offset > MAXFILESIZE ||
	    ph->p_filesz > MAXFILESIZE - ph->p_offset)
		return false;
	if (end < start || end > PROGRAM_TOP || start < PGSIZE)
		return false;
	if (start < FD_AREA_TOP && end > FDTABLE)
		return false;
	return ROUNDDOWN(start, PGSIZE) >= above;
}

// Checks the headers, which are in the first n bytes of the file. Whether it is a
// program.
static bool
parse_headers(struct Program *prog, const char *file, uint32_t n)
{
	const struct Elf *elf = (const struct Elf *)file;
	uintptr_t above = 0;

	if (n < sizeof(*elf) || elf->e_magic != ELF_MAGIC || elf->e_type != ELF_TYPE_EXEC ||
	    elf->e_machine != ELF_MACHINE_386 || elf->e_phentsize != sizeof(struct Proghdr) ||
	    elf->e_phoff > n || elf->e_phnum > (n - elf->e_phoff) / sizeof(struct Proghdr))
		return false;

	const struct Proghdr *ph = (const struct Proghdr *)(file + elf->e_phoff);
	prog->entry = elf->e_entry;
	prog->nsegments = 0;
	for (int i = 0; i < elf->e_phnum; i++) {
		if (ph[i].p_type != ELF_PROG_LOAD || ph[i].p_memsz == 0)
			continue;
		if (prog->nsegments == MAXSEGMENTS || !is_sound(&ph[i], above))
			return false;
		above = ph[i].p_va + ph[i].p_memsz;
		prog->segment[prog->nsegments++] = ph[i];
	}
	return prog->nsegments > 0;
}

// Reads and checks the headers. 0, -E_NOT_EXEC, -E_NO_MEM, or read's error.
static int
read_headers(struct Program *prog)
{
	void *page = temp_page(prog->place, 0);
	int r;

	if ((r = alloc_temp(prog->place, 1)) < 0)
		return r;
	if ((r = readn(prog->fd, page, PGSIZE)) >= 0)
		r = parse_headers(prog, page, r) ? 0 : -E_NOT_EXEC;
	return r;
}

// ---- The child's memory ---------------------------------------------------------------

// Fills a page that is to be at va from the file, as far as its segment says so.
static int
fill_page(const struct Program *prog, const struct Proghdr *ph, uintptr_t va, char *page)
{
	uintptr_t lo = MAX(va, ph->p_va), hi = MIN(va + PGSIZE, ph->p_va + ph->p_filesz);

	if (lo >= hi)
		return 0;
	return read_at(prog->fd, ph->p_offset + (lo - ph->p_va), page + (lo - va), hi - lo);
}

// Puts the page of a segment that is to be at va at our place, as page i there, without
// making it: the file server's own, if the page will not be written. 0 or an error.
static int
map_page(const struct Program *prog, const struct Proghdr *ph, uintptr_t va, int i)
{
	uint32_t offset = ph->p_offset - ph->p_va + va;
	uintptr_t end = ph->p_va + ph->p_filesz;
	int want = MIN((uintptr_t)PGSIZE, end - va), r;

	if ((ph->p_flags & ELF_PROG_FLAG_WRITE) || PGOFF(offset))
		return -E_NOT_SUPP;
	// What lies behind the file's part is to be zeroes.
	if (ph->p_memsz > ph->p_filesz && va + PGSIZE > end)
		return -E_NOT_SUPP;
	if ((r = file_map(prog->fd, offset, temp_page(prog->place, i))) < 0)
		return r;
	return r < want ? -E_NOT_EXEC : 0;
}

// Puts n pages of a segment from va on at our place. 0 or an error.
static int
make_pages(const struct Program *prog, const struct Proghdr *ph, uintptr_t va, int n)
{
	int r = 0, i;

	for (i = 0; i < n && map_page(prog, ph, va + i * PGSIZE, i) == 0; i++)
		;
	if (i == n)
		return 0;
	if ((r = alloc_temp(prog->place, n)) < 0)
		return r;
	for (i = 0; r == 0 && i < n; i++)
		r = fill_page(prog, ph, va + i * PGSIZE, temp_page(prog->place, i));
	return r;
}

static int
segment_perm(const struct Proghdr *ph)
{
	return PTE_P | PTE_U | (ph->p_flags & ELF_PROG_FLAG_WRITE ? PTE_W : 0);
}

// Loads the pages from va to end, all or part of which come from the file.
static int
load_filled(const struct Program *prog, const struct Proghdr *ph, envid_t child, uintptr_t va,
	    uintptr_t end)
{
	int r = 0;

	while (r == 0 && va < end) {
		int n = MIN((end - va) / PGSIZE, (uintptr_t)CHUNK);
		r = make_pages(prog, ph, va, n);
		if (r == 0)
			r = give_temp(prog->place, child, va, n, segment_perm(ph));
		va += n * PGSIZE;
	}
	return r;
}

static int
load_segment(const struct Program *prog, const struct Proghdr *ph, envid_t child)
{
	uintptr_t start = ROUNDDOWN(ph->p_va, PGSIZE);
	uintptr_t filled = ROUNDUP(ph->p_va + ph->p_filesz, PGSIZE);
	uintptr_t end = ROUNDUP(ph->p_va + ph->p_memsz, PGSIZE);
	int r;

	if (ph->p_filesz == 0)
		filled = start;
	if ((r = load_filled(prog, ph, child, start, filled)) < 0)
		return r;
	return alloc_pages(child, filled, end, segment_perm(ph));
}

// ---- Its stack ----------------------------------------------------------------------

// Lays the arguments out on a page that is to be the child's under USTACKTOP: strings at
// the top, then the vector, then [argc, argv], where esp points. 0; -E_INVAL if that
// takes more than the page.
static int
push_args(char *page, const char **argv, uintptr_t *esp)
{
	const uintptr_t base = USTACKTOP - PGSIZE; // of the page in the child
	uint32_t strings = 0, argc = 0;

	while (argv[argc]) {
		strings += strlen(argv[argc++]) + 1;
		if (strings > PGSIZE)
			return -E_INVAL;
	}
	uint32_t vector = ROUNDUP(strings, 4) + 4 * (argc + 1);
	if (vector + 8 > PGSIZE)
		return -E_INVAL;

	uint32_t *slot = (uint32_t *)(page + PGSIZE - vector);
	char *text = page + PGSIZE - strings;
	slot[-2] = argc;
	slot[-1] = base + PGSIZE - vector;
	for (uint32_t i = 0; i < argc; i++) {
		slot[i] = base + PGOFF(text);
		text += strlcpy(text, argv[i], PGSIZE) + 1;
	}
	slot[argc] = 0;
	*esp = base + PGSIZE - vector - 8;
	return 0;
}

static int
load_stack(envid_t child, int place, const char **argv, uintptr_t *esp)
{
	const int perm = PTE_P | PTE_U | PTE_W;
	const uintptr_t last = USTACKTOP - PGSIZE;
	int r;

	if ((r = alloc_temp(place, 1)) < 0 || (r = push_args(temp_page(place, 0), argv, esp)) < 0 ||
	    (r = give_temp(place, child, last, 1, perm)) < 0)
		return r;
	return alloc_pages(child, USTACKTOP - USTACKPAGES * PGSIZE, last, perm);
}

// ---- The calls ----------------------------------------------------------------------

// Loads what comes from the file, and the stack. 0 or an error.
static int
load(envid_t child, const struct Program *prog, const char **argv, uintptr_t *esp)
{
	int r = load_stack(child, prog->place, argv, esp);

	for (int i = 0; r == 0 && i < prog->nsegments; i++)
		r = load_segment(prog, &prog->segment[i], child);
	return r;
}

// Makes a child, not runnable, and loads it. Its id or an error.
static envid_t
make_child(const char *program, const char **argv, struct Trapframe *tf)
{
	struct Program prog = {.entry = 0};
	envid_t child = -1;
	int r;

	if ((prog.fd = file_open(program, O_RDONLY, true)) < 0)
		return prog.fd;
	prog.place = place_take(&spawn_places, NPLACES);
	r = read_headers(&prog);
	// A child of spawn never comes out of exofork: it begins at the entry.
	if (r == 0 && (r = child = sys_exofork()) >= 0)
		r = load(child, &prog, argv, &tf->tf_esp);
	free_temp(prog.place);
	place_give(&spawn_places, prog.place);
	close(prog.fd); // before the child gets our descriptors
	if (r < 0 && child >= 0)
		sys_env_destroy(child);
	tf->tf_eip = prog.entry;
	return r < 0 ? r : child;
}

static const char *
base_name(const char *path)
{
	const char *name = path;

	for (const char *p = path; *p; p++)
		if (*p == '/' && p[1])
			name = p + 1;
	return name;
}

static envid_t
spawn_any(const char *program, const char **argv, const int *fds, int nfds)
{
	struct Trapframe tf = {0}; // the kernel puts segments and flags right
	envid_t child = make_child(program, argv, &tf);
	int r;

	if (child < 0)
		return child;
	lib_env_set_name(child, base_name(program));
	if ((r = share_marked(child)) < 0 || (r = share_fds(child, fds, nfds)) < 0 ||
	    (r = lib_env_set_trapframe(child, &tf)) < 0) {
		sys_env_destroy(child);
		return r;
	}
	return child;
}

// Makes a child that runs the program of that path, with the arguments of argv up to its
// NULL (argv[0] is the name that the program goes by), our descriptors, and our
// pages marked PTE_SHARE. Its id; open's errors; -E_NOT_EXEC: not a program, or damaged;
// -E_INVAL: the arguments take more than a page; -E_NO_FREE_ENV, -E_NO_MEM. With an
// error there is no child.
envid_t
spawn(const char *program, const char **argv)
{
	envid_t child = spawn_stopped(program, argv);
	int r;

	if (child < 0)
		return child;
	if ((r = lib_env_set_status(child, ENV_RUNNABLE)) < 0) {
		sys_env_destroy(child);
		return r;
	}
	return child;
}

// The same with the arguments one by one, up to a NULL.
envid_t
spawnl(const char *program, const char *arg0, ...)
{
	const char *argv[PGSIZE / 5]; // more can't fit: each takes a pointer and a byte
	unsigned int argc = 0;
	va_list ap;

	va_start(ap, arg0);
	for (const char *arg = arg0; arg && argc < ARRAY_SIZE(argv); arg = va_arg(ap, const char *))
		argv[argc++] = arg;
	va_end(ap);
	if (argc == ARRAY_SIZE(argv))
		return -E_INVAL;
	argv[argc] = NULL;
	return spawn(program, argv);
}

// spawn, but the child doesn't run yet: sys_env_set_status makes it.
envid_t
spawn_stopped(const char *program, const char **argv)
{
	return spawn_any(program, argv, NULL, 0);
}

// spawn_stopped, but the child has as descriptor i a duplicate of our fds[i], none if
// that is negative, for i < nfds, and no others. Also -E_INVAL: one of them is not open,
// or nfds is more than MAXFD.
envid_t
spawn_fds(const char *program, const char **argv, const int *fds, int nfds)
{
	struct FdUse use[MAXFD];
	envid_t child = 0;
	int n;

	if (nfds < 0 || nfds > MAXFD)
		return -E_INVAL;
	// Another thread may close them: they are what they are now.
	for (n = 0; n < nfds && child == 0; n++) {
		use[n].fd = NULL;
		if (fds[n] >= 0 && fd_get(fds[n], &use[n]) < 0)
			child = -E_INVAL;
	}
	if (child == 0)
		child = spawn_any(program, argv, fds, nfds);
	while (n-- > 0)
		if (use[n].fd)
			fd_put(&use[n]);
	return child;
}
