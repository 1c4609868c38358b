#include "host/office/roster_read.h"

#include "firmware/core/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE 512u

/* Ends the rows; each is handed to `take`. */
static int take_rows(struct lq_rows *rows, struct lq_part *part,
	int (*take)(struct lq_part *part, struct lq_rows *rows))
{
	int r;
	while ((r = lq_rows_next(rows)) == 1) {
		r = take(part, rows);
		if (r != LQ_OK) {
			break;
		}
	}
	lq_rows_end(rows);
	return r;
}

/* ---- rules ---- */

/* A line whose last column is a list: begun, continued and ended by rows of the same beginning. */
struct list {
	struct lq_part *part;
	char line[LINE_SIZE];
	size_t head; /* 0: none is begun */
};

static int end_list(struct list *list)
{
	int r = list->head > 0 ? lq_part_add(list->part, list->line) : LQ_OK;
	list->head = 0;
	return r;
}

static int continue_list(struct list *list, const char *head, const char *item)
{
	size_t length = strlen(head);
	int r = LQ_OK;
	if (list->head != length || strncmp(list->line, head, length) != 0) {
		r = end_list(list);
		(void)snprintf(list->line, sizeof(list->line), "%s%s", head, item);
		list->head = length;
		return r;
	}
	size_t used = strlen(list->line);
	int more = snprintf(list->line + used, sizeof(list->line) - used, ",%s", item);
	return more > 0 && used + (size_t)more < sizeof(list->line) ? LQ_OK : LQ_ERR_FULL;
}

/* Rows of a head, a from and a to. */
static int read_list(struct lq_rows *rows, struct lq_part *part)
{
	struct list list = {.part = part};
	int r;
	while ((r = lq_rows_next(rows)) == 1) {
		char item[48];
		int64_t from = lq_rows_integer(rows, 1);
		(void)snprintf(
			item, sizeof(item), "%" PRId64 "-%" PRId64, from, lq_rows_integer(rows, 2));
		if (lq_rows_is_null(rows, 1)) {
			item[0] = '\0';
		}
		r = continue_list(&list, lq_rows_text(rows, 0), from < 0 ? "closed" : item);
		if (r != LQ_OK) {
			break;
		}
	}
	lq_rows_end(rows);
	return r == LQ_OK ? end_list(&list) : r;
}

static int read_schedules(struct lq_db *db, struct lq_part *part)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT 'schedule\t' || name || '\t', from_minute, to_minute FROM schedule "
		"LEFT JOIN period ON schedule = name ORDER BY name, from_minute, to_minute",
		"");
	r = r == LQ_OK ? read_list(rows, part) : r;
	if (r != LQ_OK) {
		return r;
	}
	r = lq_db_query(db, &rows,
		"SELECT 'schedule-special\t' || schedule || '\t' || special || '\t' || place || "
		"'\t', from_minute, to_minute FROM schedule_special "
		"ORDER BY schedule, place, special, from_minute, to_minute",
		"");
	return r == LQ_OK ? read_list(rows, part) : r;
}

static int take_day(struct lq_part *part, struct lq_rows *rows)
{
	char line[LINE_SIZE];
	(void)snprintf(line, sizeof(line), "special\t%s\t%04d-%02d-%02d", lq_rows_text(rows, 0),
		(int)lq_rows_integer(rows, 1), (int)lq_rows_integer(rows, 2),
		(int)lq_rows_integer(rows, 3));
	return lq_part_add(part, line);
}

static int take_line(struct lq_part *part, struct lq_rows *rows)
{
	return lq_part_add(part, lq_rows_text(rows, 0));
}

static int take_hours(
	struct lq_part *part, const struct lq_event_rights *events, struct lq_rows *rows)
{
	char line[LINE_SIZE];
	if (events != NULL && lq_event_rights_has_hours(events, lq_rows_text(rows, 0))) {
		return LQ_OK;
	}
	(void)snprintf(line, sizeof(line), "hours\t%s\t%s\t%d", lq_rows_text(rows, 0),
		lq_rows_text(rows, 1), (int)lq_rows_integer(rows, 2));
	return lq_part_add(part, line);
}

static int read_hours(struct lq_db *db, const struct lq_event_rights *events, struct lq_part *part)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows, "SELECT door, schedule, first_person FROM door_hours", "");
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		r = take_hours(part, events, rows);
		if (r != LQ_OK) {
			break;
		}
	}
	lq_rows_end(rows);
	return r;
}

