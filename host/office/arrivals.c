#include "host/office/arrivals.h"

#include "firmware/core/err.h"
#include "firmware/core/time.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define RECENT_MS 60000 /* older ones are a backlog: pages load anew instead */

static void write_person(const struct lq_feed_event *event, char *out, size_t size)
{
	if (event->of_office) {
		(void)snprintf(out, size, "p%" PRIu32, event->holder);
	} else {
		(void)snprintf(out, size, "%s/m%" PRIu32, event->controller, event->holder);
	}
}

/* The hidden are told of without name and number. */
static void write_arrival(struct lq_arrivals *arrivals, const struct lq_feed_event *event,
	const char *zone, const char *name, bool hidden)
{
	char person[LQ_NAME_SIZE + 16];
	char at[LQ_RFC3339_SIZE];
	const char *kind = event->passage.direction == LQ_DIRECTION_ENTRY ? "arrived" : "left";
	write_person(event, person, sizeof(person));
	lq_wall_rfc3339(event->passage.at_ms, at);
	json_t *data = json_pack("{s:s, s:s, s:s?, s:s?, s:s, s:s}", "topic", "now", "kind", kind,
		"person", hidden ? NULL : person, "name", hidden ? NULL : name, "zone", zone, "at",
		at);
	char *out = arrivals->data[arrivals->count];
	size_t length = json_dumpb(data, out, LQ_STREAM_EVENT_SIZE - 1, JSON_COMPACT);
	json_decref(data);
	if (length > 0 && length < LQ_STREAM_EVENT_SIZE) {
		out[length] = '\0';
		arrivals->count++;
	} else {
		lq_arrivals_add(arrivals, LQ_NEWS_NOW);
	}
}

void lq_arrivals_add(struct lq_arrivals *arrivals, enum lq_news news)
{
	arrivals->news |= 1u << (unsigned)news;
}

/* Of a controller's own members whoever was given a name. */
static int find_person(struct lq_arrivals *arrivals, struct lq_db *db,
	const struct lq_feed_event *event, const char *zone)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		event->of_office
			? "SELECT name, hidden FROM person WHERE ?2 <> '' AND number = ?1"
			: "SELECT name, 0 FROM board_member WHERE realm = ?2 AND holder = ?1",
		"it", (int64_t)event->holder, event->controller);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r >= 0) {
		write_arrival(arrivals, event, zone, r == 1 ? lq_rows_text(rows, 0) : NULL,
			r == 1 && lq_rows_integer(rows, 1) != 0);
	}
	lq_rows_end(rows);
	return r < 0 ? r : LQ_OK;
}

/* Whoever was let in is told of at once; what came of it changes the lists alone. */
static int note_passage(struct lq_arrivals *arrivals, struct lq_db *db,
	const struct lq_feed_event *event, const char *zone, int64_t now_ms)
{
	lq_arrivals_add(arrivals, LQ_NEWS_VISITS);
	if (event->passage.evidence != LQ_EVIDENCE_GRANTED ||
		event->passage.at_ms < now_ms - RECENT_MS || arrivals->count == LQ_ARRIVALS_MAX) {
		lq_arrivals_add(arrivals, LQ_NEWS_NOW);
		return LQ_OK;
	}
	return find_person(arrivals, db, event, zone);
}

/* What the events change that pages show, by the beginning of their type. */
static const struct {
	const char *type;
	enum lq_news news;
} shown[] = {
	{"org.loquet.door.", LQ_NEWS_DOORS},
	{"org.loquet.door.alarm", LQ_NEWS_ALARMS},
	{"org.loquet.reader.", LQ_NEWS_DOORS},
	{"org.loquet.controller.", LQ_NEWS_DOORS},
	{"org.loquet.roster.", LQ_NEWS_DOORS},
	{"org.loquet.presence.frozen", LQ_NEWS_MUSTER},
	{"org.loquet.presence.thawed", LQ_NEWS_MUSTER},
};

int lq_arrivals_note(struct lq_arrivals *arrivals, struct lq_db *db,
	const struct lq_feed_event *event, const char *zone, int64_t now_ms)
{
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (strncmp(event->type, shown[i].type, strlen(shown[i].type)) == 0) {
			lq_arrivals_add(arrivals, shown[i].news);
		}
	}
	if (event->alert != LQ_FEED_NO_ALERT) {
		lq_arrivals_add(arrivals, LQ_NEWS_ALARMS);
	}
	return event->is_passage ? note_passage(arrivals, db, event, zone, now_ms) : LQ_OK;
}

void lq_arrivals_tell(struct lq_arrivals *arrivals, struct lq_stream *stream)
{
	static const char *const topics[LQ_NEWS] = {
		[LQ_NEWS_NOW] = "now",
		[LQ_NEWS_VISITS] = "visits",
		[LQ_NEWS_DOORS] = "doors",
		[LQ_NEWS_ALARMS] = "alarms",
		[LQ_NEWS_MUSTER] = "muster",
		[LQ_NEWS_PEOPLE] = "people",
		[LQ_NEWS_COMMANDS] = "commands",
	};
	for (size_t i = 0; i < arrivals->count; i++) {
		lq_stream_add(stream, "now", arrivals->data[i]);
	}
	for (size_t i = 0; i < LQ_NEWS; i++) {
		if ((arrivals->news & 1u << i) != 0) {
			lq_stream_changed(stream, topics[i]);
		}
	}
	arrivals->count = 0;
	arrivals->news = 0;
}
