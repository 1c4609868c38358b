#include "host/office/api_muster.h"

#include "firmware/core/err.h"
#include "host/cli/when.h"
#include "host/office/body.h"
#include "host/office/html.h"
#include "host/office/page_language.h"
#include "host/office/people.h"
#include "host/office/realm.h"
#include "host/office/space_rules.h"
#include "host/office/visit_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REMARKS_SIZE 1001u
#define TICKS_MS     (INT64_C(2) * 3600 * 1000)  /* how long ticks of a drill stand */
#define FREEZE_MS    (INT64_C(26) * 3600 * 1000) /* no visit is longer than a long day */
#define AHEAD_MS     (INT64_C(15) * 60 * 1000)   /* how far a board's clock may be ahead of ours */
#define DRILLS_MAX   500

const struct lq_route lq_routes_muster[] = {
	{"GET", "/api/v1/muster", LQ_SCOPE_NOW, lq_api_muster},
	{"GET", "/muster.html", LQ_SCOPE_NOW, lq_api_muster_page},
	{"POST", "/api/v1/muster/freeze", LQ_SCOPE_NOW, lq_api_muster_freeze},
	{"POST", "/api/v1/muster/ticks", LQ_SCOPE_NOW, lq_api_muster_tick},
	{"POST", "/api/v1/muster/drill", LQ_SCOPE_NOW, lq_api_muster_drill},
	{"GET", "/api/v1/drills", LQ_SCOPE_NOW, lq_api_drills},
};

const size_t lq_routes_muster_count = sizeof(lq_routes_muster) / sizeof(lq_routes_muster[0]);

/* ---- who is on the list ---- */

#define OPEN_FREEZES                                                                               \
	"FROM muster m WHERE m.begins = 1 AND m.at > ?1 AND NOT EXISTS (SELECT 1 FROM muster e "   \
	"WHERE e.controller = m.controller AND e.begins = 0 AND e.at >= m.at)"

/* The earliest beginning of those that no end of the same controller has followed; 0: none. One of
 * more than a day ago is that of a board which is gone, or whose clock is wrong: nobody is on its
 * list any more. What was frozen by hand, at the page, is the controller's that has no name. */
static int frozen_since(struct lq_db *db, int64_t now_ms, int64_t *ret_since_ms, bool *ret_by_hand)
{
	int64_t by_hand = 0;
	int r = lq_db_integer(
		db, ret_since_ms, 0, "SELECT min(m.at) " OPEN_FREEZES, "i", now_ms - FREEZE_MS);
	r = r == LQ_OK ? lq_db_integer(db, &by_hand, 0,
				 "SELECT count(*) " OPEN_FREEZES " AND m.controller = ''", "i",
				 now_ms - FREEZE_MS)
		       : r;
	*ret_by_hand = by_hand > 0;
	return r;
}

/* Those who were in at that moment. Ticked: since ?3. The hosts of guests come as their numbers. */
#define MUSTER_QUERY                                                                               \
	"SELECT v.realm, v.holder, v.zone, v.began, v.seen, v.left_it, v.day_ends, "               \
	"coalesce(p.name, b.name), "                                                               \
	"coalesce(p.kind, 'member'), c.check_in, c.check_out, coalesce(c.void, 0), o.host, "       \
	"(SELECT count(*) FROM muster_tick t WHERE t.realm = v.realm AND t.holder = v.holder "     \
	"AND t.at >= ?3), z.exits, h.name, coalesce(p.hidden, 0), coalesce(h.hidden, 0) "          \
	"FROM visit v "                                                                            \
	"LEFT JOIN person p ON v.realm = '' AND p.number = v.holder "                              \
	"LEFT JOIN board_member b ON b.realm = v.realm AND b.holder = v.holder "                   \
	"LEFT JOIN visitor o ON o.person = p.number "                                              \
	"LEFT JOIN person h ON h.number = o.host "                                                 \
	"LEFT JOIN visit_correction c ON c.id = v.correction "                                     \
	"LEFT JOIN zone z ON z.name = v.zone "                                                     \
	"WHERE v.day_begins > ?1 AND v.day_ends > ?2 ORDER BY v.zone, p.name, v.realm, v.holder"

