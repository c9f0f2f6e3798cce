// fsck: checks an image of a file system and shows what is in it. The image is
// never written to: a log that has not been played back yet is applied to a copy
// in memory, so that all that is said is about the state after recovery.
//
//   fsck IMAGE            checks everything
//   fsck -l IMAGE [PATH]  the same, and lists the files, with their sizes
//   fsck -c IMAGE PATH    the contents of a file
//   fsck -s IMAGE         a line for each file, with a hash of its contents
//
// What is wrong goes to the standard error, a line each. Exit status: 0 clean, with
// a log to replay and orphans or without; 1 errors, or no such file; 2 not usable:
// it cannot be read, is no file system, or its superblock is damaged.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fs/fsck.h>

static int
usage(void)
{
	fprintf(stderr, "usage: fsck IMAGE\n"
			"       fsck -l IMAGE [PATH]\n"
			"       fsck -c IMAGE PATH\n"
			"       fsck -s IMAGE\n");
	return 2;
}

static const char *
plural(uint32_t n, const char *one, const char *many)
{
	static char text[2][64];
	static int which;
	char *store = text[which ^= 1];

	snprintf(store, sizeof(text[0]), "%u %s", n, n == 1 ? one : many);
	return store;
}

static void
summary(const char *image)
{
	printf("%s: %u blocks of %u bytes: %u in files and directories, %u free\n", image,
	       super->s_nblocks, BLKSIZE, nused, nfree);
	printf("%s: %s, %s\n", image, plural(nfiles, "file", "files"),
	       plural(ndirs, "directory", "directories"));
	if (log_records)
		printf("%s: log: %s to replay, ", image, plural(log_records, "record", "records"));
	else
		printf("%s: log: empty", image);
	printf("%s\n", log_records ? plural(log_blocks, "block", "blocks") : "");
	if (norphans)
		printf("%s: %s, %s\n", image, plural(norphans, "orphan", "orphans"),
		       plural(norphan_blocks, "block", "blocks"));
	if (nerrors)
		printf("%s: %s\n", image, plural(nerrors, "error", "errors"));
	else
		printf("%s: clean\n", image);
}

int
main(int argc, char **argv)
{
	const char *image, *path;
	uint32_t node;
	int mode = 0, option;

	while ((option = getopt(argc, argv, "lcs")) != -1) {
		if (option == '?' || mode)
			return usage();
		mode = option;
	}
	argc -= optind;
	argv += optind;
	if (argc != 1 + (mode == 'c') && !(argc == 2 && mode == 'l'))
		return usage();
	image = argv[0];
	path = argc == 2 ? argv[1] : "/";

	if (!image_open(image) || !check_all())
		return 2;
	node = tree_lookup(path);
	if (node == NOWHERE) {
		fprintf(stderr, "%s: %s: file not found\n", image, path);
		return 1;
	}
	switch (mode) {
	case 'l': tree_list(node); break;
	case 's': tree_digest(); break;
	case 'c':
		if (!tree_cat(node))
			nerrors++;
		break;
	default: summary(image);
	}
	if (fflush(stdout) || ferror(stdout)) {
		perror("fsck: standard output");
		return 2;
	}
	return nerrors != 0;
}
