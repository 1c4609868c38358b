/* The doors' opening hours. */
#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <string.h>

static uint16_t door_index(const struct lq_site *site, const char *name)
{
	for (uint16_t i = 0; name != NULL && i < site->door_count; i++) {
		if (strcmp(name, site->doors[i]) == 0) {
			return i;
		}
	}
	return LQ_NONE;
}

/* A row that cannot be right unlocks nothing. */
static void take_hours(sqlite3_stmt *row, const struct lq_site *site, struct lq_rule_tables *tables)
{
	uint16_t door = door_index(site, (const char *)sqlite3_column_text(row, 0));
	sqlite3_int64 schedule = sqlite3_column_int64(row, 1);
	if (door == LQ_NONE || schedule < 1 || schedule >= tables->schedule_count) {
		return;
	}
	tables->hours[door] = (struct lq_door_hours){
		.schedule = (uint16_t)schedule, .first_person = sqlite3_column_int(row, 2) != 0};
}

int lq_door_hours_load(struct lq_store *store, struct lq_rule_tables *tables)
{
	sqlite3_stmt *statement = NULL;
	int step = 0;
	int r = lq_store_prepare(
		store, "SELECT door, schedule, first_person FROM door_hours", &statement);
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		take_hours(statement, &store->site, tables);
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}

static int change(struct lq_store *store, const char *sql, const char *door, const char *schedule,
	bool first_person)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, sql, &statement);
	if (r == LQ_OK) {
		(void)sqlite3_bind_text(statement, 1, door, -1, SQLITE_STATIC);
		if (schedule != NULL) {
			(void)sqlite3_bind_text(statement, 2, schedule, -1, SQLITE_STATIC);
			(void)sqlite3_bind_int(statement, 3, first_person);
		}
		r = lq_store_step(store, statement);
	}
	(void)sqlite3_finalize(statement);
	return r == LQ_OK && sqlite3_changes(store->db) == 0 ? LQ_ERR_NOT_FOUND : r;
}

int lq_door_hours_set(struct lq_store *store, uint16_t door, const char *schedule,
	bool first_person, struct lq_event *event)
{
	const char *name = store->site.doors[door];
	int r = lq_store_begin(store);
	if (r != LQ_OK) {
		return r;
	}
	if (schedule[0] == '\0') {
		r = change(store, "DELETE FROM door_hours WHERE door = ?1", name, NULL, false);
		r = r == LQ_ERR_NOT_FOUND ? LQ_OK : r; /* it had none */
	} else {
		r = change(store,
			"INSERT INTO door_hours (door, schedule, first_person) "
			"SELECT ?1, id, ?3 FROM schedule WHERE name = ?2 "
			"ON CONFLICT (door) DO UPDATE SET schedule = excluded.schedule, "
			"first_person = excluded.first_person",
			name, schedule, first_person);
	}
	event->action = "hours.set";
	return lq_store_end_with(store, r, event);
}

int lq_door_hours_list(struct lq_store *store,
	int (*each)(void *ctx, const char *door, const char *schedule, bool first_person),
	void *ctx)
{
	sqlite3_stmt *statement = NULL;
	int step = 0;
	int r = lq_store_prepare(store,
		"SELECT h.door, s.name, h.first_person FROM door_hours h "
		"JOIN schedule s ON s.id = h.schedule ORDER BY h.door",
		&statement);
	while (r == LQ_OK && (step = lq_store_step(store, statement)) == 1) {
		const char *door = (const char *)sqlite3_column_text(statement, 0);
		const char *schedule = (const char *)sqlite3_column_text(statement, 1);
		r = each(ctx, door == NULL ? "" : door, schedule == NULL ? "" : schedule,
			sqlite3_column_int(statement, 2) != 0);
	}
	(void)sqlite3_finalize(statement);
	return r != LQ_OK ? r : step;
}
