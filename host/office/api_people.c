#include "host/office/api_people.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ID_SIZE 24u

enum { NAME, KIND, PROFILE, EMAIL, EXTERNAL_ID, ENABLED, HIDDEN, BOARD, ANY_TIME, EXTENDED_TIME };

#define AT(member)                                                                                 \
	.offset = offsetof(struct lq_person, member),                                              \
	.size = sizeof(((struct lq_person *)0)->member)

static const struct lq_field fields[] = {
	[NAME] = {.key = "name", .type = LQ_FIELD_TEXT, AT(name)},
	[KIND] = {.key = "kind", .type = LQ_FIELD_WORD, AT(kind), .words = lq_person_kind_words},
	[PROFILE] = {.key = "profile", .type = LQ_FIELD_NAME, AT(profile)},
	[EMAIL] = {.key = "email", .type = LQ_FIELD_LABEL, AT(email)},
	[EXTERNAL_ID] = {.key = "externalId", .type = LQ_FIELD_LABEL, AT(external_id)},
	[ENABLED] = {.key = "enabled", .type = LQ_FIELD_BOOL, AT(enabled)},
	[HIDDEN] = {.key = "hidden", .type = LQ_FIELD_BOOL, AT(hidden)},
	[BOARD] = {.key = "board", .type = LQ_FIELD_BOOL, AT(board)},
	[ANY_TIME] = {.key = "anyTime", .type = LQ_FIELD_BOOL, AT(any_time)},
	[EXTENDED_TIME] = {.key = "extendedTime", .type = LQ_FIELD_BOOL, AT(extended_time)},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static json_t *person_json(const struct lq_person *person)
{
	char id[ID_SIZE];
	(void)snprintf(id, sizeof(id), "p%" PRId64, person->number);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:b, s:b, s:b, s:b, s:b, s:I, s:o, s:o}",
		"person", id, "name", person->name, "kind", lq_person_kind_words[person->kind],
		"profile", person->profile, "email", lq_json_label(person->email), "externalId",
		lq_json_label(person->external_id), "enabled", person->enabled, "hidden",
		person->hidden, "board", person->board, "anyTime", person->any_time, "extendedTime",
		person->extended_time, "badges", (json_int_t)person->badges, "created",
		lq_json_time(person->created_ms), "changed", lq_json_time(person->changed_ms));
}

int lq_api_person(
	const struct lq_request *request, struct lq_answer *answer, struct lq_person *ret_person)
{
	int64_t number = lq_parse_id(request->parameters[0], 'p');
	int r = number > 0 ? lq_person_get(request->db, number, ret_person) : LQ_ERR_NOT_FOUND;
	if (r == LQ_ERR_NOT_FOUND) {
		return lq_problem(request, answer, 404, "not_found", NULL,
			"there is nobody of that number", "personne n’a ce numéro");
	}
	return r == LQ_OK ? 0 : lq_problem_db(request, answer, r);
}

/* ---- the list ---- */

struct list {
	json_t *items;
	int64_t last;
};

static int add_item(void *ctx, const struct lq_person *person)
{
	struct list *list = ctx;
	list->last = person->number;
	return json_array_append_new(list->items, person_json(person)) == 0 ? LQ_OK
									    : LQ_ERR_NO_MEMORY;
}

static json_t *next_of(const struct list *list, int64_t limit)
{
	char id[ID_SIZE];
	if ((int64_t)json_array_size(list->items) < limit) {
		return json_null();
	}
	(void)snprintf(id, sizeof(id), "p%" PRId64, list->last);
	return json_string(id);
}

