/* Badges without number: the UID of the n-th. */
#ifndef LQ_BENCH_BADGES_H
#define LQ_BENCH_BADGES_H

#include <stdint.h>

#define BADGE_UID_SIZE 7u

/* 04 and six bytes that look random; no two alike below 2^48. */
static inline void badge_uid(uint64_t number, uint8_t ret_uid[BADGE_UID_SIZE])
{
	uint64_t mixed = number * UINT64_C(0x9e3779b97f4b);
	ret_uid[0] = 0x04;
	for (unsigned i = 1; i < BADGE_UID_SIZE; i++) {
		ret_uid[i] = (uint8_t)(mixed >> (8 * (BADGE_UID_SIZE - 1 - i)));
	}
}

/* A small generator for choices and pauses (xorshift64*); `state` never 0. */
static inline uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

#endif
