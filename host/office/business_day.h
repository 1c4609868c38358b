/* Business days in the time zone of the process (TZ). One thread. */
#ifndef LQ_OFFICE_BUSINESS_DAY_H
#define LQ_OFFICE_BUSINESS_DAY_H

#include "firmware/core/visit.h"

#include <stdint.h>

#define LQ_BUSINESS_DATE_SIZE sizeof("2026-12-01")

/* The day that the moment belongs to: it begins and ends at `cut_hour`, local time. */
struct lq_business_day lq_business_day_at(int64_t unix_ms, uint32_t cut_hour);

/* Another half: at that local minute of its date, or, where the day has not begun by then, of the
 * next one. Without this it is 13:30. */
void lq_business_day_divide(struct lq_business_day *day, uint32_t minute);

/* Its date, which is that of its beginning. */
void lq_business_date(const struct lq_business_day *day, char ret_text[LQ_BUSINESS_DATE_SIZE]);

/* Reads "2026-12-01"; LQ_ERR_INVALID. */
int lq_business_day_parse(const char *text, uint32_t cut_hour, struct lq_business_day *ret_day);

#endif
