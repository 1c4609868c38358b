#include "host/office/settings.h"

#include "firmware/core/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct lq_setting_row lq_setting_rows[LQ_SETTINGS] = {
#define SETTING(id, key, type, minimum, maximum, fallback)                                         \
	[LQ_SETTING_##id] = {key, LQ_SETTING_##type, minimum, maximum, fallback},
#include "host/office/settings.def"
#undef SETTING
};

int lq_setting_word(const struct lq_setting_row *row, const char *word)
{
	int which = 0;
	for (const char *at = row->fallback; *at != '\0'; which++) {
		size_t length = strcspn(at, "|");
		if (strlen(word) == length && memcmp(at, word, length) == 0) {
			return which;
		}
		at += length + (at[length] == '|' ? 1 : 0);
	}
	return -1;
}

void lq_setting_text(struct lq_db *db, enum lq_setting setting, char ret_text[LQ_SETTING_SIZE])
{
	const struct lq_setting_row *row = &lq_setting_rows[setting];
	struct lq_rows *rows = NULL;
	size_t length =
		row->type == LQ_SETTING_WORD ? strcspn(row->fallback, "|") : strlen(row->fallback);
	(void)snprintf(ret_text, LQ_SETTING_SIZE, "%.*s", (int)length, row->fallback);
	if (lq_db_query(db, &rows, "SELECT value FROM setting WHERE name = ?1", "t", row->key) !=
		LQ_OK) {
		return;
	}
	if (lq_rows_next(rows) == 1) {
		(void)snprintf(ret_text, LQ_SETTING_SIZE, "%s", lq_rows_text(rows, 0));
	}
	lq_rows_end(rows);
}

int64_t lq_setting_integer(struct lq_db *db, enum lq_setting setting)
{
	const struct lq_setting_row *row = &lq_setting_rows[setting];
	char text[LQ_SETTING_SIZE];
	lq_setting_text(db, setting, text);
	if (row->type == LQ_SETTING_WORD) {
		int which = lq_setting_word(row, text);
		return which >= 0 ? which : 0;
	}
	return strtoll(text, NULL, 10);
}

int lq_setting_write(struct lq_db *db, enum lq_setting setting, const char *value)
{
	int64_t r = lq_db_run(db,
		"INSERT INTO setting (name, value) VALUES (?1, ?2) "
		"ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		"tt", lq_setting_rows[setting].key, value);
	return r < 0 ? (int)r : LQ_OK;
}
