#include "host/office/api_visits.h"

#include "firmware/core/err.h"
#include "host/cli/csv.h"
#include "host/cli/roster_cell.h"
#include "host/office/body.h"
#include "host/office/business_day.h"
#include "host/office/people.h"
#include "host/office/space_rules.h"
#include "host/office/span.h"
#include "host/office/visit_id.h"
#include "host/office/visit_row.h"
#include "host/office/visits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASON_SIZE   201u
#define REVISION_SIZE 64u
#define CSV_DAYS_MAX  100
#define PURPOSE_MAX   200

const struct lq_route lq_routes_visits[] = {
	{"GET", "/api/v1/visits", LQ_SCOPE_HISTORY, lq_api_visits_list},
	{"POST", "/api/v1/visits", LQ_SCOPE_HISTORY, lq_api_visits_add},
	{"GET", "/api/v1/visits/{visit}", LQ_SCOPE_HISTORY, lq_api_visits_get},
	{"PATCH", "/api/v1/visits/{visit}", LQ_SCOPE_HISTORY, lq_api_visits_change},
	{"GET", "/api/v1/visits.csv", LQ_SCOPE_HISTORY, lq_api_visits_csv},
};

const size_t lq_routes_visits_count = sizeof(lq_routes_visits) / sizeof(lq_routes_visits[0]);

static int audit_person(const struct lq_request *request, const char *act, const char *realm,
	int64_t holder, const char *reason)
{
	char person[LQ_PERSON_TEXT_SIZE];
	char object[LQ_PERSON_TEXT_SIZE + 8];
	lq_person_text(realm, holder, person);
	(void)snprintf(object, sizeof(object), "person/%s", *realm == '\0' ? person + 1 : person);
	return lq_audit(request, act, object, reason);
}

/* ---- a visit as JSON ---- */

static const char *state_of(const struct lq_visit_row *row, int64_t now_ms)
{
	static const char *const words[] = {
		[LQ_VISIT_OPEN] = "open", [LQ_VISIT_LEFT] = "left", [LQ_VISIT_CUT_OFF] = "cutoff"};
	return row->is_void ? "void" : words[lq_visit_state(&row->visit, &row->day, now_ms)];
}

/* 0: it is open. */
static int64_t check_out_of(const struct lq_visit_row *row, int64_t now_ms)
{
	switch (lq_visit_state(&row->visit, &row->day, now_ms)) {
	case LQ_VISIT_OPEN:
		return 0;
	case LQ_VISIT_LEFT:
		return row->visit.seen_ms;
	case LQ_VISIT_CUT_OFF:
		return row->day.ends_ms;
	}
	return 0;
}

/* NULL: it is open. */
static const char *closed_by(const struct lq_visit_row *row, int64_t now_ms)
{
	if (row->is_void || row->check_out_ms != 0) {
		return "correction";
	}
	switch (lq_visit_state(&row->visit, &row->day, now_ms)) {
	case LQ_VISIT_OPEN:
		return NULL;
	case LQ_VISIT_LEFT:
		return "badge";
	case LQ_VISIT_CUT_OFF:
		return "cutoff";
	}
	return NULL;
}

/* Changes with everything that a visit is made of. */
static void revision_of(const struct lq_visit_row *row, char ret_text[REVISION_SIZE])
{
	(void)snprintf(ret_text, REVISION_SIZE, "%" PRId64 "-%" PRIu32 "-%d-%" PRId64,
		row->badges.seen_ms, row->badges.passages, row->badges.left, row->correction);
}

static json_t *or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static json_t *correction_json(const struct lq_visit_row *row)
{
	if (row->correction == 0) {
		return json_null();
	}
	return json_pack("{s:s, s:o, s:s}", "by", row->author, "at",
		lq_json_time(row->corrected_ms), "reason", row->reason);
}

