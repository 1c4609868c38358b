#include "host/office/arrivals.h"

#include "firmware/core/err.h"
#include "firmware/core/time.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#define RECENT_MS 60000 /* older ones are a backlog: pages load anew instead */

static void write_person(const struct lq_feed_event *event, char *out, size_t size)
{
	if (event->of_office) {
		(void)snprintf(out, size, "p%" PRIu32, event->holder);
	} else {
		(void)snprintf(out, size, "%s/m%" PRIu32, event->controller, event->holder);
	}
}

static void write_arrival(struct lq_arrivals *arrivals, const struct lq_feed_event *event,
	const char *zone, const char *name)
{
	char person[LQ_NAME_SIZE + 16];
	char at[LQ_RFC3339_SIZE];
	const char *kind = event->passage.direction == LQ_DIRECTION_ENTRY ? "arrived" : "left";
	write_person(event, person, sizeof(person));
	lq_wall_rfc3339(event->passage.at_ms, at);
	json_t *data = json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s}", "topic", "now", "kind", kind,
		"person", person, "name", name, "zone", zone, "at", at);
	char *out = arrivals->data[arrivals->count];
	size_t length = json_dumpb(data, out, LQ_STREAM_EVENT_SIZE - 1, JSON_COMPACT);
	json_decref(data);
	if (length > 0 && length < LQ_STREAM_EVENT_SIZE) {
		out[length] = '\0';
		arrivals->count++;
	} else {
		arrivals->more = true;
	}
}

int lq_arrivals_note(struct lq_arrivals *arrivals, struct lq_db *db,
	const struct lq_feed_event *event, int64_t now_ms)
{
	struct lq_rows *rows = NULL;
	if (event->passage.evidence == LQ_EVIDENCE_NOT_TAKEN ||
		event->passage.at_ms < now_ms - RECENT_MS || arrivals->count == LQ_ARRIVALS_MAX) {
		arrivals->more = true;
		return LQ_OK;
	}
	int r = lq_db_query(db, &rows,
		"SELECT passage.zone, person.name, person.hidden FROM passage "
		"LEFT JOIN person ON passage.realm = '' AND person.number = passage.holder "
		"WHERE passage.controller = ?1 AND passage.seq = ?2",
		"ti", event->controller, (int64_t)event->seq);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		bool hidden = lq_rows_integer(rows, 2) != 0;
		write_arrival(arrivals, event, lq_rows_text(rows, 0),
			hidden ? NULL : lq_rows_text(rows, 1));
	}
	lq_rows_end(rows);
	return r < 0 ? r : LQ_OK;
}

void lq_arrivals_tell(struct lq_arrivals *arrivals, struct lq_stream *stream)
{
	for (size_t i = 0; i < arrivals->count; i++) {
		lq_stream_add(stream, "now", arrivals->data[i]);
	}
	if (arrivals->more) {
		lq_stream_add(stream, "now", "{\"topic\":\"now\"}");
	}
	arrivals->count = 0;
	arrivals->more = false;
}
