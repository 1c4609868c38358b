#include "firmware/link/cursor.h"

#include "firmware/core/err.h"
#include "firmware/link/state_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEAD "loquet-link 1 "

size_t lq_cursor_format(const struct lq_cursor *cursor, char ret_text[LQ_CURSOR_TEXT_MAX])
{
	int length = snprintf(ret_text, LQ_CURSOR_TEXT_MAX, HEAD "%" PRIu64 " ", cursor->seq);
	size_t at = (size_t)length;
	for (size_t i = 0; i < LQ_HASH_SIZE; i++) {
		(void)snprintf(ret_text + at, LQ_CURSOR_TEXT_MAX - at, "%02x", cursor->hash[i]);
		at += 2;
	}
	ret_text[at++] = '\n';
	return at;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads what it can and leaves the judgement to the comparison with the canonical text. */
int lq_cursor_parse(const char *text, size_t length, struct lq_cursor *ret_cursor)
{
	struct lq_cursor cursor = {0};
	char canonical[LQ_CURSOR_TEXT_MAX];
	size_t at = sizeof(HEAD) - 1;
	if (length > LQ_CURSOR_TEXT_MAX) {
		return LQ_ERR_CORRUPT;
	}
	for (; at < length && text[at] >= '0' && text[at] <= '9'; at++) {
		cursor.seq = cursor.seq * 10 + (uint64_t)(text[at] - '0');
	}
	for (size_t i = 0; i < LQ_HASH_SIZE && at + 2 * i + 2 < length; i++) {
		int high = hex_digit(text[at + 2 * i + 1]);
		int low = hex_digit(text[at + 2 * i + 2]);
		if (high < 0 || low < 0) {
			return LQ_ERR_CORRUPT;
		}
		cursor.hash[i] = (uint8_t)(high * 16 + low);
	}
	if (lq_cursor_format(&cursor, canonical) != length ||
		memcmp(canonical, text, length) != 0) {
		return LQ_ERR_CORRUPT;
	}
	*ret_cursor = cursor;
	return LQ_OK;
}

int lq_cursor_load(const char *folder, struct lq_cursor *ret_cursor)
{
	char text[LQ_CURSOR_TEXT_MAX + 1];
	ssize_t length = lq_state_load(folder, LQ_CURSOR_FILE, text, sizeof(text));
	return length < 0 ? (int)length : lq_cursor_parse(text, (size_t)length, ret_cursor);
}

int lq_cursor_save(const char *folder, const struct lq_cursor *cursor)
{
	char text[LQ_CURSOR_TEXT_MAX];
	size_t length = lq_cursor_format(cursor, text);
	return lq_state_save(folder, LQ_CURSOR_FILE, text, length);
}

int lq_cursor_set_aside(const char *folder)
{
	char path[LQ_STATE_PATH_SIZE];
	char aside[LQ_STATE_PATH_SIZE];
	if (lq_state_path(folder, LQ_CURSOR_FILE, "", path) != LQ_OK ||
		lq_state_path(folder, LQ_CURSOR_FILE, ".aside", aside) != LQ_OK) {
		return LQ_ERR_IO;
	}
	return rename(path, aside) == 0 ? LQ_OK : LQ_ERR_IO;
}
