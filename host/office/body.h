/* The JSON objects that callers send, read by a table of their members into a struct. */
#ifndef LQ_OFFICE_BODY_H
#define LQ_OFFICE_BODY_H

#include "host/office/api.h"
#include "host/office/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lq_field_type {
	LQ_FIELD_TEXT,   /* char[size]: printable UTF-8, not empty */
	LQ_FIELD_LABEL,  /* the same, or null or empty: "" */
	LQ_FIELD_NAME,   /* char[size]: one of our names, a-z 0-9 _ - */
	LQ_FIELD_BOOL,   /* bool */
	LQ_FIELD_WORD,   /* int: which of `words` */
	LQ_FIELD_NUMBER, /* int64_t: from `min` to `max`, or null: `none` */
	LQ_FIELD_TIME,   /* int64_t: Unix milliseconds of an RFC 3339 moment, or null: 0 */
	LQ_FIELD_JSON,   /* const json_t *: borrowed from the body; the handler reads it */
};

struct lq_field {
	const char *key;
	enum lq_field_type type;
	size_t offset;
	size_t size;
	const char *const *words; /* NULL ends them */
	int64_t min;
	int64_t max;
	int64_t none;
	bool never_null; /* of a NUMBER or TIME */
};

#define LQ_FIELDS_MAX 32u

/* Writes what the body has into `out` and leaves the rest; `ret_given` gets a bit for each field
 * that it has. 0, or the status of the problem that it has put into `answer`: not an object, a
 * member that is not in the table, or one that cannot be. */
int lq_body_read(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_field *fields, size_t count, void *out, uint32_t *ret_given);

/* An object that lies in the body at `pointer` (RFC 6901), and its members. */
struct lq_object {
	const json_t *json;
	const char *pointer;
	const struct lq_field *fields;
	size_t count;
};

/* As lq_body_read(). */
int lq_object_read(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_object *object, void *out, uint32_t *ret_given);

/* 400 "needed" for the first field of `needed` that is not among those given; or 0. */
int lq_body_need(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_field *fields, size_t count, uint32_t needed, uint32_t given);

/* RFC 3339 in UTC; null for 0. */
json_t *lq_json_time(int64_t unix_ms);

/* null for "". */
json_t *lq_json_label(const char *text);

/* ?key=true or false; without it false. 0, or the status of the problem. */
int lq_query_flag(const struct lq_request *request, struct lq_answer *answer, const char *key,
	bool *ret_flag);

/* ?limit= of a list, 1 to 500; without one 50. -1: 400 is in `answer`. */
int64_t lq_query_limit(const struct lq_request *request, struct lq_answer *answer);

#endif
