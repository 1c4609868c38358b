#include "host/office/body.h"

#include "firmware/core/site.h"
#include "firmware/core/utf8.h"
#include "host/cli/when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE     192u
#define LIMIT_DEFAULT 50
#define LIMIT_MAX     500
#define KEY_SHOWN     64

json_t *lq_json_label(const char *text)
{
	return *text != '\0' ? json_string(text) : json_null();
}

int64_t lq_query_limit(const struct lq_request *request, struct lq_answer *answer)
{
	const char *text = lq_query_value(request->query, "limit");
	if (text == NULL) {
		return LIMIT_DEFAULT;
	}
	size_t digits = strspn(text, "0123456789");
	long value = digits > 0 && digits < 5 && text[digits] == '\0' ? strtol(text, NULL, 10) : 0;
	if (value >= 1 && value <= LIMIT_MAX) {
		return value;
	}
	(void)lq_problem(request, answer, 400, "invalid", "limit",
		"limit: expected a number from 1 to 500", "limit : attendu un nombre de 1 à 500");
	return -1;
}

int lq_query_flag(
	const struct lq_request *request, struct lq_answer *answer, const char *key, bool *ret_flag)
{
	const char *text = lq_query_value(request->query, key);
	char en[64];
	char fr[64];
	bool yes = text != NULL && strcmp(text, "true") == 0;
	if (text == NULL || yes || strcmp(text, "false") == 0) {
		*ret_flag = yes;
		return 0;
	}
	(void)snprintf(en, sizeof(en), "%s: expected true or false", key);
	(void)snprintf(fr, sizeof(fr), "%s : attendu true ou false", key);
	return lq_problem(request, answer, 400, "invalid", key, en, fr);
}

/* ---- one member ---- */

static bool read_text(const struct lq_field *field, const json_t *value, char *out)
{
	bool label = field->type == LQ_FIELD_LABEL;
	if (label && json_is_null(value)) {
		*out = '\0';
		return true;
	}
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);
	if (text == NULL || strlen(text) != length || length >= field->size ||
		(length == 0 && !label) || !lq_utf8_all_printable(text, length)) {
		return false;
	}
	memcpy(out, text, length + 1);
	return true;
}

static bool read_name(const json_t *value, char *out)
{
	const char *text = json_string_value(value);
	if (text == NULL || !lq_is_name(text)) {
		return false;
	}
	(void)snprintf(out, LQ_NAME_SIZE, "%s", text);
	return true;
}

static bool read_word(const struct lq_field *field, const json_t *value, int *out)
{
	const char *text = json_string_value(value);
	for (int i = 0; text != NULL && field->words[i] != NULL; i++) {
		if (strcmp(text, field->words[i]) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool read_number(const struct lq_field *field, const json_t *value, int64_t *out)
{
	json_int_t number = json_integer_value(value);
	if (json_is_null(value)) {
		*out = field->none;
		return !field->never_null;
	}
	if (!json_is_integer(value) || number < field->min || number > field->max) {
		return false;
	}
	*out = number;
	return true;
}

static bool read_time(const struct lq_field *field, const json_t *value, int64_t *out)
{
	if (json_is_null(value)) {
		*out = 0;
		return !field->never_null;
	}
	const char *text = json_string_value(value);
	return text != NULL && lq_when_parse_rfc3339(text, out) == 0 && *out > 0;
}

static bool read_member(const struct lq_field *field, const json_t *value, void *out)
{
	void *place = (char *)out + field->offset;
	switch (field->type) {
	case LQ_FIELD_TEXT:
	case LQ_FIELD_LABEL:
		return read_text(field, value, place);
	case LQ_FIELD_NAME:
		return read_name(value, place);
	case LQ_FIELD_BOOL:
		*(bool *)place = json_is_true(value);
		return json_is_boolean(value);
	case LQ_FIELD_WORD:
		return read_word(field, value, place);
	case LQ_FIELD_NUMBER:
		return read_number(field, value, place);
	case LQ_FIELD_TIME:
		return read_time(field, value, place);
	case LQ_FIELD_JSON:
		*(const json_t **)place = value;
		return true;
	}
	return false;
}

/* ---- what was expected ---- */

struct expected {
	char en[TEXT_SIZE];
	char fr[TEXT_SIZE];
};

static void expect(struct expected *e, const char *en, const char *fr)
{
	(void)snprintf(e->en, sizeof(e->en), "%s", en);
	(void)snprintf(e->fr, sizeof(e->fr), "%s", fr);
}

static void expect_word(struct expected *e, const struct lq_field *field)
{
	size_t length = 0;
	expect(e, "one of", "un de");
	length = strlen(e->en);
	for (int i = 0; field->words[i] != NULL && length < sizeof(e->en); i++) {
		length += (size_t)snprintf(e->en + length, sizeof(e->en) - length, "%s %s",
			i == 0 ? "" : ",", field->words[i]);
	}
	(void)snprintf(e->fr, sizeof(e->fr), "un de%s", e->en + strlen("one of"));
}

static void expect_number(struct expected *e, const struct lq_field *field)
{
	const char *null = field->never_null ? "" : ", or null";
	(void)snprintf(e->en, sizeof(e->en), "a whole number from %lld to %lld%s",
		(long long)field->min, (long long)field->max, null);
	null = field->never_null ? "" : ", ou null";
	(void)snprintf(e->fr, sizeof(e->fr), "un nombre entier de %lld à %lld%s",
		(long long)field->min, (long long)field->max, null);
}

static void expect_time(struct expected *e, const struct lq_field *field)
{
	(void)snprintf(e->en, sizeof(e->en), "a moment like 2026-12-01T08:00:00Z%s",
		field->never_null ? "" : ", or null");
	(void)snprintf(e->fr, sizeof(e->fr), "un moment comme 2026-12-01T08:00:00Z%s",
		field->never_null ? "" : ", ou null");
}

static void expected_of(const struct lq_field *field, struct expected *e)
{
	switch (field->type) {
	case LQ_FIELD_TEXT:
	case LQ_FIELD_LABEL:
		(void)snprintf(e->en, sizeof(e->en), "a text of %s%zu bytes without control signs",
			field->type == LQ_FIELD_TEXT ? "1 to " : "at most ", field->size - 1);
		(void)snprintf(e->fr, sizeof(e->fr), "un texte %s%zu octets sans signe de commande",
			field->type == LQ_FIELD_TEXT ? "de 1 à " : "d’au plus ", field->size - 1);
		break;
	case LQ_FIELD_NAME:
		expect(e, "a name of 1 to 32 of a-z 0-9 _ -", "un nom de 1 à 32 parmi a-z 0-9 _ -");
		break;
	case LQ_FIELD_BOOL:
		expect(e, "true or false", "true ou false");
		break;
	case LQ_FIELD_WORD:
		expect_word(e, field);
		break;
	case LQ_FIELD_NUMBER:
		expect_number(e, field);
		break;
	case LQ_FIELD_TIME:
		expect_time(e, field);
		break;
	case LQ_FIELD_JSON:
		break;
	}
}

static int refuse(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_field *field, const char *pointer)
{
	struct expected e = {0};
	char en[TEXT_SIZE + 32];
	char fr[TEXT_SIZE + 32];
	expected_of(field, &e);
	(void)snprintf(en, sizeof(en), "%s: expected %s", field->key, e.en);
	(void)snprintf(fr, sizeof(fr), "%s : attendu %s", field->key, e.fr);
	return lq_problem(request, answer, 400, "invalid", pointer, en, fr);
}

static const struct lq_field *find(const struct lq_field *fields, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i].key, key) == 0) {
			return &fields[i];
		}
	}
	return NULL;
}

