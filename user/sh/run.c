// Runs a line that was parsed. All commands of a pipeline are children of the
// shell itself: programs are made one by one and started when all are there, so
// that ctrl-C finds either none of them or all.
#include <user/sh/sh.h>

#define NAME_ROOM 32

// A command of the pipeline that is being run.
struct Stage {
	envid_t env; // 0: it has no child
	int status;  // then this came of it
	char name[NAME_ROOM];
};

// What start_command has to know of a command's place.
struct Place {
	bool alone; // in its pipeline
	bool background;
};

// Flags for a child. Only an interactive shell makes jobs: what others start
// belongs to the job that they themselves are in.
static uint32_t
child_flags(bool background)
{
	if (!shell.interactive)
		return ENVF_WATCHED;
	return ENVF_WATCHED | ENVF_JOB | (background ? 0 : ENVF_FOREGROUND);
}

// Waits until a child has ended, says so if not by an exit, and returns its
// status for $?.
static int
wait_stage(const struct Stage *stage)
{
	if (stage->env == 0)
		return stage->status;
	int r = wait_status(stage->env);
	if (r == -E_KILLED && shell.interactive) {
		// nobody else can have ended what runs in front
		shell.interrupted = true;
		return STATUS_INTERRUPTED;
	}
	if (status_words(r))
		fprintf(2, "sh: %s: %s\n", stage->name, status_words(r));
	return status_number(r);
}

// A builtin that is not alone, or in the background, gets a child of the shell for itself.
static void
fork_builtin(struct Stage *stage, Builtin builtin, const struct Args *args, const struct Plan *plan,
	     bool background)
{
	envid_t env = start_fork(child_flags(background));

	if (env == 0) {
		plan_keep_only(plan);
		exit_status(builtin(args, plan->fd));
	}
	if (env < 0)
		fprintf(2, "sh: %s: %e\n", args->argv[0], env);
	else
		stage->env = env;
}

// Makes the child for a command, or does it. What is wrong was reported, and is its status.
static void
start_command(struct Stage *stage, const struct Line *line, const struct SimpleCommand *command,
	      struct Plan *plan, const struct Place *place)
{
	static struct Args args;

	stage->env = 0;
	stage->status = 1;
	for (int i = 0; i < command->nredirs; i++)
		if (plan_redirect(plan, &line->redirs[command->redir + i]) < 0)
			return;
	int r = expand_words(&args, &line->words[command->word], command->nwords, &shell.params);
	if (r < 0) {
		fprintf(2, "sh: too many arguments, or too long ones\n");
		return;
	}
	if (r == 0) { // there were only redirections
		stage->status = 0;
		return;
	}
	strlcpy(stage->name, args.argv[0], NAME_ROOM);
	Builtin builtin = builtin_find(args.argv[0]);
	if (builtin && place->alone && !place->background) {
		stage->status = builtin(&args, plan->fd);
	} else if (builtin) {
		fork_builtin(stage, builtin, &args, plan, place->background);
	} else {
		envid_t env = start_program(&args, plan, &stage->status);
		if (env > 0) {
			sys_env_set_flags(env, child_flags(place->background));
			stage->env = env;
		}
	}
}

// Makes the children of a pipeline, outputs and inputs joined. How many commands; if there
// is no pipe to be had, an error, and nothing is left.
static int
start_pipeline(const struct Line *line, const struct Pipeline *pipeline, bool background,
	       struct Stage *stages)
{
	struct Place place = {.alone = pipeline->ncommands == 1, .background = background};
	int input = -1; // what the next command reads

	for (int i = 0; i < pipeline->ncommands; i++) {
		int fds[2] = {-1, -1}, r = 0;
		struct Plan plan;

		plan_start(&plan);
		if (i > 0)
			plan.fd[0] = input;
		else if (background)
			r = plan_no_input(&plan);
		if (r == 0 && i < pipeline->ncommands - 1)
			r = pipe(fds);
		if (r == 0) {
			if (fds[1] >= 0)
				plan.fd[1] = fds[1];
			start_command(&stages[i], line, &line->commands[pipeline->command + i],
				      &plan, &place);
		}
		plan_close(&plan);
		if (input >= 0)
			close(input);
		if (r < 0) {
			fprintf(2, "sh: pipe: %e\n", r);
			while (i-- > 0) {
				if (stages[i].env > 0) {
					sys_env_destroy(stages[i].env);
					wait_status(stages[i].env);
				}
			}
			return r;
		}
		if (fds[1] >= 0)
			close(fds[1]);
		input = fds[0];
	}
	return pipeline->ncommands;
}

