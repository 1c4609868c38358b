#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "host/office/api_access.h"
#include "host/office/body.h"
#include "host/office/office.h"
#include "host/office/settings.h"
#include "host/office/space_rules.h"
#include "host/office/visits.h"

#include <stdio.h>
#include <string.h>

#define KEY_SHOWN 64

static json_t *value_json(struct lq_db *db, enum lq_setting setting)
{
	char text[LQ_SETTING_SIZE];
	switch (lq_setting_rows[setting].type) {
	case LQ_SETTING_NUMBER:
		return json_integer(lq_setting_integer(db, setting));
	case LQ_SETTING_BOOL:
		return json_boolean(lq_setting_integer(db, setting) != 0);
	case LQ_SETTING_TEXT:
	case LQ_SETTING_WORD:
		break;
	}
	lq_setting_text(db, setting, text);
	return json_string(text);
}

static int get_settings(const struct lq_request *request, struct lq_answer *answer)
{
	answer->json = json_object();
	for (int i = 0; i < LQ_SETTINGS; i++) {
		(void)json_object_set_new(answer->json, lq_setting_rows[i].key,
			value_json(request->db, (enum lq_setting)i));
	}
	return 0;
}

/* The value as it is kept; false when it cannot be one. */
static bool read_value(
	const struct lq_setting_row *row, const json_t *value, char ret_text[LQ_SETTING_SIZE])
{
	const char *text = json_string_value(value);
	switch (row->type) {
	case LQ_SETTING_NUMBER:
		(void)snprintf(ret_text, LQ_SETTING_SIZE, "%" JSON_INTEGER_FORMAT,
			json_integer_value(value));
		return json_is_integer(value) && json_integer_value(value) >= row->minimum &&
		       json_integer_value(value) <= row->maximum;
	case LQ_SETTING_BOOL:
		(void)snprintf(ret_text, LQ_SETTING_SIZE, "%d", json_is_true(value));
		return json_is_boolean(value);
	case LQ_SETTING_WORD:
		(void)snprintf(ret_text, LQ_SETTING_SIZE, "%s", text != NULL ? text : "");
		return text != NULL && lq_setting_word(row, text) >= 0;
	case LQ_SETTING_TEXT:
		break;
	}
	(void)snprintf(ret_text, LQ_SETTING_SIZE, "%s", text != NULL ? text : "");
	return text != NULL && strlen(text) <= (size_t)row->maximum &&
	       lq_utf8_all_printable(text, strlen(text));
}

static int refuse(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_setting_row *row)
{
	char pointer[48];
	char en[160] = "expected true or false";
	char fr[160] = "attendu vrai ou faux";
	(void)snprintf(pointer, sizeof(pointer), "/%s", row->key);
	if (row->type == LQ_SETTING_NUMBER) {
		(void)snprintf(en, sizeof(en), "expected a number from %lld to %lld",
			(long long)row->minimum, (long long)row->maximum);
		(void)snprintf(fr, sizeof(fr), "attendu un nombre de %lld à %lld",
			(long long)row->minimum, (long long)row->maximum);
	} else if (row->type == LQ_SETTING_WORD) {
		(void)snprintf(en, sizeof(en), "expected one of %s", row->fallback);
		(void)snprintf(fr, sizeof(fr), "attendu l’un de %s", row->fallback);
	} else if (row->type == LQ_SETTING_TEXT) {
		(void)snprintf(en, sizeof(en), "expected a text of at most %lld bytes",
			(long long)row->maximum);
		(void)snprintf(fr, sizeof(fr), "attendu un texte d’au plus %lld octets",
			(long long)row->maximum);
	}
	return lq_problem(request, answer, 400, "invalid", pointer, en, fr);
}

/* What is made of the rules already. */
static int apply(struct lq_db *db, enum lq_setting setting)
{
	const struct lq_space_rules rules = lq_space_rules_load(db);
	if (setting == LQ_SETTING_HALF_DAY_AT) {
		return lq_visits_divide(db, &rules.visits);
	}
	bool joins = setting == LQ_SETTING_SECOND_TAP_ENDS || setting == LQ_SETTING_REJOIN_MIN;
	return joins ? lq_visits_remake(db, &rules.visits) : LQ_OK;
}

static int change(const struct lq_request *request, struct lq_answer *answer, const char *key,
	const json_t *value)
{
	char text[LQ_SETTING_SIZE];
	char object[KEY_SHOWN + 16];
	int setting = 0;
	while (setting < LQ_SETTINGS && strcmp(lq_setting_rows[setting].key, key) != 0) {
		setting++;
	}
	if (setting == LQ_SETTINGS) {
		(void)snprintf(
			object, sizeof(object), "/%.*s", (int)lq_utf8_fit(key, KEY_SHOWN), key);
		return lq_problem(request, answer, 400, "unknown_member", object,
			"there is no such setting", "ce réglage n’existe pas");
	}
	if (!read_value(&lq_setting_rows[setting], value, text)) {
		return refuse(request, answer, &lq_setting_rows[setting]);
	}
	(void)snprintf(object, sizeof(object), "setting/%s", key);
	int r = lq_setting_write(request->db, (enum lq_setting)setting, text);
	r = r == LQ_OK ? apply(request->db, (enum lq_setting)setting) : r;
	r = r == LQ_OK ? lq_audit(request, "setting.change", object, text) : r;
	return r == LQ_OK ? 0 : lq_problem_db(request, answer, r);
}

/* To warn where nobody may come in any more is no warning. A lower limit by law stands all the
 * same, for the law asks nobody. */
static int check_capacity(const struct lq_request *request, struct lq_answer *answer)
{
	int64_t legal = lq_setting_integer(request->db, LQ_SETTING_CAPACITY_LEGAL);
	int64_t soft = lq_setting_integer(request->db, LQ_SETTING_CAPACITY_SOFT);
	if (legal == 0 || soft <= legal || json_object_get(request->body, "capacitySoft") == NULL) {
		return 0;
	}
	return lq_problem(request, answer, 400, "invalid", "/capacitySoft",
		"capacitySoft: expected no more than capacityLegal",
		"capacitySoft : attendu au plus capacityLegal");
}

static int patch_settings(const struct lq_request *request, struct lq_answer *answer)
{
	int status = 0;
	uint32_t given = 0;
	if (!json_is_object(request->body)) { /* it has no member, and is refused as others are */
		return lq_body_read(request, answer, NULL, 0, NULL, &given);
	}
	json_t *copy = json_deep_copy(request->body); /* jansson walks through no constant one */
	for (void *at = json_object_iter(copy); at != NULL && status == 0;
		at = json_object_iter_next(copy, at)) {
		status = change(
			request, answer, json_object_iter_key(at), json_object_iter_value(at));
	}
	json_decref(copy);
	status = status == 0 ? check_capacity(request, answer) : status;
	if (status != 0) {
		return status;
	}
	struct lq_office *office = request->office;
	if (office != NULL) {
		office->rules_changed = true;
	}
	lq_announce(request, "settings");
	lq_announce(request, "now");
	lq_announce(request, "visits");
	return get_settings(request, answer);
}

const struct lq_route lq_routes_settings[] = {
	{"GET", "/settings", LQ_SCOPE_SETTINGS, get_settings},
	{"PATCH", "/settings", LQ_SCOPE_SETTINGS, patch_settings},
};

const size_t lq_routes_settings_count = sizeof(lq_routes_settings) / sizeof(lq_routes_settings[0]);
