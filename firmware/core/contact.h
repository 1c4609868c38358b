/* Whether a door may have missed what the office said last. From the moment the broker is reached
 * until the office's last word was judged, a badge that the roster still grants may be one that was
 * revoked meanwhile: its tap is held, for a short time, and decided by what the office says. When
 * the office's word does not come in time, the roster goes on as it is: a server that hangs keeps
 * nobody out. Pure; any thread. */
#ifndef LQ_CORE_CONTACT_H
#define LQ_CORE_CONTACT_H

#include "firmware/core/time.h"

#include <stdbool.h>

#define LQ_CONTACT_WORD_MS  2000u  /* for the office's word, which the broker retains */
#define LQ_CONTACT_LEARN_MS 30000u /* for what it changes */
#define LQ_CONTACT_TAP_MS   2000u  /* no tap is held for longer */

enum lq_contact_phase {
	LQ_CONTACT_AWAY,     /* no broker: nothing newer can be known */
	LQ_CONTACT_AWAITED,  /* the broker is there, the office's last word is not */
	LQ_CONTACT_LEARNING, /* it is, and what it changes is on its way */
	LQ_CONTACT_CURRENT,  /* the roster is what the office said last */
	LQ_CONTACT_MISSED,   /* it did not come in time */
};

enum lq_contact_input {
	LQ_CONTACT_MADE,   /* the broker was reached */
	LQ_CONTACT_LOST,   /* … or is no more */
	LQ_CONTACT_SAME,   /* the office's last word: the roster holds */
	LQ_CONTACT_NEWER,  /* the office's last word: there is a newer one */
	LQ_CONTACT_LEARNT, /* the newer one decides from now on */
	LQ_CONTACT_TICK,
};

/* All zero: AWAY. */
struct lq_contact {
	enum lq_contact_phase phase;
	struct lq_mono until; /* of AWAITED and LEARNING */
};

void lq_contact_step(struct lq_contact *contact, enum lq_contact_input input, struct lq_mono now);

/* Whether a tap that came at `since`, and would be granted, is held at `now`. `changes`: the newer
 * roster, as far as it is known, has something else to say of this badge; meaningful while it is
 * being learnt. */
bool lq_contact_holds(
	const struct lq_contact *contact, bool changes, struct lq_mono since, struct lq_mono now);

/* When time alone changes the phase; never: UINT64_MAX. */
struct lq_mono lq_contact_due(const struct lq_contact *contact);

/* Until when it is held at the longest, if it is. */
struct lq_mono lq_contact_until(const struct lq_contact *contact, struct lq_mono since);

/* Static: "awaited" and so on. */
const char *lq_contact_word(enum lq_contact_phase phase);

#endif
