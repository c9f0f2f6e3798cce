// What of lib/mutex.h is not the common case.
//
// The word is 2 from the moment on that somebody may sleep until it is given back; who
// gives back a 2 wakes one sleeper, which makes it 2 again, because others may
// sleep still. By trap: a posted wait would keep the thread going.
#include "lib/mutex.h"

// How often a mutex in the hands of another CPU is looked at before sleeping. What a
// sleep and its wake-up cost is some thousand cycles.
#define SPINS 300

// Whether the mutex's owner runs. 0 is nobody, or one who is about to say that it has it.
static bool
owner_runs(const struct Mutex *m)
{
	const envid_t owner = *(const volatile envid_t *)&m->owner;

	return owner == 0 || envs[ENVX(owner)].env_status == ENV_RUNNING;
}

bool threads_made;

// mutex_lock when it is held.
void
mutex_lock_slowly(struct Mutex *m)
{
	// Nobody else writes our id there.
	if (m->owner == thisenv->env_id)
		panic("mutex %p: taken twice by one thread", m);
	if (sysinfo.ncpu > 1) {
		for (int i = 0; i < SPINS && owner_runs(m); i++)
			if (m->word == 0 && swap_if(&m->word, 0, 1))
				return;
	}
	while (xchg(&m->word, 2) != 0)
		sys_futex_wait(&m->word, 2);
}

// mutex_unlock when the word was not 1.
void
mutex_unlock_slowly(struct Mutex *m, uint32_t was)
{
	if (was == 0)
		panic("mutex %p: given back by one who does not have it", m);
	// By now others may have taken it and given it back: the word tells nothing.
	sys_futex_wake(&m->word, 1);
}
