/* Visits are derived from the passages that are kept, never counted up: so it does not matter which
 * of them came first, or how often. */
#include "host/office/visits.h"

#include "firmware/core/err.h"
#include "host/office/business_day.h"
#include "host/office/figures.h"
#include "host/office/webhook_type.h"
#include "host/office/webhook_visits.h"

#include <stdio.h>
#include <string.h>

#define UNBILLED_MAX 64u

struct transaction {
	char controller[LQ_NAME_SIZE];
	int64_t epoch;
	int64_t number;
};

/* Whether the row tells of the same transaction as the last one, which becomes that of the row. */
static bool goes_on(struct transaction *last, struct lq_rows *rows)
{
	struct transaction now = {
		.epoch = lq_rows_integer(rows, 0), .number = lq_rows_integer(rows, 1)};
	(void)snprintf(now.controller, sizeof(now.controller), "%s", lq_rows_text(rows, 6));
	bool same = now.epoch == last->epoch && now.number == last->number &&
		    strcmp(now.controller, last->controller) == 0;
	*last = now;
	return same;
}

static struct lq_visit_event row_event(struct lq_rows *rows)
{
	return (struct lq_visit_event){.epoch = (uint64_t)lq_rows_integer(rows, 0),
		.number = (uint64_t)lq_rows_integer(rows, 1),
		.direction = (enum lq_direction)lq_rows_integer(rows, 2),
		.evidence = (enum lq_evidence)lq_rows_integer(rows, 3),
		.at_ms = lq_rows_integer(rows, 4),
		.trust = (enum lq_trust)lq_rows_integer(rows, 5)};
}

#define PASSAGES                                                                                   \
	"SELECT epoch, number, direction, evidence, at, trust, controller FROM passage "           \
	"WHERE realm = ?1 AND holder = ?2 AND zone = ?3 AND at >= ?4 AND at < ?5"

/* Transactions are numbered by each controller for itself: here they are numbered anew, by
 * controller and then in their order. */
static int fill_sheet_of_many(struct lq_db *db, const struct lq_visit_owner *person,
	const struct lq_business_day *day, struct lq_visit_sheet *sheet)
{
	struct lq_rows *rows = NULL;
	struct transaction last = {0};
	uint64_t number = 0;
	int r = lq_db_query(db, &rows, PASSAGES " ORDER BY controller, epoch, number", "titii",
		person->realm, person->holder, person->zone, day->begins_ms - LQ_VISITS_TAP_MS,
		day->ends_ms + LQ_VISITS_TAP_MS);
	if (r != LQ_OK) {
		return r;
	}
	sheet->count = 0;
	while ((r = lq_rows_next(rows)) == 1) {
		number += goes_on(&last, rows) ? 0 : 1;
		struct lq_visit_event event = row_event(rows);
		event.epoch = 0;
		event.number = number;
		(void)lq_visit_note(sheet, &event);
	}
	lq_rows_end(rows);
	return r;
}

/* Where one controller told of them all, as is usual, its own numbers do. */
static int fill_sheet(struct lq_db *db, const struct lq_visit_owner *person,
	const struct lq_business_day *day, struct lq_visit_sheet *sheet)
{
	char controller[LQ_NAME_SIZE] = "";
	struct lq_rows *rows = NULL;
	bool alone = true;
	int r = lq_db_query(db, &rows, PASSAGES, "titii", person->realm, person->holder,
		person->zone, day->begins_ms - LQ_VISITS_TAP_MS, day->ends_ms + LQ_VISITS_TAP_MS);
	if (r != LQ_OK) {
		return r;
	}
	sheet->count = 0;
	for (bool first = true; alone && (r = lq_rows_next(rows)) == 1; first = false) {
		struct lq_visit_event event = row_event(rows);
		const char *teller = lq_rows_text(rows, 6);
		if (first) {
			(void)snprintf(controller, sizeof(controller), "%s", teller);
		}
		alone = strcmp(controller, teller) == 0;
		(void)lq_visit_note(sheet, &event);
	}
	lq_rows_end(rows);
	return r >= 0 && !alone ? fill_sheet_of_many(db, person, day, sheet) : r;
}

