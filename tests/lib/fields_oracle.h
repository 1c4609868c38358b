/* What lq_fields_read() must agree with: the JSON library. */
#ifndef LQ_TESTS_FIELDS_ORACLE_H
#define LQ_TESTS_FIELDS_ORACLE_H

#include "host/office/event_fields.h"

#include <string.h>

static inline bool fields_oracle_object(
	const struct lq_fields *fields, enum lq_part part, json_t *object)
{
	const char *key = NULL;
	json_t *value = NULL;
	size_t members = 0;
	json_object_foreach(object, key, value)
	{
		const char *text = json_string_value(value);
		if (strcmp(lq_fields_text(fields, part, key), text != NULL ? text : "") != 0 ||
			lq_fields_integer(fields, part, key) != json_integer_value(value)) {
			return false;
		}
	}
	for (size_t i = 0; i < fields->count; i++) {
		members += fields->fields[i].part == part ? 1 : 0;
	}
	return fields->json != NULL || members == json_object_size(object);
}

/* Both read the same object, or neither reads one. */
static inline bool fields_oracle_agrees(const char *body, size_t length)
{
	struct lq_fields fields;
	json_t *root = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
	bool read = lq_fields_read(&fields, body, length);
	bool same = read == json_is_object(root);
	if (read && same) {
		json_t *data = json_object_get(root, "data");
		same = fields_oracle_object(&fields, LQ_PART_ENVELOPE, root) &&
		       (!json_is_object(data) || fields_oracle_object(&fields, LQ_PART_DATA, data));
	}
	lq_fields_end(&fields);
	json_decref(root);
	return same;
}

#endif
