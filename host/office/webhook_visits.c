#include "host/office/webhook_visits.h"

#include "firmware/core/err.h"
#include "host/office/api_visits.h"
#include "host/office/body.h"
#include "host/office/business_day.h"
#include "host/office/visit_id.h"
#include "host/office/visit_row.h"
#include "host/office/webhook_queue.h"

#include <stdio.h>
#include <string.h>

#define DAYS_AT_ONCE 64
#define KNOWN_MS     (INT64_C(72) * 3600 * 1000) /* such days may still be corrected */

/* A visit, as it was told or as it is. */
struct state {
	int64_t name; /* when it had begun, as it was told first */
	bool open;
	int64_t check_in_ms;
	int64_t check_out_ms; /* 0: it is open */
	int64_t correction;
	bool found; /* told: it is still one of the day's */
};

struct day {
	const struct lq_visit_settings *settings; /* borrowed; NULL: known, but not told */
	struct lq_somebody who;
	char zone[LQ_NAME_SIZE];
	int64_t begins_ms;
	uint32_t told_count;
	struct state told[LQ_VISITS_MAX];
};

static int done(int64_t r)
{
	return r < 0 ? (int)r : LQ_OK;
}

int lq_webhook_visits_due(
	struct lq_db *db, const struct lq_visit_owner *owner, const struct lq_business_day *day)
{
	return done(lq_db_run(db,
		"INSERT INTO webhook_visit_due (realm, holder, zone, day_begins) "
		"SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM webhook "
		"WHERE ended IS NULL AND (types & ?5) <> 0) "
		"ON CONFLICT (realm, holder, zone, day_begins) DO NOTHING",
		"titii", owner->realm, owner->holder, owner->zone, day->begins_ms,
		LQ_WEBHOOK_VISITS));
}

/* ---- what was told ---- */

static int load_told(struct lq_db *db, struct day *day)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT name, open, check_in, check_out, correction FROM webhook_visit "
		"WHERE realm = ?1 AND holder = ?2 AND zone = ?3 AND day_begins = ?4 ORDER BY name",
		"titi", day->who.realm, day->who.holder, day->zone, day->begins_ms);
	if (r != LQ_OK) {
		return r;
	}
	day->told_count = 0;
	while (day->told_count < LQ_VISITS_MAX && (r = lq_rows_next(rows)) == 1) {
		day->told[day->told_count++] = (struct state){.name = lq_rows_integer(rows, 0),
			.open = lq_rows_integer(rows, 1) != 0,
			.check_in_ms = lq_rows_integer(rows, 2),
			.check_out_ms = lq_rows_integer(rows, 3),
			.correction = lq_rows_integer(rows, 4)};
	}
	lq_rows_end(rows);
	return r < 0 ? r : LQ_OK;
}

static int forget_told(struct lq_db *db, const struct day *day)
{
	return done(lq_db_run(db,
		"DELETE FROM webhook_visit WHERE realm = ?1 AND holder = ?2 AND zone = ?3 "
		"AND day_begins = ?4",
		"titi", day->who.realm, day->who.holder, day->zone, day->begins_ms));
}

static int keep_told(struct lq_db *db, const struct day *day, const struct state *state,
	const struct lq_visit_row *row)
{
	return done(lq_db_run(db,
		"INSERT INTO webhook_visit (realm, holder, zone, name, day_begins, day_ends, open, "
		"check_in, check_out, correction) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
		"ON CONFLICT (realm, holder, zone, name) DO UPDATE SET "
		"day_begins = excluded.day_begins, day_ends = excluded.day_ends, "
		"open = excluded.open, check_in = excluded.check_in, "
		"check_out = excluded.check_out, correction = excluded.correction",
		"titiiiiiii", day->who.realm, day->who.holder, day->zone, state->name,
		day->begins_ms, row->day.ends_ms, (int64_t)state->open, state->check_in_ms,
		state->check_out_ms, state->correction));
}

/* The first of those told that had begun, or else the first behind it, as the name of a visit is
 * resolved; NULL: this one is new. */
static struct state *match(
	struct day *day, int64_t began_ms, int64_t next_began_ms, int64_t previous_began_ms)
{
	for (uint32_t i = 0; i < day->told_count; i++) {
		struct state *told = &day->told[i];
		bool inside = told->name >= began_ms && told->name < next_began_ms;
		bool before = told->name < began_ms && previous_began_ms == 0;
		if (!told->found && (inside || before)) {
			return told;
		}
	}
	return NULL;
}

/* ---- what is to be told ---- */

static json_t *visit_data(const struct lq_request *request,
	const struct lq_visit_settings *settings, struct lq_visit_row row,
	const struct state *state)
{
	char id[LQ_VISIT_ID_SIZE];
	json_t *data = lq_api_visit_json(request, settings, &row);
	row.badges.began_ms = state->name;
	lq_visit_id_text(&row, id);
	/* Names, and what somebody wrote of somebody, stay here. */
	(void)json_object_del(data, "name");
	(void)json_object_del(data, "corrected");
	(void)json_object_set_new(data, "id", json_string(id));
	return data;
}

