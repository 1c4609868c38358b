/* Which sightings are a new badge: the debounce of a reader. Pure; any thread.
 *
 * A badge is shown once, and again only after it was away for the grace time. Another badge is
 * shown at once. Two badges together are a presentation of their own, which serves neither of them:
 * the one that stays alone afterwards is shown if it had not been shown before. Phones that invent
 * a new UID for each look count as one and the same, and so do answers that cannot identify a
 * badge. */
#ifndef LQ_READER_PRESENCE_H
#define LQ_READER_PRESENCE_H

#include "firmware/core/identifier.h"
#include "firmware/core/time.h"

#include <stdbool.h>
#include <stdint.h>

#define LQ_PRESENCE_GRACE_MS 400u
/* Identities remembered at a time: more than a hand holds. When more come within the grace time,
 * whichever has been away longest is forgotten. */
#define LQ_PRESENCE_MEMORY 8u

enum lq_presence_kind {
	LQ_PRESENCE_BADGE,
	LQ_PRESENCE_RANDOM,
	LQ_PRESENCE_SEVERAL,
	LQ_PRESENCE_UNREADABLE
};

struct lq_presence_identity {
	enum lq_presence_kind kind;
	uint8_t uid_len; /* 0 for all but badges */
	uint8_t uid[LQ_UID_MAX];
};

struct lq_presence_shown {
	struct lq_presence_identity identity;
	uint32_t tap;
	bool away;
	struct lq_mono away_since; /* the first look that did not see it */
};

/* All zero is a reader that has not looked yet. */
struct lq_presence {
	uint32_t taps; /* given out so far */
	uint32_t tap;  /* the one in progress, 0: none */
	uint8_t shown_count;
	struct lq_presence_shown shown[LQ_PRESENCE_MEMORY];
};

/* Numbers of taps, 0: none. When both happen, the old one has ended before the new one begins:
 * there is never more than one in progress. */
struct lq_presence_change {
	uint32_t ended;
	uint32_t begun;
};

/* One look at the field: `sighting` is NULL when it was empty. Looks that failed are left out: time
 * without looks is no absence. */
struct lq_presence_change lq_presence_look(
	struct lq_presence *presence, const struct lq_sighting *sighting, struct lq_mono now);

#endif
