// cp [-r] FROM... TO: copies a file, or several into the directory TO; -r: directories with
// all that is in them. Of a copy that fails nothing is left.
#include <user/target.h>
#include <user/walk.h>

static char buf[4 * PGSIZE] __attribute__((aligned(PGSIZE)));
static bool recursive;

// Copies what in has to the end. false: it failed, and was reported.
static bool
copy_data(int in, int out, const char *from, const char *to)
{
	ssize_t n, r;

	while ((n = read(in, buf, sizeof(buf))) > 0) {
		r = write_all(out, buf, n);
		if (r < n) {
			complain(to, r < 0 ? r : -E_IO);
			return false;
		}
	}
	if (n < 0)
		complain(from, n);
	return n == 0;
}

static void
copy_file(const char *from, const char *to)
{
	int in, out, r;

	if ((in = open(from, O_RDONLY)) < 0) {
		complain(from, in);
		return;
	}
	if ((out = open(to, O_WRONLY | O_CREAT | O_TRUNC)) < 0) {
		complain(to, out);
		close(in);
		return;
	}
	bool copied = copy_data(in, out, from, to);
	close(in);
	r = close(out);
	if (copied && r < 0)
		complain(to, r);
	if (!copied || r < 0)
		remove(to);
}

static void
copy_tree(const char *from, const char *to)
{
	static struct Walk walk;
	static char target[MAXPATHLEN];
	enum WalkEvent event;
	int from_len = strlen(from), r;

	if (path_within(to, from)) {
		complain_that(from, "cannot be copied into itself");
		return;
	}
	walk_start(&walk, from);
	while ((event = walk_next(&walk)) != WALK_END) {
		if (event == WALK_ERROR) {
			complain(walk.path, walk.error);
			continue;
		}
		const char *rest = skip_slashes(walk.path + from_len);
		if (snprintf(target, MAXPATHLEN, "%s%s%s", to, *rest ? "/" : "", rest) >=
		    MAXPATHLEN) {
			complain(walk.path, -E_BAD_PATH);
			if (event == WALK_ENTER)
				walk_skip(&walk);
		} else if (event == WALK_FILE) {
			copy_file(walk.path, target);
		} else if (event == WALK_ENTER && !is_dir(target) && (r = mkdir(target)) < 0) {
			complain(target, r);
			walk_skip(&walk);
		}
	}
}

static void
copy(const char *from, const char *to)
{
	if (path_same(from, to))
		complain_that(from, "is the same file");
	else if (!is_dir(from))
		copy_file(from, to);
	else if (recursive)
		copy_tree(from, to);
	else
		complain_that(from, "is a directory; -r copies it");
}

void
umain(int argc, char **argv)
{
	read_options(&argc, argv, "r", "[-r] FROM... TO");
	recursive = has_option('r');
	each_target(argc, argv, copy);
	finish();
}
