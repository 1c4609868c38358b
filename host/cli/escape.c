#include "host/cli/escape.h"

#include "firmware/core/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Longest replacement: "\\u{10ffff}" for a character, "\\xNN" for a byte. */
#define REPLACEMENT_MAX sizeof("\\u{10ffff}")

static size_t decode(const char *text, uint32_t *ret_character)
{
	return lq_utf8_decode(text, strnlen(text, 4), ret_character);
}

static size_t put_character(char *out, const char *at, size_t length, uint32_t character)
{
	if (length == 0 || character < 0x20 || character == 0x7f) {
		return (size_t)snprintf(out, REPLACEMENT_MAX, "\\x%02x", (unsigned char)*at);
	}
	if (!lq_utf8_printable(character)) {
		return (size_t)snprintf(out, REPLACEMENT_MAX, "\\u{%04x}", character);
	}
	memcpy(out, at, length);
	return length;
}

char *lq_escape(const char *text)
{
	char *out = malloc(strlen(text) * (REPLACEMENT_MAX - 1) + REPLACEMENT_MAX);
	if (out == NULL) {
		return NULL;
	}
	size_t used = 0;
	for (const char *at = text; *at != '\0';) {
		uint32_t character = 0;
		size_t length = decode(at, &character);
		used += put_character(out + used, at, length, character);
		at += length == 0 ? 1 : length;
	}
	out[used] = '\0';
	return out;
}

void lq_escape_print(FILE *out, const char *text)
{
	char *escaped = lq_escape(text);
	(void)fputs(escaped != NULL ? escaped : "?", out);
	free(escaped);
}

char *lq_escape_utf8(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *out = malloc(strlen(text) * (sizeof(replacement) - 1) + 1);
	if (out == NULL) {
		return NULL;
	}
	size_t used = 0;
	for (const char *at = text; *at != '\0';) {
		uint32_t character = 0;
		size_t length = decode(at, &character);
		const char *from = length == 0 ? replacement : at;
		size_t count = length == 0 ? sizeof(replacement) - 1 : length;
		memcpy(out + used, from, count);
		used += count;
		at += length == 0 ? 1 : length;
	}
	out[used] = '\0';
	return out;
}

size_t lq_escape_width(const char *text)
{
	size_t width = 0;
	for (const char *at = text; *at != '\0';) {
		uint32_t character = 0;
		size_t length = decode(at, &character);
		int columns = length == 0 ? 1 : wcwidth((wchar_t)character);
		width += columns < 0 ? 1 : (size_t)columns;
		at += length == 0 ? 1 : length;
	}
	return width;
}
