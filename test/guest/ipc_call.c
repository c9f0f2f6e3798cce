// sys_ipc_call and sys_ipc_reply: words and pages there and back, who may answer, a
// server that ends, every error, by both doors.
#include <test/guest/filecheck.h>

#define CLIENT_VA ((void *)(AREA + 0x10000))
#define ANSWER_VA ((void *)(AREA + 0x20000))
#define SERVER_VA ((void *)(AREA + 0x30000))
#define SERVER_OUT ((void *)(AREA + 0x40000))

// What a request's low 4 bits ask the server for.
enum { ECHO, TAKE_PAGE, GIVE_PAGE, BOTH_PAGES, HOLD, DIE_EXIT, DIE_FAULT, DIE_DESTROY };

static bool by_page;

static int32_t answer;

static int
call(envid_t to, uint32_t value, void *va, int perm, void *dst)
{
	if (!by_page)
		return ipc_call(to, value, va, perm, dst, &answer);
	int r = flex_ipc_call(to, value, va, perm, dst);
	answer = thisenv->env_ipc_value;
	return r;
}

#define REPLY(to, va, perm, dst) \
	(by_page ? flex_ipc_reply(to, 1, va, perm, dst) : sys_ipc_reply(to, 1, va, perm, dst))

static uint32_t
answer_to(uint32_t value)
{
	return value * 31 + 7;
}

static void
serves(int server_by_page)
{
	envid_t to = 0;
	uint32_t value = 0;
	void *va = (void *)UTOP;
	int r;

	if (server_by_page)
		CHECK_EQ(flexsc_register(), 0);
	for (;;) {
		r = server_by_page ? flex_ipc_reply(to, value, va, RW, SERVER_VA)
				   : sys_ipc_reply(to, value, va, RW, SERVER_VA);
		CHECK_EQ(r, 0);
		to = thisenv->env_ipc_from;
		value = thisenv->env_ipc_value;
		va = (void *)UTOP;
		count_up(&shared->count[0]);
		if ((value & 15) == TAKE_PAGE || (value & 15) == BOTH_PAGES) {
			CHECK_EQ(thisenv->env_ipc_perm, RW);
			CHECK_EQ(*(volatile uint32_t *)SERVER_VA, value);
			*(volatile uint32_t *)SERVER_VA = value + 1; // the client sees it
		} else {
			CHECK_EQ(thisenv->env_ipc_perm, 0);
			CHECK(!is_mapped((uintptr_t)SERVER_VA)); // taken away by reply
		}
		switch (value & 15) {
		case GIVE_PAGE:
		case BOTH_PAGES:
			CHECK_EQ(sys_page_alloc(0, SERVER_OUT, RW), 0);
			*(volatile uint32_t *)SERVER_OUT = value + 2;
			va = SERVER_OUT;
			break;
		case HOLD: AWAIT(shared->stop); break;
		case DIE_EXIT: exit();
		case DIE_FAULT: *(volatile uint32_t *)0 = 0; break;
		case DIE_DESTROY: sys_env_destroy(0);
		}
		value = answer_to(value);
	}
}

static envid_t
server_start(int server_by_page)
{
	envid_t id = child_run(serves, server_by_page);

	AWAIT(envs[ENVX(id)].env_ipc_recving);
	return id;
}

static void
end(envid_t id)
{
	CHECK_EQ(sys_env_destroy(id), 0);
	AWAIT(env_gone(id));
}

static void
words_and_pages(envid_t server)
{
	CHECK_EQ(sys_page_alloc(0, CLIENT_VA, RW), 0);
	for (uint32_t i = 0; i < 64; i++) {
		uint32_t value = i << 4 | i % 4;
		bool sends = i % 2, gets = i % 4 >= 2;

		*(volatile uint32_t *)CLIENT_VA = value;
		CHECK_EQ(call(server, value, sends ? CLIENT_VA : (void *)UTOP, RW, ANSWER_VA), 0);
		CHECK_EQ(answer, answer_to(value));
		CHECK_EQ(*(volatile uint32_t *)CLIENT_VA, value + sends);
		if (gets) {
			CHECK_EQ(*(volatile uint32_t *)ANSWER_VA, value + 2);
			CHECK_EQ(sys_page_unmap(0, ANSWER_VA), 0);
		}
		CHECK(!is_mapped((uintptr_t)ANSWER_VA));
	}
	// An answer's page that is not wanted is not taken.
	CHECK_EQ(call(server, 5 << 4 | GIVE_PAGE, (void *)UTOP, 0, (void *)UTOP), 0);
	CHECK_EQ(answer, answer_to(5 << 4 | GIVE_PAGE));
}

