#include "host/office/api_events.h"

#include "firmware/core/err.h"
#include "firmware/core/schedule.h"
#include "host/office/body.h"
#include "host/office/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_SIZE     24u
#define LONGEST     INT64_C(44640) /* minutes: 31 days */
#define NEXT_MAX    10u
#define NEXT_MS     INT64_C(1209600000) /* two weeks */
#define FOREVER_MS  INT64_C(4102444800000)
#define LIST_MAX    500u
#define DAY_MINUTES ((int64_t)LQ_DAY_MINUTES)

enum {
	TITLE,
	DESCRIPTION,
	PLACE,
	TRAINER,
	KIND,
	WHO,
	PUBLIC,
	FROM,
	TO,
	RRULE,
	EXCEPT,
	DOORS,
	PEOPLE
};

/* As callers write one. */
struct form {
	char title[LQ_CALENDAR_TEXT_SIZE];
	char description[LQ_CALENDAR_DESCRIPTION_SIZE];
	char place[LQ_CALENDAR_TEXT_SIZE];
	char trainer[LQ_CALENDAR_TEXT_SIZE];
	int kind;
	int who;
	bool is_public;
	char from[LQ_LOCAL_SIZE];
	char to[LQ_LOCAL_SIZE];
	char rule[LQ_RECURRENCE_RULE_SIZE];
	const json_t *left_out;
	const json_t *doors;
	const json_t *people;
};

static const char *const kinds[] = {"event", "training", "public_window", NULL};
static const char *const whos[] = {"registered", "members", "anyone", NULL};

#define AT(member)                                                                                 \
	.offset = offsetof(struct form, member), .size = sizeof(((struct form *)0)->member)

static const struct lq_field fields[] = {
	[TITLE] = {.key = "title", .type = LQ_FIELD_TEXT, AT(title)},
	[DESCRIPTION] = {.key = "description", .type = LQ_FIELD_LABEL, AT(description)},
	[PLACE] = {.key = "place", .type = LQ_FIELD_LABEL, AT(place)},
	[TRAINER] = {.key = "trainer", .type = LQ_FIELD_LABEL, AT(trainer)},
	[KIND] = {.key = "kind", .type = LQ_FIELD_WORD, AT(kind), .words = kinds},
	[WHO] = {.key = "who", .type = LQ_FIELD_WORD, AT(who), .words = whos},
	[PUBLIC] = {.key = "public", .type = LQ_FIELD_BOOL, AT(is_public)},
	[FROM] = {.key = "from", .type = LQ_FIELD_TEXT, AT(from)},
	[TO] = {.key = "to", .type = LQ_FIELD_TEXT, AT(to)},
	[RRULE] = {.key = "rrule", .type = LQ_FIELD_LABEL, AT(rule)},
	[EXCEPT] = {.key = "except",
		.type = LQ_FIELD_JSON,
		.offset = offsetof(struct form, left_out)},
	[DOORS] = {.key = "doors", .type = LQ_FIELD_JSON, .offset = offsetof(struct form, doors)},
	[PEOPLE] = {.key = "people",
		.type = LQ_FIELD_JSON,
		.offset = offsetof(struct form, people)},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static int invalid(const struct lq_request *request, struct lq_answer *answer, const char *pointer,
	const char *en, const char *fr)
{
	return lq_problem(request, answer, 400, "invalid", pointer, en, fr);
}

/* ---- as JSON ---- */

static json_t *door_list(const struct lq_calendar_event *event)
{
	json_t *list = json_array();
	for (size_t i = 0; i < event->door_count; i++) {
		(void)json_array_append_new(list, json_string(event->doors[i]));
	}
	return list;
}

static json_t *person_list(const struct lq_calendar_event *event)
{
	json_t *list = json_array();
	for (size_t i = 0; i < event->person_count; i++) {
		(void)json_array_append_new(list, json_sprintf("p%" PRId64, event->people[i]));
	}
	return list;
}

static json_t *left_out_list(const struct lq_calendar_event *event)
{
	json_t *list = json_array();
	for (size_t i = 0; i < event->when.left_out_count; i++) {
		char text[LQ_LOCAL_SIZE];
		lq_local_format(event->left_out[i] * DAY_MINUTES, text);
		(void)json_array_append_new(list, json_stringn(text, 10));
	}
	return list;
}

static json_t *next_list(const struct lq_calendar_event *event, int64_t now_ms)
{
	struct lq_occurrence found[NEXT_MAX];
	size_t count =
		lq_recurrence_expand(&event->when, now_ms, now_ms + NEXT_MS, found, NEXT_MAX);
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		(void)json_array_append_new(
			list, json_pack("{s:o, s:o}", "from", lq_json_time(found[i].from_ms), "to",
				      lq_json_time(found[i].to_ms)));
	}
	return list;
}

