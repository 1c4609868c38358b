/* Server-sent events to the open pages. What happened stands once in a ring that all pages read
 * at their own pace: a page costs a place in it and no queue. One that falls behind the whole ring
 * is told so and loads everything anew. Pages see what was added up to the last lq_stream_show(),
 * so that a burst wakes them once and says that a topic changed once. Pure but for the clock of its
 * caller. */
#ifndef LQ_OFFICE_STREAM_H
#define LQ_OFFICE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_STREAM_EVENTS       512u
#define LQ_STREAM_EVENT_SIZE   384u
#define LQ_STREAM_HEARTBEAT_MS 15000
#define LQ_STREAM_PAUSE_MS     INT64_C(100) /* between two calls of lq_stream_show(), on the whole; */
#define LQ_STREAM_BURST        4            /* ... so many come at once */
#define LQ_STREAM_TOPIC_SIZE   12u

struct lq_stream {
	uint64_t run;   /* of this program: ids of another one mean nothing */
	uint64_t next;  /* number of the next event; the first is 1 */
	uint64_t shown; /* number of the first that no page sees yet */
	struct {
		char changed[LQ_STREAM_TOPIC_SIZE]; /* it says this alone; empty: more */
		uint16_t length;
		char text[LQ_STREAM_EVENT_SIZE]; /* as it goes over the wire */
	} events[LQ_STREAM_EVENTS];
};

/* Where a page is in the stream. */
struct lq_stream_place {
	uint64_t next;
	size_t sent; /* bytes of that event */
	bool reset;  /* it missed something: it is told that everything changed */
	bool hello;  /* nothing was sent yet */
	bool beat;   /* it is to be told that the line holds */
};

void lq_stream_begin(struct lq_stream *stream, uint64_t run);

/* `data` is one line of JSON. One that is too long is replaced by its topic alone. */
void lq_stream_add(struct lq_stream *stream, const char *topic, const char *data);

/* Something of the topic changed, and no page was told yet: said once, however often it is added.
 */
void lq_stream_changed(struct lq_stream *stream, const char *topic);

/* Whether there is something that no page sees yet. */
bool lq_stream_is_ahead(const struct lq_stream *stream);

/* From now on pages see everything that was added. */
void lq_stream_show(struct lq_stream *stream);

/* A new page; `last_id` is Last-Event-ID, NULL without one. */
struct lq_stream_place lq_stream_join(const struct lq_stream *stream, const char *last_id);

/* Copies what the page has not had yet. 0: nothing is new. */
size_t lq_stream_read(
	const struct lq_stream *stream, struct lq_stream_place *place, char *out, size_t capacity);

#endif
