/* Durations of one kind, and what is said of them. */
#ifndef LQ_BENCH_SAMPLES_H
#define LQ_BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
	uint64_t *ns;
	size_t count;
	size_t capacity;
};

uint64_t now_ns(void);

/* Ends the program when there is no memory. */
struct samples samples_make(size_t capacity);
void samples_add(struct samples *samples, uint64_t ns);
/* Writes {"median":…,"p99":…,"max":…,"count":…} in microseconds; sorts. */
void samples_print(struct samples *samples);
void samples_free(struct samples *samples);

#endif