/* Of the corrections of a day, the last one for each visit says whether they were out then. Returns
 * 1 when there are any, 0 when there are none. */
static int read_sayings(struct lq_db *db, const struct lq_visit_owner *person,
	const struct lq_business_day *day, struct lq_visit_sheet *sheet)
{
	struct lq_rows *rows = NULL;
	bool some = false;
	int r = lq_db_query(db, &rows,
		"SELECT at, CASE WHEN void = 1 OR check_out IS NOT NULL THEN 1 ELSE 0 END "
		"FROM visit_correction c WHERE realm = ?1 AND holder = ?2 AND zone = ?3 "
		"AND day_begins = ?4 AND NOT EXISTS (SELECT 1 FROM visit_correction o WHERE "
		"o.realm = ?1 AND o.holder = ?2 AND o.zone = ?3 AND o.day_begins = ?4 "
		"AND o.began = c.began AND o.id > c.id) ORDER BY id DESC",
		"titi", person->realm, person->holder, person->zone, day->begins_ms);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		some = true;
		if (lq_rows_integer(rows, 1) != 0 && sheet->sayings < LQ_VISIT_SAYINGS_MAX) {
			sheet->said_out_ms[sheet->sayings++] = lq_rows_integer(rows, 0);
		}
	}
	lq_rows_end(rows);
	return r < 0 ? r : some;
}

struct visit_list {
	struct lq_visit visits[LQ_VISITS_MAX];
	uint32_t count;
};

/* How the visits that stand there differ from those that are to be. */
enum difference { NONE, IN_WORDS, IN_KIND };

static enum difference compare_visit(
	struct lq_rows *rows, const struct lq_business_day *day, const struct lq_visit *visit)
{
	const int64_t values[] = {day->begins_ms, day->half_ms, day->ends_ms, visit->began_ms,
		visit->seen_ms, (int64_t)visit->left, (int64_t)visit->assumed,
		(int64_t)visit->passages, visit->absent_ms, (int64_t)visit->trust};
	const int of_kind = 4; /* the first ones tell which visit it is */
	for (int i = 0; i < (int)(sizeof(values) / sizeof(values[0])); i++) {
		if (lq_rows_integer(rows, i) != values[i]) {
			return i < of_kind ? IN_KIND : IN_WORDS;
		}
	}
	return NONE;
}

static int compare_day(struct lq_db *db, const struct lq_visit_owner *person,
	const struct lq_business_day *day, const struct visit_list *list,
	enum difference *ret_difference)
{
	struct lq_rows *rows = NULL;
	enum difference difference = NONE;
	uint32_t found = 0;
	int r = lq_db_query(db, &rows,
		"SELECT day_begins, day_half, day_ends, began, seen, left_it, assumed, passages, "
		"absent, trust FROM visit WHERE realm = ?1 AND holder = ?2 AND zone = ?3 "
		"AND began >= ?4 AND began < ?5 ORDER BY began",
		"titii", person->realm, person->holder, person->zone, day->begins_ms, day->ends_ms);
	if (r != LQ_OK) {
		return r;
	}
	for (; (r = lq_rows_next(rows)) == 1; found++) {
		enum difference one = found < list->count
					      ? compare_visit(rows, day, &list->visits[found])
					      : IN_KIND;
		difference = one > difference ? one : difference;
	}
	lq_rows_end(rows);
	*ret_difference = found < list->count ? IN_KIND : difference;
	return r;
}

static int forget_day(
	struct lq_db *db, const struct lq_visit_owner *person, const struct lq_business_day *day)
{
	int64_t r = lq_db_run(db,
		"DELETE FROM visit WHERE realm = ?1 AND holder = ?2 AND zone = ?3 "
		"AND began >= ?4 AND began < ?5",
		"titii", person->realm, person->holder, person->zone, day->begins_ms, day->ends_ms);
	return r < 0 ? (int)r : LQ_OK;
}