struct listed {
	const char *realm; /* texts until the next row */
	int64_t holder;
	const char *zone;
	const char *name; /* NULL: not known */
	const char *kind;
	int64_t began_ms;
	int64_t seen_ms;
	int64_t host;          /* 0: nobody's guest */
	const char *host_name; /* NULL: nobody's */
	bool host_hidden;
	bool ticked;
	bool exits;
	bool hidden;
};

/* False: they were not in at that moment. */
static bool read_listed(struct lq_rows *rows, int64_t at_ms, struct listed *ret_listed)
{
	bool left = lq_rows_integer(rows, 5) != 0 || lq_rows_integer(rows, 10) != 0;
	int64_t began_ms = lq_rows_integer(rows, 9);
	int64_t out_ms = lq_rows_integer(rows, 10);
	*ret_listed = (struct listed){.realm = lq_rows_text(rows, 0),
		.holder = lq_rows_integer(rows, 1),
		.zone = lq_rows_text(rows, 2),
		.name = lq_rows_text(rows, 7),
		.kind = lq_rows_text(rows, 8),
		.began_ms = began_ms != 0 ? began_ms : lq_rows_integer(rows, 3),
		.seen_ms = out_ms != 0 ? out_ms : lq_rows_integer(rows, 4),
		.host = lq_rows_integer(rows, 12),
		.host_name = lq_rows_text(rows, 15),
		.host_hidden = lq_rows_integer(rows, 17) != 0,
		.ticked = lq_rows_integer(rows, 13) > 0,
		.exits = lq_rows_integer(rows, 14) != 0,
		.hidden = lq_rows_integer(rows, 16) != 0};
	return lq_rows_integer(rows, 11) == 0 && ret_listed->began_ms <= at_ms &&
	       (!left || ret_listed->seen_ms > at_ms) && lq_rows_integer(rows, 6) > at_ms;
}

struct muster {
	bool by_hand;
	int64_t since_ms; /* 0: nothing is frozen, the list lives */
	int64_t at_ms;    /* the moment of the list */
	int64_t missing;  /* who was not ticked yet */
};

/* Calls `each` for everybody on the list. LQ_OK or an error. */
static int list_muster(const struct lq_request *request, struct muster *muster,
	void (*each)(void *ctx, const struct listed *listed), void *ctx)
{
	struct lq_rows *rows = NULL;
	struct listed listed;
	*muster = (struct muster){.at_ms = request->now_ms};
	int r = frozen_since(request->db, request->now_ms, &muster->since_ms, &muster->by_hand);
	bool frozen = muster->since_ms != 0;
	muster->at_ms = frozen ? muster->since_ms : request->now_ms;
	if (r == LQ_OK) {
		r = lq_db_query(request->db, &rows, MUSTER_QUERY, "iii",
			muster->at_ms - LQ_VISIT_DAY_MAX_MS, muster->at_ms,
			frozen ? muster->since_ms - AHEAD_MS : request->now_ms - TICKS_MS);
	}
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		if (read_listed(rows, muster->at_ms, &listed)) {
			muster->missing += listed.ticked ? 0 : 1;
			each(ctx, &listed);
		}
	}
	lq_rows_end(rows);
	return r;
}

/* ---- as JSON ---- */

struct lists {
	struct lq_space_rules rules;
	struct muster muster;
	bool discreet; /* asked for by somebody who may not see the past, or by a program */
	json_t *people;
	json_t *zones;
};

