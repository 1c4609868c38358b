/* The members of an event's JSON object, of its `data`, and of an object in that. Pure but for the
 * heap; any thread. */
#ifndef LQ_OFFICE_EVENT_FIELDS_H
#define LQ_OFFICE_EVENT_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_FIELDS_BODY_MAX 1024u
#define LQ_FIELDS_MAX      48u

enum lq_part { LQ_PART_ENVELOPE, LQ_PART_DATA, LQ_PART_DEEPER };

/* Text that is written as controllers write it, without escapes, lists or deeper objects, is read
 * where it stands; anything else is the JSON library's. Large: not for the stack of a deep call. */
struct lq_fields {
	json_t *json; /* NULL: the members stand below */
	size_t count;
	struct lq_event_member {
		enum lq_part part;
		const char *key;
		const char *text; /* NULL: it is no text */
		int64_t integer;  /* 0: it is none */
		bool is_true;
		size_t key_length;
	} fields[LQ_FIELDS_MAX];
	char body[LQ_FIELDS_BODY_MAX + 1];
};

/* False when it is not one JSON object, or one that has a member twice. Afterwards, in either case,
 * lq_fields_end(). */
bool lq_fields_read(struct lq_fields *fields, const char *body, size_t length);

void lq_fields_end(struct lq_fields *fields);

/* Of the envelope or of `data`: "" where there is no text of that name. Stands until the end. */
const char *lq_fields_text(const struct lq_fields *fields, enum lq_part part, const char *key);

bool lq_fields_true(const struct lq_fields *fields, enum lq_part part, const char *key);

/* 0 where there is no whole number of that name. */
int64_t lq_fields_integer(const struct lq_fields *fields, enum lq_part part, const char *key);

#endif
