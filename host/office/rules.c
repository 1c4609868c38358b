#include "host/office/rules.h"

#include "firmware/core/err.h"
#include "host/office/names.h"
#include "host/office/people.h"
#include "host/office/roster_limits.h"
#include "host/office/roster_read.h"

#include <stdio.h>
#include <string.h>

int lq_rules_name(const struct lq_request *request, struct lq_answer *answer)
{
	const char *name = request->parameters[0];
	if (!lq_is_name(name)) {
		return lq_problem(request, answer, 400, "invalid", NULL,
			"expected a name of 1 to 32 of a-z 0-9 _ -",
			"attendu un nom de 1 à 32 parmi a-z 0-9 _ -");
	}
	if (strncmp(name, LQ_RULES_RESERVED, strlen(LQ_RULES_RESERVED)) == 0) {
		return lq_problem(request, answer, 409, "reserved", NULL,
			"names that begin with event- are kept for events",
			"les noms en event- sont réservés aux événements");
	}
	return 0;
}

int lq_rules_unknown(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_problem(request, answer, 404, "not_found", NULL, "there is nothing of that name",
		"rien ne porte ce nom");
}

int lq_rules_fit(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_part part = {0};
	int r = lq_roster_read(request->db, NULL, 0, &part);
	bool fits = r == LQ_OK && lq_roster_fits(&part);
	lq_part_free(&part);
	if (r != LQ_OK && r != LQ_ERR_FULL) {
		return lq_problem_db(request, answer, r);
	}
	return fits ? 0
		    : lq_problem(request, answer, 409, "full", NULL,
			      "doors take no more rules: 511 profiles, 1023 schedules, 1024 "
			      "special "
			      "days of 1023 groups, and 1 MiB of all of them",
			      "les portes n’acceptent pas plus de règles : 511 profils, 1023 "
			      "horaires, 1024 jours particuliers de 1023 groupes, et 1 Mio du "
			      "tout");
}

int lq_rules_changed(const struct lq_request *request, const char *act)
{
	char object[16 + LQ_NAME_SIZE];
	(void)snprintf(object, sizeof(object), "rule/%s", request->parameters[0]);
	lq_announce(request, "rules");
	int r = lq_roster_due_rules(request->db);
	return r == LQ_OK ? lq_audit(request, act, object, "") : r;
}

int lq_rules_run(const struct lq_request *request, const char *sql)
{
	int64_t r = lq_db_run(request->db, sql, "t", request->parameters[0]);
	return r < 0 ? (int)r : LQ_OK;
}

int lq_rules_there(
	const struct lq_request *request, const char *sql, const char *name, bool *ret_there)
{
	int64_t there = 0;
	int r = lq_db_integer(request->db, &there, 0, sql, "t", name);
	*ret_there = there != 0;
	return r;
}

int lq_rules_list(const struct lq_request *request, struct lq_answer *answer, lq_rules_reader *read)
{
	json_t *items = json_array();
	int r = read(request->db, "", items);
	if (r != LQ_OK) {
		json_decref(items);
		return lq_problem_db(request, answer, r);
	}
	answer->json = json_pack("{s:o, s:n}", "items", items, "next");
	return answer->status = 200;
}

int lq_rules_get(const struct lq_request *request, struct lq_answer *answer, lq_rules_reader *read)
{
	json_t *items = json_array();
	int r = *request->parameters[0] != '\0' ? read(request->db, request->parameters[0], items)
						: LQ_OK;
	json_t *item = json_incref(json_array_get(items, 0));
	json_decref(items);
	if (r != LQ_OK) {
		json_decref(item);
		return lq_problem_db(request, answer, r);
	}
	if (item == NULL) {
		return lq_rules_unknown(request, answer);
	}
	answer->json = item;
	return answer->status = 200;
}

int lq_rules_delete(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_rules_removal *removal)
{
	bool there = false;
	bool used = false;
	const char *name = request->parameters[0];
	int r = lq_rules_there(request, removal->there, name, &there);
	r = r == LQ_OK && removal->used != NULL
		    ? lq_rules_there(request, removal->used, name, &used)
		    : r;
	if (r == LQ_OK && !there) {
		return lq_rules_unknown(request, answer);
	}
	if (r == LQ_OK && used) {
		return lq_problem(request, answer, 409, "in_use", NULL,
			"it is used: take it out of what uses it first",
			"il sert encore : le retirer d’abord de ce qui s’en sert");
	}
	r = r == LQ_OK ? lq_rules_run(request, removal->remove) : r;
	r = r == LQ_OK ? lq_rules_changed(request, removal->act) : r;
	return r == LQ_OK ? (answer->status = 204) : lq_problem_db(request, answer, r);
}

json_t *lq_rules_item(json_t *items, const char *key, const char *name, const char *one_list,
	const char *other_list)
{
	size_t count = json_array_size(items);
	json_t *last = count > 0 ? json_array_get(items, count - 1) : NULL;
	const char *known = json_string_value(json_object_get(last, key));
	if (known != NULL && strcmp(known, name) == 0) {
		return last;
	}
	json_t *item = json_pack("{s:s}", key, name);
	if (one_list != NULL) {
		(void)json_object_set_new(item, one_list, json_array());
	}
	if (other_list != NULL) {
		(void)json_object_set_new(item, other_list, json_array());
	}
	(void)json_array_append_new(items, item);
	return item;
}
