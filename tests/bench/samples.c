#include "tests/bench/samples.h"

#include "firmware/core/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct samples samples_make(size_t capacity)
{
	struct samples samples = {.capacity = capacity};
	samples.ns = malloc(capacity * sizeof(*samples.ns));
	LQ_ASSERT(samples.ns != NULL);
	return samples;
}

void samples_add(struct samples *samples, uint64_t ns)
{
	LQ_ASSERT(samples->count < samples->capacity);
	samples->ns[samples->count++] = ns;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static double percentile_us(const struct samples *samples, size_t share)
{
	size_t rank = (samples->count * share + 99) / 100;
	return (double)samples->ns[rank - 1] / 1000.0;
}

void samples_print(struct samples *samples)
{
	LQ_ASSERT(samples->count > 0);
	qsort(samples->ns, samples->count, sizeof(*samples->ns), compare);
	(void)printf("{\"median\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"count\":%zu}",
		percentile_us(samples, 50), percentile_us(samples, 99), percentile_us(samples, 100),
		samples->count);
}

void samples_free(struct samples *samples)
{
	free(samples->ns);
	*samples = (struct samples){0};
}
