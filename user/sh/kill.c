// Ending envs. Whatever a shell's jobs have made belongs to those jobs, and may be ended
// by the shell.
#include <user/number.h>
#include <user/sh/job.h>
#include <user/sh/sh.h>

// Why an env cannot be ended.
static const char *
refusal(envid_t id)
{
	const volatile struct Env *e = &envs[ENVX(id)];

	if (e->env_id != id || e->env_status == ENV_FREE)
		return "no such process";
	if (!env_is_alive(id))
		return "has ended already";
	if (e->env_type == ENV_TYPE_THREAD || e->env_type == ENV_TYPE_SYSCALL)
		return "a thread: the process is to be named";
	if (e->env_type == ENV_TYPE_FS)
		return "a service";
	return "not of this shell's jobs";
}

// Ends an env: its ID; or a whole job: %N, or - and the ID of one of its children. What
// is wrong is said on err.
int
kill_one(const char *which, int err)
{
	bool whole = *which == '%' || *which == '-';

	if (whole) {
		const struct Job *job = job_find(*which == '-' ? which + 1 : which);
		if (!job) {
			fprintf(err, "sh: kill: %s: no such job\n", which);
			return 1;
		}
		for (int i = 0; i < job->n; i++)
			// A shell that is not interactive makes no groups.
			if (job->envs[i] && sys_env_destroy(-job->envs[i]) < 0)
				sys_env_destroy(job->envs[i]);
		return 0;
	}
	envid_t id = read_id(which);
	if (id == 0) {
		fprintf(err, "sh: kill: %s: not the id of an environment\n", which);
		return STATUS_USAGE;
	}
	if (id == shell.self && thisenv->env_id == id)
		exit_status(STATUS_KILLED);
	if (sys_env_destroy(id) < 0) {
		fprintf(err, "sh: kill: %s: %s\n", which, refusal(id));
		return 1;
	}
	return 0;
}

// Ends all that belongs to this shell's jobs, what its programs have left behind
// included.
void
kill_all(void)
{
	bool any;

	do {
		any = false;
		for (int i = 0; i < NENV; i++) {
			// 0, which would be the shell, when the slot has just changed hands.
			envid_t group = envs[i].env_group;
			if (group && envs[i].env_job == shell.self && env_is_alive(envs[i].env_id))
				any |= sys_env_destroy(-group) == 0;
		}
	} while (any);
}
