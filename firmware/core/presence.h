/* Who is in by what the badges told, and who enters twice without having left. Pure; any thread.
 *
 * A zone is what lies behind one or several doors. Somebody is in it from the passage through an
 * entry until one through an exit, or until the day is cut: the first cut that comes five hours or
 * more after they entered takes them for gone, so that a forgotten exit does not last and somebody
 * who works at night stays on the list. Nothing ends, and nobody is kept out, by a clock that is
 * not trusted. An exit is never refused. */
#ifndef LQ_CORE_PRESENCE_H
#define LQ_CORE_PRESENCE_H

#include "firmware/core/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_PRESENT_MAX        2048u
#define LQ_PRESENCE_LEAST_MS  (INT64_C(5) * 3600 * 1000)
#define LQ_PASSBACK_RESET_MAX 604800u

/* What happens to somebody who enters and is in already. */
enum lq_passback { LQ_PASSBACK_OFF, LQ_PASSBACK_SOFT, LQ_PASSBACK_HARD };

struct lq_passback_settings {
	enum lq_passback rule;
	uint32_t reset_s; /* forgiven so long after they entered; 0: not before the day is cut */
};

struct lq_day {
	uint32_t cut_hour;   /* local time */
	enum lq_trust trust; /* the least that the clock needs */
};

struct lq_present {
	uint16_t zone;
	uint32_t holder; /* never 0 */
	int64_t since_ms;
	bool forgiven; /* the next entry is not judged */
};

/* Sorted by zone and holder, each pair once. */
struct lq_presence {
	uint32_t count;
	uint32_t unlisted; /* who found no room, since the start */
	struct lq_present list[LQ_PRESENT_MAX];
};

enum lq_passback_verdict { LQ_PASSBACK_CLEAR, LQ_PASSBACK_FLAG, LQ_PASSBACK_DENY };

/* NULL: not in. Valid until the table changes. */
const struct lq_present *lq_presence_find(
	const struct lq_presence *presence, uint16_t zone, uint32_t holder);

/* The first behind that pair in the table's order, by index; `count` when there is none. */
uint32_t lq_presence_behind(const struct lq_presence *presence, uint16_t zone, uint32_t holder);

/* In since `since_ms`, and not forgiven; who was in already is in anew. False: no room, counted. */
bool lq_presence_enter(
	struct lq_presence *presence, uint16_t zone, uint32_t holder, int64_t since_ms);

void lq_presence_leave(struct lq_presence *presence, uint16_t zone, uint32_t holder);

/* In every zone; false when they are in none. */
bool lq_presence_forgive(struct lq_presence *presence, uint32_t holder);

/* In every zone, everybody. */
void lq_presence_forgive_all(struct lq_presence *presence);

/* How many persons; somebody may be in several zones. */
uint32_t lq_presence_people(const struct lq_presence *presence);

/* Whoever entered at this time or earlier is taken for gone; INT64_MIN: nobody is. */
int64_t lq_presence_limit_ms(const struct lq_day *day, struct lq_wall now);

/* The day was cut since. */
bool lq_presence_over(int64_t since_ms, const struct lq_day *day, struct lq_wall now);

/* Removes who is taken for gone. */
void lq_presence_sweep(struct lq_presence *presence, const struct lq_day *day, struct lq_wall now);

/* What the entry of somebody is who is in as `present` says, or not (NULL). */
enum lq_passback_verdict lq_passback_judge(const struct lq_present *present,
	const struct lq_passback_settings *settings, const struct lq_day *day, struct lq_wall now);

#endif