// A call that fails has sent nothing.
static void
errors(envid_t server)
{
	void *none = (void *)(AREA + 0x900000);
	envid_t idle = sys_exofork(), gone;
	uint32_t before;

	if (idle == 0)
		panic("it was never started");
	CHECK(idle > 0);
	AWAIT(envs[ENVX(server)].env_ipc_recving);
	before = shared->count[0];
	CHECK_EQ(sys_page_alloc(0, CLIENT_VA, RO), 0);
	CHECK_EQ(call(sys_getenvid(), 0, (void *)UTOP, 0, (void *)UTOP), -E_INVAL);
	CHECK_EQ(call(0, 0, (void *)UTOP, 0, (void *)UTOP), -E_INVAL);
	CHECK_EQ(call(server, 0, CLIENT_VA + 1, RO, (void *)UTOP), -E_INVAL);
	CHECK_EQ(call(server, 0, none, RO, (void *)UTOP), -E_INVAL);
	CHECK_EQ(call(server, 0, CLIENT_VA, RW, (void *)UTOP), -E_INVAL);
	CHECK_EQ(call(server, 0, CLIENT_VA, PTE_P, (void *)UTOP), -E_INVAL);
	CHECK_EQ(call(server, 0, CLIENT_VA, RO | PTE_PCD, (void *)UTOP), -E_INVAL);
	CHECK_EQ(call(server, 0, (void *)UTOP, 0, ANSWER_VA + 1), -E_INVAL);
	if (by_page)
		CHECK_EQ(call(server, 0, (void *)USCPAGE, RO, (void *)UTOP), -E_INVAL);
	CHECK_EQ(REPLY(server, CLIENT_VA + 1, RO, SERVER_VA), -E_INVAL);
	CHECK_EQ(REPLY(server, none, RO, SERVER_VA), -E_INVAL);
	CHECK_EQ(REPLY(server, CLIENT_VA, RW, SERVER_VA), -E_INVAL);
	CHECK_EQ(REPLY(server, CLIENT_VA, RO | PTE_PCD, SERVER_VA), -E_INVAL);
	CHECK_EQ(REPLY(0, (void *)UTOP, 0, CLIENT_VA + 1), -E_INVAL);
	CHECK(is_mapped((uintptr_t)CLIENT_VA));
	CHECK_EQ(sys_env_destroy(idle), 0);
	gone = idle;
	AWAIT(env_gone(gone));
	CHECK_EQ(call(gone, 0, (void *)UTOP, 0, (void *)UTOP), -E_BAD_ENV);
	CHECK_EQ(call(0x7ffff001, 0, (void *)UTOP, 0, (void *)UTOP), -E_BAD_ENV);
	CHECK_EQ(call(-1, 0, (void *)UTOP, 0, (void *)UTOP), -E_BAD_ENV);
	CHECK(envs[ENVX(server)].env_ipc_recving);
	CHECK_EQ(shared->count[0], before);
	CHECK_EQ(call(server, 16, (void *)UTOP, 0, (void *)UTOP), 0);
	CHECK_EQ(answer, answer_to(16));
}

static envid_t the_server;

static void
calls_and_is_held(int client_by_page)
{
	by_page = client_by_page;
	if (by_page)
		CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(call(the_server, HOLD, (void *)UTOP, 0, ANSWER_VA), 0);
	CHECK_EQ(answer, answer_to(HOLD));
	// And now anybody's.
	CHECK_EQ(sys_ipc_recv((void *)UTOP), 0);
	shared->result = thisenv->env_ipc_value;
}

// While a client waits for its answer nobody else's message gets there.
static void
closed_receive(bool client_by_page)
{
	envid_t client;
	uint32_t before = shared->count[0];

	shared->stop = shared->result = 0;
	the_server = server_start(false);
	client = child_run(calls_and_is_held, client_by_page);
	AWAIT(shared->count[0] == before + 1);
	for (int i = 0; i < 50; i++) {
		CHECK_EQ(sys_ipc_try_send(client, 666, (void *)UTOP, 0), -E_IPC_NOT_RECV);
		CHECK_EQ(sys_ipc_try_send(client, 666, (void *)SHARED, RW), -E_IPC_NOT_RECV);
		if (i % 10 == 0)
			sys_yield();
	}
	shared->stop = 1;
	ipc_send(client, 4711, NULL, 0);
	AWAIT(env_gone(client));
	CHECK_EQ(shared->result, 4711);
	end(the_server);
}

