/* Who came and went, for the open pages: collected while events are taken up, told once they are
 * on disk. */
#ifndef LQ_OFFICE_ARRIVALS_H
#define LQ_OFFICE_ARRIVALS_H

#include "host/office/feed.h"
#include "host/office/office.h"

#define LQ_ARRIVALS_MAX 32u

struct lq_arrivals {
	size_t count;
	bool more; /* than fit, or such as happened long ago */
	char data[LQ_ARRIVALS_MAX][LQ_STREAM_EVENT_SIZE];
};

/* Notes a passage that was taken up in the open transaction. LQ_OK or an error of the database. */
int lq_arrivals_note(struct lq_arrivals *arrivals, struct lq_db *db,
	const struct lq_feed_event *event, int64_t now_ms);

/* Tells, and forgets, what was noted. */
void lq_arrivals_tell(struct lq_arrivals *arrivals, struct lq_stream *stream);

#endif
