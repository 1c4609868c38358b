#include "host/office/api_rules.h"

#include "firmware/core/decide.h"
#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/rules.h"

#include <stdio.h>
#include <string.h>

#define POINTER_SIZE 64u

static int failed(const struct lq_request *request, struct lq_answer *answer, int error)
{
	return lq_problem_db(request, answer, error);
}

static int unknown_schedule(
	const struct lq_request *request, struct lq_answer *answer, const char *pointer)
{
	return lq_problem(request, answer, 400, "unknown_schedule", pointer,
		"there is no such schedule", "cet horaire n’existe pas");
}

#define SCHEDULE_THERE "SELECT 1 FROM schedule WHERE name = ?1"

/* ---- profiles ---- */

struct policy {
	char access_point[LQ_ACCESS_POINT_NAME_SIZE];
	char schedule[LQ_NAME_SIZE]; /* empty: always */
};

static const struct lq_field policy_fields[] = {
	{.key = "accessPoint",
		.type = LQ_FIELD_TEXT,
		.offset = offsetof(struct policy, access_point),
		.size = LQ_ACCESS_POINT_NAME_SIZE},
	{.key = "schedule",
		.type = LQ_FIELD_LABEL,
		.offset = offsetof(struct policy, schedule),
		.size = LQ_NAME_SIZE},
};

struct profile_wish {
	const json_t *policies;
};

static const struct lq_field profile_fields[] = {
	{.key = "policies",
		.type = LQ_FIELD_JSON,
		.offset = offsetof(struct profile_wish, policies)},
};

static int read_profiles(struct lq_db *db, const char *name, json_t *items)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT name, access_point, schedule FROM profile LEFT JOIN policy ON profile = "
		"name WHERE ?1 = '' OR name = ?1 ORDER BY name, place",
		"t", name);
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		json_t *item =
			lq_rules_item(items, "name", lq_rows_text(rows, 0), "policies", NULL);
		if (!lq_rows_is_null(rows, 1)) {
			(void)json_array_append_new(json_object_get(item, "policies"),
				json_pack("{s:s, s:s?}", "accessPoint", lq_rows_text(rows, 1),
					"schedule", lq_rows_text(rows, 2)));
		}
		r = LQ_OK;
	}
	lq_rows_end(rows);
	return r;
}

/* "*", "front/entry" or "front/exit". */
static bool is_access_point(const char *text)
{
	char door[LQ_ACCESS_POINT_NAME_SIZE];
	(void)snprintf(door, sizeof(door), "%s", text);
	char *slash = strchr(door, '/');
	if (strcmp(text, "*") == 0 || slash == NULL) {
		return strcmp(text, "*") == 0;
	}
	*slash = '\0';
	return lq_is_name(door) &&
	       (strcmp(slash + 1, "entry") == 0 || strcmp(slash + 1, "exit") == 0);
}

static int put_policy(const struct lq_request *request, struct lq_answer *answer,
	const json_t *object, size_t place)
{
	char pointer[POINTER_SIZE];
	char at[POINTER_SIZE + 16];
	struct policy policy = {.schedule = ""};
	uint32_t given = 0;
	bool there = true;
	(void)snprintf(pointer, sizeof(pointer), "/policies/%zu", place);
	int status = lq_object_read(request, answer,
		&(struct lq_object){object, pointer, policy_fields, 2}, &policy, &given);
	if (status != 0) {
		return status;
	}
	if (!is_access_point(policy.access_point)) {
		(void)snprintf(at, sizeof(at), "%s/accessPoint", pointer);
		return lq_problem(request, answer, 400, "invalid", at,
			"accessPoint: expected *, or a door with /entry or /exit behind it",
			"accessPoint : attendu *, ou une porte suivie de /entry ou /exit");
	}
	int r = policy.schedule[0] != '\0'
			? lq_rules_there(request, SCHEDULE_THERE, policy.schedule, &there)
			: LQ_OK;
	if (r == LQ_OK && !there) {
		(void)snprintf(at, sizeof(at), "%s/schedule", pointer);
		return unknown_schedule(request, answer, at);
	}
	int64_t added = r != LQ_OK ? r
				   : lq_db_run(request->db,
					     "INSERT INTO policy (profile, access_point, schedule, "
					     "place) VALUES (?1, ?2, ?3, ?4)",
					     "ttti", request->parameters[0], policy.access_point,
					     policy.schedule[0] != '\0' ? policy.schedule : NULL,
					     (int64_t)place);
	return added < 0 ? failed(request, answer, (int)added) : 0;
}

