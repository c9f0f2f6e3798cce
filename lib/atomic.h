// Changing a word that other threads change.
#ifndef LIB_ATOMIC_H
#define LIB_ATOMIC_H

#include <inc/types.h>

// Makes *word `to` if it is `from`. Whether it was. A full barrier.
static inline bool
swap_if(volatile uint32_t *word, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

#endif
