/* A reader that refuses everybody for a while after too many wrong badges. Pure; any thread.
 *
 * It bounds guessing: within any `lock_s` seconds, no more than `after` different wrong badges are
 * judged between two grants. A guess that hits looks like a member's badge, so that while it lasts
 * a badge that would be granted is refused too. The same badge counts once, however often it is
 * presented: it guesses nothing new, and what is forgotten on a reader, or presented over and over
 * by whose badge has expired, locks nobody out. Where the settings say so, each try counts. An
 * unknown badge counts, and one that is not, or no longer, valid; who comes at a wrong hour or to a
 * wrong door holds a good badge and does not.
 *
 * Usual figures: 5 wrong ones, then 30 s (manuals of 2N's access units). */
#ifndef LQ_CORE_LOCKOUT_H
#define LQ_CORE_LOCKOUT_H

#include "firmware/core/identifier.h"
#include "firmware/core/reason.h"
#include "firmware/core/time.h"

#include <stdbool.h>
#include <stdint.h>

#define LQ_LOCKOUT_AFTER_MAX 20u

enum lq_lockout_of { LQ_LOCKOUT_OF_BADGES, LQ_LOCKOUT_OF_TRIES };

struct lq_lockout_settings {
	uint32_t after; /* different wrong badges, or tries, within lock_s; 0: never */
	uint32_t lock_s;
	enum lq_lockout_of of;
};

struct lq_lockout_try {
	uint8_t uid_len;
	uint8_t uid[LQ_UID_MAX];
	struct lq_mono at;
};

/* One reader's. Zero is a good beginning. */
struct lq_lockout {
	struct lq_mono until; /* it refuses before */
	uint8_t count;
	struct lq_lockout_try tries[LQ_LOCKOUT_AFTER_MAX];
};

/* A tap denied for this reason may have been a guess. */
bool lq_lockout_counts(enum lq_reason reason);

/* The reader refuses now. */
bool lq_lockout_refuses(const struct lq_lockout *lockout, struct lq_mono now);

/* Seconds until it no longer does, rounded up; 0: it does not. */
uint32_t lq_lockout_left_s(const struct lq_lockout *lockout, struct lq_mono now);

/* A wrong badge at a reader that does not refuse; true when it refuses from now on. */
bool lq_lockout_fail(struct lq_lockout *lockout, const struct lq_lockout_settings *settings,
	const struct lq_sighting *sighting, struct lq_mono now);

/* A granted tap: what was wrong before is forgotten. */
void lq_lockout_pass(struct lq_lockout *lockout);

#endif
