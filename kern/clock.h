// Time: the time-stamp counter, and how fast it and the APIC's timer run.
#ifndef KERN_CLOCK_H
#define KERN_CLOCK_H

#include <inc/types.h>

extern uint32_t tsc_khz;   // TSC cycles in a millisecond
extern uint32_t lapic_khz; // counts of the APIC's timer in a millisecond

// Measures both; takes 10 ms. Once, on the first CPU, after its lapic_init.
void clock_init(void);

// Milliseconds since clock_init.
uint64_t clock_ms(void);

// How many TSC cycles us microseconds are.
uint64_t clock_us_to_tsc(uint32_t us);

// Waits, busily.
void clock_delay(uint32_t us);

// n / d, with *rem (if not NULL) the remainder. gcc would call libgcc for it,
// which the kernel does without.
uint64_t clock_div(uint64_t n, uint32_t d, uint32_t *rem);

// a * b / d, at most 0xffffffff.
uint32_t clock_muldiv(uint32_t a, uint32_t b, uint32_t d);

#endif
