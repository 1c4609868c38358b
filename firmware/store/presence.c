/* Who is in, so that it survives a restart. */
#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <string.h>

#define STEPS_MAX 4

/* ?1 zone, ?2 member, ?3 time. */
static const char *const steps[][STEPS_MAX] = {
	[LQ_KEEP_NOTHING] = {NULL},
	[LQ_KEEP_ENTERED] = {"INSERT INTO presence (zone, member, since) VALUES (?1, ?2, ?3) "
			     "ON CONFLICT (zone, member) DO UPDATE SET since = ?3, forgiven = 0"},
	[LQ_KEEP_LEFT] = {"DELETE FROM presence WHERE zone = ?1 AND member = ?2"},
	[LQ_KEEP_FORGIVEN] = {"UPDATE presence SET forgiven = 1 WHERE member = ?2"},
	[LQ_KEEP_FROZEN] = {"UPDATE presence SET forgiven = 1", "DELETE FROM presence_frozen",
		"INSERT INTO presence_frozen SELECT zone, member, since FROM presence",
		"INSERT OR REPLACE INTO presence_freeze (id, at) VALUES (1, ?3)"},
	[LQ_KEEP_THAWED] = {"DELETE FROM presence_frozen", "DELETE FROM presence_freeze"},
};

static int run(struct lq_store *store, const char *sql, const struct lq_event *event, int64_t time)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, sql, &statement);
	if (r == LQ_OK) {
		const char *zone = event->door == LQ_NONE ? "" : store->site.zones[event->door];
		(void)sqlite3_bind_text(statement, 1, zone, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(statement, 2, event->holder);
		(void)sqlite3_bind_int64(statement, 3, time);
		r = lq_store_step(store, statement);
	}
	(void)sqlite3_finalize(statement);
	return r;
}

int lq_presence_keep(struct lq_store *store, const struct lq_event *event)
{
	int r = run(store, "DELETE FROM presence WHERE since <= ?3", event, event->keep_ms);
	for (int i = 0; i < STEPS_MAX && steps[event->keep][i] != NULL && r == LQ_OK; i++) {
		r = run(store, steps[event->keep][i], event, event->at.unix_ms);
	}
	return r;
}

static void take_present(
	sqlite3_stmt *row, const struct lq_site *site, struct lq_presence *presence)
{
	const char *name = (const char *)sqlite3_column_text(row, 0);
	sqlite3_int64 member = sqlite3_column_int64(row, 1);
	uint16_t zone = name == NULL ? LQ_NONE : lq_zone_find(site, name);
	if (zone == LQ_NONE || member < 1 || member > UINT32_MAX) {
		return;
	}
	(void)lq_presence_enter(presence, zone, (uint32_t)member, sqlite3_column_int64(row, 2));
	const struct lq_present *present = lq_presence_find(presence, zone, (uint32_t)member);
	if (present != NULL) {
		presence->list[present - presence->list].forgiven =
			sqlite3_column_int64(row, 3) == 1;
	}
}

static int load(struct lq_store *store, const char *sql, const struct lq_site *site,
	struct lq_presence *ret_presence)
{
	sqlite3_stmt *statement = NULL;
	ret_presence->count = 0;
	ret_presence->unlisted = 0;
	int r = lq_store_prepare(store, sql, &statement);
	while (r == LQ_OK && (r = lq_store_step(store, statement)) == 1) {
		take_present(statement, site, ret_presence);
		r = LQ_OK;
	}
	(void)sqlite3_finalize(statement);
	return r;
}

int lq_presence_load(
	struct lq_store *store, const struct lq_site *site, struct lq_presence *ret_presence)
{
	return load(store,
		"SELECT zone, member, since, forgiven FROM presence ORDER BY zone, member", site,
		ret_presence);
}

int lq_presence_load_frozen(struct lq_store *store, const struct lq_site *site,
	struct lq_presence *ret_presence, int64_t *ret_at_ms)
{
	sqlite3_stmt *statement = NULL;
	int64_t at_ms = 0;
	int r = lq_store_prepare(store, "SELECT at FROM presence_freeze", &statement);
	if (r == LQ_OK && (r = lq_store_step(store, statement)) == 1) {
		at_ms = sqlite3_column_int64(statement, 0);
		r = LQ_OK;
	}
	(void)sqlite3_finalize(statement);
	if (r == LQ_OK) {
		r = load(store,
			"SELECT zone, member, since, 0 FROM presence_frozen ORDER BY zone, member",
			site, ret_presence);
	}
	if (r == LQ_OK) {
		*ret_at_ms = at_ms;
	}
	return r;
}
