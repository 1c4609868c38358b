#include "host/office/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lq_stream_begin(struct lq_stream *stream, uint64_t run)
{
	stream->run = run;
	stream->next = 1;
	stream->shown = 1;
}

void lq_stream_add(struct lq_stream *stream, const char *topic, const char *data)
{
	char *text = stream->events[stream->next % LQ_STREAM_EVENTS].text;
	int length = snprintf(text, LQ_STREAM_EVENT_SIZE,
		"id: %" PRIx64 "-%" PRIu64 "\nevent: %s\ndata: %s\n\n", stream->run, stream->next,
		topic, data);
	if (length >= (int)LQ_STREAM_EVENT_SIZE) {
		length = snprintf(text, LQ_STREAM_EVENT_SIZE,
			"id: %" PRIx64 "-%" PRIu64 "\nevent: %s\ndata: {\"topic\":\"%s\"}\n\n",
			stream->run, stream->next, topic, topic);
	}
	stream->events[stream->next % LQ_STREAM_EVENTS].length = (uint16_t)length;
	stream->events[stream->next % LQ_STREAM_EVENTS].changed[0] = '\0';
	stream->next++;
}

static bool still_there(const struct lq_stream *stream, uint64_t number)
{
	return number >= 1 && number <= stream->next && stream->next - number <= LQ_STREAM_EVENTS;
}

void lq_stream_changed(struct lq_stream *stream, const char *topic)
{
	char data[64];
	uint64_t i = still_there(stream, stream->shown) ? stream->shown
							: stream->next - LQ_STREAM_EVENTS;
	for (; i < stream->next; i++) {
		if (strcmp(stream->events[i % LQ_STREAM_EVENTS].changed, topic) == 0) {
			return;
		}
	}
	(void)snprintf(data, sizeof(data), "{\"topic\":\"%s\"}", topic);
	lq_stream_add(stream, topic, data);
	(void)snprintf(stream->events[(stream->next - 1) % LQ_STREAM_EVENTS].changed,
		LQ_STREAM_TOPIC_SIZE, "%s", topic);
}

bool lq_stream_is_ahead(const struct lq_stream *stream)
{
	return stream->shown != stream->next;
}

void lq_stream_show(struct lq_stream *stream)
{
	stream->shown = stream->next;
}

struct lq_stream_place lq_stream_join(const struct lq_stream *stream, const char *last_id)
{
	struct lq_stream_place place = {.next = stream->shown, .hello = true};
	char *end = NULL;
	if (last_id == NULL) {
		return place;
	}
	uint64_t run = strtoull(last_id, &end, 16);
	uint64_t number = *end == '-' ? strtoull(end + 1, &end, 10) + 1 : 0;
	if (run == stream->run && *end == '\0' && still_there(stream, number)) {
		place.next = number;
	} else {
		place.reset = true;
	}
	return place;
}

/* What a page hears that missed something: all of it may have changed. */
#define CHANGED(topic) "event: " topic "\ndata: {\"topic\":\"" topic "\"}\n\n"
static const char everything[] = CHANGED("now") CHANGED("doors") CHANGED("people") CHANGED("visits")
	CHANGED("alarms") CHANGED("muster") CHANGED("events") CHANGED("rules") CHANGED("settings")
		CHANGED("commands");
#undef CHANGED

static size_t put(const char *text, char *out, size_t capacity)
{
	size_t length = strlen(text);
	if (length > capacity) {
		return 0;
	}
	// NOLINTNEXTLINE(bugprone-not-null-terminated-result): a piece of a stream
	memcpy(out, text, length);
	return length;
}

static size_t put_remarks(struct lq_stream_place *place, char *out, size_t capacity)
{
	size_t length = 0;
	if (place->hello) {
		length += put("retry: 2000\n\n", out, capacity);
	} else if (place->beat) {
		length += put(":\n\n", out, capacity);
	}
	place->hello = false;
	place->beat = false;
	if (place->reset) {
		length += put(everything, out + length, capacity - length);
		place->reset = false;
	}
	return length;
}

size_t lq_stream_read(
	const struct lq_stream *stream, struct lq_stream_place *place, char *out, size_t capacity)
{
	size_t length = 0;
	if (!still_there(stream, place->next)) {
		length = place->sent > 0 ? put("\n\n", out, capacity) : 0;
		place->reset = true;
		place->next = stream->shown;
		place->sent = 0;
	}
	if (place->sent == 0) {
		length += put_remarks(place, out + length, capacity - length);
	}
	while (place->next < stream->shown && length < capacity) {
		const char *text = stream->events[place->next % LQ_STREAM_EVENTS].text;
		size_t left = stream->events[place->next % LQ_STREAM_EVENTS].length - place->sent;
		size_t count = left < capacity - length ? left : capacity - length;
		memcpy(out + length, text + place->sent, count);
		length += count;
		place->sent = count < left ? place->sent + count : 0;
		place->next += count < left ? 0 : 1;
	}
	return length;
}
