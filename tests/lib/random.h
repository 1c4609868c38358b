/* Random numbers for property tests. Each run has another seed and prints it; LQ_SEED=… repeats a
 * run. The generator is splitmix64 (Steele, Lea, Flood, 2014). */
#ifndef LQ_TESTS_RANDOM_H
#define LQ_TESTS_RANDOM_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* How often a property is tried: less where instrumentation makes each try several times as dear.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LQ_RUNS(count) ((count) / 6)
#else
#define LQ_RUNS(count) (count)
#endif

struct lq_random {
	uint64_t state;
};

static inline struct lq_random lq_random_begin(const char *test)
{
	struct lq_random random = {0};
	const char *seed = getenv("LQ_SEED");
	if (seed != NULL) {
		random.state = strtoull(seed, NULL, 0);
	} else if (getrandom(&random.state, sizeof(random.state), GRND_INSECURE) !=
		   sizeof(random.state)) {
		abort();
	}
	printf("%s: repeat with LQ_SEED=%" PRIu64 "\n", test, random.state);
	fflush(stdout);
	return random;
}

static inline uint64_t lq_random_next(struct lq_random *random)
{
	random->state += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = random->state;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 … bound - 1. */
static inline uint32_t lq_random_below(struct lq_random *random, uint32_t bound)
{
	return (uint32_t)(lq_random_next(random) % bound);
}

/* low … high, both included. */
static inline int64_t lq_random_between(struct lq_random *random, int64_t low, int64_t high)
{
	uint64_t width = (uint64_t)high - (uint64_t)low + 1;
	uint64_t offset = lq_random_next(random);
	return (int64_t)((uint64_t)low + (width == 0 ? offset : offset % width));
}

#endif
