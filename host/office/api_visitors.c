#include "host/office/api_visitors.h"

#include "firmware/core/err.h"
#include "host/office/api_badges.h"
#include "host/office/body.h"
#include "host/office/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PURPOSE_SIZE 201u
#define OBJECT_SIZE  32u
#define DAYS_MAX     366
#define LIST_MAX     500
#define BADGES_MAX   16u

const struct lq_route lq_routes_visitors[] = {
	{"GET", "/api/v1/visitors", LQ_SCOPE_PEOPLE, lq_api_visitors_list},
	{"POST", "/api/v1/visitors", LQ_SCOPE_PEOPLE, lq_api_visitors_add},
	{"PATCH", "/api/v1/visitors/{person}", LQ_SCOPE_PEOPLE, lq_api_visitors_change},
	{"DELETE", "/api/v1/visitors/{person}", LQ_SCOPE_PEOPLE, lq_api_visitors_end},
	{"POST", "/api/v1/visitors/{person}/badge", LQ_SCOPE_PEOPLE, lq_api_visitors_badge},
};

const size_t lq_routes_visitors_count = sizeof(lq_routes_visitors) / sizeof(lq_routes_visitors[0]);

struct visitor {
	int64_t number;
	char name[LQ_MEMBER_NAME_SIZE];
	char host[24]; /* "p12"; empty: the space's own guest */
	int64_t from_ms;
	int64_t to_ms;
	char purpose[PURPOSE_SIZE];
	char profile[LQ_NAME_SIZE];
	char host_name[LQ_MEMBER_NAME_SIZE];
	int64_t badges;
};

enum { NAME, HOST, FROM, TO, PURPOSE, PROFILE };

#define AT(member)                                                                                 \
	.offset = offsetof(struct visitor, member), .size = sizeof(((struct visitor *)0)->member)

static const struct lq_field fields[] = {
	[NAME] = {.key = "name", .type = LQ_FIELD_TEXT, AT(name)},
	[HOST] = {.key = "host", .type = LQ_FIELD_LABEL, AT(host)},
	[FROM] = {.key = "from", .type = LQ_FIELD_TIME, AT(from_ms), .never_null = true},
	[TO] = {.key = "to", .type = LQ_FIELD_TIME, AT(to_ms), .never_null = true},
	[PURPOSE] = {.key = "purpose", .type = LQ_FIELD_TEXT, AT(purpose)},
	[PROFILE] = {.key = "profile", .type = LQ_FIELD_NAME, AT(profile)},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* ---- reading ---- */

#define VISITOR_QUERY                                                                              \
	"SELECT o.person, p.name, coalesce(o.host, 0), o.from_at, o.to_at, o.purpose, p.profile, " \
	"coalesce(m.name, ''), (SELECT count(*) FROM badge b WHERE b.person = o.person) "          \
	"FROM visitor o JOIN person p ON p.number = o.person "                                     \
	"LEFT JOIN person m ON m.number = o.host "

static void read_row(struct lq_rows *rows, struct visitor *ret_visitor)
{
	struct visitor visitor = {.number = lq_rows_integer(rows, 0),
		.from_ms = lq_rows_integer(rows, 3),
		.to_ms = lq_rows_integer(rows, 4),
		.badges = lq_rows_integer(rows, 8)};
	int64_t host = lq_rows_integer(rows, 2);
	(void)snprintf(visitor.name, sizeof(visitor.name), "%s", lq_rows_text(rows, 1));
	(void)snprintf(visitor.purpose, sizeof(visitor.purpose), "%s", lq_rows_text(rows, 5));
	(void)snprintf(visitor.profile, sizeof(visitor.profile), "%s", lq_rows_text(rows, 6));
	(void)snprintf(visitor.host_name, sizeof(visitor.host_name), "%s", lq_rows_text(rows, 7));
	if (host != 0) {
		(void)snprintf(visitor.host, sizeof(visitor.host), "p%" PRId64, host);
	}
	*ret_visitor = visitor;
}

static json_t *visitor_json(const struct visitor *visitor)
{
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:I}", "person",
		json_sprintf("p%" PRId64, visitor->number), "name", visitor->name, "host",
		lq_json_label(visitor->host), "hostName", lq_json_label(visitor->host_name), "from",
		lq_json_time(visitor->from_ms), "to", lq_json_time(visitor->to_ms), "purpose",
		visitor->purpose, "profile", visitor->profile, "badges",
		(json_int_t)visitor->badges);
}

int lq_api_visitors_list(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(request->db, &rows,
		VISITOR_QUERY "WHERE o.to_at > ?1 AND p.erased = 0 "
			      "ORDER BY o.from_at, o.person LIMIT ?2",
		"ii", request->now_ms, (int64_t)LIST_MAX);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	json_t *items = json_array();
	while ((r = lq_rows_next(rows)) == 1) {
		struct visitor visitor;
		read_row(rows, &visitor);
		(void)json_array_append_new(items, visitor_json(&visitor));
	}
	lq_rows_end(rows);
	answer->json = json_pack("{s:n, s:o}", "next", "items", items);
	return r == LQ_OK ? (answer->status = 200) : lq_problem_db(request, answer, r);
}