// Its server ends, in every way, before it answers.
static void
server_ends(void)
{
	for (int how = DIE_EXIT; how <= DIE_DESTROY; how++) {
		envid_t server = server_start(how % 2);

		CHECK_EQ(call(server, how, (void *)UTOP, 0, ANSWER_VA), -E_BAD_ENV);
		AWAIT(env_gone(server));
		CHECK_EQ(call(server, ECHO, (void *)UTOP, 0, ANSWER_VA), -E_BAD_ENV);
		CHECK(!is_mapped((uintptr_t)ANSWER_VA));
	}
}

static void
calls_for_ever(int n)
{
	int r = sys_ipc_call(the_server, HOLD, (void *)UTOP, 0, (void *)UTOP);

	shared->count[1 + n] = r == 0 ? 1 : 100 - r;
}

// The server is killed by another while a client waits for it; the server's client is
// killed before the answer, and the server goes on.
static void
killed(void)
{
	envid_t client;
	uint32_t before;

	shared->stop = shared->count[1] = 0;
	the_server = server_start(false);
	before = shared->count[0];
	client = child_run(calls_for_ever, 0);
	AWAIT(shared->count[0] == before + 1);
	end(the_server);
	AWAIT(env_gone(client));
	CHECK_EQ(shared->count[1], 100 + E_BAD_ENV);

	shared->count[1] = 0;
	the_server = server_start(false);
	before = shared->count[0];
	client = child_run(calls_for_ever, 0);
	AWAIT(shared->count[0] == before + 1);
	end(client);
	shared->stop = 1;
	AWAIT(envs[ENVX(the_server)].env_ipc_recving);
	CHECK_EQ(call(the_server, ECHO, (void *)UTOP, 0, (void *)UTOP), 0);
	CHECK_EQ(shared->count[1], 0);
	end(the_server);
	shared->stop = 0;
}

// Several calls of one process at once, to several servers, in its page.
static void
calls_in_page(void)
{
	envid_t server[5];
	struct FscEntry *e[5];

	for (int i = 0; i < 5; i++)
		server[i] = server_start(i % 2);
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 5; i++) {
			e[i] = flex_post(SYS_ipc_call, server[i], round << 8 | i << 4, UTOP, 0,
					 UTOP);
		}
		for (int i = 4; i >= 0; i--) {
			while (!flex_done(e[i]))
				CHECK(flexsc_wait() > 0);
			CHECK_EQ(e[i]->ret, 0);
			CHECK_EQ(e[i]->ipc_from, server[i]);
			CHECK_EQ(e[i]->ipc_value, answer_to(round << 8 | i << 4));
			CHECK_EQ(flex_collect(e[i]), 0);
		}
	}
	for (int i = 0; i < 5; i++)
		end(server[i]);
}

// An open receive that was posted before does not take the answer to a call.
static void
answer_goes_to_the_call(envid_t server)
{
	struct FscEntry *open_one = flex_post(SYS_ipc_recv, UTOP, 0, 0, 0, 0);

	flex_flush();
	CHECK_EQ(sys_ipc_try_send(0, 5, (void *)UTOP, 0), 0);
	CHECK_EQ(flex_collect(open_one), 0);
	open_one = flex_post(SYS_ipc_recv, UTOP, 0, 0, 0, 0);
	flex_flush();
	CHECK_EQ(ipc_call(server, ECHO, (void *)UTOP, 0, (void *)UTOP, &answer), 0);
	CHECK_EQ(answer, answer_to(ECHO));
	CHECK_EQ(thisenv->env_ipc_value, 5); // by trap, an answer leaves the last message seen
	CHECK_EQ(thisenv->env_ipc_from, thisenv->env_id);
	CHECK(!flex_done(open_one));
	CHECK_EQ(sys_ipc_try_send(0, 77, (void *)UTOP, 0), 0);
	CHECK_EQ(flex_collect(open_one), 0);
}

void
umain(int argc, char **argv)
{
	share_results();
	for (int pass = 0; pass < 2; pass++) {
		for (int server_by_page = 0; server_by_page < 2; server_by_page++) {
			envid_t server = server_start(server_by_page);

			words_and_pages(server);
			errors(server);
			end(server);
		}
		closed_receive(pass);
		server_ends();
		killed();
		if (pass == 0)
			CHECK_EQ(flexsc_register(), 0);
		by_page = true;
	}
	calls_in_page();
	envid_t server = server_start(0);
	answer_goes_to_the_call(server);
	end(server);
	PASS("ipc_call");
}