static json_t *event_json(const struct lq_calendar_event *event, int64_t now_ms)
{
	char from[LQ_LOCAL_SIZE];
	char to[LQ_LOCAL_SIZE];
	lq_local_format(event->when.from, from);
	lq_local_format(event->when.to, to);
	return json_pack(
		"{s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:s, s:s, s:o, s:o, s:o, "
		"s:o, s:o}",
		"event", json_sprintf("e%" PRId64, event->id), "uid", event->uid, "kind",
		lq_calendar_kind_text(event->kind), "who", lq_calendar_who_text(event->who),
		"title", event->title, "description", event->description, "place",
		lq_json_label(event->place), "trainer", lq_json_label(event->trainer), "rrule",
		lq_json_label(event->when.rule), "public", event->is_public, "from", from, "to", to,
		"except", left_out_list(event), "doors", door_list(event), "people",
		person_list(event), "next", next_list(event, now_ms), "changed",
		lq_json_time(event->changed_ms));
}

/* ---- from JSON ---- */

static int take_doors(const struct lq_request *request, struct lq_answer *answer,
	const json_t *list, struct lq_calendar_event *event)
{
	size_t count = json_array_size(list);
	event->door_count = 0;
	for (size_t i = 0; i < count && count <= LQ_CALENDAR_DOORS_MAX; i++) {
		const char *door = json_string_value(json_array_get(list, i));
		if (door != NULL && lq_is_name(door)) {
			(void)snprintf(event->doors[event->door_count++], LQ_NAME_SIZE, "%s", door);
		}
	}
	return json_is_array(list) && event->door_count == count
		       ? 0
		       : invalid(request, answer, "/doors",
				 "doors: expected at most 32 names of doors",
				 "doors : attendu au plus 32 noms de portes");
}

static bool is_registered(const int64_t *people, size_t count, int64_t number)
{
	for (size_t i = 0; i < count; i++) {
		if (people[i] == number) {
			return true;
		}
	}
	return false;
}

/* Whoever was registered and is erased since may stay: what took place is not forgotten. */
static int take_people(const struct lq_request *request, struct lq_answer *answer,
	const json_t *list, struct lq_calendar_event *event)
{
	int64_t before[LQ_CALENDAR_PEOPLE_MAX];
	const size_t before_count = event->person_count;
	size_t count = json_array_size(list);
	memcpy(before, event->people, before_count * sizeof(before[0]));
	event->person_count = 0;
	for (size_t i = 0; i < count && count <= LQ_CALENDAR_PEOPLE_MAX; i++) {
		struct lq_person person;
		const char *text = json_string_value(json_array_get(list, i));
		int64_t number = text != NULL ? lq_parse_id(text, 'p') : -1;
		int r = number > 0 ? lq_person_get(request->db, number, &person) : LQ_ERR_NOT_FOUND;
		if (r != LQ_OK && r != LQ_ERR_NOT_FOUND) {
			return lq_problem_db(request, answer, r);
		}
		if (r == LQ_OK || is_registered(before, before_count, number)) {
			event->people[event->person_count++] = number;
		}
	}
	return json_is_array(list) && event->person_count == count
		       ? 0
		       : invalid(request, answer, "/people",
				 "people: expected at most 1000 persons who are there, like p12",
				 "people : attendu au plus 1000 personnes existantes, comme p12");
}

