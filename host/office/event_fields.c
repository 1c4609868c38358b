#include "host/office/event_fields.h"

#include <string.h>

#define DIGITS_MAX 18 /* of a number that is an int64_t whatever it is */

/* ---- read where it stands ---- */

/* `at` stays in the text, for a zero byte ends it. False: not as controllers write it. */
struct scan {
	char *at;
	struct lq_fields *fields;
};

static void skip_space(struct scan *scan)
{
	while (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t' || *scan->at == '\r') {
		scan->at++;
	}
}

static bool take(struct scan *scan, char c)
{
	skip_space(scan);
	bool there = *scan->at == c;
	scan->at += there ? 1 : 0;
	return there;
}

static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/* Behind its first quote; the last one becomes the end of the text. */
static bool take_text(struct scan *scan, const char **ret_text, size_t *ret_length)
{
	char *begin = scan->at;
	char *end = begin;
	while (is_plain(*end)) {
		end++;
	}
	if (*end != '"') {
		return false;
	}
	*end = '\0';
	scan->at = end + 1;
	*ret_text = begin;
	*ret_length = (size_t)(end - begin);
	return true;
}

static bool take_integer(struct scan *scan, int64_t *ret_integer)
{
	bool negative = *scan->at == '-';
	const char *begin = scan->at + (negative ? 1 : 0);
	const char *end = begin;
	int64_t value = 0;
	while (*end >= '0' && *end <= '9' && end - begin < DIGITS_MAX) {
		value = value * 10 + (*end++ - '0');
	}
	if (end == begin || (*begin == '0' && end - begin > 1) ||
		strchr(",} \n\t\r", *end) == NULL) {
		return false;
	}
	scan->at += end - scan->at;
	*ret_integer = negative ? -value : value;
	return true;
}

static bool take_word(struct scan *scan, bool *ret_true)
{
	static const char *const words[] = {"true", "false", "null"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i]);
		if (strncmp(scan->at, words[i], length) == 0) {
			scan->at += length;
			*ret_true = i == 0;
			return true;
		}
	}
	return false;
}

static bool is_known(const struct lq_fields *fields, const struct lq_event_member *field)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct lq_event_member *other = &fields->fields[i];
		if (other->key_length == field->key_length && other->part == field->part &&
			memcmp(other->key, field->key, field->key_length) == 0) {
			return true;
		}
	}
	return false;
}

static bool take_members(struct scan *scan, enum lq_part part);

static bool take_object(struct scan *scan, const struct lq_event_member *field)
{
	switch (field->part) {
	case LQ_PART_ENVELOPE:
		return strcmp(field->key, "data") == 0 && take_members(scan, LQ_PART_DATA);
	case LQ_PART_DATA:
		return take_members(scan, LQ_PART_DEEPER);
	case LQ_PART_DEEPER:
		return false;
	}
	return false;
}

static bool take_value(struct scan *scan, struct lq_event_member *field)
{
	size_t length = 0;
	skip_space(scan);
	switch (*scan->at) {
	case '"':
		scan->at++;
		return take_text(scan, &field->text, &length);
	case '{':
		scan->at++;
		return take_object(scan, field);
	case 't':
	case 'f':
	case 'n':
		return take_word(scan, &field->is_true);
	default:
		return take_integer(scan, &field->integer);
	}
}

static bool take_member(struct scan *scan, enum lq_part part)
{
	struct lq_fields *fields = scan->fields;
	struct lq_event_member field = {.part = part};
	if (fields->count == LQ_FIELDS_MAX || !take(scan, '"') ||
		!take_text(scan, &field.key, &field.key_length) || !take(scan, ':') ||
		is_known(fields, &field)) {
		return false;
	}
	struct lq_event_member *kept = &fields->fields[fields->count++];
	*kept = field;
	return take_value(scan, kept);
}

/* Behind the first brace, to behind the last one. */
static bool take_members(struct scan *scan, enum lq_part part)
{
	if (take(scan, '}')) {
		return true;
	}
	do {
		if (!take_member(scan, part)) {
			return false;
		}
	} while (take(scan, ','));
	return take(scan, '}');
}

static bool read_in_place(struct lq_fields *fields, const char *body, size_t length)
{
	struct scan scan = {.at = fields->body, .fields = fields};
	if (length > LQ_FIELDS_BODY_MAX) {
		return false;
	}
	memcpy(fields->body, body, length);
	fields->body[length] = '\0';
	if (!take(&scan, '{') || !take_members(&scan, LQ_PART_ENVELOPE)) {
		return false;
	}
	skip_space(&scan);
	return scan.at == fields->body + length;
}

/* ---- either way ---- */

bool lq_fields_read(struct lq_fields *fields, const char *body, size_t length)
{
	fields->json = NULL;
	fields->count = 0;
	if (read_in_place(fields, body, length)) {
		return true;
	}
	fields->json = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
	return json_is_object(fields->json);
}

void lq_fields_end(struct lq_fields *fields)
{
	json_decref(fields->json);
	fields->json = NULL;
}

static const struct lq_event_member *find(
	const struct lq_fields *fields, enum lq_part part, const char *key)
{
	size_t length = strlen(key);
	for (size_t i = 0; i < fields->count; i++) {
		const struct lq_event_member *field = &fields->fields[i];
		if (field->key_length == length && field->part == part &&
			memcmp(field->key, key, length) == 0) {
			return field;
		}
	}
	return NULL;
}

static const json_t *find_json(const struct lq_fields *fields, enum lq_part part, const char *key)
{
	const json_t *data = json_object_get(fields->json, "data");
	switch (part) {
	case LQ_PART_ENVELOPE:
		return json_object_get(fields->json, key);
	case LQ_PART_DATA:
		return json_object_get(data, key);
	case LQ_PART_DEEPER:
		return NULL;
	}
	return NULL;
}

const char *lq_fields_text(const struct lq_fields *fields, enum lq_part part, const char *key)
{
	const char *text = NULL;
	if (fields->json != NULL) {
		text = json_string_value(find_json(fields, part, key));
	} else {
		const struct lq_event_member *field = find(fields, part, key);
		text = field != NULL ? field->text : NULL;
	}
	return text != NULL ? text : "";
}

bool lq_fields_true(const struct lq_fields *fields, enum lq_part part, const char *key)
{
	if (fields->json != NULL) {
		return json_is_true(find_json(fields, part, key));
	}
	const struct lq_event_member *field = find(fields, part, key);
	return field != NULL && field->is_true;
}

int64_t lq_fields_integer(const struct lq_fields *fields, enum lq_part part, const char *key)
{
	if (fields->json != NULL) {
		return json_integer_value(find_json(fields, part, key));
	}
	const struct lq_event_member *field = find(fields, part, key);
	return field != NULL ? field->integer : 0;
}
