#include "host/office/events.h"

#include "firmware/core/err.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static const char *const kinds[] = {
	[LQ_CALENDAR_EVENT] = "event",
	[LQ_CALENDAR_TRAINING] = "training",
	[LQ_CALENDAR_PUBLIC_WINDOW] = "public_window",
};

static const char *const whos[] = {
	[LQ_CALENDAR_REGISTERED] = "registered",
	[LQ_CALENDAR_MEMBERS] = "members",
	[LQ_CALENDAR_ANYONE] = "anyone",
};

#define COUNT(words) (sizeof(words) / sizeof((words)[0]))

static int find(const char *const *words, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i], text) == 0) {
			return (int)i;
		}
	}
	return LQ_ERR_NOT_FOUND;
}

const char *lq_calendar_kind_text(enum lq_calendar_kind kind)
{
	return kinds[kind];
}

const char *lq_calendar_who_text(enum lq_calendar_who who)
{
	return whos[who];
}

int lq_calendar_kind_parse(const char *text, enum lq_calendar_kind *ret_kind)
{
	int found = find(kinds, COUNT(kinds), text);
	if (found < 0) {
		return found;
	}
	*ret_kind = (enum lq_calendar_kind)found;
	return LQ_OK;
}

int lq_calendar_who_parse(const char *text, enum lq_calendar_who *ret_who)
{
	int found = find(whos, COUNT(whos), text);
	if (found < 0) {
		return found;
	}
	*ret_who = (enum lq_calendar_who)found;
	return LQ_OK;
}

/* ---- reading ---- */

static void copy(char *to, size_t size, const char *text)
{
	(void)snprintf(to, size, "%s", text != NULL ? text : "");
}

static int fill(struct lq_rows *rows, struct lq_calendar_event *event)
{
	copy(event->uid, sizeof(event->uid), lq_rows_text(rows, 0));
	if (lq_calendar_kind_parse(lq_rows_text(rows, 1), &event->kind) != LQ_OK ||
		lq_calendar_who_parse(lq_rows_text(rows, 2), &event->who) != LQ_OK) {
		return LQ_ERR_CORRUPT;
	}
	copy(event->title, sizeof(event->title), lq_rows_text(rows, 3));
	copy(event->description, sizeof(event->description), lq_rows_text(rows, 4));
	copy(event->place, sizeof(event->place), lq_rows_text(rows, 5));
	copy(event->trainer, sizeof(event->trainer), lq_rows_text(rows, 6));
	event->is_public = lq_rows_integer(rows, 7) != 0;
	event->when.from = lq_rows_integer(rows, 8);
	event->when.to = lq_rows_integer(rows, 9);
	copy(event->when.rule, sizeof(event->when.rule), lq_rows_text(rows, 10));
	event->revision = lq_rows_integer(rows, 11);
	event->changed_ms = lq_rows_integer(rows, 12);
	return 1;
}

static int load_row(struct lq_db *db, struct lq_calendar_event *event)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT uid, kind, who, title, description, place, trainer, public, begins, ends, "
		"rule, revision, changed FROM calendar_event WHERE id = ?1",
		"i", event->id);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	r = r == 1 ? fill(rows, event) : r;
	lq_rows_end(rows);
	if (r == 0) {
		return LQ_ERR_NOT_FOUND;
	}
	return r == 1 ? LQ_OK : r;
}

/* The numbers of one column, as far as they have room. */
static int numbers(struct lq_rows *rows, int64_t *ret_numbers, size_t max, size_t *ret_count)
{
	int r = 0;
	size_t count = 0;
	while ((r = lq_rows_next(rows)) == 1 && count < max) {
		ret_numbers[count++] = lq_rows_integer(rows, 0);
	}
	lq_rows_end(rows);
	*ret_count = count;
	return r < 0 ? r : LQ_OK;
}

static int load_left_out(struct lq_db *db, struct lq_calendar_event *event)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT day FROM calendar_event_left_out WHERE event = ?1 ORDER BY day", "i",
		event->id);
	event->when.left_out = event->left_out;
	return r == LQ_OK ? numbers(rows, event->left_out, LQ_CALENDAR_LEFT_OUT_MAX,
				    &event->when.left_out_count)
			  : r;
}

static int load_people(struct lq_db *db, struct lq_calendar_event *event)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT person FROM calendar_event_person WHERE event = ?1 ORDER BY person", "i",
		event->id);
	return r == LQ_OK
		       ? numbers(rows, event->people, LQ_CALENDAR_PEOPLE_MAX, &event->person_count)
		       : r;
}

static int load_doors(struct lq_db *db, struct lq_calendar_event *event)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT door FROM calendar_event_door WHERE event = ?1 ORDER BY door", "i",
		event->id);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1 && event->door_count < LQ_CALENDAR_DOORS_MAX) {
		copy(event->doors[event->door_count++], LQ_NAME_SIZE, lq_rows_text(rows, 0));
	}
	lq_rows_end(rows);
	return r < 0 ? r : LQ_OK;
}