static int read_one(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_field *field, const json_t *value, const char *pointer, void *out)
{
	if (field == NULL) {
		return lq_problem(request, answer, 400, "unknown_member", pointer,
			"there is no such member here", "ce membre n’existe pas ici");
	}
	return read_member(field, value, out) ? 0 : refuse(request, answer, field, pointer);
}

int lq_object_read(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_object *object, void *out, uint32_t *ret_given)
{
	char place[TEXT_SIZE];
	uint32_t given = 0;
	int status = 0;
	if (object->json == NULL && request->text != NULL) {
		return lq_problem(request, answer, 415, "not_json", NULL,
			"expected application/json", "attendu application/json");
	}
	if (!json_is_object(object->json)) {
		return lq_problem(request, answer, 400, "invalid", object->pointer,
			"expected a JSON object", "attendu un objet JSON");
	}
	json_t *copy = json_deep_copy(object->json); /* jansson walks through no constant one */
	for (void *at = json_object_iter(copy); at != NULL && status == 0;
		at = json_object_iter_next(copy, at)) {
		const char *key = json_object_iter_key(at);
		const struct lq_field *field = find(object->fields, object->count, key);
		(void)snprintf(place, sizeof(place), "%s/%.*s", object->pointer,
			(int)lq_utf8_fit(key, KEY_SHOWN), key);
		status = read_one(
			request, answer, field, json_object_get(object->json, key), place, out);
		given |= field != NULL ? UINT32_C(1) << (field - object->fields) : 0;
	}
	json_decref(copy);
	if (status == 0) {
		*ret_given = given;
	}
	return status;
}

int lq_body_read(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_field *fields, size_t count, void *out, uint32_t *ret_given)
{
	const struct lq_object object = {
		.json = request->body, .pointer = "", .fields = fields, .count = count};
	return lq_object_read(request, answer, &object, out, ret_given);
}

int lq_body_need(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_field *fields, size_t count, uint32_t needed, uint32_t given)
{
	for (size_t i = 0; i < count; i++) {
		char pointer[TEXT_SIZE];
		char en[TEXT_SIZE];
		char fr[TEXT_SIZE];
		if ((needed & ~given & UINT32_C(1) << i) == 0) {
			continue;
		}
		(void)snprintf(pointer, sizeof(pointer), "/%s", fields[i].key);
		(void)snprintf(en, sizeof(en), "%s is needed", fields[i].key);
		(void)snprintf(fr, sizeof(fr), "%s est nécessaire", fields[i].key);
		return lq_problem(request, answer, 400, "needed", pointer, en, fr);
	}
	return 0;
}
