// Who may do what: threads have their process's rights over its children; nobody
// else can name a thread; ids that are no more are nobody's.
#include <test/guest/kt_check.h>

static volatile uint32_t gate, stop;
static char stack[PGSIZE] __attribute__((aligned(PGSIZE)));

static void
waits(void *arg1, void *arg2)
{
	count_up(&gate);
	gate_wait(&stop);
}

// For clone, by which nobody returns. Not by exit: who is ended in there may have a lock of
// the library's.
static void
waits_and_ends(void *arg1, void *arg2)
{
	waits(arg1, arg2);
	sys_env_exit(0);
}

// What another process may not do to the thread of that id.
static void
cannot_touch(int id)
{
	struct Trapframe tf = {0};

	CHECK_EQ(sys_env_destroy(id), -E_BAD_ENV);
	CHECK_EQ(sys_page_alloc(id, (void *)AREA, RW), -E_BAD_ENV);
	CHECK_EQ(sys_page_map(0, (void *)SHARED, id, (void *)AREA, RW), -E_BAD_ENV);
	CHECK_EQ(sys_page_map(id, (void *)SHARED, 0, (void *)AREA, RW), -E_BAD_ENV);
	CHECK_EQ(sys_page_unmap(id, (void *)SHARED), -E_BAD_ENV);
	CHECK_EQ(sys_page_mark(id, (void *)AREA, 1, 0), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_status(id, ENV_NOT_RUNNABLE), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_trapframe(id, &tf), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_pgfault_upcall(id, (void *)UTEXT), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_tls(id, (void *)AREA), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_xstack(id, (void *)UXSTACKTOP), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_flags(id, ENVF_WATCHED), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_name(id, "x"), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_limit(id, 1), -E_BAD_ENV);
	CHECK_EQ(sys_env_collect(id), -E_BAD_ENV);
}

static void
strangers(int arg)
{
	envid_t id = must_create(waits, NULL, NULL);

	AWAIT(gate == 1);
	child_must_live("a child that meddles with a thread", cannot_touch, id);
	CHECK(env_is_alive(id));
	gate_open(&stop);
	must_join(1);
}

static void
has_thread(int arg)
{
	shared->result = must_create(waits, NULL, NULL);
	AWAIT(gate == 1);
	shared->ready = 1;
	AWAIT(shared->stop);
	CHECK(env_is_alive(shared->result));
}

// The parent of a process has no rights over its threads either, but over all of it.
static void
parents(int arg)
{
	envid_t id;

	shared->ready = shared->stop = 0;
	id = child_watched(has_thread, 0);
	AWAIT(shared->ready);
	cannot_touch(shared->result);
	shared->stop = 1;
	CHECK_EQ(wait_status(id), 0);
}

static void
rules_child(void *arg1, void *arg2)
{
	envid_t child = (envid_t)arg1;

	CHECK_EQ(sys_page_alloc(child, (void *)AREA, RW), 0);
	CHECK_EQ(sys_page_map(child, (void *)AREA, 0, (void *)AREA, RW), 0);
	*(volatile uint32_t *)AREA = 0x1234;
	CHECK_EQ(sys_page_unmap(0, (void *)AREA), 0);
	CHECK_EQ(sys_env_set_name(child, "ruled"), 0);
	CHECK_EQ(sys_env_set_limit(child, 5000), 0);
	CHECK_EQ(envs[ENVX(child)].env_limit, 5000);
	CHECK_EQ(sys_env_destroy(child), 0);
	AWAIT(env_gone(child));
}

static volatile envid_t made;

static void
makes_child(void *arg1, void *arg2)
{
	made = child_run(waits_for_message, 0);
	CHECK_EQ(envs[ENVX(made)].env_parent_id, thisenv->env_process);
}

static void
children(int arg)
{
	envid_t child = child_run(waits_for_message, 0);

	must_create(rules_child, (void *)child, NULL);
	must_join(1);
	must_create(makes_child, NULL, NULL); // made by one, ruled by another thread
	must_join(1);
	must_create(rules_child, (void *)made, NULL);
	must_join(1);
	must_create(makes_child, NULL, NULL);
	must_join(1);
	rules_child((void *)made, NULL);
}

static void
sees_itself(void *arg1, void *arg2)
{
	envid_t me = sys_getenvid();

	CHECK_EQ(thisenv->env_id, me);
	CHECK(thisenv == &envs[ENVX(me)]);
	CHECK_EQ(thisenv->env_process, (envid_t)arg1);
	CHECK_EQ(thisenv->env_parent_id, (envid_t)arg1);
	CHECK(thisenv->env_xstacktop != UXSTACKTOP && PGOFF(thisenv->env_xstacktop) == 0);
	CHECK_EQ(sys_env_set_name(0, "thread"), 0);
	CHECK(strcmp((char *)thisenv->env_name, "thread") == 0);
}

// Each has its own of what is one per thread.
static void
own(int arg)
{
	CHECK_EQ(thisenv->env_xstacktop, UXSTACKTOP);
	CHECK_EQ(thisenv->env_process, thisenv->env_id);
	for (int i = 0; i < 4; i++)
		must_create(sees_itself, (void *)thisenv->env_id, NULL);
	must_join(4);
	for (int i = 0; i < 20; i++) {
		envid_t id = clone(waits_and_ends, NULL, NULL, stack);

		CHECK(id > 0);
		CHECK_EQ(envs[ENVX(id)].env_process, thisenv->env_id);
		AWAIT(gate == (uint32_t)i + 1); // the pager's lock it may not have either
		gate_open(&stop);
		sys_env_destroy(id); // or it has ended by itself
		must_join_clone(id, stack);
		CHECK_EQ(sys_env_destroy(id), -E_BAD_ENV);
		CHECK_EQ(sys_page_alloc(id, (void *)AREA, RW), -E_BAD_ENV);
		stop = 0;
	}
}

// Ids of threads that ended are not those of new ones, in the same slot or not.
static void
ids(int arg)
{
	envid_t last = 0;

	stop = 1;
	for (int i = 0; i < 100; i++) {
		envid_t id = must_create(waits, NULL, NULL);

		CHECK(id != last && id > 0);
		must_join(1);
		CHECK(!env_is_alive(id));
		last = id;
	}
}

void
umain(int argc, char **argv)
{
	share_results();
	child_counted("strangers", strangers, 0);
	child_counted("parents", parents, 0);
	child_counted("children", children, 0);
	child_counted("own", own, 0);
	child_counted("ids", ids, 0);
	PASS("kt_rights");
}
