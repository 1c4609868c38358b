#include "firmware/core/json.h"

#include "firmware/core/err.h"
#include "firmware/core/utf8.h"

#include <string.h>

static void put(struct lq_json *json, const char *bytes, size_t count)
{
	if (json->overflow || count > json->capacity - json->length) {
		json->overflow = true;
		return;
	}
	memcpy(json->out + json->length, bytes, count);
	json->length += count;
}

static void put_text(struct lq_json *json, const char *text)
{
	put(json, text, strlen(text));
}

struct lq_json lq_json_begin(char *out, size_t capacity)
{
	return (struct lq_json){.out = out, .capacity = capacity};
}

static void put_escape(struct lq_json *json, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
	put(json, escape, sizeof(escape));
}

static void put_quoted(struct lq_json *json, const char *text)
{
	put(json, "\"", 1);
	for (size_t left = strlen(text); left > 0;) {
		uint32_t character = 0;
		size_t length = lq_utf8_decode(text, left, &character);
		if (length == 0) {
			put_text(json, "\xef\xbf\xbd");
			length = 1;
		} else if (character < 0x20 || character == 0x7f) {
			put_escape(json, (unsigned char)character);
		} else {
			if (character == '"' || character == '\\') {
				put(json, "\\", 1);
			}
			put(json, text, length);
		}
		text += length;
		left -= length;
	}
	put(json, "\"", 1);
}

static void put_key(struct lq_json *json, const char *key)
{
	if (json->need_comma) {
		put(json, ",", 1);
	}
	if (key != NULL) {
		put_quoted(json, key);
		put(json, ":", 1);
	}
	json->need_comma = true;
}

void lq_json_open(struct lq_json *json, const char *key)
{
	put_key(json, key);
	put(json, "{", 1);
	json->need_comma = false;
}

void lq_json_close(struct lq_json *json)
{
	put(json, "}", 1);
	json->need_comma = true;
}

void lq_json_text(struct lq_json *json, const char *key, const char *text)
{
	put_key(json, key);
	put_quoted(json, text);
}

void lq_json_number(struct lq_json *json, const char *key, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	put_key(json, key);
	put(json, digits + at, sizeof(digits) - at);
}

void lq_json_bool(struct lq_json *json, const char *key, bool value)
{
	put_key(json, key);
	put_text(json, value ? "true" : "false");
}

void lq_json_hex(struct lq_json *json, const char *key, const uint8_t *bytes, size_t count)
{
	static const char hex[] = "0123456789abcdef";
	put_key(json, key);
	put(json, "\"", 1);
	for (size_t i = 0; i < count; i++) {
		put(json, &hex[bytes[i] >> 4], 1);
		put(json, &hex[bytes[i] & 15], 1);
	}
	put(json, "\"", 1);
}

int lq_json_finish(const struct lq_json *json, size_t *ret_length)
{
	if (json->overflow) {
		return LQ_ERR_FULL;
	}
	*ret_length = json->length;
	return LQ_OK;
}