int lq_api_people_list(const struct lq_request *request, struct lq_answer *answer)
{
	const char *after = lq_query_value(request->query, "after");
	struct lq_person_query query = {
		.search = lq_query_value(request->query, "search"),
		.after = after != NULL ? lq_parse_id(after, 'p') : 0,
		.limit = lq_query_limit(request, answer),
	};
	if (query.limit < 0) {
		return answer->status;
	}
	if (query.after < 0) {
		return lq_problem(request, answer, 400, "invalid", "after",
			"after: expected what “next” of the page before says",
			"after : attendu ce que dit « next » de la page précédente");
	}
	struct list list = {.items = json_array()};
	int r = lq_person_list(request->db, &query, add_item, &list);
	if (r != LQ_OK) {
		json_decref(list.items);
		return lq_problem_db(request, answer, r);
	}
	answer->json =
		json_pack("{s:o, s:o}", "next", next_of(&list, query.limit), "items", list.items);
	return answer->status = 200;
}

/* ---- one of them ---- */

int lq_api_people_get(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_person person = {.number = 0};
	int status = lq_api_person(request, answer, &person);
	if (status != 0) {
		return status;
	}
	answer->json = person_json(&person);
	return answer->status = 200;
}

static int problem_of(const struct lq_request *request, struct lq_answer *answer, int error)
{
	if (error == LQ_ERR_NOT_FOUND) {
		return lq_problem(request, answer, 400, "unknown_profile", "/profile",
			"there is no such profile", "ce profil n’existe pas");
	}
	if (error == LQ_ERR_EXISTS) {
		return lq_problem(request, answer, 409, "exists", "/externalId",
			"somebody else has this external id",
			"quelqu’un d’autre a cet identifiant externe");
	}
	return lq_problem_db(request, answer, error);
}

/* Tells of the change and answers with the person as they are now. */
static int finish(
	const struct lq_request *request, struct lq_answer *answer, const char *act, int64_t number)
{
	char object[ID_SIZE + 8];
	struct lq_person person = {.number = 0};
	(void)snprintf(object, sizeof(object), "person/%" PRId64, number);
	int r = lq_audit(request, act, object, "");
	r = r == LQ_OK ? lq_person_get(request->db, number, &person) : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	lq_announce(request, "people");
	answer->json = person_json(&person);
	return 0;
}

int lq_api_people_add(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_person person = {.enabled = true, .profile = "always"};
	uint32_t given = 0;
	int64_t number = 0;
	int status = lq_body_read(request, answer, fields, FIELDS, &person, &given);
	status = status == 0 ? lq_body_need(request, answer, fields, FIELDS, LQ_GIVEN(NAME), given)
			     : status;
	if (status != 0) {
		return status;
	}
	int r = lq_person_add(request->db, &person, request->now_ms, &number);
	status = r == LQ_OK ? finish(request, answer, "person.add", number)
			    : problem_of(request, answer, r);
	if (status != 0) {
		return status;
	}
	(void)snprintf(
		answer->location, sizeof(answer->location), "/api/v1/people/p%" PRId64, number);
	return answer->status = 201;
}

int lq_api_people_change(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_person person = {.number = 0};
	uint32_t given = 0;
	int status = lq_api_person(request, answer, &person);
	status = status == 0 ? lq_body_read(request, answer, fields, FIELDS, &person, &given)
			     : status;
	if (status != 0) {
		return status;
	}
	int r = lq_person_save(request->db, &person, request->now_ms);
	status = r == LQ_OK ? finish(request, answer, "person.change", person.number)
			    : problem_of(request, answer, r);
	return status != 0 ? status : (answer->status = 200);
}

const struct lq_route lq_routes_people[] = {
	{"GET", "/people", LQ_SCOPE_PEOPLE, lq_api_people_list},
	{"POST", "/people", LQ_SCOPE_PEOPLE, lq_api_people_add},
	{"GET", "/people/{person}", LQ_SCOPE_PEOPLE, lq_api_people_get},
	{"PATCH", "/people/{person}", LQ_SCOPE_PEOPLE, lq_api_people_change},
};

const size_t lq_routes_people_count = sizeof(lq_routes_people) / sizeof(lq_routes_people[0]);
