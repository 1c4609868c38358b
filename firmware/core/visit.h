/* Visits: what the passages of one person in one zone make of one business day. Pure; any thread.
 *
 * A sheet holds the taps of (person, zone, business day), one each, however often and in whatever
 * order their events come: noting an event twice, late or before its grant leads to the same sheet,
 * and the visits are made of the sheet anew. So no order of delivery can change a visit.
 *
 * Who is in is also told by presence.h, and that is another thing. There the door asks, at once and
 * for everybody: it keeps only since when, and takes nobody for gone who came in less than five
 * hours before the day is cut, because somebody may still be in a burning house. A visit is what is
 * counted and billed: it belongs to one business date, and every one ends when that day does.
 *
 * A business day begins and ends at the cut-off hour of the space. The caller, who knows the time
 * zone, gives its ends as moments; so a day on which the clock is changed has 23 or 25 hours. */
#ifndef LQ_CORE_VISIT_H
#define LQ_CORE_VISIT_H

#include "firmware/core/site.h"
#include "firmware/core/time.h"

#include <stdbool.h>
#include <stdint.h>

#define LQ_VISIT_TAPS_MAX    256u /* of a person in a zone on a day */
#define LQ_VISITS_MAX        LQ_VISIT_TAPS_MAX
#define LQ_VISIT_SAYINGS_MAX 8u

/* How an event vouches for a passage: a grant does unless the door says that it was not used. */
enum lq_evidence { LQ_EVIDENCE_GRANTED, LQ_EVIDENCE_TAKEN, LQ_EVIDENCE_NOT_TAKEN };

struct lq_visit_event {
	uint64_t epoch; /* with `number`: the transaction, which all events of a tap share */
	uint64_t number;
	enum lq_direction direction;
	enum lq_evidence evidence;
	int64_t at_ms;
	enum lq_trust trust;
};

struct lq_visit_tap {
	uint64_t epoch;
	uint64_t number;
	enum lq_direction direction;
	bool granted;
	bool taken;
	bool not_taken;
	int64_t granted_ms;
	int64_t taken_ms;
	enum lq_trust trust; /* the least */
};

/* Starts out as zeroes. Who was said to be out is in again by the next entry after that was said:
 * it is no part of the visit of which it was said. */
struct lq_visit_sheet {
	uint32_t count;
	struct lq_visit_tap taps[LQ_VISIT_TAPS_MAX];
	uint32_t sayings;
	int64_t said_out_ms[LQ_VISIT_SAYINGS_MAX]; /* when somebody said so; in any order */
};

struct lq_business_day {
	int64_t begins_ms;
	int64_t half_ms; /* where the half-day rule by the clock divides it */
	int64_t ends_ms; /* not in it any more */
};

enum lq_halves { LQ_HALVES_BY_CLOCK, LQ_HALVES_BY_DURATION };

struct lq_visit_settings {
	uint32_t rejoin_s;     /* an entry so soon after an exit goes on with the same visit */
	bool second_tap_ends;  /* one reader for both ways: in and out in turns */
	uint32_t double_tap_s; /* then, a tap so soon after another is the same one */
	enum lq_halves halves;
	uint32_t half_at_min; /* by clock: the local minute at which whoever makes days divides them
			       */
	uint32_t half_day_s;  /* by duration: a longer visit is a day */
	uint32_t tolerance_s; /* by clock: less than this on the shorter side does not count */
};

/* Re-entry on the same day joins, entries are told apart by readers, the day is divided by the
 * clock at 13:30 with 45 minutes of tolerance. */
struct lq_visit_settings lq_visit_settings_usual(void);

struct lq_visit {
	int64_t began_ms;
	int64_t seen_ms;     /* the last passage */
	bool left;           /* by a badge, at seen_ms; otherwise the end of the day ends it */
	bool assumed;        /* some passage rests on a grant alone: the door has no contact */
	uint32_t passages;   /* at least 1 */
	int64_t absent_ms;   /* between exits and re-entries */
	enum lq_trust trust; /* the least of the passages */
};

enum lq_visit_state { LQ_VISIT_OPEN, LQ_VISIT_LEFT, LQ_VISIT_CUT_OFF };

/* True when the sheet changed: something new was told. With a full sheet, LQ_VISIT_TAPS_MAX, the
 * least of the transactions are kept, so that this too depends on no order. */
bool lq_visit_note(struct lq_visit_sheet *sheet, const struct lq_visit_event *event);

/* Whether the tap was a passage, and when: what the door saw is better than the grant. */
bool lq_visit_passage(const struct lq_visit_tap *tap, int64_t *ret_at_ms);

/* The visits of the day in their order; returns how many. `ret_strays`: exits without an entry,
 * of somebody who came in behind another or before the day began. Passages outside of the day do
 * not count. */
uint32_t lq_visit_derive(const struct lq_visit_sheet *sheet, const struct lq_business_day *day,
	const struct lq_visit_settings *settings, struct lq_visit ret_visits[LQ_VISITS_MAX],
	uint32_t *ret_strays);

enum lq_visit_state lq_visit_state(
	const struct lq_visit *visit, const struct lq_business_day *day, int64_t now_ms);

/* Until 24 hours after its end it may be corrected: after the last badge, or, where nobody badged
 * out, after the day. */
bool lq_visit_final(
	const struct lq_visit *visit, const struct lq_business_day *day, int64_t now_ms);

/* Half-days: 1 or 2. A visit that nobody badged out of counts as far as it was seen: by the clock,
 * one that began in the first half is a day as soon as it is seen in the second. */
uint32_t lq_visit_half_days(const struct lq_visit *visit, const struct lq_business_day *day,
	const struct lq_visit_settings *settings);

/* How many of them are in at `now_ms`. It is at least so many where exits are not badged: that the
 * caller knows. */
uint32_t lq_visit_occupancy(const struct lq_visit *visits, uint32_t count,
	const struct lq_business_day *day, int64_t now_ms);

#endif
