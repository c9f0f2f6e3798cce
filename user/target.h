// Where cp and mv put things: TO, or into TO if that is a directory.
#ifndef USER_TARGET_H
#define USER_TARGET_H

#include <user/command.h>

// Goes over the slashes at *path, which mean nothing at the path's ends.
static inline const char *
skip_slashes(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

// Whether path is base, or something in the directory base; and so for each,
// however its slashes are written.
static inline bool
path_within(const char *path, const char *base)
{
	path = skip_slashes(path);
	base = skip_slashes(base);
	if (!*base)
		return true;
	for (; *base; path++, base++) {
		if (*base == '/' && !*skip_slashes(base))
			break;
		if (*path != *base)
			return false;
		if (*base == '/') {
			path = skip_slashes(path) - 1;
			base = skip_slashes(base) - 1;
		}
	}
	return !*path || *path == '/';
}

static inline bool
path_same(const char *a, const char *b)
{
	return path_within(a, b) && path_within(b, a);
}

static inline bool
is_dir(const char *path)
{
	struct Stat st;

	return stat(path, &st) >= 0 && st.st_isdir;
}

// Into target (MAXPATHLEN): where from goes. false if the path is too long: reported.
static inline bool
target_path(char *target, const char *from, const char *to, bool into)
{
	const char *base = path_base(from);
	int len = strlen(base), n;

	while (len > 0 && base[len - 1] == '/')
		len--;
	if (into)
		n = snprintf(target, MAXPATHLEN, "%s/%.*s", to, len, base);
	else
		n = snprintf(target, MAXPATHLEN, "%s", to);
	if (n >= MAXPATHLEN)
		complain(from, -E_BAD_PATH);
	return n < MAXPATHLEN;
}

// Calls move(from, target) for each of argv[1], ..., with the last as the target.
static inline void
each_target(int argc, char **argv, void (*move)(const char *, const char *))
{
	static char target[MAXPATHLEN];

	if (argc < 3)
		usage();
	const char *to = argv[argc - 1];
	bool into = is_dir(to);
	if (argc > 3 && !into) {
		complain(to, -E_NOT_DIR);
		return;
	}
	for (int i = 1; i < argc - 1; i++)
		if (target_path(target, argv[i], to, into))
			move(argv[i], target);
}

#endif