int lq_calendar_load(struct lq_db *db, int64_t id, struct lq_calendar_event *ret_event)
{
	memset(ret_event, 0, sizeof(*ret_event));
	ret_event->id = id;
	int r = load_row(db, ret_event);
	r = r == LQ_OK ? load_left_out(db, ret_event) : r;
	r = r == LQ_OK ? load_doors(db, ret_event) : r;
	return r == LQ_OK ? load_people(db, ret_event) : r;
}

int lq_calendar_list(struct lq_db *db, int64_t after, int64_t since, int64_t *ret_ids, size_t max,
	size_t *ret_count)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT id FROM calendar_event WHERE id > ?1 AND (rule <> '' OR ends > ?2) "
		"ORDER BY id LIMIT ?3",
		"iii", after, since, (int64_t)max);
	return r == LQ_OK ? numbers(rows, ret_ids, max, ret_count) : r;
}

/* ---- writing ---- */

static int make_uid(struct lq_calendar_event *event)
{
	uint8_t bytes[16];
	size_t at = 0;
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
		return LQ_ERR_IO;
	}
	for (size_t i = 0; i < sizeof(bytes); i++, at += 2) {
		(void)snprintf(event->uid + at, sizeof(event->uid) - at, "%02x", bytes[i]);
	}
	(void)snprintf(event->uid + at, sizeof(event->uid) - at, "@loquet");
	return LQ_OK;
}

static int insert(struct lq_db *db, struct lq_calendar_event *event, int64_t now_ms)
{
	int r = make_uid(event);
	return r == LQ_OK
		       ? lq_db_integer(db, &event->id, 0,
				 "INSERT INTO calendar_event (uid, kind, who, title, description, "
				 "place, trainer, public, begins, ends, rule, revision, changed) "
				 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, ?12) "
				 "RETURNING id",
				 "tttttttiiiti", event->uid, kinds[event->kind], whos[event->who],
				 event->title, event->description, event->place, event->trainer,
				 (int64_t)event->is_public, event->when.from, event->when.to,
				 event->when.rule, now_ms)
		       : r;
}

static int update(struct lq_db *db, const struct lq_calendar_event *event, int64_t now_ms)
{
	int64_t changed = lq_db_run(db,
		"UPDATE calendar_event SET kind = ?2, who = ?3, title = ?4, description = ?5, "
		"place = ?6, trainer = ?7, public = ?8, begins = ?9, ends = ?10, rule = ?11, "
		"revision = revision + 1, changed = ?12 WHERE id = ?1",
		"ittttttiiiti", event->id, kinds[event->kind], whos[event->who], event->title,
		event->description, event->place, event->trainer, (int64_t)event->is_public,
		event->when.from, event->when.to, event->when.rule, now_ms);
	if (changed < 0) {
		return (int)changed;
	}
	return changed == 1 ? LQ_OK : LQ_ERR_NOT_FOUND;
}

static int empty_lists(struct lq_db *db, int64_t id)
{
	int64_t r = lq_db_run(db, "DELETE FROM calendar_event_door WHERE event = ?1", "i", id);
	r = r < 0 ? r
		  : lq_db_run(db, "DELETE FROM calendar_event_person WHERE event = ?1", "i", id);
	r = r < 0 ? r
		  : lq_db_run(db, "DELETE FROM calendar_event_left_out WHERE event = ?1", "i", id);
	return r < 0 ? (int)r : LQ_OK;
}

static int fill_lists(struct lq_db *db, const struct lq_calendar_event *event)
{
	int64_t r = 0;
	for (size_t i = 0; i < event->door_count && r >= 0; i++) {
		r = lq_db_run(db,
			"INSERT INTO calendar_event_door (event, door) VALUES (?1, ?2) "
			"ON CONFLICT DO NOTHING",
			"it", event->id, event->doors[i]);
	}
	for (size_t i = 0; i < event->person_count && r >= 0; i++) {
		r = lq_db_run(db,
			"INSERT INTO calendar_event_person (event, person) VALUES (?1, ?2) "
			"ON CONFLICT DO NOTHING",
			"ii", event->id, event->people[i]);
	}
	for (size_t i = 0; i < event->when.left_out_count && r >= 0; i++) {
		r = lq_db_run(db,
			"INSERT INTO calendar_event_left_out (event, day) VALUES (?1, ?2) "
			"ON CONFLICT DO NOTHING",
			"ii", event->id, event->left_out[i]);
	}
	return r < 0 ? (int)r : LQ_OK;
}

int lq_calendar_keep(struct lq_db *db, struct lq_calendar_event *event, int64_t now_ms)
{
	int r = event->id == 0 ? insert(db, event, now_ms) : update(db, event, now_ms);
	r = r == LQ_OK ? empty_lists(db, event->id) : r;
	return r == LQ_OK ? fill_lists(db, event) : r;
}

int lq_calendar_remove(struct lq_db *db, int64_t id)
{
	int r = empty_lists(db, id);
	if (r != LQ_OK) {
		return r;
	}
	int64_t removed = lq_db_run(db, "DELETE FROM calendar_event WHERE id = ?1", "i", id);
	if (removed < 0) {
		return (int)removed;
	}
	return removed == 1 ? LQ_OK : LQ_ERR_NOT_FOUND;
}
