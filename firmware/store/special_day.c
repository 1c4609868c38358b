/* The dates of special days. */
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "firmware/store/store_internal.h"

#include <string.h>

static void bind_date(sqlite3_stmt *statement, const struct lq_day_text *day)
{
	(void)sqlite3_bind_text(statement, 1, day->group, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int(statement, 2, day->date.year);
	(void)sqlite3_bind_int(statement, 3, day->date.month);
	(void)sqlite3_bind_int(statement, 4, day->date.day);
}

static int run(
	struct lq_store *store, const char *sql, const struct lq_day_text *day, bool labelled)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, sql, &statement);
	if (r != LQ_OK) {
		return r;
	}
	bind_date(statement, day);
	if (labelled) {
		(void)sqlite3_bind_text(statement, 5, day->label, -1, SQLITE_STATIC);
	}
	r = lq_store_step(store, statement);
	(void)sqlite3_finalize(statement);
	return r;
}

static int add(struct lq_store *store, const struct lq_day_text *day)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(
		store, "INSERT OR IGNORE INTO special_group (name) VALUES (?1)", &statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_text(statement, 1, day->group, -1, SQLITE_STATIC);
		r = lq_store_step(store, statement);
	}
	(void)sqlite3_finalize(statement);
	if (r == LQ_OK) {
		r = run(store,
			"INSERT INTO special_day (special, year, month, day, label) "
			"SELECT id, ?2, ?3, ?4, ?5 FROM special_group WHERE name = ?1 "
			"ON CONFLICT DO UPDATE SET label = excluded.label",
			day, true);
	}
	/* No group was made: every number is taken. */
	return r == LQ_OK && sqlite3_changes(store->db) == 0 ? LQ_ERR_FULL : r;
}

static int check_room(struct lq_store *store)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, "SELECT count(*) FROM special_day", &statement);
	if (r == LQ_OK) {
		r = lq_store_step(store, statement);
	}
	bool fits = r == 1 && sqlite3_column_int64(statement, 0) <= (int64_t)LQ_CALENDAR_DAYS_MAX;
	(void)sqlite3_finalize(statement);
	return r == 1 && !fits ? LQ_ERR_FULL : r == 1 ? LQ_OK : r;
}

int lq_day_add(struct lq_store *store, const struct lq_day_text *day, struct lq_event *event)
{
	if (day->group[0] == '\0' || !lq_special_day_valid(&day->date) ||
		!lq_utf8_all_printable(day->label, strlen(day->label))) {
		return LQ_ERR_INVALID;
	}
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = add(store, day);
	if (r == LQ_OK) {
		r = check_room(store);
	}
	event->action = "day.added";
	return lq_store_end_with(store, r, event);
}

int lq_day_remove(struct lq_store *store, const struct lq_day_text *day, struct lq_event *event)
{
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	r = run(store,
		"DELETE FROM special_day WHERE year = ?2 AND month = ?3 AND day = ?4 "
		"AND special = (SELECT id FROM special_group WHERE name = ?1)",
		day, false);
	if (r == LQ_OK && sqlite3_changes(store->db) == 0) {
		r = LQ_ERR_NOT_FOUND;
	}
	event->action = "day.removed";
	return lq_store_end_with(store, r, event);
}

static void copy_text(sqlite3_stmt *statement, int column, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	size_t length = lq_utf8_fit(text == NULL ? "" : text, size - 1);
	memcpy(out, text == NULL ? "" : text, length);
	out[length] = '\0';
}

int lq_day_list(
	struct lq_store *store, int (*each)(void *ctx, const struct lq_day_text *day), void *ctx)
{
	sqlite3_stmt *statement = NULL;
	int step = 0;
	int r = lq_store_prepare(store,
		"SELECT g.name, d.year, d.month, d.day, d.label "
		"FROM special_day d JOIN special_group g ON g.id = d.special "
		"ORDER BY g.name, d.year, d.month, d.day",
		&statement);
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		struct lq_day_text day = {
			.date = {.year = (uint16_t)sqlite3_column_int(statement, 1),
				.month = (uint8_t)sqlite3_column_int(statement, 2),
				.day = (uint8_t)sqlite3_column_int(statement, 3)}};
		copy_text(statement, 0, day.group, sizeof(day.group));
		copy_text(statement, 4, day.label, sizeof(day.label));
		r = each(ctx, &day);
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}
