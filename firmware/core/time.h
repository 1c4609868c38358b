/* Two clocks, two types: passing one where the other is meant does not compile. */
#ifndef LQ_CORE_TIME_H
#define LQ_CORE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Never jumps, counts from boot: timeouts, relock, debounce. Microseconds. */
struct lq_mono {
	uint64_t us;
};

/* How far the wall clock can be believed. Ordered: a greater value may be trusted further. */
enum lq_trust {
	LQ_TRUST_UNSET,        /* the board booted without a clock */
	LQ_TRUST_RTC,          /* plausible: from a hardware clock or set once, not kept in step */
	LQ_TRUST_SYNCHRONISED, /* the kernel reports a synchronised clock */
};

/* May jump: schedules, validity, the journal. */
struct lq_wall {
	int64_t unix_ms;
	int32_t utc_offset_s; /* local time minus UTC at this moment, in the space's time zone */
	enum lq_trust trust;
};

/* `now` is at or past `deadline`. */
bool lq_mono_due(struct lq_mono deadline, struct lq_mono now);

/* `from` plus `ms`, saturating. */
struct lq_mono lq_mono_after_ms(struct lq_mono from, uint32_t ms);

/* Microseconds from `from` to `to`, 0 when `to` is earlier, capped at UINT32_MAX. */
uint32_t lq_mono_elapsed_us(struct lq_mono from, struct lq_mono to);

/* Minutes that the clock on the wall shows, counted from 1970-01-01 00:00. Where it is put back,
 * the same come twice. */
int64_t lq_wall_local_minute(struct lq_wall at);

struct lq_date {
	int year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
};

/* The Gregorian date so many days after 1970-01-01. */
struct lq_date lq_date_of_day(int64_t day);

#define LQ_RFC3339_SIZE sizeof("2026-01-01T00:00:00.000Z")

/* UTC with milliseconds, RFC 3339. Years 0000-9999; anything else is clamped to their ends. */
void lq_wall_rfc3339(int64_t unix_ms, char ret_text[LQ_RFC3339_SIZE]);

/* The last wall time that was given out: time never runs backwards, not even across a restart. */
struct lq_floor {
	int64_t unix_ms;
	struct lq_mono at;
};

/* `wall`, or what goes for it while it is behind the floor: the floor itself when the clock is
 * synchronised and was stepped back; the floor plus the time since, not trusted, when the board has
 * no good clock. Moves the floor. */
struct lq_wall lq_floor_step(struct lq_floor *floor, struct lq_wall wall, struct lq_mono now);

/* Midnight UTC of a Gregorian date. Any month and day are taken as they come (month 13 is the next
 * January). */
int64_t lq_unix_ms_from_civil(int year, int month, int day);

/* Static text: "unset", "rtc", "synchronised". */
const char *lq_trust_text(enum lq_trust trust);

#endif