static int take_left_out(const struct lq_request *request, struct lq_answer *answer,
	const json_t *list, struct lq_calendar_event *event)
{
	size_t count = json_array_size(list);
	event->when.left_out_count = 0;
	for (size_t i = 0; i < count && count <= LQ_CALENDAR_LEFT_OUT_MAX; i++) {
		char text[LQ_LOCAL_SIZE + 8];
		int64_t minute = 0;
		const char *date = json_string_value(json_array_get(list, i));
		(void)snprintf(text, sizeof(text), "%.10sT00:00", date != NULL ? date : "");
		if (date != NULL && strlen(date) == 10 && lq_local_parse(text, &minute) == LQ_OK) {
			event->left_out[event->when.left_out_count++] = minute / DAY_MINUTES;
		}
	}
	event->when.left_out = event->left_out;
	return json_is_array(list) && event->when.left_out_count == count
		       ? 0
		       : invalid(request, answer, "/except",
				 "except: expected at most 400 dates like 2026-12-24",
				 "except : attendu au plus 400 dates comme 2026-12-24");
}

static int take_lists(const struct lq_request *request, struct lq_answer *answer,
	const struct form *form, struct lq_calendar_event *event)
{
	int status = form->doors != NULL ? take_doors(request, answer, form->doors, event) : 0;
	if (status == 0 && form->people != NULL) {
		status = take_people(request, answer, form->people, event);
	}
	if (status == 0 && form->left_out != NULL) {
		status = take_left_out(request, answer, form->left_out, event);
	}
	return status;
}

/* What each member may be by itself, it is; here they are weighed together. */
static int check_whole(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_calendar_event *event)
{
	int64_t length = event->when.to - event->when.from;
	if (length <= 0 || length > LONGEST) {
		return invalid(request, answer, "/to",
			"to: expected later than from, by 31 days at most",
			"to : attendu après from, de 31 jours au plus");
	}
	if (!lq_recurrence_valid(&event->when)) {
		return invalid(request, answer, "/rrule",
			"rrule: expected an RRULE by days, weeks, months or years whose first day "
			"is "
			"that of from",
			"rrule : attendu une RRULE par jours, semaines, mois ou années dont le "
			"premier jour est celui de from");
	}
	if (event->kind == LQ_CALENDAR_PUBLIC_WINDOW && event->who != LQ_CALENDAR_ANYONE) {
		return invalid(request, answer, "/who", "who: a public window is open to anyone",
			"who : une plage publique est ouverte à tous (anyone)");
	}
	return 0;
}

static int take_form(const struct lq_request *request, struct lq_answer *answer,
	const struct form *form, struct lq_calendar_event *event)
{
	(void)snprintf(event->title, sizeof(event->title), "%s", form->title);
	(void)snprintf(event->description, sizeof(event->description), "%s", form->description);
	(void)snprintf(event->place, sizeof(event->place), "%s", form->place);
	(void)snprintf(event->trainer, sizeof(event->trainer), "%s", form->trainer);
	(void)snprintf(event->when.rule, sizeof(event->when.rule), "%s", form->rule);
	event->kind = (enum lq_calendar_kind)form->kind;
	event->who = (enum lq_calendar_who)form->who;
	event->is_public = form->is_public;
	if (lq_local_parse(form->from, &event->when.from) != LQ_OK) {
		return invalid(request, answer, "/from",
			"from: expected the space's time like 2026-12-01T12:00",
			"from : attendu l’heure de l’espace comme 2026-12-01T12:00");
	}
	if (lq_local_parse(form->to, &event->when.to) != LQ_OK) {
		return invalid(request, answer, "/to",
			"to: expected the space's time like 2026-12-01T14:00",
			"to : attendu l’heure de l’espace comme 2026-12-01T14:00");
	}
	int status = take_lists(request, answer, form, event);
	return status == 0 ? check_whole(request, answer, event) : status;
}

static void fill_form(const struct lq_calendar_event *event, struct form *form)
{
	memcpy(form->title, event->title, sizeof(form->title));
	memcpy(form->description, event->description, sizeof(form->description));
	memcpy(form->place, event->place, sizeof(form->place));
	memcpy(form->trainer, event->trainer, sizeof(form->trainer));
	memcpy(form->rule, event->when.rule, sizeof(form->rule));
	form->kind = (int)event->kind;
	form->who = (int)event->who;
	form->is_public = event->is_public;
	lq_local_format(event->when.from, form->from);
	lq_local_format(event->when.to, form->to);
}

/* ---- calls ---- */