json_t *lq_api_visit_json(const struct lq_request *request,
	const struct lq_visit_settings *settings, const struct lq_visit_row *row)
{
	char id[LQ_VISIT_ID_SIZE];
	char person[LQ_PERSON_TEXT_SIZE];
	char date[LQ_BUSINESS_DATE_SIZE];
	char revision[REVISION_SIZE];
	lq_visit_id_text(row, id);
	lq_person_text(row->realm, row->holder, person);
	lq_business_date(&row->day, date);
	revision_of(row, revision);
	return json_pack(
		"{s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:I, s:I, s:b, s:b, s:s, s:o, "
		"s:s}",
		"id", id, "person", person, "name", or_null(row->name), "zone", row->zone, "date",
		date, "checkIn", lq_json_time(row->visit.began_ms), "lastSeen",
		lq_json_time(row->visit.seen_ms), "checkOut",
		lq_json_time(check_out_of(row, request->now_ms)), "state",
		state_of(row, request->now_ms), "closedBy",
		or_null(closed_by(row, request->now_ms)), "halfDays",
		(json_int_t)lq_visit_row_half_days(row, settings), "passages",
		(json_int_t)row->badges.passages, "assumed", (int)row->badges.assumed,
		"provisional", (int)!lq_visit_final(&row->badges, &row->day, request->now_ms),
		"clock", lq_trust_text(row->badges.trust), "corrected", correction_json(row),
		"revision", revision);
}

/* ---- the list ---- */

struct listing {
	struct lq_business_day day; /* its ends: as early and late as can be without a date */
	bool by_date;
	bool by_person;
	struct lq_somebody who;
	bool goes_on;
	struct lq_visit_id after;
	int64_t limit;
};

static int bad_query(const struct lq_request *request, struct lq_answer *answer, const char *key,
	const char *en, const char *fr)
{
	return lq_problem(request, answer, 400, "invalid", key, en, fr);
}

static int read_listing(
	const struct lq_request *request, struct lq_answer *answer, struct listing *listing)
{
	const char *date = lq_query_value(request->query, "date");
	const char *person = lq_query_value(request->query, "person");
	const char *after = lq_query_value(request->query, "after");
	uint32_t cut = request->config->day_cut;
	*listing = (struct listing){.by_date = date != NULL || person == NULL,
		.by_person = person != NULL,
		.goes_on = after != NULL,
		.day = {.begins_ms = 0, .ends_ms = INT64_MAX}};
	if (listing->by_date && date == NULL) {
		listing->day = lq_business_day_at(request->now_ms, cut);
	}
	if (date != NULL && lq_business_day_parse(date, cut, &listing->day) != LQ_OK) {
		return lq_span_no_date(request, answer, "date");
	}
	if (person != NULL && lq_person_parse(person, &listing->who) != LQ_OK) {
		return bad_query(request, answer, "person", "person: expected one like p12",
			"person : attendue une personne comme p12");
	}
	if (after != NULL && lq_visit_id_parse(after, &listing->after) != LQ_OK) {
		return bad_query(request, answer, "after",
			"after: expected what “next” of the page before says",
			"after : attendu ce que dit « next » de la page précédente");
	}
	listing->limit = lq_query_limit(request, answer);
	return listing->limit < 0 ? answer->status : 0;
}

/* Of a day in the order of arrival; of a person the latest first. */
static int query_listing(struct lq_db *db, const struct listing *listing, struct lq_rows **ret_rows)
{
	const struct lq_visit_id *after = &listing->after;
	if (listing->by_person) {
		return lq_db_query(db, ret_rows,
			LQ_VISIT_ROWS "WHERE v.realm = ?1 AND v.holder = ?2 AND v.began >= ?3 "
				      "AND v.began < ?4 AND (v.began, v.zone) < (?5, ?6) "
				      "ORDER BY v.began DESC, v.zone DESC LIMIT ?7",
			"tiiiiti", listing->who.realm, listing->who.holder, listing->day.begins_ms,
			listing->day.ends_ms, listing->goes_on ? after->began_ms : INT64_MAX,
			after->zone, listing->limit);
	}
	return lq_db_query(db, ret_rows,
		LQ_VISIT_ROWS "WHERE v.day_begins >= ?1 AND v.day_begins < ?2 AND "
			      "(v.began, v.realm, v.holder, v.zone) > (?3, ?4, ?5, ?6) "
			      "ORDER BY v.began, v.realm, v.holder, v.zone LIMIT ?7",
		"iiititi", listing->day.begins_ms, listing->day.ends_ms, after->began_ms,
		after->who.realm, after->who.holder, after->zone, listing->limit);
}

