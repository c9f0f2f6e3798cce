// rm [-fr] FILE...: removes files and empty directories; -r: directories with all that is in
// them; -f: a file that is not there is no error.
#include <user/command.h>
#include <user/walk.h>

static bool force, recursive;

static void
remove_one(const char *path)
{
	int r = remove(path);

	if (r < 0 && !(force && r == -E_NOT_FOUND))
		complain(path, r);
}

static void
remove_tree(const char *path)
{
	static struct Walk walk;
	enum WalkEvent event;

	walk_start(&walk, path);
	while ((event = walk_next(&walk)) != WALK_END) {
		if (event == WALK_FILE || event == WALK_LEAVE)
			remove_one(walk.path);
		else if (event == WALK_ERROR && !(force && walk.error == -E_NOT_FOUND))
			complain(walk.path, walk.error);
	}
}

void
umain(int argc, char **argv)
{
	read_options(&argc, argv, "fr", "[-fr] FILE...");
	force = has_option('f');
	recursive = has_option('r');
	if (argc < 2 && !force)
		usage();
	for (int i = 1; i < argc; i++) {
		if (recursive)
			remove_tree(argv[i]);
		else
			remove_one(argv[i]);
	}
	finish();
}