static int load(struct lq_db *db, int64_t number, struct visitor *ret_visitor)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(
		db, &rows, VISITOR_QUERY "WHERE o.person = ?1 AND p.erased = 0", "i", number);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		read_row(rows, ret_visitor);
	}
	lq_rows_end(rows);
	return r == 0 ? LQ_ERR_NOT_FOUND : r < 0 ? r : LQ_OK;
}

/* 0 and the visitor of the path, or the status of the problem. */
static int find(
	const struct lq_request *request, struct lq_answer *answer, struct visitor *ret_visitor)
{
	int64_t number = lq_parse_id(request->parameters[0], 'p');
	int r = load(request->db, number, ret_visitor);
	if (r == LQ_ERR_NOT_FOUND) {
		return lq_problem(request, answer, 404, "not_found", NULL,
			"there is no visitor of that number", "aucun visiteur n’a ce numéro");
	}
	return r != LQ_OK ? lq_problem_db(request, answer, r) : 0;
}

/* ---- writing ---- */

/* 0, or the status of what is wrong with it. */
static int check(
	const struct lq_request *request, struct lq_answer *answer, const struct visitor *visitor)
{
	struct lq_person host;
	int64_t number = visitor->host[0] != '\0' ? lq_parse_id(visitor->host, 'p') : 0;
	if (number < 0) {
		return lq_problem(request, answer, 400, "invalid", "/host",
			"host: expected one like p12", "host : attendu une personne comme p12");
	}
	if (visitor->to_ms <= visitor->from_ms ||
		visitor->to_ms - visitor->from_ms > DAYS_MAX * INT64_C(86400000)) {
		return lq_problem(request, answer, 400, "invalid", "/to",
			"to: expected a moment after “from”, within a year",
			"to : attendu un moment après « from », en moins d’un an");
	}
	int r = number > 0 ? lq_person_get(request->db, number, &host) : LQ_ERR_NOT_FOUND;
	if (number != 0 && r == LQ_ERR_NOT_FOUND) {
		return lq_problem(request, answer, 400, "unknown_person", "/host",
			"host: there is nobody of that number", "host : personne n’a ce numéro");
	}
	return number == 0 || r == LQ_OK ? 0 : lq_problem_db(request, answer, r);
}

static int keep(const struct lq_request *request, const struct visitor *visitor)
{
	int64_t host = visitor->host[0] != '\0' ? lq_parse_id(visitor->host, 'p') : 0;
	int64_t r = lq_db_run(request->db,
		"INSERT INTO visitor (person, host, from_at, to_at, purpose) "
		"VALUES (?1, NULLIF(?2, 0), ?3, ?4, ?5) ON CONFLICT (person) DO UPDATE SET "
		"host = excluded.host, from_at = excluded.from_at, to_at = excluded.to_at, "
		"purpose = excluded.purpose",
		"iiiit", visitor->number, host, visitor->from_ms, visitor->to_ms, visitor->purpose);
	return r < 0 ? (int)r : LQ_OK;
}

struct badges {
	size_t count;
	struct lq_office_badge list[BADGES_MAX];
};

static int add_badge(void *ctx, const struct lq_office_badge *badge)
{
	struct badges *badges = ctx;
	if (badges->count < BADGES_MAX) {
		badges->list[badges->count++] = *badge;
	}
	return LQ_OK;
}

/* Their badges are valid for their time, or of the pool again, valid for nobody. */
static int move_badges(const struct lq_request *request, const struct visitor *visitor, bool ended)
{
	struct badges badges = {0};
	int r = lq_office_badge_list(request->db, visitor->number, add_badge, &badges);
	for (size_t i = 0; i < badges.count && r == LQ_OK; i++) {
		struct lq_office_badge *badge = &badges.list[i];
		badge->person = ended ? 0 : badge->person;
		badge->valid_from_ms = ended ? 0 : visitor->from_ms;
		badge->valid_to_ms = ended ? 0 : visitor->to_ms;
		r = lq_office_badge_save(request->db, badge, request->now_ms);
	}
	return r;
}

static int finish(const struct lq_request *request, struct lq_answer *answer, const char *act,
	const struct visitor *visitor, int error)
{
	char object[OBJECT_SIZE];
	struct visitor now = {0};
	(void)snprintf(object, sizeof(object), "person/%" PRId64, visitor->number);
	int r = error == LQ_OK ? lq_audit(request, act, object, visitor->purpose) : error;
	r = r == LQ_OK ? load(request->db, visitor->number, &now) : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	lq_announce(request, "people");
	answer->json = visitor_json(&now);
	return answer->status = 200;
}