static int audit_listing(const struct lq_request *request, const struct listing *listing)
{
	char object[16 + LQ_BUSINESS_DATE_SIZE];
	char date[LQ_BUSINESS_DATE_SIZE];
	if (listing->by_person) {
		return audit_person(
			request, "visit.read", listing->who.realm, listing->who.holder, "");
	}
	lq_business_date(&listing->day, date);
	(void)snprintf(object, sizeof(object), "visits/%s", date);
	return lq_audit_look(request, "visit.read", object);
}

int lq_api_visits_list(const struct lq_request *request, struct lq_answer *answer)
{
	const struct lq_space_rules rules = lq_space_rules_load(request->db);
	struct listing listing;
	struct lq_rows *rows = NULL;
	char last[LQ_VISIT_ID_SIZE] = "";
	int status = read_listing(request, answer, &listing);
	if (status != 0) {
		return status;
	}
	int r = query_listing(request->db, &listing, &rows);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	json_t *items = json_array();
	while ((r = lq_rows_next(rows)) == 1) {
		struct lq_visit_row row;
		lq_visit_row_read(rows, &row);
		lq_visit_id_text(&row, last);
		(void)json_array_append_new(items, lq_api_visit_json(request, &rules.visits, &row));
	}
	lq_rows_end(rows);
	r = r == LQ_OK ? audit_listing(request, &listing) : r;
	bool full = (int64_t)json_array_size(items) == listing.limit;
	answer->json = json_pack("{s:o, s:o}", "next", or_null(full ? last : NULL), "items", items);
	return r == LQ_OK ? (answer->status = 200) : lq_problem_db(request, answer, r);
}

/* ---- one of them ---- */

static int not_found(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_problem(request, answer, 404, "not_found", NULL, "there is no such visit",
		"cette visite n’existe pas");
}

/* The rows are to be ended by the caller. LQ_ERR_NOT_FOUND, without rows. */
static int find_visit(const struct lq_request *request, const struct lq_visit_id *id,
	struct lq_rows **ret_rows, struct lq_visit_row *ret_row)
{
	struct lq_business_day day = lq_business_day_at(id->began_ms, request->config->day_cut);
	struct lq_rows *rows = NULL;
	int r = lq_db_query(request->db, &rows,
		LQ_VISIT_ROWS
		"WHERE v.realm = ?1 AND v.holder = ?2 AND v.zone = ?3 AND v.began = "
		"coalesce((SELECT max(o.began) FROM visit o WHERE o.realm = ?1 AND o.holder = ?2 "
		"AND o.zone = ?3 AND o.began >= ?5 AND o.began <= ?4), (SELECT min(o.began) "
		"FROM visit o WHERE o.realm = ?1 AND o.holder = ?2 AND o.zone = ?3 AND "
		"o.began >= ?4 AND o.began < ?6))",
		"titiii", id->who.realm, id->who.holder, id->zone, id->began_ms, day.begins_ms,
		day.ends_ms);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r != 1) {
		lq_rows_end(rows);
		return r == 0 ? LQ_ERR_NOT_FOUND : r;
	}
	lq_visit_row_read(rows, ret_row);
	*ret_rows = rows;
	return LQ_OK;
}

static int answer_visit(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_visit_id *id, int status)
{
	const struct lq_space_rules rules = lq_space_rules_load(request->db);
	struct lq_rows *rows = NULL;
	struct lq_visit_row row;
	int r = find_visit(request, id, &rows, &row);
	if (r == LQ_ERR_NOT_FOUND) {
		return not_found(request, answer);
	}
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	answer->json = lq_api_visit_json(request, &rules.visits, &row);
	lq_rows_end(rows);
	return answer->status = status;
}

int lq_api_visits_get(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_visit_id id;
	if (lq_visit_id_parse(request->parameters[0], &id) != LQ_OK) {
		return not_found(request, answer);
	}
	int r = audit_person(request, "visit.read", id.who.realm, id.who.holder, "");
	return r == LQ_OK ? answer_visit(request, answer, &id, 200)
			  : lq_problem_db(request, answer, r);
}

