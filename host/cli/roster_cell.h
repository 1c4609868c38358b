/* The cells of firmware/store/roster_row.h as people and other systems write them. Pure; any
 * thread. */
#ifndef LQ_CLI_ROSTER_CELL_H
#define LQ_CLI_ROSTER_CELL_H

#include "firmware/store/roster_row.h"

#define LQ_CELL_TEXT_SIZE LQ_MEMBER_NAME_SIZE

/* What a row says in a column, empty where it says nothing. */
void lq_cell_format(const struct lq_roster_column *column, const struct lq_roster_row *row,
	char ret_text[LQ_CELL_TEXT_SIZE]);

/* Puts `text` into column `number` of the table and marks it as given, unless it is empty and no
 * more than a missing key. Moments without a zone are in that of the process. LQ_ERR_INVALID;
 * LQ_ERR_NOT_FOUND for a local time that the clock skips. */
int lq_cell_parse(const struct lq_roster_table *table, size_t number, const char *text,
	struct lq_roster_row *row);

/* A spreadsheet computes a cell that begins like a formula. Such a text, or one that begins with an
 * apostrophe, gets one in front when it is written; lq_cell_unguard() skips it. */
bool lq_text_needs_guard(const char *text);
bool lq_cell_needs_guard(const struct lq_roster_column *column, const char *text);
const char *lq_cell_unguard(const char *text);

#endif