int lq_api_visitors_add(const struct lq_request *request, struct lq_answer *answer)
{
	struct visitor visitor = {.profile = "always"};
	struct lq_person person = {.kind = LQ_PERSON_GUEST, .enabled = true};
	uint32_t given = 0;
	int status = lq_body_read(request, answer, fields, FIELDS, &visitor, &given);
	status = status != 0 ? status
			     : lq_body_need(request, answer, fields, FIELDS,
				       1u << NAME | 1u << FROM | 1u << TO | 1u << PURPOSE, given);
	status = status != 0 ? status : check(request, answer, &visitor);
	if (status != 0) {
		return status;
	}
	(void)snprintf(person.name, sizeof(person.name), "%s", visitor.name);
	(void)snprintf(person.profile, sizeof(person.profile), "%s", visitor.profile);
	int r = lq_person_add(request->db, &person, request->now_ms, &visitor.number);
	if (r == LQ_ERR_NOT_FOUND) {
		return lq_problem(request, answer, 400, "unknown_profile", "/profile",
			"there is no such profile", "ce profil n’existe pas");
	}
	r = r == LQ_OK ? keep(request, &visitor) : r;
	status = finish(request, answer, "visitor.add", &visitor, r);
	if (status == 200) {
		(void)snprintf(answer->location, sizeof(answer->location),
			"/api/v1/visitors/p%" PRId64, visitor.number);
		answer->status = 201;
	}
	return answer->status;
}

int lq_api_visitors_change(const struct lq_request *request, struct lq_answer *answer)
{
	struct visitor visitor = {0};
	uint32_t given = 0;
	int status = find(request, answer, &visitor);
	status = status != 0 ? status
			     : lq_body_read(request, answer, fields, FIELDS, &visitor, &given);
	if (status == 0 && (given & (1u << NAME | 1u << PROFILE)) != 0) {
		return lq_problem(request, answer, 400, "invalid", "/name",
			"name and profile are changed with the person",
			"name et profile se changent avec la personne");
	}
	status = status != 0 ? status : check(request, answer, &visitor);
	if (status != 0) {
		return status;
	}
	int r = keep(request, &visitor);
	r = r == LQ_OK ? move_badges(request, &visitor, false) : r;
	return finish(request, answer, "visitor.change", &visitor, r);
}

int lq_api_visitors_end(const struct lq_request *request, struct lq_answer *answer)
{
	struct visitor visitor = {0};
	int status = find(request, answer, &visitor);
	if (status != 0) {
		return status;
	}
	visitor.to_ms = request->now_ms < visitor.to_ms ? request->now_ms : visitor.to_ms;
	int r = keep(request, &visitor);
	r = r == LQ_OK ? move_badges(request, &visitor, true) : r;
	return finish(request, answer, "visitor.end", &visitor, r);
}

struct handing {
	int64_t badge;
	struct lq_badge_place place;
};

static const struct lq_field handing_fields[] = {
	{.key = "badge",
		.type = LQ_FIELD_NUMBER,
		.offset = offsetof(struct handing, badge),
		.min = 1,
		.max = LQ_PERSON_NUMBER_MAX,
		.never_null = true},
	{.key = "door",
		.type = LQ_FIELD_TEXT,
		.offset = offsetof(struct handing, place.door),
		.size = (size_t)2 * LQ_NAME_SIZE},
	{.key = "reader",
		.type = LQ_FIELD_NAME,
		.offset = offsetof(struct handing, place.reader),
		.size = LQ_NAME_SIZE},
};

static int hand_out(const struct lq_request *request, struct lq_answer *answer,
	const struct visitor *visitor, int64_t id)
{
	struct lq_office_badge badge;
	int r = lq_office_badge_get(request->db, id, &badge);
	if (r == LQ_ERR_NOT_FOUND || (r == LQ_OK && badge.person != 0)) {
		return lq_problem(request, answer, 409, "not_in_pool", "/badge",
			"badge: it is not one of the pool", "badge : il n’est pas de la réserve");
	}
	if (r == LQ_OK) {
		badge.person = visitor->number;
		badge.valid_from_ms = visitor->from_ms;
		badge.valid_to_ms = visitor->to_ms;
		r = lq_office_badge_save(request->db, &badge, request->now_ms);
	}
	return finish(request, answer, "visitor.badge", visitor, r);
}

int lq_api_visitors_badge(const struct lq_request *request, struct lq_answer *answer)
{
	struct visitor visitor = {0};
	struct handing handing = {0};
	uint32_t given = 0;
	int status = find(request, answer, &visitor);
	status = status != 0 ? status
			     : lq_body_read(request, answer, handing_fields, 3, &handing, &given);
	if (status != 0) {
		return status;
	}
	if (given != 1 && (given & ~4u) != 2) {
		return lq_problem(request, answer, 400, "needed", NULL,
			"either badge is needed, or door, perhaps with reader",
			"il faut soit badge, soit door, éventuellement avec reader");
	}
	return given == 1 ? hand_out(request, answer, &visitor, handing.badge)
			  : lq_api_badges_at_door(request, answer, visitor.number, &handing.place);
}