/* ---- corrections ---- */

struct change {
	int64_t check_in_ms;
	int64_t check_out_ms;
	int64_t half_days;
	bool is_void;
	char reason[REASON_SIZE];
	char revision[REVISION_SIZE];
};

enum { CHECK_IN, CHECK_OUT, HALF_DAYS, IS_VOID, REASON, REVISION };

#define CHANGE(member)                                                                             \
	.offset = offsetof(struct change, member), .size = sizeof(((struct change *)0)->member)

static const struct lq_field change_fields[] = {
	[CHECK_IN] = {.key = "checkIn", .type = LQ_FIELD_TIME, CHANGE(check_in_ms)},
	[CHECK_OUT] = {.key = "checkOut", .type = LQ_FIELD_TIME, CHANGE(check_out_ms)},
	[HALF_DAYS] =
		{.key = "halfDays", .type = LQ_FIELD_NUMBER, CHANGE(half_days), .min = 1, .max = 2},
	[IS_VOID] = {.key = "void", .type = LQ_FIELD_BOOL, CHANGE(is_void)},
	[REASON] = {.key = "reason", .type = LQ_FIELD_TEXT, CHANGE(reason)},
	[REVISION] = {.key = "revision", .type = LQ_FIELD_TEXT, CHANGE(revision)},
};

#define CHANGE_FIELDS (sizeof(change_fields) / sizeof(change_fields[0]))

static int is_final(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_problem(request, answer, 409, "visit_final", NULL,
		"it is final: more than 24 hours have passed since its end",
		"elle est définitive : plus de 24 heures se sont écoulées depuis sa fin");
}

/* 0, or the status of what is wrong with a stay on that day. */
static int check_stay(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_business_day *day, int64_t began_ms, int64_t ended_ms)
{
	if (began_ms < day->begins_ms || began_ms >= day->ends_ms || began_ms > request->now_ms) {
		return lq_problem(request, answer, 400, "invalid", "/checkIn",
			"checkIn: expected a moment of that business day which has come",
			"checkIn : attendu un moment déjà venu de cette journée");
	}
	if (ended_ms != 0 &&
		(ended_ms <= began_ms || ended_ms > day->ends_ms || ended_ms > request->now_ms)) {
		return lq_problem(request, answer, 400, "invalid", "/checkOut",
			"checkOut: expected a moment after checkIn, before the end of that day, "
			"which has come",
			"checkOut : attendu un moment déjà venu, après checkIn et avant la fin de "
			"cette journée");
	}
	return 0;
}

static int64_t keep_correction(const struct lq_request *request, const struct lq_visit_row *row,
	const struct change *change)
{
	return lq_db_run(request->db,
		"INSERT INTO visit_correction (realm, holder, zone, day_begins, began, check_in, "
		"check_out, half_days, void, author, at, reason) VALUES (?1, ?2, ?3, ?4, ?5, "
		"NULLIF(?6, 0), NULLIF(?7, 0), NULLIF(?8, 0), ?9, ?10, ?11, ?12)",
		"titiiiiiitit", row->realm, row->holder, row->zone, row->day.begins_ms,
		row->badges.began_ms, change->check_in_ms, change->check_out_ms, change->half_days,
		(int64_t)change->is_void, request->caller.name, request->now_ms, change->reason);
}

/* 0, or the status of why it cannot be changed so. */
static int check_change(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_visit_row *row, const struct change *change)
{
	char revision[REVISION_SIZE];
	revision_of(row, revision);
	if (lq_visit_final(&row->badges, &row->day, request->now_ms)) {
		return is_final(request, answer);
	}
	if (change->revision[0] != '\0' && strcmp(change->revision, revision) != 0) {
		return lq_problem(request, answer, 409, "visit_changed", "/revision",
			"it has changed since it was read: look at it again",
			"elle a changé depuis sa lecture : la consulter de nouveau");
	}
	int64_t began_ms = change->check_in_ms != 0 ? change->check_in_ms : row->badges.began_ms;
	return check_stay(request, answer, &row->day, began_ms, change->check_out_ms);
}

