/* The space's settings: the rows of settings.def, and what was changed of them. */
#ifndef LQ_OFFICE_SETTINGS_H
#define LQ_OFFICE_SETTINGS_H

#include "host/office/db.h"

enum lq_setting {
#define SETTING(id, key, type, minimum, maximum, fallback) LQ_SETTING_##id,
#include "host/office/settings.def"
#undef SETTING
	LQ_SETTINGS
};

enum lq_setting_type { LQ_SETTING_TEXT, LQ_SETTING_NUMBER, LQ_SETTING_BOOL, LQ_SETTING_WORD };

#define LQ_SETTING_SIZE 256u

struct lq_setting_row {
	const char *key;
	enum lq_setting_type type;
	int64_t minimum;
	int64_t maximum;
	const char *fallback;
};

extern const struct lq_setting_row lq_setting_rows[LQ_SETTINGS];

/* A NUMBER, a BOOL (0 or 1), or which word a WORD is. Its default where the database does not
 * answer, which the next change finds out. */
int64_t lq_setting_integer(struct lq_db *db, enum lq_setting setting);

/* A TEXT, or the word itself. */
void lq_setting_text(struct lq_db *db, enum lq_setting setting, char ret_text[LQ_SETTING_SIZE]);

/* The value as it is kept: a number in digits, a BOOL as 0 or 1, a word or text as it is. LQ_OK or
 * an error of the database. */
int lq_setting_write(struct lq_db *db, enum lq_setting setting, const char *value);

/* Which of the row's words it is, -1: none. */
int lq_setting_word(const struct lq_setting_row *row, const char *word);

#endif
