/* What the events of the next days add to the roster of the doors, in the words that the doors
 * understand already: profiles, schedules with special days, hours of doors. It goes out with the
 * roster, days ahead, so that a lunch takes place although the office, the broker or the network is
 * down; a command at its beginning would not get through then. One thread.
 *
 * Every event has a schedule without a week, whose special days are those on which it takes place.
 * A profile is given policies with it for what is open to members. Whoever may come to more or to
 * less than that, because they registered or are a guest, is published with a profile made for all
 * who may do the same. Where anyone may come, the door has its usual hours and those of the event.
 * All that is made has a name that begins with LQ_EVENT_PREFIX, which nobody else may use. */
#ifndef LQ_OFFICE_EVENT_RIGHTS_H
#define LQ_OFFICE_EVENT_RIGHTS_H

#include "firmware/core/site.h"
#include "host/office/db.h"

#include <stdbool.h>
#include <stdint.h>

#define LQ_EVENT_PREFIX       "event-"
#define LQ_EVENT_HORIZON_DAYS 14

struct lq_event_rights;

#define LQ_EVENTS_AT_ONCE 64u

/* As of the beginning of the local day of `now_ms`: the same all day, while nothing is changed. Of
 * the `most` nearest events, LQ_EVENTS_AT_ONCE at the most. LQ_OK or an error of the database;
 * LQ_ERR_NO_MEMORY. */
int lq_event_rights_read(
	struct lq_db *db, int64_t now_ms, size_t most, struct lq_event_rights **ret_rights);

/* Accepts NULL. */
void lq_event_rights_free(struct lq_event_rights *rights);

/* Nothing is added. */
bool lq_event_rights_empty(const struct lq_event_rights *rights);

/* How many events it is made of, and how many were left out; the nearest ones were not. */
size_t lq_event_rights_count(const struct lq_event_rights *rights);
size_t lq_event_rights_left_out(const struct lq_event_rights *rights);

/* Hands over each line that is to be added to the rules, without its end, in no order. Ends with
 * the first error of `take`, or the database's. */
int lq_event_rights_rules(
	struct lq_event_rights *rights, int (*take)(void *ctx, const char *line), void *ctx);

/* Whether the hours of this door are among those lines, in place of its own. */
bool lq_event_rights_has_hours(const struct lq_event_rights *rights, const char *door);

/* What the line of a person says of their rights. */
struct lq_event_person {
	int64_t number;
	bool member; /* not a guest */
	bool any_time;
	char profile[LQ_NAME_SIZE];
};

/* Changes it to what it is to say because of events. */
void lq_event_rights_person(const struct lq_event_rights *rights, struct lq_event_person *person);

#endif
