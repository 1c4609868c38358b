#include "host/office/law.h"

#include "firmware/core/err.h"
#include "firmware/store/hash.h"
#include "host/office/business_day.h"
#include "host/office/figures.h"
#include "host/office/visit_row.h"
#include "host/office/webhook_queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_MS      INT64_C(60000)
#define DAY_MS         (INT64_C(24) * 3600 * 1000)
#define FINAL_AFTER_MS DAY_MS

/* ---- bills ---- */

struct bill {
	char realm[LQ_NAME_SIZE];
	int64_t holder; /* 0: nothing to be entered yet */
	struct lq_business_day day;
	unsigned halves; /* bits: 1 the first, 2 the second */
};

static int enter(struct lq_db *db, const struct bill *bill)
{
	char date[LQ_BUSINESS_DATE_SIZE];
	if (bill->holder == 0 || bill->halves == 0) {
		return LQ_OK;
	}
	lq_business_date(&bill->day, date);
	int64_t r = lq_db_run(db,
		"INSERT INTO billing (realm, holder, date, half_days, payer) VALUES (?1, ?2, ?3, "
		"?4, "
		"(SELECT host FROM visitor WHERE ?1 = '' AND person = ?2)) "
		"ON CONFLICT (realm, holder, date) DO NOTHING",
		"titi", bill->realm, bill->holder, date, (int64_t)(bill->halves == 3 ? 2 : 1));
	return r < 0 ? (int)r : LQ_OK;
}

static int add_to_bill(struct lq_db *db, struct bill *bill, const struct lq_visit_row *row,
	const struct lq_visit_settings *settings)
{
	uint32_t half_days = lq_visit_row_half_days(row, settings);
	unsigned half = row->visit.began_ms < row->day.half_ms ? 1 : 2;
	int r = LQ_OK;
	if (bill->holder != row->holder || strcmp(bill->realm, row->realm) != 0 ||
		bill->day.begins_ms != row->day.begins_ms) {
		r = enter(db, bill);
		*bill = (struct bill){.holder = row->holder, .day = row->day};
		(void)snprintf(bill->realm, sizeof(bill->realm), "%s", row->realm);
	}
	bill->halves |= half_days == 2 ? 3 : half_days == 1 ? half : 0;
	return r;
}

/* Ends the rows. */
static int bill_rows(
	struct lq_db *db, const struct lq_visit_settings *settings, struct lq_rows *rows)
{
	struct bill bill = {0};
	int added = LQ_OK;
	int r = LQ_OK;
	while (added == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		struct lq_visit_row row;
		lq_visit_row_read(rows, &row);
		added = add_to_bill(db, &bill, &row, settings);
	}
	lq_rows_end(rows);
	r = added != LQ_OK ? added : r;
	return r == LQ_OK ? enter(db, &bill) : r;
}

static int bill_days(
	struct lq_db *db, const struct lq_visit_settings *settings, int64_t from_ms, int64_t to_ms)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		LQ_VISIT_ROWS "WHERE v.day_begins >= ?1 AND v.day_begins < ?2 AND v.day_ends <= ?2 "
			      "ORDER BY v.day_begins, v.realm, v.holder",
		"ii", from_ms, to_ms);
	return r == LQ_OK ? bill_rows(db, settings, rows) : r;
}

/* What is not final yet, too: afterwards nobody could. */
static int bill_person(struct lq_db *db, const struct lq_visit_settings *settings, int64_t person)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		LQ_VISIT_ROWS "WHERE v.realm = '' AND v.holder = ?1 AND "
			      "v.day_begins >= (SELECT billed FROM ledger) ORDER BY v.day_begins",
		"i", person);
	return r == LQ_OK ? bill_rows(db, settings, rows) : r;
}

int lq_law_bill(struct lq_db *db, const struct lq_visit_settings *settings, int64_t now_ms)
{
	int64_t billed_ms = 0;
	int64_t to_ms = 0;
	int r = lq_db_integer(db, &billed_ms, 0, "SELECT billed FROM ledger", "");
	if (r == LQ_OK) {
		r = lq_db_integer(db, &to_ms, 0,
			"SELECT max(day_ends) FROM visit WHERE day_begins >= ?1 AND "
			"day_begins < ?2 AND day_ends <= ?2",
			"ii", billed_ms, now_ms - FINAL_AFTER_MS);
	}
	if (r != LQ_OK || to_ms == 0) {
		return r;
	}
	r = bill_days(db, settings, billed_ms, to_ms);
	if (r != LQ_OK) {
		return r;
	}
	int64_t kept = lq_db_run(db, "UPDATE ledger SET billed = ?1", "i", to_ms);
	return kept < 0 ? (int)kept : LQ_OK;
}

