/* Writes JSON into the caller's buffer. Pure; the writer belongs to one thread.
 * On overflow nothing more is written and lq_json_finish() says so. */
#ifndef LQ_CORE_JSON_H
#define LQ_CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lq_json {
	char *out;
	size_t capacity;
	size_t length;
	bool overflow;
	bool need_comma;
};

struct lq_json lq_json_begin(char *out, size_t capacity);

/* Objects may nest; `key` is NULL inside nothing (the outermost object). */
void lq_json_open(struct lq_json *json, const char *key);
void lq_json_close(struct lq_json *json);

/* Text is escaped; bytes that are not valid UTF-8 become U+FFFD. */
void lq_json_text(struct lq_json *json, const char *key, const char *text);
void lq_json_number(struct lq_json *json, const char *key, uint64_t value);
void lq_json_bool(struct lq_json *json, const char *key, bool value);
/* Lower-case hexadecimal. */
void lq_json_hex(struct lq_json *json, const char *key, const uint8_t *bytes, size_t count);

/* Bytes written (no terminator), or LQ_ERR_FULL. */
int lq_json_finish(const struct lq_json *json, size_t *ret_length);

#endif
