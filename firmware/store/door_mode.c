/* The doors' modes, fires that wait to be confirmed and propping, so that they survive a restart.
 */
#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <string.h>

int lq_door_mode_keep(struct lq_store *store, const struct lq_event *event)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store,
		"INSERT INTO door_mode (door, mode, period, first_came, held) "
		"VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (door) DO UPDATE SET mode = ?2, "
		"period = ?3, first_came = ?4, held = ?5",
		&statement);
	if (r == LQ_OK) {
		const char *door = store->site.doors[event->door];
		(void)sqlite3_bind_text(statement, 1, door, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int(statement, 2, (int)event->mode);
		(void)sqlite3_bind_int64(statement, 3, event->hours.period);
		(void)sqlite3_bind_int(statement, 4, event->hours.first_came);
		(void)sqlite3_bind_int(statement, 5, event->hours.held);
		r = lq_store_step(store, statement);
	}
	(void)sqlite3_finalize(statement);
	return r;
}

static void take_mode(sqlite3_stmt *row, const struct lq_site *site, struct lq_door_kept *kept)
{
	const char *name = (const char *)sqlite3_column_text(row, 0);
	sqlite3_int64 mode = sqlite3_column_int64(row, 1);
	for (uint16_t i = 0; name != NULL && i < site->door_count; i++) {
		if (strcmp(name, site->doors[i]) == 0 && mode >= 0 && mode < LQ_MODE_COUNT) {
			kept[i].mode = (enum lq_door_mode)mode;
			kept[i].hours = (struct lq_hours){.period = sqlite3_column_int64(row, 2),
				.first_came = sqlite3_column_int(row, 3) == 1,
				.held = sqlite3_column_int(row, 4) == 1};
		}
	}
}

int lq_door_modes_load(struct lq_store *store, const struct lq_site *site,
	struct lq_door_kept ret_kept[LQ_DOORS_MAX])
{
	struct lq_door_kept kept[LQ_DOORS_MAX] = {{.mode = LQ_MODE_LOCKED}};
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(
		store, "SELECT door, mode, period, first_came, held FROM door_mode", &statement);
	while (r == LQ_OK && (r = lq_store_step(store, statement)) == 1) {
		take_mode(statement, site, kept);
		r = LQ_OK;
	}
	(void)sqlite3_finalize(statement);
	if (r == LQ_OK) {
		memcpy(ret_kept, kept, sizeof(kept));
	}
	return r;
}

/* ---- what holds besides the mode ---- */

static int set_hold(
	struct lq_store *store, const struct lq_event *event, const char *sql, int64_t value)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, sql, &statement);
	if (r == LQ_OK) {
		const char *door = store->site.doors[event->door];
		(void)sqlite3_bind_text(statement, 1, door, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(statement, 2, value);
		r = lq_store_step(store, statement);
	}
	(void)sqlite3_finalize(statement);
	return r;
}

int lq_door_released_keep(struct lq_store *store, const struct lq_event *event)
{
	return set_hold(store, event,
		"INSERT INTO door_hold (door, released) VALUES (?1, ?2) "
		"ON CONFLICT (door) DO UPDATE SET released = ?2",
		1);
}

int lq_door_hold_keep(struct lq_store *store, const struct lq_event *event)
{
	if (event->keep == LQ_KEEP_PROPPED) {
		return set_hold(store, event,
			"INSERT INTO door_hold (door, propped_until) VALUES (?1, ?2) "
			"ON CONFLICT (door) DO UPDATE SET propped_until = ?2",
			event->keep_ms);
	}
	bool fire = event->keep == LQ_KEEP_FIRE;
	return set_hold(store, event,
		"INSERT INTO door_hold (door, fire) VALUES (?1, ?2) "
		"ON CONFLICT (door) DO UPDATE SET fire = ?2, released = released AND ?2",
		fire);
}

static void take_hold(sqlite3_stmt *row, const struct lq_site *site, struct lq_door_hold *holds)
{
	const char *name = (const char *)sqlite3_column_text(row, 0);
	for (uint16_t i = 0; name != NULL && i < site->door_count; i++) {
		if (strcmp(name, site->doors[i]) == 0) {
			holds[i] = (struct lq_door_hold){
				.fire = sqlite3_column_int64(row, 1) == 1,
				.released = sqlite3_column_int64(row, 2) == 1,
				.propped_until_ms = sqlite3_column_int64(row, 3),
			};
		}
	}
}

int lq_door_holds_load(struct lq_store *store, const struct lq_site *site,
	struct lq_door_hold ret_holds[LQ_DOORS_MAX])
{
	struct lq_door_hold holds[LQ_DOORS_MAX] = {{0}};
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(
		store, "SELECT door, fire, released, propped_until FROM door_hold", &statement);
	while (r == LQ_OK && (r = lq_store_step(store, statement)) == 1) {
		take_hold(statement, site, holds);
		r = LQ_OK;
	}
	(void)sqlite3_finalize(statement);
	if (r == LQ_OK) {
		memcpy(ret_holds, holds, sizeof(holds));
	}
	return r;
}