int lq_api_event(const struct lq_request *request, struct lq_answer *answer,
	struct lq_calendar_event **ret_event)
{
	int64_t id = lq_parse_id(request->parameters[0], 'e');
	struct lq_calendar_event *event = malloc(sizeof(*event));
	int r = event == NULL ? LQ_ERR_NO_MEMORY : LQ_ERR_NOT_FOUND;
	if (event != NULL && id > 0) {
		r = lq_calendar_load(request->db, id, event);
	}
	if (r != LQ_OK) {
		free(event);
		(void)(r == LQ_ERR_NOT_FOUND
				? lq_problem(request, answer, 404, "not_found", NULL,
					  "there is no such event", "cet événement n’existe pas")
				: lq_problem_db(request, answer, r));
		return r == LQ_ERR_NOT_FOUND ? 404 : 503;
	}
	*ret_event = event;
	return 0;
}

/* Keeps it, tells of it, and has the doors' roster made anew. */
static int keep(const struct lq_request *request, struct lq_answer *answer, const char *act,
	struct lq_calendar_event *event)
{
	char object[ID_SIZE + 8];
	int r = lq_calendar_keep(request->db, event, request->now_ms);
	(void)snprintf(object, sizeof(object), "event/%" PRId64, event->id);
	r = r == LQ_OK ? lq_roster_due_rules(request->db) : r;
	r = r == LQ_OK ? lq_audit(request, act, object, "") : r;
	r = r == LQ_OK ? lq_calendar_load(request->db, event->id, event) : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	lq_announce(request, "events");
	answer->json = event_json(event, request->now_ms);
	return 0;
}

int lq_api_events_add(const struct lq_request *request, struct lq_answer *answer)
{
	static struct form form;
	static struct lq_calendar_event event;
	uint32_t given = 0;
	const uint32_t needed = LQ_GIVEN(TITLE) | LQ_GIVEN(FROM) | LQ_GIVEN(TO) | LQ_GIVEN(WHO);
	memset(&form, 0, sizeof(form));
	memset(&event, 0, sizeof(event));
	int status = lq_body_read(request, answer, fields, FIELDS, &form, &given);
	status =
		status == 0 ? lq_body_need(request, answer, fields, FIELDS, needed, given) : status;
	status = status == 0 ? take_form(request, answer, &form, &event) : status;
	status = status == 0 ? keep(request, answer, "event.add", &event) : status;
	if (status != 0) {
		return status;
	}
	(void)snprintf(
		answer->location, sizeof(answer->location), "/api/v1/events/e%" PRId64, event.id);
	return answer->status = 201;
}

int lq_api_events_change(const struct lq_request *request, struct lq_answer *answer)
{
	static struct form form;
	struct lq_calendar_event *event = NULL;
	uint32_t given = 0;
	int status = lq_api_event(request, answer, &event);
	if (status != 0) {
		return status;
	}
	memset(&form, 0, sizeof(form));
	fill_form(event, &form);
	status = lq_body_read(request, answer, fields, FIELDS, &form, &given);
	status = status == 0 ? take_form(request, answer, &form, event) : status;
	status = status == 0 ? keep(request, answer, "event.change", event) : status;
	free(event);
	return status != 0 ? status : (answer->status = 200);
}

int lq_api_events_get(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_calendar_event *event = NULL;
	int status = lq_api_event(request, answer, &event);
	if (status != 0) {
		return status;
	}
	answer->json = event_json(event, request->now_ms);
	free(event);
	return answer->status = 200;
}

int lq_api_events_remove(const struct lq_request *request, struct lq_answer *answer)
{
	char object[ID_SIZE + 8];
	struct lq_calendar_event *event = NULL;
	int status = lq_api_event(request, answer, &event);
	if (status != 0) {
		return status;
	}
	(void)snprintf(object, sizeof(object), "event/%" PRId64, event->id);
	int r = lq_calendar_remove(request->db, event->id);
	free(event);
	r = r == LQ_OK ? lq_roster_due_rules(request->db) : r;
	r = r == LQ_OK ? lq_audit(request, "event.remove", object, "") : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	lq_announce(request, "events");
	return answer->status = 204;
}

static int list_items(
	const struct lq_request *request, const int64_t *ids, size_t count, json_t *items)
{
	struct lq_calendar_event *event = malloc(sizeof(*event));
	int r = event != NULL ? LQ_OK : LQ_ERR_NO_MEMORY;
	for (size_t i = 0; i < count && r == LQ_OK; i++) {
		r = lq_calendar_load(request->db, ids[i], event);
		if (r == LQ_OK &&
			json_array_append_new(items, event_json(event, request->now_ms)) != 0) {
			r = LQ_ERR_NO_MEMORY;
		}
	}
	free(event);
	return r;
}