/* `row` is gone when it returns: the visits of the day are made anew. */
static int apply_change(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_visit_id *id, struct lq_rows *rows, const struct lq_visit_row *row,
	const struct change *change)
{
	const struct lq_space_rules rules = lq_space_rules_load(request->db);
	const struct lq_business_day day = row->day;
	const struct lq_visit_owner owner = {
		.realm = id->who.realm, .holder = id->who.holder, .zone = id->zone};
	int status = check_change(request, answer, row, change);
	int64_t r = status == 0 ? keep_correction(request, row, change) : 0;
	lq_rows_end(rows);
	if (status != 0) {
		return status;
	}
	r = r < 0 ? r : lq_visits_derive(request->db, &rules.visits, &owner, &day);
	r = r < 0 ? r
		  : audit_person(
			    request, "visit.correct", owner.realm, owner.holder, change->reason);
	if (r < 0) {
		return lq_problem_db(request, answer, (int)r);
	}
	lq_announce(request, "visits");
	lq_announce(request, "now");
	return answer_visit(request, answer, id, 200);
}

int lq_api_visits_change(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_visit_id id;
	struct lq_rows *rows = NULL;
	struct lq_visit_row row;
	uint32_t given = 0;
	int r = lq_visit_id_parse(request->parameters[0], &id);
	r = r == LQ_OK ? find_visit(request, &id, &rows, &row) : LQ_ERR_NOT_FOUND;
	if (r != LQ_OK) {
		return r == LQ_ERR_NOT_FOUND ? not_found(request, answer)
					     : lq_problem_db(request, answer, r);
	}
	struct change change = {.check_in_ms = row.check_in_ms,
		.check_out_ms = row.check_out_ms,
		.half_days = row.half_days,
		.is_void = row.is_void};
	int status = lq_body_read(request, answer, change_fields, CHANGE_FIELDS, &change, &given);
	status = status != 0 ? status
			     : lq_body_need(request, answer, change_fields, CHANGE_FIELDS,
				       1u << REASON, given);
	if (status != 0) {
		lq_rows_end(rows);
		return status;
	}
	return apply_change(request, answer, &id, rows, &row, &change);
}

/* ---- visits that somebody tells of ---- */

struct telling {
	char person[LQ_PERSON_TEXT_SIZE];
	char zone[LQ_NAME_SIZE];
	int64_t check_in_ms;
	int64_t check_out_ms;
	char reason[REASON_SIZE];
};

enum { TOLD_PERSON, TOLD_ZONE, TOLD_CHECK_IN, TOLD_CHECK_OUT, TOLD_REASON };

#define TELLING(member)                                                                            \
	.offset = offsetof(struct telling, member), .size = sizeof(((struct telling *)0)->member)

static const struct lq_field telling_fields[] = {
	[TOLD_PERSON] = {.key = "person", .type = LQ_FIELD_TEXT, TELLING(person)},
	[TOLD_ZONE] = {.key = "zone", .type = LQ_FIELD_NAME, TELLING(zone)},
	[TOLD_CHECK_IN] = {.key = "checkIn",
		.type = LQ_FIELD_TIME,
		TELLING(check_in_ms),
		.never_null = true},
	[TOLD_CHECK_OUT] = {.key = "checkOut", .type = LQ_FIELD_TIME, TELLING(check_out_ms)},
	[TOLD_REASON] = {.key = "reason", .type = LQ_FIELD_TEXT, TELLING(reason)},
};

#define TELLING_FIELDS (sizeof(telling_fields) / sizeof(telling_fields[0]))

static bool is_zone_of_doors(const struct lq_config *config, const char *zone)
{
	for (uint16_t i = 0; i < config->door_count; i++) {
		if (strcmp(config->doors[i].zone, zone) == 0) {
			return true;
		}
	}
	return false;
}