static int keep_always(const struct lq_request *request, struct lq_answer *answer)
{
	if (strcmp(request->parameters[0], "always") != 0) {
		return 0;
	}
	return lq_problem(request, answer, 409, "reserved", NULL,
		"the profile always stays as it is", "le profil always reste tel quel");
}

int lq_api_profiles_list(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_rules_list(request, answer, read_profiles);
}

int lq_api_profiles_get(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_rules_get(request, answer, read_profiles);
}

static int read_profile_wish(
	const struct lq_request *request, struct lq_answer *answer, struct profile_wish *wish)
{
	uint32_t given = 0;
	int status = lq_rules_name(request, answer);
	status = status == 0 ? keep_always(request, answer) : status;
	status = status == 0 ? lq_body_read(request, answer, profile_fields, 1, wish, &given)
			     : status;
	status = status == 0 ? lq_body_need(request, answer, profile_fields, 1, 1, given) : status;
	if (status == 0 && (!json_is_array(wish->policies) ||
				   json_array_size(wish->policies) > LQ_POLICIES_MAX)) {
		return lq_problem(request, answer, 400, "invalid", "/policies",
			"policies: expected a list of at most 32",
			"policies : attendu une liste de 32 au plus");
	}
	return status;
}

int lq_api_profiles_put(const struct lq_request *request, struct lq_answer *answer)
{
	struct profile_wish wish = {.policies = NULL};
	int status = read_profile_wish(request, answer, &wish);
	if (status != 0) {
		return status;
	}
	int r = lq_rules_run(
		request, "INSERT INTO profile (name) VALUES (?1) ON CONFLICT (name) DO NOTHING");
	r = r == LQ_OK ? lq_rules_run(request, "DELETE FROM policy WHERE profile = ?1") : r;
	for (size_t i = 0; r == LQ_OK && status == 0 && i < json_array_size(wish.policies); i++) {
		status = put_policy(request, answer, json_array_get(wish.policies, i), i);
	}
	status = r == LQ_OK && status == 0 ? lq_rules_fit(request, answer) : status;
	r = r == LQ_OK && status == 0 ? lq_rules_changed(request, "profile.set") : r;
	if (r != LQ_OK) {
		return failed(request, answer, r);
	}
	return status != 0 ? status : lq_rules_get(request, answer, read_profiles);
}

int lq_api_profiles_delete(const struct lq_request *request, struct lq_answer *answer)
{
	static const struct lq_rules_removal removal = {
		.there = "SELECT 1 FROM profile WHERE name = ?1",
		.used = "SELECT 1 FROM person WHERE profile = ?1 LIMIT 1",
		.remove = "DELETE FROM profile WHERE name = ?1",
		.act = "profile.remove",
	};
	int status = keep_always(request, answer);
	return status != 0 ? status : lq_rules_delete(request, answer, &removal);
}

/* ---- opening hours ---- */

struct hours_wish {
	char schedule[LQ_NAME_SIZE];
	bool first_person;
};

static const struct lq_field hours_fields[] = {
	{.key = "schedule", .type = LQ_FIELD_NAME, .offset = offsetof(struct hours_wish, schedule)},
	{.key = "firstPerson",
		.type = LQ_FIELD_BOOL,
		.offset = offsetof(struct hours_wish, first_person)},
};

