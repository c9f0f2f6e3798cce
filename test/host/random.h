// Numbers that look random, the same ones in every run.
#ifndef TEST_HOST_RANDOM_H
#define TEST_HOST_RANDOM_H

static unsigned int random_state = 1; // may be set, not to 0

// One from 0 to n - 1.
static inline unsigned int
random_below(unsigned int n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % n;
}

#endif
