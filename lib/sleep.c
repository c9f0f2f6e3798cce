// Sleeping.
#include "lib/libcall.h"

// Returns when ms milliseconds have passed, up to a timer tick later.
void
sleep_msec(uint32_t ms)
{
	uint32_t began = sys_time_msec();

	for (;;) {
		uint32_t ticks = sysinfo.ticks; // before the look
		if (msec_since(began) >= ms)
			return;
		lib_futex_wait(&sysinfo.ticks, ticks);
	}
}
