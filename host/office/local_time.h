/* The clock on the wall, in the time zone of the process (TZ, tzset()): local minutes are what it
 * shows, counted from 1970-01-01 00:00. */
#ifndef LQ_OFFICE_LOCAL_TIME_H
#define LQ_OFFICE_LOCAL_TIME_H

#include <stdint.h>

/* The moment, Unix time in milliseconds, at which the clock shows this local minute, whatever was
 * asked before: the first of two where it is put back over it, the later one where it is put
 * forward over it. */
int64_t lq_local_minute_ms(int64_t minute);

/* What the clock shows then. */
int64_t lq_local_minute_of(int64_t unix_ms);

#endif