static int tell(const struct lq_request *request, const struct day *day, enum lq_webhook_type type,
	int64_t at_ms, json_t *data)
{
	const struct lq_webhook_news news = {.type = type,
		.space = request->config->space,
		.at_ms = at_ms,
		.about = &day->who,
		.day_ms = day->begins_ms,
		.data = data};
	return lq_webhook_tell(request->db, &news, request->now_ms);
}

/* LQ_WEBHOOK_TYPES: nothing of it. */
static enum lq_webhook_type difference(
	const struct state *told, const struct state *now, bool is_void)
{
	if (told != NULL && told->correction != now->correction) {
		return LQ_WEBHOOK_VISIT_CORRECTED;
	}
	if (is_void) {
		return LQ_WEBHOOK_TYPES;
	}
	if (now->open) {
		return told == NULL || !told->open ? LQ_WEBHOOK_VISIT_OPENED : LQ_WEBHOOK_TYPES;
	}
	bool same = told != NULL && told->check_in_ms == now->check_in_ms &&
		    told->check_out_ms == now->check_out_ms;
	return same ? LQ_WEBHOOK_TYPES : LQ_WEBHOOK_VISIT_CLOSED;
}

static int64_t check_out_of(const struct lq_visit_row *row, bool open)
{
	if (open) {
		return 0;
	}
	return row->visit.left ? row->visit.seen_ms : row->day.ends_ms;
}

static int64_t moment_of(
	enum lq_webhook_type type, const struct state *now, const struct lq_visit_row *row)
{
	if (type == LQ_WEBHOOK_VISIT_CORRECTED) {
		return row->correction != 0 ? row->corrected_ms : now->check_in_ms;
	}
	return type == LQ_WEBHOOK_VISIT_CLOSED ? now->check_out_ms : now->check_in_ms;
}

static int look_at_visit(const struct lq_request *request, struct day *day, struct state *told,
	const struct lq_visit_row *row)
{
	bool open = !row->is_void &&
		    lq_visit_state(&row->visit, &row->day, request->now_ms) == LQ_VISIT_OPEN;
	const struct state now = {.name = told != NULL ? told->name : row->badges.began_ms,
		.open = open,
		.check_in_ms = row->visit.began_ms,
		.check_out_ms = check_out_of(row, open),
		.correction = row->correction};
	enum lq_webhook_type type =
		day->settings != NULL ? difference(told, &now, row->is_void) : LQ_WEBHOOK_TYPES;
	int r = LQ_OK;
	if (type != LQ_WEBHOOK_TYPES) {
		r = tell(request, day, type, moment_of(type, &now, row),
			visit_data(request, day->settings, *row, &now));
	}
	if (told != NULL) {
		told->found = true;
	}
	return r == LQ_OK ? keep_told(request->db, day, &now, row) : r;
}

static int withdraw(const struct lq_request *request, const struct day *day)
{
	int r = LQ_OK;
	for (uint32_t i = 0; i < day->told_count && r == LQ_OK; i++) {
		const struct lq_visit_row row = {.realm = day->who.realm,
			.holder = day->who.holder,
			.zone = day->zone,
			.badges = {.began_ms = day->told[i].name}};
		char id[LQ_VISIT_ID_SIZE];
		char person[LQ_PERSON_TEXT_SIZE];
		if (day->told[i].found) {
			continue;
		}
		lq_visit_id_text(&row, id);
		lq_person_text(day->who.realm, day->who.holder, person);
		r = tell(request, day, LQ_WEBHOOK_VISIT_WITHDRAWN, request->now_ms,
			json_pack(
				"{s:s, s:s, s:s}", "id", id, "person", person, "zone", day->zone));
	}
	return r;
}

/* ---- a day ---- */

/* The beginning of the visit behind this one. */
static int next_began(
	struct lq_db *db, const struct day *day, int64_t began_ms, int64_t *ret_began_ms)
{
	return lq_db_integer(db, ret_began_ms, INT64_MAX,
		"SELECT min(began) FROM visit WHERE realm = ?1 AND holder = ?2 AND zone = ?3 "
		"AND day_begins = ?4 AND began > ?5",
		"titii", day->who.realm, day->who.holder, day->zone, day->begins_ms, began_ms);
}

static int look_at_rows(const struct lq_request *request, struct day *day, struct lq_rows *rows)
{
	int64_t previous_ms = 0;
	int looked = LQ_OK;
	int r = LQ_OK;
	while (looked == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		struct lq_visit_row row;
		int64_t next_ms = INT64_MAX;
		lq_visit_row_read(rows, &row);
		looked = next_began(request->db, day, row.badges.began_ms, &next_ms);
		if (looked == LQ_OK) {
			struct state *told = match(day, row.badges.began_ms, next_ms, previous_ms);
			looked = look_at_visit(request, day, told, &row);
		}
		previous_ms = row.badges.began_ms;
	}
	return looked != LQ_OK ? looked : r;
}