static int read_hours(struct lq_db *db, const char *name, json_t *items)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT door, schedule, first_person FROM door_hours WHERE ?1 = '' OR door = ?1 "
		"ORDER BY door",
		"t", name);
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		(void)json_array_append_new(
			items, json_pack("{s:s, s:s, s:b}", "door", lq_rows_text(rows, 0),
				       "schedule", lq_rows_text(rows, 1), "firstPerson",
				       lq_rows_integer(rows, 2) != 0));
		r = LQ_OK;
	}
	lq_rows_end(rows);
	return r;
}

int lq_api_hours_list(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_rules_list(request, answer, read_hours);
}

int lq_api_hours_put(const struct lq_request *request, struct lq_answer *answer)
{
	struct hours_wish wish = {.schedule = ""};
	uint32_t given = 0;
	bool there = false;
	int status = lq_rules_name(request, answer);
	status = status == 0 ? lq_body_read(request, answer, hours_fields, 2, &wish, &given)
			     : status;
	status = status == 0 ? lq_body_need(request, answer, hours_fields, 2, 1, given) : status;
	if (status != 0) {
		return status;
	}
	int r = lq_rules_there(request, SCHEDULE_THERE, wish.schedule, &there);
	if (r == LQ_OK && !there) {
		return unknown_schedule(request, answer, "/schedule");
	}
	int64_t set = r != LQ_OK ? r
				 : lq_db_run(request->db,
					   "INSERT INTO door_hours (door, schedule, first_person) "
					   "VALUES (?1, ?2, ?3) ON CONFLICT (door) DO UPDATE SET "
					   "schedule = excluded.schedule, first_person = "
					   "excluded.first_person",
					   "tti", request->parameters[0], wish.schedule,
					   (int64_t)wish.first_person);
	r = set < 0 ? (int)set : lq_rules_changed(request, "hours.set");
	return r == LQ_OK ? lq_rules_get(request, answer, read_hours) : failed(request, answer, r);
}

int lq_api_hours_delete(const struct lq_request *request, struct lq_answer *answer)
{
	static const struct lq_rules_removal removal = {
		.there = "SELECT 1 FROM door_hours WHERE door = ?1",
		.remove = "DELETE FROM door_hours WHERE door = ?1",
		.act = "hours.remove",
	};
	return lq_rules_delete(request, answer, &removal);
}

const struct lq_route lq_routes_rules[] = {
	{"GET", "/profiles", LQ_SCOPE_PEOPLE, lq_api_profiles_list},
	{"GET", "/profiles/{name}", LQ_SCOPE_PEOPLE, lq_api_profiles_get},
	{"PUT", "/profiles/{name}", LQ_SCOPE_PEOPLE, lq_api_profiles_put},
	{"DELETE", "/profiles/{name}", LQ_SCOPE_PEOPLE, lq_api_profiles_delete},
	{"GET", "/schedules", LQ_SCOPE_PEOPLE, lq_api_schedules_list},
	{"GET", "/schedules/{name}", LQ_SCOPE_PEOPLE, lq_api_schedules_get},
	{"PUT", "/schedules/{name}", LQ_SCOPE_PEOPLE, lq_api_schedules_put},
	{"DELETE", "/schedules/{name}", LQ_SCOPE_PEOPLE, lq_api_schedules_delete},
	{"GET", "/special-days", LQ_SCOPE_PEOPLE, lq_api_specials_list},
	{"GET", "/special-days/{group}", LQ_SCOPE_PEOPLE, lq_api_specials_get},
	{"PUT", "/special-days/{group}", LQ_SCOPE_PEOPLE, lq_api_specials_put},
	{"DELETE", "/special-days/{group}", LQ_SCOPE_PEOPLE, lq_api_specials_delete},
	{"GET", "/door-hours", LQ_SCOPE_PEOPLE, lq_api_hours_list},
	{"PUT", "/door-hours/{door}", LQ_SCOPE_PEOPLE, lq_api_hours_put},
	{"DELETE", "/door-hours/{door}", LQ_SCOPE_PEOPLE, lq_api_hours_delete},
};

const size_t lq_routes_rules_count = sizeof(lq_routes_rules) / sizeof(lq_routes_rules[0]);
