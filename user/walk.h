// Going through a directory with all that is in it, for cp -r and rm -r: files as they
// come, directories before (WALK_ENTER) and after (WALK_LEAVE) what is in them.
// However deep it is, the stack does not grow.
#ifndef USER_WALK_H
#define USER_WALK_H

#include <user/dir.h>

enum WalkEvent { WALK_END, WALK_FILE, WALK_ENTER, WALK_LEAVE, WALK_ERROR };

// A directory that was entered.
struct WalkLevel {
	struct WalkLevel *up;
	struct Dir dir; // as it was then
	int next;       // of the dir's entries
	int len;        // of the directory's path
};

struct Walk {
	char path[MAXPATHLEN]; // of what the event is about
	int error;             // of WALK_ERROR
	bool begun;
	struct WalkLevel *top;
};

static inline void
walk_start(struct Walk *walk, const char *path)
{
	strlcpy(walk->path, path, MAXPATHLEN);
	walk->begun = false;
	walk->top = NULL;
}

static inline enum WalkEvent
walk_failed(struct Walk *walk, int error)
{
	walk->error = error;
	return WALK_ERROR;
}

// Enters the directory walk->path.
static inline enum WalkEvent
walk_enter(struct Walk *walk)
{
	struct WalkLevel *level = malloc(sizeof(*level));
	int r = level ? dir_read(&level->dir, walk->path) : -E_NO_MEM;

	if (r < 0) {
		free(level);
		return walk_failed(walk, r);
	}
	level->up = walk->top;
	level->next = 0;
	level->len = strlen(walk->path);
	walk->top = level;
	return WALK_ENTER;
}

// Does not go through the rest of the directory that was entered last.
static inline void
walk_skip(struct Walk *walk)
{
	walk->top->next = walk->top->dir.n;
}

static inline enum WalkEvent
walk_next(struct Walk *walk)
{
	struct WalkLevel *level = walk->top;
	struct Stat st;
	int r;

	if (!walk->begun) {
		walk->begun = true;
		if ((r = stat(walk->path, &st)) < 0)
			return walk_failed(walk, r);
		return st.st_isdir ? walk_enter(walk) : WALK_FILE;
	}
	if (!level)
		return WALK_END;

	walk->path[level->len] = 0;
	if (level->next == level->dir.n) {
		walk->top = level->up;
		dir_free(&level->dir);
		free(level);
		return WALK_LEAVE;
	}
	const struct DirEntry *entry = &level->dir.entries[level->next++];
	const char *slash = walk->path[level->len - 1] == '/' ? "" : "/";
	if (level->len + strlen(entry->name) + 2 > MAXPATHLEN)
		return walk_failed(walk, -E_BAD_PATH);
	snprintf(walk->path + level->len, MAXPATHLEN - level->len, "%s%s", slash, entry->name);
	return entry->isdir ? walk_enter(walk) : WALK_FILE;
}

#endif
