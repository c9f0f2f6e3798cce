// Checks that uninitialized data starts out as zeros and keeps what is written
// to it, page after page; then writes where there is no page, which must fault.
#include <inc/lib.h>

#define WORDS (1024 * 1024)
// Past the library's own data, which may follow the array.
#define WILD (WORDS + 128 * PGSIZE / sizeof(uint32_t))

static volatile uint32_t bigarray[WORDS];

void
umain(int argc, char **argv)
{
	cprintf("Making sure bss works right...\n");

	for (uint32_t i = 0; i < WORDS; i++)
		if (bigarray[i] != 0)
			panic("bigarray[%u] isn't cleared!", i);

	// Each word its own value, so that two words in one place are noticed.
	for (uint32_t i = 0; i < WORDS; i++)
		bigarray[i] = i;
	for (uint32_t i = 0; i < WORDS; i++)
		if (bigarray[i] != i)
			panic("bigarray[%u] didn't hold its value!", i);

	cprintf("Yes, good.  Now doing a wild write off the end...\n");
	// By way of a volatile, or the compiler may see that it is out of bounds.
	volatile uint32_t *volatile array = bigarray;
	array[WILD] = 0;
	panic("the wild write did not trap");
}