int lq_law_bill_again(struct lq_db *db, int64_t day_begins_ms)
{
	int64_t r = lq_db_run(
		db, "UPDATE ledger SET billed = ?1 WHERE billed > ?1", "i", day_begins_ms);
	return r < 0 ? (int)r : LQ_OK;
}

/* ---- what is too old ---- */

static int empty_event(
	struct lq_db *db, const char *controller, int64_t seq, const struct lq_blob *body)
{
	uint8_t hash[LQ_HASH_SIZE];
	const struct lq_blob hash_blob = {.bytes = hash, .length = sizeof(hash)};
	const struct lq_blob nothing = {.bytes = "", .length = 0};
	lq_hash(body->bytes, body->length, hash);
	int64_t r = lq_db_run(db,
		"UPDATE event SET body = ?3, hash = ?4, personal = 0 "
		"WHERE controller = ?1 AND seq = ?2",
		"tibb", controller, seq, &nothing, &hash_blob);
	return r < 0 ? (int)r : LQ_OK;
}

/* Of the events of a span of time those that tell of a person, or, given `of`, of that holder.
 * Returns how many. */
static int64_t empty_span(struct lq_db *db, int64_t from_ms, int64_t to_ms, const char *of)
{
	struct lq_rows *rows = NULL;
	int64_t count = 0;
	int r = lq_db_query(db, &rows,
		"SELECT controller, seq, body FROM event WHERE at >= ?1 AND at < ?2 AND "
		"personal = 1",
		"ii", from_ms, to_ms);
	if (r != LQ_OK) {
		return r;
	}
	int emptied = LQ_OK;
	while (emptied == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		struct lq_blob body = lq_rows_blob(rows, 2);
		if (of == NULL || memmem(body.bytes, body.length, of, strlen(of)) != NULL) {
			emptied = empty_event(
				db, lq_rows_text(rows, 0), lq_rows_integer(rows, 1), &body);
			count++;
		}
	}
	lq_rows_end(rows);
	r = emptied != LQ_OK ? emptied : r;
	return r < 0 ? r : count;
}

/* A day at a time: a database may hand over all that was asked for at once. */
static int64_t empty_events(struct lq_db *db, int64_t from_ms, int64_t to_ms, const char *of)
{
	int64_t at_ms = from_ms;
	int64_t count = 0;
	while (at_ms < to_ms) {
		int r = lq_db_integer(db, &at_ms, to_ms,
			"SELECT min(at) FROM event WHERE at >= ?1 AND at < ?2 AND personal = 1",
			"ii", at_ms, to_ms);
		if (r != LQ_OK || at_ms >= to_ms) {
			return r != LQ_OK ? r : count;
		}
		int64_t end_ms = at_ms < to_ms - DAY_MS ? at_ms + DAY_MS : to_ms;
		int64_t emptied = empty_span(db, at_ms, end_ms, of);
		if (emptied < 0) {
			return emptied;
		}
		count += emptied;
		at_ms = end_ms;
	}
	return count;
}

static int delete_old(struct lq_db *db, int64_t before_ms)
{
	int64_t r = lq_db_run(db, "DELETE FROM passage WHERE at < ?1", "i", before_ms);
	r = r < 0 ? r : lq_db_run(db, "DELETE FROM visit WHERE day_begins < ?1", "i", before_ms);
	r = r < 0 ? r
		  : lq_db_run(db, "DELETE FROM visit_correction WHERE day_begins < ?1", "i",
			    before_ms);
	r = r < 0 ? r : lq_db_run(db, "DELETE FROM muster_tick WHERE at < ?1", "i", before_ms);
	r = r < 0 ? r : lq_db_run(db, "DELETE FROM alert WHERE at < ?1", "i", before_ms);
	r = r < 0 ? r
		  : lq_db_run(db,
			    "DELETE FROM board_member WHERE NOT EXISTS (SELECT 1 FROM visit v "
			    "WHERE v.realm = board_member.realm AND v.holder = "
			    "board_member.holder)",
			    "");
	r = r < 0 ? r
		  : lq_db_run(db,
			    "UPDATE audit SET reason = '' WHERE at < ?1 AND reason <> '' AND act "
			    "IN ('visit.add', 'visit.correct')",
			    "i", before_ms);
	r = r < 0 ? r
		  : lq_db_run(db,
			    "DELETE FROM audit WHERE at < ?1 AND act IN ('muster.tick', "
			    "'muster.untick')",
			    "i", before_ms);
	r = r < 0 ? r : lq_db_run(db, "UPDATE ledger SET purged = ?1", "i", before_ms);
	return r < 0 ? (int)r : LQ_OK;
}

