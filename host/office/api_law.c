#include "host/office/api_law.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/law.h"
#include "host/office/law_csv.h"
#include "host/office/law_page.h"
#include "host/office/office.h"
#include "host/office/page_language.h"
#include "host/office/people.h"
#include "host/office/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define OBJECT_SIZE 32u

const struct lq_route lq_routes_law[] = {
	{"GET", "/api/v1/people/{person}/export", LQ_SCOPE_HISTORY, lq_api_person_export},
	{"GET", "/api/v1/people/{person}/export.csv", LQ_SCOPE_HISTORY, lq_api_person_csv},
	{"GET", "/api/v1/people/{person}/export.html", LQ_SCOPE_HISTORY, lq_api_person_page},
	{"DELETE", "/api/v1/people/{person}", LQ_SCOPE_PEOPLE, lq_api_person_erase},
};

const size_t lq_routes_law_count = sizeof(lq_routes_law) / sizeof(lq_routes_law[0]);

static int nobody(const struct lq_request *request, struct lq_answer *answer)
{
	return lq_problem(request, answer, 404, "not_found", NULL, "there is nobody of that number",
		"personne n’a ce numéro");
}

/* Reads what is kept of whom the path names, and notes it. 0, or the status of a problem. */
static int read_person(const struct lq_request *request, struct lq_answer *answer,
	struct lq_somebody *ret_who, json_t **ret_tables)
{
	struct lq_somebody who = {.holder = lq_parse_id(request->parameters[0], 'p')};
	struct lq_person person;
	char object[OBJECT_SIZE];
	json_t *tables = NULL;
	int r = who.holder > 0 ? lq_person_get(request->db, who.holder, &person) : LQ_ERR_NOT_FOUND;
	if (r == LQ_ERR_NOT_FOUND) {
		return nobody(request, answer);
	}
	(void)snprintf(object, sizeof(object), "person/%" PRId64, who.holder);
	r = r == LQ_OK ? lq_law_export(request->db, &who, &tables) : r;
	r = r == LQ_OK ? lq_audit(request, "person.export", object, "") : r;
	if (r != LQ_OK) {
		json_decref(tables);
		return lq_problem_db(request, answer, r);
	}
	*ret_who = who;
	*ret_tables = tables;
	return 0;
}

int lq_api_person_export(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_somebody who = {.holder = 0};
	json_t *tables = NULL;
	int status = read_person(request, answer, &who, &tables);
	if (status != 0) {
		return status;
	}
	answer->json = json_pack("{s:s, s:o, s:o}", "person", request->parameters[0], "at",
		lq_json_time(request->now_ms), "tables", tables);
	(void)snprintf(
		answer->filename, sizeof(answer->filename), "person-%" PRId64 ".json", who.holder);
	return answer->status = 200;
}

int lq_api_person_csv(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_somebody who = {.holder = 0};
	json_t *tables = NULL;
	int status = read_person(request, answer, &who, &tables);
	if (status != 0) {
		return status;
	}
	answer->text = lq_law_csv(tables, &answer->text_length);
	json_decref(tables);
	if (answer->text == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	answer->type = "text/csv; charset=utf-8";
	(void)snprintf(
		answer->filename, sizeof(answer->filename), "person-%" PRId64 ".csv", who.holder);
	return answer->status = 200;
}

int lq_api_person_page(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_somebody who = {.holder = 0};
	enum lq_language language = request->language;
	char title[LQ_SETTING_SIZE];
	json_t *tables = NULL;
	int status = lq_page_language(request, answer, &language);
	status = status == 0 ? read_person(request, answer, &who, &tables) : status;
	if (status != 0) {
		return status;
	}
	lq_setting_text(request->db, LQ_SETTING_TITLE, title);
	const struct lq_law_page page = {
		.space = *title != '\0' ? title : request->config->space,
		.time_zone = request->config->time_zone,
		.person = request->parameters[0],
		.at_ms = request->now_ms,
		.tables = tables,
	};
	answer->text = lq_law_page(&page, language);
	json_decref(tables);
	if (answer->text == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	answer->text_length = strlen(answer->text);
	answer->type = "text/html; charset=utf-8";
	return answer->status = 200;
}

int lq_api_person_erase(const struct lq_request *request, struct lq_answer *answer)
{
	int64_t number = lq_parse_id(request->parameters[0], 'p');
	char object[OBJECT_SIZE];
	int r = number > 0 ? lq_law_erase(request->db, number, request->now_ms) : LQ_ERR_NOT_FOUND;
	if (r == LQ_ERR_NOT_FOUND) {
		return nobody(request, answer);
	}
	(void)snprintf(object, sizeof(object), "person/%" PRId64, number);
	r = r == LQ_OK ? lq_roster_due_person(request->db, number) : r;
	r = r == LQ_OK ? lq_audit(request, "person.erase", object, "") : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	lq_announce(request, "people");
	lq_announce(request, "now");
	if (request->office != NULL) {
		struct lq_office *office = request->office;
		office->forgets = true;
	}
	return answer->status = 204;
}
