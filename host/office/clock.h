/* The time of the office's loop and commands; whatever decides takes it as an argument. Any thread.
 */
#ifndef LQ_OFFICE_CLOCK_H
#define LQ_OFFICE_CLOCK_H

#include <stdint.h>

/* Unix time in milliseconds. */
int64_t lq_office_now_ms(void);

/* CLOCK_MONOTONIC in milliseconds, for pauses and timeouts. */
int64_t lq_office_mono_ms(void);

#endif