static int keep_visit(struct lq_db *db, const struct lq_visit_owner *person,
	const struct lq_business_day *day, const struct lq_visit *visit)
{
	int64_t r = lq_db_run(db,
		"INSERT INTO visit (realm, holder, zone, day_begins, day_half, day_ends, "
		"began, seen, left_it, assumed, passages, absent, trust) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
		"titiiiiiiiiii", person->realm, person->holder, person->zone, day->begins_ms,
		day->half_ms, day->ends_ms, visit->began_ms, visit->seen_ms, (int64_t)visit->left,
		(int64_t)visit->assumed, (int64_t)visit->passages, visit->absent_ms,
		(int64_t)visit->trust);
	return r < 0 ? (int)r : LQ_OK;
}

static int change_visit(
	struct lq_db *db, const struct lq_visit_owner *person, const struct lq_visit *visit)
{
	int64_t r = lq_db_run(db,
		"UPDATE visit SET seen = ?5, left_it = ?6, assumed = ?7, passages = ?8, "
		"absent = ?9, trust = ?10 "
		"WHERE realm = ?1 AND holder = ?2 AND zone = ?3 AND began = ?4",
		"titiiiiiii", person->realm, person->holder, person->zone, visit->began_ms,
		visit->seen_ms, (int64_t)visit->left, (int64_t)visit->assumed,
		(int64_t)visit->passages, visit->absent_ms, (int64_t)visit->trust);
	return r < 0 ? (int)r : LQ_OK;
}

static int bind_one(struct lq_db *db, const struct lq_visit_owner *person, int64_t visit_began_ms,
	int64_t correction)
{
	int64_t r = lq_db_run(db,
		"UPDATE visit SET correction = ?5 "
		"WHERE realm = ?1 AND holder = ?2 AND zone = ?3 AND began = ?4",
		"titii", person->realm, person->holder, person->zone, visit_began_ms, correction);
	return r < 0 ? (int)r : LQ_OK;
}

/* A correction is that of the visit which had begun at its moment, or, when that is told to have
 * begun later after all, of the day's first. The last one said holds. */
static int bind_corrections(
	struct lq_db *db, const struct lq_visit_owner *person, const struct lq_business_day *day)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT c.id, coalesce((SELECT max(v.began) FROM visit v WHERE v.realm = c.realm "
		"AND v.holder = c.holder AND v.zone = c.zone AND v.began >= c.day_begins AND "
		"v.began <= c.began), (SELECT min(v.began) FROM visit v WHERE v.realm = c.realm "
		"AND v.holder = c.holder AND v.zone = c.zone AND v.began >= c.began "
		"AND v.began < ?5), 0) FROM visit_correction c "
		"WHERE c.realm = ?1 AND c.holder = ?2 AND c.zone = ?3 AND c.day_begins = ?4 "
		"ORDER BY c.id",
		"titii", person->realm, person->holder, person->zone, day->begins_ms, day->ends_ms);
	if (r != LQ_OK) {
		return r;
	}
	int bound = LQ_OK;
	while (bound == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		bound = bind_one(db, person, lq_rows_integer(rows, 1), lq_rows_integer(rows, 0));
	}
	lq_rows_end(rows);
	return bound != LQ_OK ? bound : r;
}

int lq_visits_corrected(struct lq_db *db, int64_t *ret_day_ms)
{
	return lq_db_integer(
		db, ret_day_ms, INT64_MIN, "SELECT max(day_begins) FROM visit_correction", "");
}

static int keep_day(struct lq_db *db, const struct lq_visit_owner *person,
	const struct lq_business_day *day, const struct visit_list *list)
{
	enum difference difference = NONE;
	int r = compare_day(db, person, day, list, &difference);
	if (r == LQ_OK && difference == IN_KIND) {
		r = forget_day(db, person, day);
	}
	for (uint32_t i = 0; i < list->count && r == LQ_OK && difference != NONE; i++) {
		r = difference == IN_KIND ? keep_visit(db, person, day, &list->visits[i])
					  : change_visit(db, person, &list->visits[i]);
	}
	return r;
}

