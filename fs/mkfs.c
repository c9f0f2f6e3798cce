// mkfs [-s MiB] [-w MiB] IMAGE FOLDER: makes a disk image with everything that is in a
// folder, and behind it room for swapped pages, none without -w.
// mkfs -u [-w MiB] IMAGE FOLDER: writes into an image what is new or other in the folder;
// everything else in the image stays. With -w, that room is as large as it says then.
//
// A new image has another name until it is complete. In one that is brought up to
// date, a file has, too; whatever goes wrong, each file is the old one or the new one.

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fs/disk_host.h>
#include <fs/fs.h>
#include <inc/error.h>

#define DEFAULT_MIB 64
#define MIB_BLOCKS (1048576 / BLKSIZE)
#define MAX_MIB (MAXBLOCKS / MIB_BLOCKS)
#define MAX_SWAP_MIB 512
#define SWAP_AS_IT_IS -1
// A file's name in the image while it is written: none that a folder will have.
#define TEMPORARY "/\001mkfs"

static const char *const words[MAXERROR] = {
#define ERROR(name, number, words) [number] = words,
#include <inc/error.def>
#undef ERROR
};

// Says what is wrong with what. False.
static bool
complain(const char *what, const char *why)
{
	fprintf(stderr, "mkfs: %s: %s\n", what, why);
	return false;
}

// The same of an error of the file system; true if it is none.
static bool
worked(int r, const char *what)
{
	if (r >= 0)
		return true;
	if (r == -E_NO_DISK)
		return complain(what, "the image is full");
	return complain(what, r == -E_IO ? strerror(disk_host_errno()) : words[-r]);
}

// ---- Files ----

// A file of the host that is to be copied, and where to.
struct Job {
	const char *from, *to;
	FILE *file;
};

// Whether the image's file has what the host's has.
static bool
is_same(const struct Job *job, struct Node *node)
{
	char ours[BLKSIZE], theirs[BLKSIZE];
	int32_t offset = 0;
	size_t n;

	if (node_type(node) != FTYPE_REG)
		return false;
	do {
		n = fread(theirs, 1, BLKSIZE, job->file);
		if (node_read(node, ours, BLKSIZE, offset) != (int)n || memcmp(ours, theirs, n))
			return false;
		offset += n;
	} while (n == BLKSIZE);
	return offset == node_size(node) && !ferror(job->file);
}

// Copies all of the host's file, but leaves holes where there are only zeroes.
static bool
copy_contents(const struct Job *job, struct Node *node)
{
	static const char zeroes[BLKSIZE];
	char buf[BLKSIZE];
	int32_t offset = 0;
	size_t n;

	do {
		n = fread(buf, 1, BLKSIZE, job->file);
		if (offset > MAXFILESIZE - (int32_t)n)
			return worked(-E_FILE_BIG, job->from);
		if (memcmp(buf, zeroes, n) && !worked(node_write(node, buf, n, offset), job->to))
			return false;
		offset += n;
	} while (n == BLKSIZE);
	if (ferror(job->file))
		return complain(job->from, strerror(errno));
	return worked(node_truncate(node, offset), job->to);
}

static bool
write_file(const struct Job *job)
{
	struct Node *node;
	bool ok;

	if (!worked(node_create(TEMPORARY, FTYPE_REG, &node), job->to))
		return false;
	ok = copy_contents(job, node);
	node_put(node);
	if (ok)
		ok = worked(fs_rename(TEMPORARY, job->to), job->to);
	if (!ok)
		fs_remove(TEMPORARY);
	return ok;
}

static bool
copy_file(const char *from, const char *to)
{
	struct Job job = {from, to, fopen(from, "rb")};
	struct Node *node;
	bool ok = true, same = false;

	if (!job.file)
		return complain(from, strerror(errno));
	if (node_lookup(to, &node) == 0) {
		same = is_same(&job, node);
		node_put(node);
		rewind(job.file);
	}
	if (!same)
		ok = write_file(&job);
	fclose(job.file);
	return ok;
}

// ---- Folders ----

static bool
make_directory(const char *path)
{
	struct Node *node;
	int r = node_create(path, FTYPE_DIR, &node);

	if (r == -E_FILE_EXISTS)
		r = node_lookup(path, &node);
	if (r == 0) {
		r = node_type(node) == FTYPE_DIR ? 0 : -E_NOT_DIR;
		node_put(node);
	}
	return worked(r, path);
}

static bool copy_folder(const char *from, const char *to);

