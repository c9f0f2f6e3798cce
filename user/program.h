// Programs by their names, as the shell finds them.
#ifndef USER_PROGRAM_H
#define USER_PROGRAM_H

#include <inc/lib.h>
#include <user/status.h>

// Into path (MAXPATHLEN): where the program is; a name without '/' is that of a file in the
// root directory. false if that is too long.
static inline bool
program_path(char *path, const char *name)
{
	const char *root = strchr(name, '/') ? "" : "/";

	return snprintf(path, MAXPATHLEN, "%s%s", root, name) < MAXPATHLEN;
}

// $? where it could not be started, for error r.
static inline int
program_status(int r)
{
	return r == -E_NOT_FOUND ? STATUS_NOT_FOUND : STATUS_NOT_EXEC;
}

#endif
