// How ps and top show processes.
#ifndef USER_PSTATE_H
#define USER_PSTATE_H

#include <inc/lib.h>

static inline const char *
state_words(enum EnvStatus status)
{
	switch (status) {
	case ENV_RUNNING: return "running";
	case ENV_RUNNABLE: return "ready";
	case ENV_NOT_RUNNABLE: return "waiting";
	case ENV_ZOMBIE: return "zombie";
	case ENV_DYING: return "ending";
	default: return "?";
	}
}

#endif