static void add_zone(json_t *zones, const struct lq_space_rules *rules, const struct listed *listed)
{
	size_t last = json_array_size(zones);
	json_t *zone = last > 0 ? json_array_get(zones, last - 1) : NULL;
	const char *name = json_string_value(json_object_get(zone, "zone"));
	if (name == NULL || strcmp(name, listed->zone) != 0) {
		zone = json_pack("{s:s, s:i, s:b}", "zone", listed->zone, "count", 0, "atLeast",
			(int)lq_space_at_least(rules, listed->exits));
		(void)json_array_append_new(zones, zone);
	}
	json_int_t count = json_integer_value(json_object_get(zone, "count"));
	(void)json_object_set_new(zone, "count", json_integer(count + 1));
}

/* Their screen is one that others see. */
static bool asks_discreetly(const struct lq_request *request)
{
	return request->caller.account == 0 ||
	       (request->caller.scopes >> LQ_SCOPE_HISTORY & 1u) == 0;
}

static bool is_discreet(const struct lists *lists)
{
	return lists->discreet && lists->muster.since_ms == 0;
}

/* Whom the fire brigade looks for has a name, hidden or not; on a screen that others see only then.
 */
static bool is_secret(const struct lists *lists, const struct listed *listed)
{
	return listed->hidden && is_discreet(lists);
}

static bool is_host_secret(const struct lists *lists, const struct listed *listed)
{
	return listed->host_hidden && is_discreet(lists);
}

/* NULL: nobody's guest, or the host is one who is not named. */
static const char *host_of(const struct lists *lists, const struct listed *listed)
{
	return is_host_secret(lists, listed) ? NULL : listed->host_name;
}

/* What came later than a list that is frozen is not on it. */
static int64_t last_sign(const struct lists *lists, const struct listed *listed)
{
	bool later = listed->seen_ms > lists->muster.at_ms || listed->seen_ms < listed->began_ms;
	return later ? listed->began_ms : listed->seen_ms;
}

static void add_person(void *ctx, const struct listed *listed)
{
	struct lists *lists = ctx;
	char person[LQ_PERSON_TEXT_SIZE];
	bool secret = is_secret(lists, listed);
	const char *host = host_of(lists, listed);
	lq_person_text(listed->realm, listed->holder, person);
	add_zone(lists->zones, &lists->rules, listed);
	(void)json_array_append_new(lists->people,
		json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:b, s:o, s:o}", "person",
			lq_json_label(secret ? "" : person), "name",
			lq_json_label(secret || listed->name == NULL ? "" : listed->name), "kind",
			listed->kind, "zone", listed->zone, "since", lq_json_time(listed->began_ms),
			"seen", lq_json_time(last_sign(lists, listed)), "ticked",
			(int)listed->ticked, "guestsOf",
			listed->host != 0 && !is_host_secret(lists, listed)
				? json_sprintf("p%" PRId64, listed->host)
				: json_null(),
			"hostName", lq_json_label(host != NULL ? host : "")));
}

int lq_api_muster(const struct lq_request *request, struct lq_answer *answer)
{
	struct lists lists = {.rules = lq_space_rules_load(request->db),
		.discreet = asks_discreetly(request),
		.people = json_array(),
		.zones = json_array()};
	const struct muster *muster = &lists.muster;
	int r = list_muster(request, &lists.muster, add_person, &lists);
	answer->json = json_pack("{s:b, s:b, s:o, s:o, s:I, s:o, s:o}", "byHand",
		(int)muster->by_hand, "frozen", (int)(muster->since_ms != 0), "since",
		lq_json_time(muster->since_ms), "at", lq_json_time(request->now_ms), "missing",
		(json_int_t)muster->missing, "zones", lists.zones, "people", lists.people);
	return r == LQ_OK ? (answer->status = 200) : lq_problem_db(request, answer, r);
}

/* ---- to be printed ---- */

static const char *tr(const struct lq_request *request, const char *en, const char *fr)
{
	return request->language == LQ_LANGUAGE_FR ? fr : en;
}

struct page {
	FILE *rows;
	const struct lq_request *request;
	struct lists lists; /* without lists */
	int64_t count;
	bool at_least;
};

