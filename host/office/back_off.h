/* When something that failed is tried again: after two seconds, then ever more seldom, up to four
 * hours, for twenty hours. Half of each wait is left to chance, so that many who failed together do
 * not come back together. Pure; any thread. */
#ifndef LQ_OFFICE_BACK_OFF_H
#define LQ_OFFICE_BACK_OFF_H

#include <stdbool.h>
#include <stdint.h>

#define LQ_BACK_OFF_TOTAL_MS (INT64_C(20) * 3600 * 1000)
#define LQ_BACK_OFF_FIRST_MS INT64_C(2000)
#define LQ_BACK_OFF_MOST_MS  (INT64_C(4) * 3600 * 1000)

/* A clock that leaps ahead must not end what was hardly tried. */
#define LQ_BACK_OFF_TRIES_MIN 8u

/* How many milliseconds to wait after so many failures in a row, 1 or more; `random` is any number.
 */
int64_t lq_back_off_wait(uint32_t failures, uint32_t random);

/* The same where whoever refuses has asked for `asked_ms` of quiet: not less, but no more than the
 * longest wait that there is. 0 or less: they did not. */
int64_t lq_back_off_asked(int64_t wait_ms, int64_t asked_ms);

/* After a failure at `now_ms`, the last of `failures` of which the first was at `first_ms`: true
 * with the moment of the next try, after `wait_ms`, the last one being when the time has passed;
 * false when it is to be given up. A clock that was put back counts as no time. */
bool lq_back_off_next(
	int64_t first_ms, int64_t now_ms, uint32_t failures, int64_t wait_ms, int64_t *ret_due_ms);

#endif