int lq_api_events_list(const struct lq_request *request, struct lq_answer *answer)
{
	int64_t ids[LIST_MAX];
	size_t count = 0;
	const char *text = lq_query_value(request->query, "after");
	bool all = false;
	int64_t after = text != NULL ? lq_parse_id(text, 'e') : 0;
	int64_t limit = lq_query_limit(request, answer);
	if (limit < 0 || lq_query_flag(request, answer, "past", &all) != 0) {
		return answer->status;
	}
	if (after < 0) {
		return invalid(request, answer, "after",
			"after: expected what “next” of the page before says",
			"after : attendu ce que dit « next » de la page précédente");
	}
	int64_t since = all ? -1 : lq_local_minute_of(request->now_ms);
	json_t *items = json_array();
	int r = lq_calendar_list(request->db, after, since, ids, (size_t)limit, &count);
	r = r == LQ_OK ? list_items(request, ids, count, items) : r;
	if (r != LQ_OK) {
		json_decref(items);
		return lq_problem_db(request, answer, r);
	}
	bool more = (int64_t)count == limit;
	answer->json = json_pack("{s:o, s:o}", "next",
		more ? json_sprintf("e%" PRId64, ids[count - 1]) : json_null(), "items", items);
	return answer->status = 200;
}

int lq_api_occurrence(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_calendar_event *event, struct lq_occurrence *ret_occurrence)
{
	char text[LQ_LOCAL_SIZE + 8];
	int64_t day = 0;
	const char *date = lq_query_value(request->query, "date");
	struct lq_occurrence found[2];
	int64_t from_ms = 0;
	int64_t to_ms = FOREVER_MS;
	if (date != NULL) {
		(void)snprintf(text, sizeof(text), "%.10sT00:00", date);
		if (strlen(date) != 10 || lq_local_parse(text, &day) != LQ_OK) {
			return invalid(request, answer, "date",
				"date: expected a date like 2026-12-01",
				"date : attendu une date comme 2026-12-01");
		}
		from_ms = lq_local_minute_ms(day);
		to_ms = lq_local_minute_ms(day + DAY_MINUTES);
	}
	size_t count = lq_recurrence_expand(&event->when, from_ms, to_ms, found, 1);
	/* Of a day on which one ends and another begins, the one that begins. */
	if (count == 1 && date != NULL && found[0].from < day) {
		size_t again =
			lq_recurrence_expand(&event->when, found[0].to_ms, to_ms, found + 1, 1);
		found[0] = again == 1 ? found[1] : found[0];
	}
	if (count == 0) {
		return lq_problem(request, answer, 404, "not_found", "date",
			"it does not take place then", "il n’a pas lieu à cette date");
	}
	*ret_occurrence = found[0];
	return 0;
}

const struct lq_route lq_routes_events[] = {
	{"GET", "/events", LQ_SCOPE_PEOPLE, lq_api_events_list},
	{"POST", "/events", LQ_SCOPE_PEOPLE, lq_api_events_add},
	{"GET", "/events/{event}", LQ_SCOPE_PEOPLE, lq_api_events_get},
	{"PATCH", "/events/{event}", LQ_SCOPE_PEOPLE, lq_api_events_change},
	{"DELETE", "/events/{event}", LQ_SCOPE_PEOPLE, lq_api_events_remove},
	{"GET", "/events/{event}/attendance", LQ_SCOPE_HISTORY, lq_api_events_attendance},
	{"GET", "/events/{event}/sheet", LQ_SCOPE_PEOPLE, lq_api_events_sheet},
	{"GET", "/events/{event}.ics", LQ_SCOPE_PEOPLE, lq_api_events_ics},
	{"GET", "/calendar.ics", LQ_SCOPE_NOBODY, lq_api_calendar},
	{"GET", "/calendar-feeds", LQ_SCOPE_SETTINGS, lq_api_feeds_list},
	{"POST", "/calendar-feeds", LQ_SCOPE_SETTINGS, lq_api_feeds_add},
	{"DELETE", "/calendar-feeds/{feed}", LQ_SCOPE_SETTINGS, lq_api_feeds_remove},
};

const size_t lq_routes_events_count = sizeof(lq_routes_events) / sizeof(lq_routes_events[0]);