/* Names of a board's own members never leave it. */
static void put_name(const struct page *page, const struct listed *listed)
{
	if (listed->name != NULL) {
		lq_html_put(page->rows, listed->name);
	} else if (*listed->realm == '\0') {
		(void)fprintf(page->rows, "p%" PRId64, listed->holder);
	} else {
		(void)fprintf(page->rows, "%s m%" PRId64 " %s ",
			tr(page->request, "Member", "Membre"), listed->holder,
			tr(page->request, "of", "de"));
		lq_html_put(page->rows, listed->realm);
	}
}

static void put_person(void *ctx, const struct listed *listed)
{
	struct page *page = ctx;
	FILE *out = page->rows;
	const char *host = host_of(&page->lists, listed);
	char since[LQ_WHEN_SIZE];
	char seen[LQ_WHEN_SIZE];
	page->count++;
	page->at_least |= lq_space_at_least(&page->lists.rules, listed->exits);
	lq_when_format(listed->began_ms, LQ_WHEN_MINUTES, since);
	lq_when_format(last_sign(&page->lists, listed), LQ_WHEN_MINUTES, seen);
	(void)fprintf(out, "<tr><td>%s</td><td>", listed->ticked ? "☑" : "☐");
	if (is_secret(&page->lists, listed)) {
		(void)fputs("–", out);
	} else {
		put_name(page, listed);
	}
	(void)fputs("</td><td>", out);
	lq_html_put(out, listed->host == 0 ? "" : host != NULL ? host : "–");
	(void)fputs("</td><td>", out);
	lq_html_put(out, listed->zone);
	(void)fprintf(out, "</td><td>%s</td><td>%s</td></tr>\n", since, seen);
}

static void put_paragraph(FILE *out, const char *text)
{
	(void)fprintf(out, "<p>%s</p>\n", text);
}

static void put_head(const struct page *page, FILE *out)
{
	const struct lq_request *request = page->request;
	const char *title = tr(request, "Evacuation list", "Liste d’évacuation");
	char when[LQ_WHEN_SIZE];
	lq_when_format(request->now_ms, LQ_WHEN_MINUTES, when);
	(void)fprintf(out,
		"<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
		"<title>%s</title><link rel=\"stylesheet\" href=\"/print.css\"></head>"
		"<body><main><h1>%s</h1><p>%s</p>\n",
		request->language == LQ_LANGUAGE_FR ? "fr" : "en", title, title, when);
	if (page->lists.muster.since_ms != 0) {
		lq_when_format(page->lists.muster.since_ms, LQ_WHEN_MINUTES, when);
		(void)fprintf(out, "<p>%s %s</p>\n",
			tr(request, "As it stood at", "Figée telle qu’elle était à"), when);
	}
	if (page->at_least) {
		(void)fprintf(out, "<p><strong>%s %" PRId64 "</strong></p>\n",
			tr(request, "Exits are not badged: at least",
				"Les sorties ne sont pas badgées : au moins"),
			page->count);
	}
	put_paragraph(out,
		tr(request,
			"An aid, not a proof: whoever came in behind somebody is not on it, and "
			"whoever left without a badge still is.",
			"Une aide, pas une preuve : qui est entré derrière quelqu’un n’y figure "
			"pas, qui est sorti sans badge y figure encore."));
}

static void put_table(const struct page *page, const char *rows, FILE *out)
{
	const struct lq_request *request = page->request;
	const char *const heads[] = {tr(request, "Seen", "Vu"), tr(request, "Name", "Nom"),
		tr(request, "Guest of", "Invité·e de"), tr(request, "Zone", "Zone"),
		tr(request, "Since", "Depuis"), tr(request, "Last sign", "Dernier signe")};
	(void)fputs("<table><thead><tr>", out);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		(void)fprintf(out, "<th scope=\"col\">%s</th>", heads[i]);
	}
	(void)fprintf(out, "</tr></thead><tbody>\n%s</tbody></table>\n<p>%s %" PRId64 "</p>\n",
		rows, tr(request, "Not seen yet:", "Pas encore vus :"), page->lists.muster.missing);
	(void)fputs("</main></body></html>\n", out);
}