// Copies what has a name in a folder.
static bool
copy_entry(const char *folder, const char *directory, const char *name)
{
	size_t room = strlen(folder) + strlen(name) + 2;
	char *from = malloc(room), to[MAXPATHLEN];
	struct stat st;
	bool ok;

	if (!from)
		return complain(folder, strerror(ENOMEM));
	snprintf(from, room, "%s/%s", folder, name);
	if (strlen(name) >= MAXNAMELEN)
		ok = complain(from, "name too long");
	else if (snprintf(to, sizeof(to), "%s/%s", directory, name) >= MAXPATHLEN)
		ok = complain(from, "path too long");
	else if (stat(from, &st) < 0)
		ok = complain(from, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		ok = make_directory(to) && copy_folder(from, to);
	else if (!S_ISREG(st.st_mode))
		ok = complain(from, "neither a file nor a folder");
	else if (st.st_size > MAXFILESIZE)
		ok = worked(-E_FILE_BIG, from);
	else
		ok = copy_file(from, to);
	free(from);
	return ok;
}

// Copies all that is in a folder, in the order of names: the same folder makes the
// same image.
static bool
copy_folder(const char *from, const char *to)
{
	struct dirent **entries;
	int n = scandir(from, &entries, NULL, alphasort);
	bool ok = true;

	if (n < 0)
		return complain(from, strerror(errno));
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		if (ok && strcmp(name, ".") && strcmp(name, ".."))
			ok = copy_entry(from, to, name);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

// ---- Images ----

static bool
open_image(const char *path, bool create, uint32_t nblocks)
{
	int r = disk_host_open(path, create, nblocks);

	if (r == DISK_IN_USE)
		return complain(path, "in use by a machine");
	return r == 0 || complain(path, strerror(r));
}

// Fills the image that is mounted, and closes it.
static bool
fill_image(const char *image, const char *folder, int swap_mib, bool ok)
{
	int r;

	if (ok) {
		fs_remove(TEMPORARY); // of one that was stopped
		ok = copy_folder(folder, "");
		ok = worked(fs_unmount(), image) && ok;
	}
	if (ok && swap_mib != SWAP_AS_IT_IS) {
		r = disk_host_resize(fs_nblocks() + swap_mib * MIB_BLOCKS);
		ok = r == 0 || complain(image, strerror(r));
	}
	r = disk_host_close();
	return ok && (r == 0 || complain(image, strerror(r)));
}

static bool
make_image(const char *image, const char *folder, uint32_t mib, int swap_mib)
{
	size_t room = strlen(image) + 5;
	char *temporary = malloc(room);
	uint32_t nblocks = mib * MIB_BLOCKS;
	bool ok;

	if (!temporary)
		return complain(image, strerror(ENOMEM));
	snprintf(temporary, room, "%s.tmp", image);
	ok = open_image(temporary, true, nblocks);
	if (ok) {
		ok = fill_image(temporary, folder, swap_mib, worked(fs_format(nblocks), temporary));
		if (ok && rename(temporary, image) < 0)
			ok = complain(image, strerror(errno));
		if (!ok)
			unlink(temporary);
	}
	free(temporary);
	return ok;
}

static bool
update_image(const char *image, const char *folder, int swap_mib)
{
	return open_image(image, false, 0) &&
	       fill_image(image, folder, swap_mib, worked(fs_mount(), image));
}

// A number of an option. False if it is none from min to max.
static bool
take_number(const char *text, long min, long max, int *store)
{
	char *end;
	long n = strtol(text, &end, 10);

	*store = (int)n;
	return end != text && !*end && n >= min && n <= max;
}

int
main(int argc, char **argv)
{
	int mib = DEFAULT_MIB, swap_mib = SWAP_AS_IT_IS, c;
	bool update = false, usage = false;

	while ((c = getopt(argc, argv, "s:uw:")) != -1) {
		switch (c) {
		case 'u': update = true; break;
		case 's': usage |= !take_number(optarg, 1, MAX_MIB, &mib); break;
		case 'w': usage |= !take_number(optarg, 0, MAX_SWAP_MIB, &swap_mib); break;
		default: usage = true;
		}
	}
	if (usage || argc - optind != 2) {
		fprintf(stderr, "usage: mkfs [-s MIB] [-w MIB] IMAGE FOLDER\n");
		fprintf(stderr, "           MIB: 1 to %d, swap 0 to %d\n", MAX_MIB, MAX_SWAP_MIB);
		fprintf(stderr, "       mkfs -u [-w MIB] IMAGE FOLDER\n");
		return 2;
	}
	if (update)
		return update_image(argv[optind], argv[optind + 1], swap_mib) ? 0 : 1;
	return make_image(argv[optind], argv[optind + 1], mib, swap_mib) ? 0 : 1;
}