/* Since when events may be whole. A clock that was not set tells of 1970, and before. */
static int purged_to(struct lq_db *db, int64_t *ret_ms)
{
	int64_t purged_ms = 0;
	int r = lq_db_integer(db, &purged_ms, 0, "SELECT purged FROM ledger", "");
	if (r == LQ_OK) {
		*ret_ms = purged_ms > 0 ? purged_ms : INT64_MIN;
	}
	return r;
}

int lq_law_oldest(struct lq_db *db, int64_t *ret_ms)
{
	int64_t from_ms = 0;
	int r = purged_to(db, &from_ms);
	return r == LQ_OK ? lq_db_integer(db, ret_ms, INT64_MAX,
				    "SELECT min(oldest) FROM ("
				    "SELECT min(at) AS oldest FROM event "
				    "WHERE personal = 1 AND at >= ?1 "
				    "UNION ALL SELECT min(at) FROM passage WHERE at >= ?1 "
				    "UNION ALL SELECT min(day_begins) FROM visit "
				    "WHERE day_begins >= ?1) AS all_of_them",
				    "i", from_ms)
			  : r;
}

int64_t lq_law_purge(struct lq_db *db, const struct lq_visit_settings *settings, int64_t before_ms)
{
	int64_t from_ms = 0;
	int r = purged_to(db, &from_ms);
	if (r != LQ_OK || before_ms <= from_ms) {
		return r;
	}
	r = lq_law_bill(db, settings, before_ms + FINAL_AFTER_MS);
	r = r == LQ_OK ? lq_figures_refresh(db, INT64_MAX) : r;
	r = r == LQ_OK ? lq_webhook_purge(db, before_ms) : r;
	if (r != LQ_OK) {
		return r;
	}
	int64_t emptied = empty_events(db, from_ms, before_ms, NULL);
	r = emptied < 0 ? (int)emptied : delete_old(db, before_ms);
	return r < 0 ? r : emptied;
}

/* ---- somebody asks ---- */

struct table {
	const char *name;
	const char *query; /* ?1: realm, ?2: number */
};

/* Keys of badges are no data about somebody, and open doors. */
static const struct table tables[] = {
	{"person",
		"SELECT number, name, kind, profile, email, external_id, enabled, hidden, board, "
		"any_time, extended_time, created, changed FROM person WHERE ?1 = '' AND number = "
		"?2"},
	{"badge", "SELECT id, label, state, valid_from, valid_to, uses, valid_for, "
		  "suspended_until, changed FROM badge WHERE ?1 = '' AND person = ?2"},
	{"visitor", "SELECT host, from_at, to_at, purpose FROM visitor "
		    "WHERE ?1 = '' AND person = ?2"},
	{"passage", "SELECT controller, zone, direction, at FROM passage "
		    "WHERE realm = ?1 AND holder = ?2 ORDER BY at"},
	{"visit", "SELECT zone, began, seen, left_it, passages FROM visit "
		  "WHERE realm = ?1 AND holder = ?2 ORDER BY began"},
	{"visit_correction", "SELECT zone, check_in, check_out, half_days, void, at, reason "
			     "FROM visit_correction WHERE realm = ?1 AND holder = ?2 ORDER BY id"},
	{"billing", "SELECT date, half_days FROM billing "
		    "WHERE realm = ?1 AND holder = ?2 ORDER BY date"},
	{"calendar_event_person",
		"SELECT e.title, e.place, e.begins FROM calendar_event_person r "
		"JOIN calendar_event e ON e.id = r.event WHERE ?1 = '' AND r.person = ?2 "
		"ORDER BY e.begins, e.id"},
	{"alert", "SELECT kind, controller, door, at FROM alert "
		  "WHERE realm = ?1 AND holder = ?2 ORDER BY at"},
	{"muster_tick", "SELECT at FROM muster_tick WHERE realm = ?1 AND holder = ?2 ORDER BY at"},
	{"webhook_visit", "SELECT zone, check_in, check_out FROM webhook_visit "
			  "WHERE realm = ?1 AND holder = ?2 ORDER BY name"},
	{"webhook_delivery", "SELECT name, made FROM webhook_delivery "
			     "WHERE realm = ?1 AND holder = ?2 ORDER BY id"},
};

static json_t *value_json(struct lq_rows *rows, int column)
{
	if (lq_rows_is_null(rows, column)) {
		return json_null();
	}
	return lq_rows_value(rows, column).type == 'i' ? json_integer(lq_rows_integer(rows, column))
						       : json_string(lq_rows_text(rows, column));
}