static int look_at_day(const struct lq_request *request, struct day *day)
{
	struct lq_rows *rows = NULL;
	int r = load_told(request->db, day);
	r = r == LQ_OK ? forget_told(request->db, day) : r;
	if (r != LQ_OK) {
		return r;
	}
	r = lq_db_query(request->db, &rows,
		LQ_VISIT_ROWS "WHERE v.realm = ?1 AND v.holder = ?2 AND v.zone = ?3 AND "
			      "v.day_begins = ?4 ORDER BY v.began",
		"titi", day->who.realm, day->who.holder, day->zone, day->begins_ms);
	if (r != LQ_OK) {
		return r;
	}
	r = look_at_rows(request, day, rows);
	lq_rows_end(rows);
	return r == LQ_OK && day->settings != NULL ? withdraw(request, day) : r;
}

/* ---- turns ---- */

int lq_webhook_visits_pending(struct lq_db *db, int64_t now_ms, bool *ret_pending)
{
	int64_t pending = 0;
	int r = lq_db_integer(db, &pending, 0,
		"SELECT 1 WHERE EXISTS (SELECT 1 FROM webhook_visit_due) OR EXISTS "
		"(SELECT 1 FROM webhook_visit WHERE open = 1 AND day_ends <= ?1)",
		"i", now_ms);
	*ret_pending = pending != 0;
	return r;
}

static int end_days(struct lq_db *db, int64_t now_ms)
{
	return done(lq_db_run(db,
		"INSERT INTO webhook_visit_due (realm, holder, zone, day_begins) "
		"SELECT DISTINCT realm, holder, zone, day_begins FROM webhook_visit "
		"WHERE open = 1 AND day_ends <= ?1 "
		"ON CONFLICT (realm, holder, zone, day_begins) DO NOTHING",
		"i", now_ms));
}

/* Columns from `at` on: realm, holder, zone, day_begins. */
static void read_day(struct lq_rows *rows, int at, struct day *day)
{
	(void)snprintf(day->who.realm, sizeof(day->who.realm), "%s", lq_rows_text(rows, at));
	day->who.holder = lq_rows_integer(rows, at + 1);
	(void)snprintf(day->zone, sizeof(day->zone), "%s", lq_rows_text(rows, at + 2));
	day->begins_ms = lq_rows_integer(rows, at + 3);
}

/* 1: a day, 0: none. */
static int take_due(struct lq_db *db, struct day *day)
{
	struct lq_rows *rows = NULL;
	int64_t id = 0;
	int r = lq_db_query(db, &rows,
		"SELECT id, realm, holder, zone, day_begins FROM webhook_visit_due "
		"ORDER BY id LIMIT 1",
		"");
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		id = lq_rows_integer(rows, 0);
		read_day(rows, 1, day);
	}
	lq_rows_end(rows);
	if (r != 1) {
		return r;
	}
	int64_t taken = lq_db_run(db, "DELETE FROM webhook_visit_due WHERE id = ?1", "i", id);
	return taken < 0 ? (int)taken : 1;
}

int lq_webhook_visits_turn(struct lq_db *db, const struct lq_config *config,
	const struct lq_visit_settings *settings, int64_t now_ms)
{
	static struct day day;
	const struct lq_request request = {.db = db, .config = config, .now_ms = now_ms};
	int count = 0;
	day.settings = settings;
	int r = end_days(db, now_ms);
	while (r == LQ_OK && count < DAYS_AT_ONCE && (r = take_due(db, &day)) == 1) {
		r = look_at_day(&request, &day);
		count++;
	}
	return r < 0 ? r : count;
}

static int forget_all(struct lq_db *db)
{
	int r = done(lq_db_run(db, "DELETE FROM webhook_visit", ""));
	return r == LQ_OK ? done(lq_db_run(db, "DELETE FROM webhook_visit_due", "")) : r;
}

/* Visits that are there already are no news. */
static int know_all(const struct lq_request *request)
{
	static struct day day;
	struct lq_rows *rows = NULL;
	int looked = LQ_OK;
	int r = lq_db_query(request->db, &rows,
		"SELECT DISTINCT realm, holder, zone, day_begins FROM visit WHERE day_begins > ?1",
		"i", request->now_ms - KNOWN_MS);
	if (r != LQ_OK) {
		return r;
	}
	while (looked == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		read_day(rows, 0, &day);
		looked = look_at_day(request, &day);
	}
	lq_rows_end(rows);
	return looked != LQ_OK ? looked : r;
}

int lq_webhook_visits_watch(const struct lq_request *request, int64_t before, int64_t after)
{
	if ((after & LQ_WEBHOOK_VISITS) == 0) {
		return (before & LQ_WEBHOOK_VISITS) != 0 ? forget_all(request->db) : LQ_OK;
	}
	return (before & LQ_WEBHOOK_VISITS) == 0 ? know_all(request) : LQ_OK;
}