static int read_others(struct lq_db *db, struct lq_part *part)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows, "SELECT special, year, month, day FROM special_day", "");
	r = r == LQ_OK ? take_rows(rows, part, take_day) : r;
	if (r != LQ_OK) {
		return r;
	}
	r = lq_db_query(db, &rows, "SELECT 'profile\t' || name FROM profile", "");
	r = r == LQ_OK ? take_rows(rows, part, take_line) : r;
	if (r != LQ_OK) {
		return r;
	}
	r = lq_db_query(db, &rows,
		"SELECT 'policy\t' || profile || '\t' || access_point || '\t' || "
		"COALESCE(schedule, '-') FROM policy",
		"");
	return r == LQ_OK ? take_rows(rows, part, take_line) : r;
}

/* ---- persons ---- */

/* A person's columns, then those of one of their badges. */
static int take_person(struct lq_part *part, const struct lq_event_rights *events,
	struct lq_rows *rows, int64_t *last)
{
	struct lq_event_person rights;
	struct lq_part_person person = {
		.number = lq_rows_integer(rows, 0),
		.profile = lq_rows_text(rows, 1),
		.enabled = lq_rows_integer(rows, 2) != 0,
		.any_time = lq_rows_integer(rows, 3) != 0,
		.extended_time = lq_rows_integer(rows, 4) != 0,
	};
	if (events != NULL) {
		rights = (struct lq_event_person){.number = person.number,
			.member = strcmp(lq_rows_text(rows, 13), "guest") != 0,
			.any_time = person.any_time};
		(void)snprintf(rights.profile, sizeof(rights.profile), "%s", person.profile);
		lq_event_rights_person(events, &rights);
		person.profile = rights.profile;
		person.any_time = rights.any_time;
	}
	int r = person.number != *last ? lq_part_add_person(part, &person) : LQ_OK;
	*last = person.number;
	if (r != LQ_OK || lq_rows_is_null(rows, 5)) {
		return r;
	}
	struct lq_office_badge badge = {
		.id = lq_rows_integer(rows, 5),
		.state = (int)lq_rows_integer(rows, 7),
		.valid_from_ms = lq_rows_integer(rows, 8),
		.valid_to_ms = lq_rows_integer(rows, 9),
		.uses = lq_rows_is_null(rows, 10) ? LQ_OFFICE_USES_ANY : lq_rows_integer(rows, 10),
		.valid_for_h = lq_rows_integer(rows, 11),
		.suspended_until_ms = lq_rows_integer(rows, 12),
	};
	struct lq_blob key = lq_rows_blob(rows, 6);
	if (key.bytes == NULL || key.length != sizeof(badge.key)) {
		return LQ_ERR_CORRUPT;
	}
	memcpy(badge.key, key.bytes, sizeof(badge.key));
	return lq_part_add_badge(part, &badge);
}

static int read_persons(struct lq_db *db, const struct lq_event_rights *events, int64_t remainder,
	struct lq_part *part)
{
	struct lq_rows *rows = NULL;
	int64_t last = 0;
	int r = lq_db_query(db, &rows,
		"SELECT number, profile, enabled, any_time, extended_time, id, key, state, "
		"valid_from, valid_to, uses, valid_for, suspended_until, kind "
		"FROM person LEFT JOIN badge ON badge.person = number "
		"WHERE number % 256 = ?1 AND erased = 0 ORDER BY number, id",
		"i", remainder);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		r = take_person(part, events, rows, &last);
		if (r != LQ_OK) {
			break;
		}
	}
	lq_rows_end(rows);
	return r;
}

static int add_line(void *ctx, const char *line)
{
	return lq_part_add(ctx, line);
}

int lq_roster_read(
	struct lq_db *db, struct lq_event_rights *events, unsigned index, struct lq_part *part)
{
	if (index > 0) {
		return read_persons(db, events, (int64_t)index - 1, part);
	}
	int r = read_schedules(db, part);
	r = r == LQ_OK ? read_others(db, part) : r;
	r = r == LQ_OK ? read_hours(db, events, part) : r;
	if (r == LQ_OK && events != NULL) {
		r = lq_event_rights_rules(events, add_line, part);
	}
	return r == LQ_OK ? lq_part_sort(part) : r;
}
