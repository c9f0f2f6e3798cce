// Several clients call several servers as fast as they can, some with pages both
// ways; some clients are killed in the middle. No message is lost, doubled or
// answered to somebody else, and a server never stops.
//
// Argument: calls of each client (200).
#include <test/guest/check.h>

#define NSERVERS 2
#define NCLIENTS 4

#define OUT ((void *)(AREA + 0x10000))
#define IN ((void *)(AREA + 0x20000))

static uint32_t ncalls;
static envid_t server[NSERVERS];

// A request's word: number << 8 | client << 4 | has a page << 1 | wants one.
static uint32_t
answer_to(uint32_t word)
{
	return word ^ 0x5a5a00f0;
}

static void
serves(int n)
{
	envid_t to = 0;
	uint32_t word = 0;
	void *va = (void *)UTOP;

	for (;;) {
		CHECK_EQ(sys_ipc_reply(to, word, va, RW, IN), 0);
		to = thisenv->env_ipc_from;
		word = thisenv->env_ipc_value;
		va = (void *)UTOP;
		CHECK_EQ(thisenv->env_ipc_perm, word & 2 ? RW : 0);
		if (word & 2) {
			CHECK_EQ(*(volatile uint32_t *)IN, word);
			*(volatile uint32_t *)IN = word + 1;
		}
		if (word & 1) {
			CHECK_EQ(sys_page_alloc(0, OUT, RW), 0);
			*(volatile uint32_t *)OUT = word + 2;
			va = OUT;
		}
		count_up(&shared->count[n * 16 + (word >> 4 & 15)]);
		word = answer_to(word);
	}
}

static void
call(envid_t to, uint32_t word)
{
	int32_t answer;

	if (word & 2)
		*(volatile uint32_t *)OUT = word;
	CHECK_EQ(ipc_call(to, word, word & 2 ? OUT : (void *)UTOP, RW, IN, &answer), 0);
	CHECK_EQ(answer, answer_to(word));
	CHECK_EQ(is_mapped((uintptr_t)IN), word & 1);
	if (word & 1) {
		CHECK_EQ(*(volatile uint32_t *)IN, word + 2);
		CHECK_EQ(sys_page_unmap(0, IN), 0);
	}
	if (word & 2)
		CHECK_EQ(*(volatile uint32_t *)OUT, word + 1);
}

static void
calls(int client)
{
	uint32_t random = client + 1;

	CHECK_EQ(sys_page_alloc(0, OUT, RW), 0);
	for (uint32_t i = 0; i < ncalls; i++) {
		uint32_t way = next_random(&random);
		uint32_t s = way >> 8 & 1;

		call(server[s], i << 8 | client << 4 | (way & 3));
		shared->word[s * 16 + client]++;
	}
}

// Until it is killed.
static void
calls_for_ever(int client)
{
	CHECK_EQ(sys_page_alloc(0, OUT, RW), 0);
	for (uint32_t i = 0;; i++)
		call(server[i % NSERVERS], i << 8 | client << 4 | (i & 3));
}

void
umain(int argc, char **argv)
{
	envid_t id[NCLIENTS], victim;
	uint32_t random = 5, kills = 0;
	bool running;

	ncalls = arg_number(argc, argv, 1, 200);
	share_results();
	for (int i = 0; i < NSERVERS; i++)
		server[i] = child_run(serves, i);
	for (int i = 0; i < NCLIENTS; i++)
		id[i] = child_run(calls, i);
	do {
		victim = child_run(calls_for_ever, 15);
		for (uint32_t i = next_random(&random) % 16; i > 0; i--)
			sys_yield();
		CHECK_EQ(sys_env_destroy(victim), 0);
		wait(victim);
		kills++;
		running = false;
		for (int i = 0; i < NCLIENTS; i++)
			running |= !env_gone(id[i]);
	} while (running);
	for (int i = 0; i < NCLIENTS; i++) {
		uint32_t sum = 0;

		for (int s = 0; s < NSERVERS; s++) {
			CHECK_EQ(shared->count[s * 16 + i], shared->word[s * 16 + i]);
			sum += shared->count[s * 16 + i];
		}
		CHECK_EQ(sum, ncalls);
	}
	CHECK(kills > 0);
	for (int i = 0; i < NSERVERS; i++) {
		CHECK_EQ(envs[ENVX(server[i])].env_id, server[i]);
		CHECK_EQ(sys_env_destroy(server[i]), 0);
		wait(server[i]);
	}
	PASS("ipc_call_stress");
}
