// What runs in the background: pipelines, each with a number, that nobody waits
// for. Their commands stay as zombies until the shell looks, before a prompt.
#include <user/number.h>
#include <user/sh/job.h>
#include <user/sh/sh.h>

#define JOBS_MAX 32

static struct Job jobs[JOBS_MAX];

// A new job, of at most n commands, for text of that length. NULL if there is no room,
// which was reported.
struct Job *
job_new(int n, const char *text, int len)
{
	for (struct Job *job = jobs; job < jobs + JOBS_MAX; job++) {
		if (job->envs)
			continue;
		if (!(job->envs = malloc(n * sizeof(envid_t))))
			break;
		job->n = 0;
		snprintf(job->text, TEXT_ROOM, "%.*s%s", MIN(len, TEXT_ROOM - 4), text,
			 len > TEXT_ROOM - 4 ? "..." : "");
		return job;
	}
	fprintf(2, "sh: too many jobs in the background\n");
	return NULL;
}

// One more command: its child, which may have ended already; or 0, and its status.
void
job_add(struct Job *job, envid_t env, int status)
{
	job->envs[job->n++] = env;
	job->status = env ? 0 : status;
}

static void
drop(struct Job *job)
{
	free(job->envs);
	job->envs = NULL;
	job->n = 0;
}

static int
number(const struct Job *job)
{
	return job - jobs + 1;
}

// All commands are there.
void
job_started(struct Job *job)
{
	if (job->n == 0) {
		drop(job);
		return;
	}
	if (!shell.interactive)
		return;
	fprintf(2, "[%d]", number(job));
	for (int i = 0; i < job->n; i++)
		if (job->envs[i])
			fprintf(2, " %08x", job->envs[i]);
	fprintf(2, "\n");
}

// Waits for the end of child i of a job, and frees it.
static void
collect(struct Job *job, int i)
{
	int r = wait_status(job->envs[i]);

	if (i == job->n - 1)
		job->status = r;
	job->envs[i] = 0;
}

// Whether something of it still runs. Frees what does not, if it is ours.
static bool
runs(struct Job *job)
{
	bool ours = thisenv->env_id == shell.self;
	bool any = false;

	for (int i = 0; i < job->n; i++) {
		if (job->envs[i] == 0)
			continue;
		if (env_is_alive(job->envs[i]))
			any = true;
		else if (ours)
			collect(job, i);
	}
	return any;
}

static void
print(int fd, const struct Job *job, bool running)
{
	const char *words = status_words(job->status);
	char exited[16];

	snprintf(exited, sizeof(exited), "exit %d", job->status);
	if (running)
		words = "running";
	else if (!words)
		words = job->status ? exited : "done";
	fprintf(fd, "[%d] %-8s", number(job), words);
	for (int i = 0; i < job->n; i++)
		if (running && job->envs[i])
			fprintf(fd, " %08x", job->envs[i]);
	fprintf(fd, " %s\n", job->text);
}

// Forgets the jobs that have ended; an interactive shell says which.
void
job_report(void)
{
	for (struct Job *job = jobs; job < jobs + JOBS_MAX; job++) {
		if (job->envs && !runs(job)) {
			if (shell.interactive)
				print(2, job, false);
			drop(job);
		}
	}
}

// Prints all jobs onto descriptor fd, those that have ended for the last time.
void
job_list(int fd)
{
	for (struct Job *job = jobs; job < jobs + JOBS_MAX; job++) {
		if (!job->envs)
			continue;
		bool running = runs(job);
		print(fd, job, running);
		if (!running)
			drop(job);
	}
}

// The job that "%N" names, or that has the child "ID". NULL if there is none.
struct Job *
job_find(const char *which)
{
	long n;

	if (*which == '%') {
		bool is_one = read_number(which + 1, 10, 1, JOBS_MAX, &n) && jobs[n - 1].envs;
		return is_one ? &jobs[n - 1] : NULL;
	}
	envid_t id = read_id(which);
	for (struct Job *job = jobs; id && job < jobs + JOBS_MAX; job++)
		for (int i = 0; job->envs && i < job->n; i++)
			if (job->envs[i] == id)
				return job;
	return NULL;
}

static void
wait_for(struct Job *first, struct Job *last)
{
	bool ours = thisenv->env_id == shell.self;

	for (struct Job *job = first; job <= last; job++) {
		for (int i = 0; job->envs && i < job->n; i++) {
			if (job->envs[i] && ours)
				collect(job, i);
			else if (job->envs[i])
				wait(job->envs[i]);
		}
	}
}

// The same in a way that ctrl-C can end: a child waits in front. Whether the jobs have
// ended.
static bool
wait_in_front(struct Job *first, struct Job *last, int err)
{
	envid_t waiter = start_fork(ENVF_WATCHED | ENVF_JOB | ENVF_FOREGROUND);

	if (waiter == 0) {
		wait_for(first, last);
		exit();
	}
	if (waiter < 0)
		fprintf(err, "sh: wait: %e\n", waiter);
	else if (wait_status(waiter) == 0)
		return true;
	shell.interrupted = waiter > 0;
	return false;
}

// Waits for a job, %N or ID, or for all: NULL. Its status, or that of the last. What is
// wrong is said on err.
int
job_wait(const char *which, int err)
{
	struct Job *first = jobs, *last = jobs + JOBS_MAX - 1;
	int status = 0;

	if (which) {
		first = last = job_find(which);
		if (!first) {
			fprintf(err, "sh: wait: %s: no such job\n", which);
			return STATUS_NOT_FOUND;
		}
	}
	if (!shell.interactive)
		wait_for(first, last);
	else if (!wait_in_front(first, last, err))
		return STATUS_INTERRUPTED;
	for (struct Job *job = first; job <= last; job++) {
		if (!job->envs || runs(job))
			continue;
		status = status_number(job->status);
		drop(job);
	}
	return status;
}

bool
job_any(void)
{
	bool any = false;

	for (struct Job *job = jobs; job < jobs + JOBS_MAX; job++)
		any |= job->envs && runs(job);
	return any;
}

// For a copy of the shell that has jobs of its own.
void
job_forget(void)
{
	for (struct Job *job = jobs; job < jobs + JOBS_MAX; job++)
		if (job->envs)
			drop(job);
}
