/* How long to wait before the next attempt: doubling from LQ_BACKOFF_FIRST_MS to LQ_BACKOFF_MAX_MS,
 * of which the upper half is drawn, so that many boards do not return to a broker at once. Pure. */
#ifndef LQ_LINK_BACKOFF_H
#define LQ_LINK_BACKOFF_H

#include <stdint.h>

#define LQ_BACKOFF_FIRST_MS 500u
#define LQ_BACKOFF_MAX_MS   30000u

/* Milliseconds before the attempt that follows `failures` (>= 1) failures in a row. `random` is any
 * number; equal arguments give equal results. */
uint32_t lq_backoff_ms(uint32_t failures, uint32_t random);

#endif
