/* Events as other calendars read them (RFC 5545). In the time zone of the process. One thread. */
#ifndef LQ_OFFICE_CALENDAR_H
#define LQ_OFFICE_CALENDAR_H

#include "host/office/events.h"

struct lq_calendar_feed;

/* `zone`: the IANA name of the process's time zone. LQ_ERR_NOT_FOUND: there is none of that name.
 * LQ_ERR_NO_MEMORY. */
int lq_calendar_feed_new(const char *space, const char *zone, struct lq_calendar_feed **ret_feed);
void lq_calendar_feed_free(struct lq_calendar_feed *feed); /* accepts NULL */

/* Nobody who may come is named. */
int lq_calendar_feed_add(struct lq_calendar_feed *feed, const struct lq_calendar_event *event);

/* malloc'ed. LQ_ERR_NO_MEMORY. */
int lq_calendar_feed_text(const struct lq_calendar_feed *feed, char **ret_text);

#endif
