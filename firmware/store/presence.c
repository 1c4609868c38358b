/* Who is in, so that it survives a restart. */
#include "firmware/core/err.h"
#include "firmware/store/store_internal.h"

#include <string.h>

static const char *sql_of(enum lq_keep keep)
{
	switch (keep) {
	case LQ_KEEP_ENTERED:
		return "INSERT INTO presence (zone, member, since) VALUES (?1, ?2, ?3) "
		       "ON CONFLICT (zone, member) DO UPDATE SET since = ?3, forgiven = 0";
	case LQ_KEEP_LEFT:
		return "DELETE FROM presence WHERE zone = ?1 AND member = ?2";
	case LQ_KEEP_FORGIVEN:
		return "UPDATE presence SET forgiven = 1 WHERE member = ?2";
	case LQ_KEEP_NOTHING:
		break;
	}
	return "SELECT 1 WHERE 0";
}

int lq_presence_keep(struct lq_store *store, const struct lq_event *event)
{
	sqlite3_stmt *statement = NULL;
	int r = lq_store_prepare(store, sql_of(event->keep), &statement);
	if (r == LQ_OK) {
		const char *zone = event->door == LQ_NONE ? "" : store->site.zones[event->door];
		(void)sqlite3_bind_text(statement, 1, zone, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(statement, 2, event->holder);
		(void)sqlite3_bind_int64(statement, 3, event->at.unix_ms);
		r = lq_store_step(store, statement);
	}
	(void)sqlite3_finalize(statement);
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

int lq_presence_load(
	struct lq_store *store, const struct lq_site *site, struct lq_presence *ret_presence)
{
	sqlite3_stmt *statement = NULL;
	ret_presence->count = 0;
	ret_presence->unlisted = 0;
	int r = lq_store_prepare(store,
		"SELECT zone, member, since, forgiven FROM presence ORDER BY zone, member",
		&statement);
	while (r == LQ_OK && (r = lq_store_step(store, statement)) == 1) {
		take_present(statement, site, ret_presence);
		r = LQ_OK;
	}
	(void)sqlite3_finalize(statement);
	return r;
}
