/*
 * The simulator's only source of chance: seeded, so that every run can be repeated (xorshift64*,
 * Vigna 2014). Not for keys.
 */
#ifndef LQ_SIM_PN532_RANDOM_H
#define LQ_SIM_PN532_RANDOM_H

#include <stdint.h>

/* `state` must not be 0 and is advanced. */
static inline uint8_t lq_sim_random_byte(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return (uint8_t)((x * 0x2545F4914F6CDD1Du) >> 56);
}

#endif