/* 0, or the status: somebody and a place that are not known here. */
static int check_known(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_somebody *who, const char *zone)
{
	bool somebody = false;
	int64_t somewhere = is_zone_of_doors(request->config, zone);
	int r = lq_person_known(request->db, who, &somebody);
	if (r == LQ_OK && somewhere == 0) {
		r = lq_db_integer(request->db, &somewhere, 0, "SELECT 1 FROM zone WHERE name = ?1",
			"t", zone);
	}
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	if (!somebody) {
		return lq_problem(request, answer, 400, "unknown_person", "/person",
			"person: there is nobody of that number",
			"person : personne n’a ce numéro");
	}
	return somewhere != 0
		       ? 0
		       : lq_problem(request, answer, 400, "unknown_zone", "/zone",
				 "zone: no door leads there", "zone : aucune porte n’y mène");
}

static int64_t tell(const struct lq_request *request, const struct lq_visit_owner *owner,
	const struct lq_business_day *day, const struct telling *telling)
{
	const struct lq_space_rules rules = lq_space_rules_load(request->db);
	struct change note = {0};
	struct lq_visit_row row = {.realm = owner->realm,
		.holder = owner->holder,
		.zone = owner->zone,
		.day = *day,
		.badges = {.began_ms = telling->check_in_ms}};
	(void)snprintf(note.reason, sizeof(note.reason), "%s", telling->reason);
	int64_t r = lq_visits_tell(request->db, owner, LQ_DIRECTION_ENTRY, telling->check_in_ms);
	if (r >= 0 && telling->check_out_ms != 0) {
		r = lq_visits_tell(request->db, owner, LQ_DIRECTION_EXIT, telling->check_out_ms);
	}
	r = r < 0 ? r : keep_correction(request, &row, &note);
	r = r < 0 ? r : lq_visits_derive(request->db, &rules.visits, owner, day);
	return r < 0 ? r
		     : audit_person(
			       request, "visit.add", owner->realm, owner->holder, telling->reason);
}

static int read_telling(const struct lq_request *request, struct lq_answer *answer,
	struct telling *telling, struct lq_somebody *who)
{
	uint32_t given = 0;
	int status = lq_body_read(request, answer, telling_fields, TELLING_FIELDS, telling, &given);
	if (status == 0) {
		status = lq_body_need(request, answer, telling_fields, TELLING_FIELDS,
			1u << TOLD_PERSON | 1u << TOLD_ZONE | 1u << TOLD_CHECK_IN |
				1u << TOLD_REASON,
			given);
	}
	if (status == 0 && lq_person_parse(telling->person, who) != LQ_OK) {
		return lq_problem(request, answer, 400, "invalid", "/person",
			"person: expected one like p12",
			"person : attendue une personne comme p12");
	}
	return status;
}

int lq_api_visits_add(const struct lq_request *request, struct lq_answer *answer)
{
	struct telling telling = {0};
	struct lq_visit_id id = {0};
	int status = read_telling(request, answer, &telling, &id.who);
	if (status != 0) {
		return status;
	}
	struct lq_business_day day =
		lq_business_day_at(telling.check_in_ms, request->config->day_cut);
	const struct lq_visit told = {
		.seen_ms = telling.check_out_ms, .left = telling.check_out_ms != 0};
	if (lq_visit_final(&told, &day, request->now_ms)) {
		return is_final(request, answer);
	}
	status = check_stay(request, answer, &day, telling.check_in_ms, telling.check_out_ms);
	status = status != 0 ? status : check_known(request, answer, &id.who, telling.zone);
	if (status != 0) {
		return status;
	}
	const struct lq_visit_owner owner = {
		.realm = id.who.realm, .holder = id.who.holder, .zone = telling.zone};
	int64_t r = tell(request, &owner, &day, &telling);
	if (r < 0) {
		return lq_problem_db(request, answer, (int)r);
	}
	lq_announce(request, "visits");
	lq_announce(request, "now");
	id.began_ms = telling.check_in_ms;
	(void)snprintf(id.zone, sizeof(id.zone), "%s", telling.zone);
	status = answer_visit(request, answer, &id, 201);
	(void)snprintf(answer->location, sizeof(answer->location), "/api/v1/visits/%s",
		json_string_value(json_object_get(answer->json, "id")));
	return status;
}

/* ---- CSV ---- */

