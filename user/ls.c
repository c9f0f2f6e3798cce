// ls [-dFl] [FILE...]: lists what is in directories, sorted by name, and files. -l: type
// and size in front, -F: a / behind directories, -d: directories themselves.
#include <user/command.h>
#include <user/dir.h>

static bool itself, marked, detailed;

static void
print_entry(const char *name, off_t size, bool isdir)
{
	if (detailed)
		print("%c %10d ", isdir ? 'd' : '-', size);
	print("%s%s\n", name, marked && isdir ? "/" : "");
}

static void
list_dir(const char *path)
{
	struct Dir dir;
	int r = dir_read(&dir, path);

	if (r < 0) {
		complain(path, r);
		return;
	}
	for (int i = 0; i < dir.n; i++)
		print_entry(dir.entries[i].name, dir.entries[i].size, dir.entries[i].isdir);
	dir_free(&dir);
}

// Lists files first, then what is in directories.
static void
list_all(int n, char **paths)
{
	bool printed = false;
	struct Stat st;
	int r;

	for (int i = 0; i < n; i++) {
		if ((r = stat(paths[i], &st)) < 0) {
			complain(paths[i], r);
		} else if (!st.st_isdir || itself) {
			print_entry(paths[i], st.st_size, st.st_isdir);
			printed = true;
		}
	}
	for (int i = 0; i < n && !itself; i++) {
		if (stat(paths[i], &st) < 0 || !st.st_isdir)
			continue;
		if (n > 1)
			print("%s%s:\n", printed ? "\n" : "", paths[i]);
		list_dir(paths[i]);
		printed = true;
	}
}

void
umain(int argc, char **argv)
{
	static char *root[] = {"/"};

	read_options(&argc, argv, "dFl", "[-dFl] [FILE...]");
	itself = has_option('d');
	marked = has_option('F');
	detailed = has_option('l');
	list_all(MAX(argc - 1, 1), argc > 1 ? argv + 1 : root);
	finish();
}