int lq_visits_make(struct lq_db *db, const struct lq_visit_settings *settings,
	const struct lq_visit_owner *person, const struct lq_business_day *whole, bool corrected,
	bool told)
{
	struct lq_business_day divided = *whole;
	const struct lq_business_day *day = &divided;
	static struct lq_visit_sheet sheet;
	static struct visit_list list;
	uint32_t strays = 0;
	lq_business_day_divide(&divided, settings->half_at_min);
	sheet.sayings = 0;
	int said = corrected ? read_sayings(db, person, day, &sheet) : 0;
	int r = said < 0 ? said : fill_sheet(db, person, day, &sheet);
	if (r == LQ_OK) {
		list.count = lq_visit_derive(&sheet, day, settings, list.visits, &strays);
		r = keep_day(db, person, day, &list);
	}
	r = r == LQ_OK && said == 1 ? bind_corrections(db, person, day) : r;
	return r == LQ_OK && told ? lq_webhook_visits_due(db, person, day) : r;
}

int lq_visits_derive(struct lq_db *db, const struct lq_visit_settings *settings,
	const struct lq_visit_owner *person, const struct lq_business_day *day)
{
	int r = lq_visits_make(db, settings, person, day, true, true);
	return r == LQ_OK ? lq_figures_due(db, day) : r;
}

/* Bills are made a day after a day's end: it is a handful. */
static int list_unbilled(struct lq_db *db, int64_t days[UNBILLED_MAX], size_t *ret_count)
{
	struct lq_rows *rows = NULL;
	size_t count = 0;
	int r = lq_db_query(db, &rows,
		"SELECT DISTINCT day_begins FROM visit WHERE day_ends > (SELECT billed FROM "
		"ledger) ORDER BY day_begins DESC",
		"");
	if (r != LQ_OK) {
		return r;
	}
	while (count < UNBILLED_MAX && (r = lq_rows_next(rows)) == 1) {
		days[count++] = lq_rows_integer(rows, 0);
	}
	lq_rows_end(rows);
	*ret_count = count;
	return r < 0 ? r : LQ_OK;
}

int lq_visits_divide(struct lq_db *db, const struct lq_visit_settings *settings)
{
	int64_t days[UNBILLED_MAX];
	size_t count = 0;
	int r = list_unbilled(db, days, &count);
	for (size_t i = 0; i < count && r == LQ_OK; i++) {
		struct lq_business_day day = {.begins_ms = days[i]};
		lq_business_day_divide(&day, settings->half_at_min);
		int64_t done = lq_db_run(db, "UPDATE visit SET day_half = ?2 WHERE day_begins = ?1",
			"ii", day.begins_ms, day.half_ms);
		r = done < 0 ? (int)done : LQ_OK;
	}
	return r;
}

int lq_visits_keep_zone(struct lq_db *db, const char *zone, bool exits)
{
	int64_t r = lq_db_run(db,
		"INSERT INTO zone (name, exits) VALUES (?1, ?2) ON CONFLICT (name) "
		"DO UPDATE SET exits = 1 WHERE excluded.exits > zone.exits",
		"ti", zone, (int64_t)exits);
	return r < 0 ? (int)r : LQ_OK;
}

int lq_visits_tell(struct lq_db *db, const struct lq_visit_owner *owner,
	enum lq_direction direction, int64_t at_ms)
{
	int64_t r = lq_db_run(db,
		"INSERT INTO passage (controller, seq, holder, zone, epoch, number, direction, "
		"evidence, at, trust, realm) SELECT '', coalesce(max(seq), 0) + 1, ?1, ?2, 0, "
		"coalesce(max(seq), 0) + 1, ?3, ?4, ?5, ?6, ?7 FROM passage WHERE controller = ''",
		"itiiiit", owner->holder, owner->zone, (int64_t)direction,
		(int64_t)LQ_EVIDENCE_TAKEN, at_ms, (int64_t)LQ_TRUST_SYNCHRONISED, owner->realm);
	/* Where nobody came in by a badge yet; that somebody left does not tell that exits are
	 * badged. */
	return r < 0 ? (int)r : lq_visits_keep_zone(db, owner->zone, false);
}
