// A job: a pipeline in the background.
#ifndef USER_SH_JOB_H
#define USER_SH_JOB_H

#include <inc/lib.h>

#define TEXT_ROOM 64

struct Job {
	int n;         // commands
	envid_t *envs; // their children; 0: freed, or there was none. NULL: no job
	int status;    // of the last, once that has ended
	char text[TEXT_ROOM];
};

struct Job *job_find(const char *which);

#endif