/* The rows come first: what stands above them is known when they are. */
static int write_page(const struct lq_request *request, FILE *out)
{
	char *rows = NULL;
	size_t length = 0;
	struct page page = {.rows = open_memstream(&rows, &length),
		.request = request,
		.lists = {.rules = lq_space_rules_load(request->db),
			.discreet = asks_discreetly(request)}};
	if (page.rows == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	int r = list_muster(request, &page.lists.muster, put_person, &page);
	if (fclose(page.rows) != 0) {
		r = LQ_ERR_NO_MEMORY;
	}
	if (r == LQ_OK) {
		put_head(&page, out);
		put_table(&page, rows, out);
	}
	free(rows);
	return r;
}

int lq_api_muster_page(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_request reader = *request;
	int status = lq_page_language(request, answer, &reader.language);
	if (status != 0) {
		return status;
	}
	FILE *out = open_memstream(&answer->text, &answer->text_length);
	int r = out != NULL ? write_page(&reader, out) : LQ_ERR_NO_MEMORY;
	if (out != NULL && fclose(out) != 0) {
		r = LQ_ERR_NO_MEMORY;
	}
	answer->type = "text/html; charset=utf-8";
	return r == LQ_OK ? (answer->status = 200) : lq_problem_db(request, answer, r);
}

/* ---- ticking off ---- */

struct tick {
	char person[LQ_PERSON_TEXT_SIZE];
	bool ticked;
};

static const struct lq_field tick_fields[] = {
	{.key = "person",
		.type = LQ_FIELD_TEXT,
		.offset = offsetof(struct tick, person),
		.size = LQ_PERSON_TEXT_SIZE},
	{.key = "ticked", .type = LQ_FIELD_BOOL, .offset = offsetof(struct tick, ticked)},
};

static int64_t keep_tick(
	const struct lq_request *request, const struct lq_somebody *who, bool ticked)
{
	if (ticked) {
		return lq_db_run(request->db,
			"INSERT INTO muster_tick (realm, holder, at, author) VALUES "
			"(?1, ?2, ?3, ?4) ON CONFLICT (realm, holder, at) DO NOTHING",
			"tiit", who->realm, who->holder, request->now_ms, request->caller.name);
	}
	return lq_db_run(request->db, "DELETE FROM muster_tick WHERE realm = ?1 AND holder = ?2",
		"ti", who->realm, who->holder);
}

int lq_api_muster_tick(const struct lq_request *request, struct lq_answer *answer)
{
	struct tick tick = {0};
	struct lq_somebody who;
	char object[LQ_PERSON_TEXT_SIZE + 8];
	bool somebody = false;
	uint32_t given = 0;
	int status = lq_body_read(request, answer, tick_fields, 2, &tick, &given);
	status = status != 0 ? status : lq_body_need(request, answer, tick_fields, 2, 3, given);
	if (status != 0) {
		return status;
	}
	if (lq_person_parse(tick.person, &who) != LQ_OK) {
		return lq_problem(request, answer, 400, "invalid", "/person",
			"person: expected one like p12",
			"person : attendue une personne comme p12");
	}
	int known = lq_person_known(request->db, &who, &somebody);
	if (known == LQ_OK && !somebody) {
		return lq_problem(request, answer, 400, "unknown_person", "/person",
			"person: there is nobody of that number",
			"person : personne n’a ce numéro");
	}
	int64_t r = known == LQ_OK ? keep_tick(request, &who, tick.ticked) : known;
	(void)snprintf(object, sizeof(object), "person/%s",
		*who.realm == '\0' ? tick.person + 1 : tick.person);
	r = r < 0 ? r
		  : lq_audit(request, tick.ticked ? "muster.tick" : "muster.untick", object, "");
	if (r < 0) {
		return lq_problem_db(request, answer, (int)r);
	}
	lq_announce(request, "alarms");
	return answer->status = 204;
}

/* ---- by hand, where no fire input tells of it, or the door's word does not come ---- */

static const struct lq_field freeze_fields[] = {
	{.key = "frozen", .type = LQ_FIELD_BOOL, .offset = 0, .never_null = true},
};

int lq_api_muster_freeze(const struct lq_request *request, struct lq_answer *answer)
{
	bool frozen = false;
	uint32_t given = 0;
	int status = lq_body_read(request, answer, freeze_fields, 1, &frozen, &given);
	status = status != 0 ? status : lq_body_need(request, answer, freeze_fields, 1, 1, given);
	if (status != 0) {
		return status;
	}
	int64_t r = lq_db_run(request->db,
		"INSERT INTO muster (controller, at, begins) VALUES ('', ?1, ?2) "
		"ON CONFLICT (controller, at, begins) DO NOTHING",
		"ii", request->now_ms, (int64_t)frozen);
	r = r < 0 ? r : lq_audit(request, frozen ? "muster.freeze" : "muster.thaw", "muster", "");
	if (r < 0) {
		return lq_problem_db(request, answer, (int)r);
	}
	lq_announce(request, "muster");
	return answer->status = 204;
}

/* ---- the register of drills ---- */

struct drill {
	int64_t began_ms;
	int64_t ended_ms;
	char remarks[REMARKS_SIZE];
};

static const struct lq_field drill_fields[] = {
	{.key = "began",
		.type = LQ_FIELD_TIME,
		.offset = offsetof(struct drill, began_ms),
		.never_null = true},
	{.key = "ended",
		.type = LQ_FIELD_TIME,
		.offset = offsetof(struct drill, ended_ms),
		.never_null = true},
	{.key = "remarks",
		.type = LQ_FIELD_LABEL,
		.offset = offsetof(struct drill, remarks),
		.size = REMARKS_SIZE},
};

static int64_t keep_drill(const struct lq_request *request, const struct drill *drill)
{
	return lq_db_run(request->db,
		"INSERT INTO drill (began, ended, remarks, author) VALUES (?1, ?2, ?3, ?4)", "iitt",
		drill->began_ms, drill->ended_ms, drill->remarks, request->caller.name);
}

int lq_api_muster_drill(const struct lq_request *request, struct lq_answer *answer)
{
	struct drill drill = {0};
	uint32_t given = 0;
	int status = lq_body_read(request, answer, drill_fields, 3, &drill, &given);
	status = status != 0 ? status : lq_body_need(request, answer, drill_fields, 3, 3, given);
	if (status != 0) {
		return status;
	}
	if (drill.ended_ms <= drill.began_ms || drill.ended_ms > request->now_ms) {
		return lq_problem(request, answer, 400, "invalid", "/ended",
			"ended: expected a moment after “began” which has come",
			"ended : attendu un moment déjà venu, après « began »");
	}
	int64_t r = keep_drill(request, &drill);
	r = r < 0 ? r : lq_audit(request, "drill.add", "muster", drill.remarks);
	return r < 0 ? lq_problem_db(request, answer, (int)r) : (answer->status = 201);
}

int lq_api_drills(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(request->db, &rows,
		"SELECT began, ended, remarks, author FROM drill ORDER BY began DESC LIMIT ?1", "i",
		(int64_t)DRILLS_MAX);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	json_t *items = json_array();
	while ((r = lq_rows_next(rows)) == 1) {
		(void)json_array_append_new(
			items, json_pack("{s:o, s:o, s:s, s:s}", "began",
				       lq_json_time(lq_rows_integer(rows, 0)), "ended",
				       lq_json_time(lq_rows_integer(rows, 1)), "remarks",
				       lq_rows_text(rows, 2), "by", lq_rows_text(rows, 3)));
	}
	lq_rows_end(rows);
	answer->json = json_pack("{s:n, s:o}", "next", "items", items);
	return r == LQ_OK ? (answer->status = 200) : lq_problem_db(request, answer, r);
}
