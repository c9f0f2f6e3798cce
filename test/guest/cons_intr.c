// ctrl-C and the console's characters, typed by whoever runs this when it asks for
// them: it prints "type: " and what, ^C for the character 3.
#include <test/guest/filecheck.h>

// The next character of the console.
static int
next_char(void)
{
	int c;

	for (;;) {
		uint32_t seen = sysinfo.input;

		c = sys_cgetc();
		if (c != 0)
			return c;
		sys_futex_wait(&sysinfo.input, seen);
	}
}

static void
ask(const char *keys)
{
	cprintf("type: %s\n", keys);
}

static void
stays(int arg)
{
	sys_ipc_recv((void *)UTOP);
}

// A foreground program that computes, with a child that sleeps.
static void
foreground(int arg)
{
	AWAIT(shared->stop);
	shared->word[1] = child_run(stays, 0);
	count_up(&shared->ready);
	for (;;)
		pause();
}

static envid_t
gated(void (*body)(int), int arg, uint32_t flags)
{
	envid_t id = child_run(body, arg);

	if (flags)
		CHECK_EQ(sys_env_set_flags(id, flags), 0);
	return id;
}

// ctrl-C ends the foreground job, all of it and nothing else.
static void
foreground_job(void)
{
	uint32_t job = ENVF_JOB | ENVF_WATCHED;
	envid_t front, back, other;

	CHECK_EQ(sys_cons_interrupt(1), 0);
	front = gated(foreground, 0, job | ENVF_FOREGROUND);
	back = gated(stays, 0, job);
	other = gated(stays, 0, ENVF_WATCHED);
	shared->ready = 0;
	shared->stop = 1;
	AWAIT(shared->ready == 1);
	ask("^Cx");
	CHECK_EQ(wait_status(front), -E_KILLED);
	AWAIT(env_gone(shared->word[1]));
	CHECK_EQ(next_char(), 'x'); // ctrl-C itself was nobody's input
	AWAIT(asleep(back));
	AWAIT(asleep(other));

	// With nothing in the foreground it is a character.
	ask("^Cy");
	CHECK_EQ(next_char(), 3);
	CHECK_EQ(next_char(), 'y');
	AWAIT(asleep(back));
	CHECK_EQ(sys_env_destroy(back), 0);
	CHECK_EQ(sys_env_destroy(other), 0);
	CHECK_EQ(wait_status(back), -E_KILLED);
	CHECK_EQ(wait_status(other), -E_KILLED);
}

// Given up, it is a character again, whatever is in the foreground.
static void
given_up(void)
{
	envid_t front;

	CHECK_EQ(sys_cons_interrupt(0), 0);
	front = gated(stays, 0, ENVF_JOB | ENVF_FOREGROUND | ENVF_WATCHED);
	ask("^C");
	CHECK_EQ(next_char(), 3);
	AWAIT(asleep(front));
	CHECK_EQ(sys_env_destroy(front), 0);
	CHECK_EQ(wait_status(front), -E_KILLED);
}

static void
owns_the_key_and_ends(int arg)
{
	CHECK_EQ(sys_cons_interrupt(1), 0);
	shared->word[0] = gated(stays, 0, ENVF_JOB | ENVF_FOREGROUND);
}

// With the owner's end the key is free.
static void
owner_ends(void)
{
	wait(child_run(owns_the_key_and_ends, 0));
	ask("^C");
	CHECK_EQ(next_char(), 3);
	CHECK(!env_gone(shared->word[0]));
	ipc_send(shared->word[0], 0, NULL, 0);
	AWAIT(env_gone(shared->word[0]));
}

static void
wants_the_key(int expected)
{
	CHECK_EQ(sys_cons_interrupt(1), expected);
}

// Nobody takes the key from its owner but a child that it put into the foreground.
static void
takers(void)
{
	envid_t id;

	CHECK_EQ(sys_cons_interrupt(1), 0);
	CHECK_EQ(sys_cons_interrupt(1), 0);
	child_must_live("not in the foreground", wants_the_key, -E_BAD_ENV);
	shared->stop = 0;
	id = child_run(foreground, 0);
	CHECK_EQ(sys_env_set_flags(id, ENVF_JOB | ENVF_FOREGROUND | ENVF_WATCHED), 0);
	shared->ready = 0;
	shared->stop = 1;
	AWAIT(shared->ready == 1);
	ask("^Cz"); // still ours
	CHECK_EQ(wait_status(id), -E_KILLED);
	CHECK_EQ(next_char(), 'z');
	CHECK_EQ(sys_cons_interrupt(0), 0);
}

// Every other character comes through, in order.
static void
characters(void)
{
	static const char keys[] = "The quick brown fox! 0123456789 (jumps) over {the} lazy ~dog";

	ask(keys);
	for (unsigned i = 0; i < sizeof(keys) - 1; i++)
		CHECK_EQ(next_char(), keys[i]);
	CHECK_EQ(sys_cgetc(), 0);
}

void
umain(int argc, char **argv)
{
	share_results();
	ask("^Ca");
	CHECK_EQ(next_char(), 3); // nobody owns it yet
	CHECK_EQ(next_char(), 'a');
	foreground_job();
	given_up();
	owner_ends();
	takers();
	characters();
	PASS("cons_intr");
}
