/* One body for all pages that load the same list after the same announcement. What was made before
 * pages were last shown something new, or before a call changed anything, is not handed out; so
 * nobody who was told of a change gets what was before it, and nobody misses their own. */
#ifndef LQ_OFFICE_SHARED_H
#define LQ_OFFICE_SHARED_H

#include "host/office/api.h"
#include "host/office/stream.h"

#define LQ_SHARED_MS 1000 /* what follows from the clock alone is not announced */

#define LQ_SHARED_BODIES 6u

struct lq_shared_body {
	lq_handler *handler; /* NULL: none */
	bool history;        /* made for those who may see the past, */
	bool program;        /* … for one that logged in with a token */
	uint64_t shown;      /* of the stream */
	int64_t made_ms;
	char *text;
	size_t length;
};

/* Begins as zeroes. */
struct lq_shared {
	size_t next;
	struct lq_shared_body bodies[LQ_SHARED_BODIES];
};

/* Whether the handler makes such as every page loads. */
bool lq_shared_by_all(lq_handler *handler);

/* Puts a copy into the answer, if there is one for this caller. */
bool lq_shared_take(const struct lq_shared *shared, const struct lq_stream *stream,
	lq_handler *handler, const struct lq_request *request, struct lq_answer *answer);

/* Keeps a copy of the answer's text, which such a handler has made. */
void lq_shared_keep(struct lq_shared *shared, const struct lq_stream *stream, lq_handler *handler,
	const struct lq_request *request, const struct lq_answer *answer);

/* Something changed. */
void lq_shared_forget(struct lq_shared *shared);

#endif