static int export_table(struct lq_db *db, const struct table *table, const struct lq_somebody *who,
	json_t *ret_list)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows, table->query, "ti", who->realm, who->holder);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		json_t *row = json_object();
		for (int i = 0; i < lq_rows_columns(rows); i++) {
			(void)json_object_set_new(row, lq_rows_name(rows, i), value_json(rows, i));
		}
		(void)json_array_append_new(ret_list, row);
	}
	lq_rows_end(rows);
	return r;
}

int lq_law_export(struct lq_db *db, const struct lq_somebody *who, json_t **ret_tables)
{
	json_t *object = json_object();
	int r = LQ_OK;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && r == LQ_OK; i++) {
		json_t *list = json_array();
		(void)json_object_set_new(object, tables[i].name, list);
		r = export_table(db, &tables[i], who, list);
	}
	if (r != LQ_OK) {
		json_decref(object);
		return r;
	}
	*ret_tables = object;
	return LQ_OK;
}

static int64_t forget_person(struct lq_db *db, int64_t person, int64_t now_ms)
{
	return lq_db_run(db,
		"UPDATE person SET name = '', folded = '', kind = 'member', profile = 'always', "
		"email = NULL, "
		"external_id = NULL, enabled = 0, hidden = 1, board = 0, any_time = 0, "
		"extended_time = 0, erased = 1, created = 0, changed = ?2 "
		"WHERE number = ?1 AND erased = 0",
		"ii", person, now_ms);
}

/* Who was registered for what is over stays counted; whoever is erased is not expected any more. */
static int64_t forget_rows(struct lq_db *db, int64_t person, int64_t now_ms)
{
	int64_t r = lq_db_run(db, "DELETE FROM badge WHERE person = ?1", "i", person);
	r = r < 0 ? r : lq_db_run(db, "DELETE FROM visitor WHERE person = ?1", "i", person);
	r = r < 0 ? r
		  : lq_db_run(db,
			    "DELETE FROM calendar_event_person WHERE person = ?1 AND event IN "
			    "(SELECT id FROM calendar_event WHERE rule <> '' OR ends > ?2)",
			    "ii", person, now_ms / MINUTE_MS);
	r = r < 0 ? r
		  : lq_db_run(db, "UPDATE visitor SET host = NULL WHERE host = ?1", "i", person);
	r = r < 0 ? r
		  : lq_db_run(db, "DELETE FROM passage WHERE realm = '' AND holder = ?1", "i",
			    person);
	r = r < 0 ? r
		  : lq_db_run(
			    db, "DELETE FROM visit WHERE realm = '' AND holder = ?1", "i", person);
	r = r < 0 ? r
		  : lq_db_run(db, "DELETE FROM visit_correction WHERE realm = '' AND holder = ?1",
			    "i", person);
	r = r < 0 ? r
		  : lq_db_run(
			    db, "DELETE FROM alert WHERE realm = '' AND holder = ?1", "i", person);
	return r < 0 ? r
		     : lq_db_run(db, "DELETE FROM muster_tick WHERE realm = '' AND holder = ?1",
			       "i", person);
}

/* That somebody did or looked at something stays; why tells of the person, and that they were
 * ticked off tells that they were there. */
static int64_t forget_in_audit(struct lq_db *db, int64_t person)
{
	int64_t r = lq_db_run(db,
		"UPDATE audit SET reason = '' WHERE object = 'person/' || ?1 AND reason <> ''", "i",
		person);
	return r < 0 ? r
		     : lq_db_run(db,
			       "DELETE FROM audit WHERE object = 'person/' || ?1 AND act IN "
			       "('muster.tick', 'muster.untick')",
			       "i", person);
}

int lq_law_forget(struct lq_db *db, int64_t person, int64_t now_ms)
{
	int64_t r = forget_person(db, person, now_ms);
	if (r == 0) {
		return LQ_ERR_NOT_FOUND;
	}
	r = r < 0 ? r : forget_rows(db, person, now_ms);
	r = r < 0 ? r : forget_in_audit(db, person);
	r = r < 0 ? r : lq_webhook_forget(db, person);
	return r < 0 ? (int)r : LQ_OK;
}

int lq_law_erase(struct lq_db *db, int64_t person, int64_t now_ms)
{
	const struct lq_space_rules rules = lq_space_rules_load(db);
	char holder[48];
	int64_t from_ms = 0;
	(void)snprintf(holder, sizeof(holder), "\"holder\":\"p%" PRId64 "\"", person);
	int r = purged_to(db, &from_ms);
	r = r == LQ_OK ? bill_person(db, &rules.visits, person) : r;
	r = r == LQ_OK ? lq_law_forget(db, person, now_ms) : r;
	int64_t emptied = r == LQ_OK ? empty_events(db, from_ms, INT64_MAX, holder) : r;
	return emptied < 0 ? (int)emptied : LQ_OK;
}
