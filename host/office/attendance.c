#include "host/office/attendance.h"

#include "firmware/core/err.h"
#include "host/office/visits.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* The door that an event of a controller tells of is one of these. */
static bool through(const struct lq_calendar_event *event, struct lq_blob body)
{
	json_t *json = body.length > 0 ? json_loadb(body.bytes, body.length, 0, NULL) : NULL;
	const char *door =
		json_string_value(json_object_get(json_object_get(json, "data"), "door"));
	bool found = false;
	for (size_t i = 0; i < event->door_count && door != NULL && !found; i++) {
		found = strcmp(event->doors[i], door) == 0;
	}
	json_decref(json);
	return found;
}

static void note(struct lq_attendance *attendance, const char *realm, int64_t holder, int64_t at_ms)
{
	size_t i = 0;
	while (i < attendance->count && (attendance->people[i].holder != holder ||
						strcmp(attendance->people[i].realm, realm) != 0)) {
		i++;
	}
	if (i == LQ_ATTENDANCE_MAX) {
		return;
	}
	struct lq_attendant *attendant = &attendance->people[i];
	if (i == attendance->count) {
		attendance->count++;
		*attendant = (struct lq_attendant){.holder = holder, .first_ms = at_ms};
		(void)snprintf(attendant->realm, sizeof(attendant->realm), "%s", realm);
	}
	attendant->last_ms = at_ms;
	attendant->passages++;
}

/* Who was let in and did not come in did not come. */
static int read_passages(struct lq_db *db, const struct lq_calendar_event *event,
	const struct lq_occurrence *occurrence, struct lq_attendance *attendance)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT p.realm, p.holder, p.at, e.body FROM passage p "
		"JOIN event e ON e.controller = p.controller AND e.seq = p.seq "
		"WHERE p.at >= ?1 AND p.at < ?2 AND p.evidence <> 2 AND NOT EXISTS "
		"(SELECT 1 FROM passage n WHERE n.realm = p.realm AND n.holder = p.holder "
		"AND n.at >= p.at - ?3 AND n.at <= p.at + ?3 AND n.controller = p.controller "
		"AND n.epoch = p.epoch AND n.number = p.number AND n.evidence = 2) "
		"ORDER BY p.at, p.seq",
		"iii", occurrence->from_ms, occurrence->to_ms, LQ_VISITS_TAP_MS);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		if (through(event, lq_rows_blob(rows, 3))) {
			note(attendance, lq_rows_text(rows, 0), lq_rows_integer(rows, 1),
				lq_rows_integer(rows, 2));
		}
	}
	lq_rows_end(rows);
	return r;
}

static int read_openings(struct lq_db *db, const struct lq_calendar_event *event,
	const struct lq_occurrence *occurrence, struct lq_attendance *attendance)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT body FROM event WHERE at >= ?1 AND at < ?2 "
		"AND type = 'org.loquet.door.opened.v1'",
		"ii", occurrence->from_ms, occurrence->to_ms);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		attendance->openings += through(event, lq_rows_blob(rows, 0)) ? 1 : 0;
	}
	lq_rows_end(rows);
	return r;
}

int lq_attendance_read(struct lq_db *db, const struct lq_calendar_event *event,
	const struct lq_occurrence *occurrence, struct lq_attendance *ret_attendance)
{
	ret_attendance->count = 0;
	ret_attendance->openings = 0;
	int r = read_passages(db, event, occurrence, ret_attendance);
	return r == LQ_OK ? read_openings(db, event, occurrence, ret_attendance) : r;
}