// Ctrl-C was pressed: waits until all that ran in front has gone, and ends what was
// made while the kernel was ending the others.
static void
end_in_front(void)
{
	bool any;

	do {
		any = false;
		for (int i = 0; i < NENV; i++) {
			const volatile struct Env *e = &envs[i];
			envid_t id = e->env_id;
			if (e->env_job != shell.self || !(e->env_flags & ENVF_FOREGROUND) ||
			    e->env_status == ENV_FREE || e->env_status == ENV_ZOMBIE)
				continue;
			sys_env_destroy(id); // or it is ending already
			wait(id);
			any = true;
		}
	} while (any);
	printf("\n"); // it may have left a line unfinished
}

// The status of a pipeline is that of its last command.
static int
run_pipeline(const struct Line *line, const struct Pipeline *pipeline, bool background)
{
	static struct Stage stages[LINE_COMMANDS];
	bool owns_key = shell.interactive && !background;
	struct Job *job = NULL;
	int status = 0;

	if (background &&
	    !(job = job_new(pipeline->ncommands, pipeline->text.at, pipeline->text.len)))
		return 1;
	int n = start_pipeline(line, pipeline, background, stages);
	for (int i = 0; i < n && background; i++)
		job_add(job, stages[i].env, stages[i].status);
	if (background)
		job_started(job);
	for (int i = 0; i < n; i++)
		if (stages[i].env > 0)
			sys_env_set_status(stages[i].env, ENV_RUNNABLE);
	for (int i = 0; i < n && !background; i++)
		status = wait_stage(&stages[i]);
	if (shell.interrupted)
		end_in_front();
	if (owns_key)
		sys_cons_interrupt(1); // a shell in front may have had it
	return n < 0 ? 1 : status;
}

// Pipelines from..to, joined by && and ||.
static void
run_list(const struct Line *line, int from, int to)
{
	int *status = &shell.params.status;

	for (int i = from; i <= to && !shell.interrupted; i++) {
		enum Connector before = i > from ? line->pipelines[i - 1].then : THEN_NEXT;
		if ((before == THEN_AND && *status != 0) || (before == THEN_OR && *status == 0))
			continue;
		*status = run_pipeline(line, &line->pipelines[i], false);
	}
}

// The same in the background, by a copy of the shell.
static void
run_list_behind(const struct Line *line, int from, int to)
{
	const char *start = line->pipelines[from].text.at;
	const struct Word *last = &line->pipelines[to].text;
	struct Job *job = job_new(1, start, last->at + last->len - start);

	shell.params.status = 1;
	if (!job)
		return;
	envid_t env = start_fork(child_flags(true));
	if (env == 0) {
		struct Plan plan;
		job_forget();
		plan_start(&plan);
		if (plan_no_input(&plan) == 0)
			dup(plan.fd[0], 0);
		plan_close(&plan);
		run_list(line, from, to);
		exit_status(shell.params.status);
	}
	if (env < 0)
		fprintf(2, "sh: %e\n", env);
	else
		job_add(job, env, 0);
	job_started(job);
	shell.params.status = env < 0;
}

// Runs all of a line. $? is then the status of the last pipeline.
void
run_line(const struct Line *line)
{
	shell.interrupted = false;
	for (int from = 0, to; from < line->npipelines && !shell.interrupted; from = to + 1) {
		for (to = from; line->pipelines[to].then >= THEN_AND; to++)
			;
		if (line->pipelines[to].then != THEN_BACKGROUND)
			run_list(line, from, to);
		else if (to > from)
			run_list_behind(line, from, to);
		else
			shell.params.status = run_pipeline(line, &line->pipelines[from], true);
	}
}
