/* What open pages are told of that no call of theirs did: who came and went, and what else changed.
 * Collected while messages of the doors are taken up, told once they are on disk. */
#ifndef LQ_OFFICE_ARRIVALS_H
#define LQ_OFFICE_ARRIVALS_H

#include "host/office/feed.h"
#include "host/office/office.h"

#define LQ_ARRIVALS_MAX 32u

enum lq_news {
	LQ_NEWS_NOW,      /* who is in */
	LQ_NEWS_VISITS,   /* what they make of the day */
	LQ_NEWS_DOORS,    /* a door, its reader, its controller and the roster there */
	LQ_NEWS_ALARMS,   /* begun or ended, and alerts */
	LQ_NEWS_MUSTER,   /* the list was frozen, or is no longer */
	LQ_NEWS_PEOPLE,   /* a badge was read for somebody */
	LQ_NEWS_COMMANDS, /* what became of one */
	LQ_NEWS
};

struct lq_arrivals {
	size_t count;
	unsigned news; /* bits 1 << enum lq_news */
	char data[LQ_ARRIVALS_MAX][LQ_STREAM_EVENT_SIZE];
};

/* Notes an event that was taken up; `zone`: behind its door. LQ_OK or an error of the database. */
int lq_arrivals_note(struct lq_arrivals *arrivals, struct lq_db *db,
	const struct lq_feed_event *event, const char *zone, int64_t now_ms);

/* Something changed that no event tells of. */
void lq_arrivals_add(struct lq_arrivals *arrivals, enum lq_news news);

/* Tells, and forgets, what was noted. */
void lq_arrivals_tell(struct lq_arrivals *arrivals, struct lq_stream *stream);

#endif
