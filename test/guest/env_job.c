// Jobs: whom a process may destroy that is not its child, and who inherits what.
// (ctrl-C, the other half of it, is tested by cons_intr.)
#include <test/guest/filecheck.h>

static void
stays(int arg)
{
	sys_ipc_recv((void *)UTOP);
}

// Makes a chain of `depth` more envs, each the child of the one before, and says
// each one's id in shared->word.
static void
makes_chain(int depth)
{
	AWAIT(shared->stop);
	shared->word[depth] = sys_getenvid();
	if (depth > 0)
		child_run(makes_chain, depth - 1);
	else
		shared->ready = 1;
	stays(0);
}

// A chain of four whose first has these flags; it is started behind a gate, so that
// the flags are there before its first child.
static void
chain(uint32_t flags)
{
	envid_t id;

	shared->ready = shared->stop = 0;
	id = child_run(makes_chain, 3);
	if (flags)
		CHECK_EQ(sys_env_set_flags(id, flags), 0);
	shared->stop = 1;
	AWAIT(shared->ready);
	CHECK_EQ(shared->word[3], id);
}

static void
end(envid_t id)
{
	CHECK_EQ(sys_env_destroy(id), 0);
	AWAIT(env_gone(id));
}

// Ends an env that we have no right to destroy.
static void
end_by_message(envid_t id)
{
	ipc_send(id, 0, NULL, 0);
	AWAIT(env_gone(id));
}

static void
may_not_destroy(int arg)
{
	for (int i = 0; i < 4; i++)
		CHECK_EQ(sys_env_destroy(shared->word[i]), -E_BAD_ENV);
}

static void
inherited(void)
{
	uint32_t both = ENVF_JOB | ENVF_FOREGROUND;

	chain(both | ENVF_WATCHED);
	for (int i = 0; i < 4; i++) {
		const volatile struct Env *e = &envs[ENVX(shared->word[i])];

		CHECK_EQ(e->env_job, sys_getenvid());
		CHECK_EQ(e->env_flags & both, both);
		CHECK_EQ(e->env_flags & ENVF_WATCHED, i == 3 ? ENVF_WATCHED : 0);
	}
	// Members of the job have no rights over each other, nor has a child outside it.
	child_must_live("not its own job", may_not_destroy, 0);
	// Other rights are a parent's only.
	CHECK_EQ(sys_page_alloc(shared->word[0], (void *)AREA, RW), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_status(shared->word[0], ENV_NOT_RUNNABLE), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_flags(shared->word[0], 0), -E_BAD_ENV);
	CHECK_EQ(sys_env_collect(shared->word[0]), -E_BAD_ENV);
	// The youngest first, then one whose parent has gone.
	end(shared->word[0]);
	CHECK_EQ(sys_env_destroy(shared->word[3]), 0);
	AWAIT(envs[ENVX(shared->word[3])].env_status == ENV_ZOMBIE);
	CHECK_EQ(sys_env_collect(shared->word[3]), 0);
	end(shared->word[1]);
	end(shared->word[2]);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(sys_env_destroy(shared->word[i]), -E_BAD_ENV);
}

static void
without_job(uint32_t flags)
{
	chain(flags);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(envs[ENVX(shared->word[i])].env_job, 0);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(sys_env_destroy(shared->word[i]), -E_BAD_ENV);
	for (int i = 0; i < 4; i++) {
		if (i == 3 && flags) {
			CHECK_EQ(sys_env_destroy(shared->word[3]), 0);
			wait_status(shared->word[3]);
		} else {
			end_by_message(shared->word[i]);
		}
	}
}

// A shell within a shell: the inner one's children are its job, not the outer's.
static void
is_inner_shell(int arg)
{
	envid_t id;

	AWAIT(shared->stop);
	id = child_run(stays, 0);
	CHECK_EQ(envs[ENVX(id)].env_job, thisenv->env_parent_id);
	CHECK_EQ(sys_env_set_flags(id, ENVF_JOB), 0);
	CHECK_EQ(envs[ENVX(id)].env_job, sys_getenvid());
	shared->result = id;
	shared->ready = 1;
	stays(0);
	end(id);
}

static void
nested(void)
{
	envid_t inner;

	shared->ready = shared->stop = 0;
	inner = child_run(is_inner_shell, 0);
	CHECK_EQ(sys_env_set_flags(inner, ENVF_JOB), 0);
	shared->stop = 1;
	AWAIT(shared->ready);
	CHECK_EQ(sys_env_destroy(shared->result), -E_BAD_ENV);
	ipc_send(inner, 0, NULL, 0);
	AWAIT(env_gone(inner) && env_gone(shared->result));
}

// An env's job is an id: its slot's next owner has no right to it.
static void
makes_job_and_ends(int arg)
{
	envid_t id = child_run(makes_chain, 1);

	CHECK_EQ(sys_env_set_flags(id, ENVF_JOB), 0);
	shared->stop = 1;
	AWAIT(shared->ready);
}

static void
stale_job(void)
{
	envid_t maker, next;

	shared->ready = shared->stop = 0;
	maker = child_run(makes_job_and_ends, 0);
	AWAIT(env_gone(maker));
	shared->word[2] = shared->word[3] = shared->word[0];
	next = child_run(may_not_destroy, 0);
	CHECK_EQ(ENVX(next), ENVX(maker));
	AWAIT(env_gone(next));
	may_not_destroy(0);
	for (int i = 0; i < 2; i++)
		end_by_message(shared->word[i]);
}

void
umain(int argc, char **argv)
{
	share_results();
	for (int i = 0; i < 5; i++)
		inherited();
	without_job(0);
	without_job(ENVF_WATCHED);
	nested();
	stale_job();
	PASS("env_job");
}