static void put_row(const struct lq_request *request, const struct lq_visit_settings *settings,
	FILE *out, const struct lq_visit_row *row)
{
	static const char *const keys[] = {
		"id", "person", "name", "zone", "date", "checkIn", "checkOut", "state", "closedBy"};
	enum { NAME = 2, KEYS = sizeof(keys) / sizeof(keys[0]) };
	const char *fields[KEYS + 4];
	char host[LQ_PERSON_TEXT_SIZE] = "";
	char name[1 + LQ_MEMBER_NAME_SIZE];
	char half_days[8];
	json_t *visit = lq_api_visit_json(request, settings, row);
	for (size_t i = 0; i < KEYS; i++) {
		const char *text = json_string_value(json_object_get(visit, keys[i]));
		fields[i] = text != NULL ? text : "";
	}
	if (lq_text_needs_guard(fields[NAME])) {
		(void)snprintf(name, sizeof(name), "'%s", fields[NAME]);
		fields[NAME] = name;
	}
	(void)snprintf(
		half_days, sizeof(half_days), "%" PRIu32, lq_visit_row_half_days(row, settings));
	fields[KEYS] = half_days;
	fields[KEYS + 1] = lq_visit_final(&row->badges, &row->day, request->now_ms) ? "no" : "yes";
	fields[KEYS + 2] = row->correction != 0 ? row->author : "";
	if (row->host != 0) {
		lq_person_text(LQ_REALM_OFFICE, row->host, host);
	}
	fields[KEYS + 3] = host;
	lq_csv_row(out, fields, KEYS + 4);
	json_decref(visit);
}

static int put_rows(const struct lq_request *request, const struct lq_business_day *first,
	const struct lq_business_day *last, FILE *out)
{
	static const char *const heads[] = {"id", "person", "name", "zone", "date", "check_in",
		"check_out", "state", "closed_by", "half_days", "provisional", "corrected_by",
		"host"};
	const struct lq_space_rules rules = lq_space_rules_load(request->db);
	struct lq_rows *rows = NULL;
	int r = lq_db_query(request->db, &rows,
		LQ_VISIT_ROWS "WHERE v.day_begins >= ?1 AND v.day_begins < ?2 "
			      "ORDER BY v.day_begins, v.began, v.realm, v.holder, v.zone",
		"ii", first->begins_ms, last->ends_ms);
	if (r != LQ_OK) {
		return r;
	}
	lq_csv_row(out, heads, sizeof(heads) / sizeof(heads[0]));
	while ((r = lq_rows_next(rows)) == 1) {
		struct lq_visit_row row;
		lq_visit_row_read(rows, &row);
		put_row(request, &rules.visits, out, &row);
	}
	lq_rows_end(rows);
	return r;
}

static int audit_export(const struct lq_request *request, const char *purpose)
{
	char object[64];
	(void)snprintf(object, sizeof(object), "visits/%.10s/%.10s",
		lq_query_value(request->query, "from"), lq_query_value(request->query, "to"));
	return lq_audit(request, "visit.export", object, purpose);
}

int lq_api_visits_csv(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_business_day first = {0};
	struct lq_business_day last = {0};
	const char *purpose = lq_query_value(request->query, "purpose");
	int status = lq_span_read(request, answer, CSV_DAYS_MAX, &first, &last);
	if (status != 0) {
		return status;
	}
	if (purpose == NULL || *purpose == '\0') {
		return lq_problem(request, answer, 400, "needed", "purpose",
			"purpose: say what the export is for",
			"purpose : dire à quoi sert l’export");
	}
	if (strlen(purpose) > PURPOSE_MAX) {
		return bad_query(request, answer, "purpose", "purpose: expected at most 200 bytes",
			"purpose : attendu au plus 200 octets");
	}
	FILE *out = open_memstream(&answer->text, &answer->text_length);
	int r = out != NULL ? put_rows(request, &first, &last, out) : LQ_ERR_NO_MEMORY;
	if (out != NULL && fclose(out) != 0) {
		r = LQ_ERR_NO_MEMORY;
	}
	r = r == LQ_OK ? audit_export(request, purpose) : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	answer->type = "text/csv; charset=utf-8";
	(void)snprintf(answer->filename, sizeof(answer->filename), "visits-%.10s-%.10s.csv",
		lq_query_value(request->query, "from"), lq_query_value(request->query, "to"));
	return answer->status = 200;
}
