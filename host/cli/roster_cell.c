#include "host/cli/roster_cell.h"

#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "host/cli/when.h"
#include "host/cli/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const yes_words[] = {"yes", "oui", "true", "vrai", "1"};
static const char *const no_words[] = {"no", "non", "false", "faux", "0"};

/* ---- writing ---- */

static uint32_t number_of(const struct lq_roster_column *column, const struct lq_roster_row *row)
{
	uint32_t number = 0;
	memcpy(&number, (const char *)row + column->offset, sizeof(number));
	return number;
}

/* Empty where there is no bound. */
static void format_bound(uint32_t unix_s, char *ret_text)
{
	if (unix_s != 0 && unix_s != LQ_VALID_FOREVER) {
		lq_wall_rfc3339((int64_t)unix_s * 1000, ret_text);
	}
}

void lq_cell_format(const struct lq_roster_column *column, const struct lq_roster_row *row,
	char ret_text[LQ_CELL_TEXT_SIZE])
{
	const char *cell = (const char *)row + column->offset;
	ret_text[0] = '\0';
	switch (column->type) {
	case LQ_CELL_ID:
		if (number_of(column, row) != 0) {
			(void)snprintf(ret_text, LQ_CELL_TEXT_SIZE, "%c%" PRIu32, column->letter,
				number_of(column, row));
		}
		return;
	case LQ_CELL_TEXT:
	case LQ_CELL_LABEL:
	case LQ_CELL_WORD:
		(void)snprintf(ret_text, LQ_CELL_TEXT_SIZE, "%s", cell);
		return;
	case LQ_CELL_BOOL:
		(void)snprintf(ret_text, LQ_CELL_TEXT_SIZE, "%s", *cell ? "yes" : "no");
		return;
	case LQ_CELL_STATE:
		(void)snprintf(ret_text, LQ_CELL_TEXT_SIZE, "%s",
			lq_credential_state_text((enum lq_credential_state)(uint8_t)*cell));
		return;
	case LQ_CELL_FROM:
	case LQ_CELL_TO:
		format_bound(number_of(column, row), ret_text);
		return;
	case LQ_CELL_USES:
		if (number_of(column, row) != LQ_USES_ANY) {
			(void)snprintf(
				ret_text, LQ_CELL_TEXT_SIZE, "%" PRIu32, number_of(column, row));
		}
		return;
	case LQ_CELL_HOURS:
		if (number_of(column, row) != 0) {
			(void)snprintf(
				ret_text, LQ_CELL_TEXT_SIZE, "%" PRIu32, number_of(column, row));
		}
		return;
	case LQ_CELL_UID:
		return; /* never written anywhere */
	}
}

bool lq_text_needs_guard(const char *text)
{
	return text[0] != '\0' && strchr("=+-@'", text[0]) != NULL;
}

bool lq_cell_needs_guard(const struct lq_roster_column *column, const char *text)
{
	bool foreign = column->type == LQ_CELL_TEXT || column->type == LQ_CELL_LABEL;
	return foreign && lq_text_needs_guard(text);
}

const char *lq_cell_unguard(const char *text)
{
	bool guarded = text[0] == '\'' && text[1] != '\0' && strchr("=+-@'", text[1]) != NULL;
	return guarded ? text + 1 : text;
}

/* ---- reading ---- */

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(text, words[i]) == 0) {
			return true;
		}
	}
	return false;
}

static int parse_bool(const char *text, bool *ret_bool)
{
	bool yes = is_one_of(text, yes_words, sizeof(yes_words) / sizeof(yes_words[0]));
	if (!yes && !is_one_of(text, no_words, sizeof(no_words) / sizeof(no_words[0]))) {
		return LQ_ERR_INVALID;
	}
	*ret_bool = yes;
	return LQ_OK;
}

static int parse_state(const char *text, uint8_t *ret_state)
{
	for (int i = 0; i < LQ_CREDENTIAL_STATE_COUNT; i++) {
		if (strcasecmp(text, lq_credential_state_text((enum lq_credential_state)i)) == 0) {
			*ret_state = (uint8_t)i;
			return LQ_OK;
		}
	}
	return LQ_ERR_INVALID;
}

static int parse_uid(const char *text, struct lq_roster_row *row)
{
	char digits[LQ_UID_TEXT_SIZE];
	struct lq_sighting sighting = {.cards = 1};
	int r = lq_word_uid(text, digits);
	for (; r == LQ_OK && digits[(size_t)2 * sighting.uid_len] != '\0'; sighting.uid_len++) {
		const char *at = digits + (size_t)2 * sighting.uid_len;
		const char pair[] = {at[0], at[1], '\0'};
		sighting.uid[sighting.uid_len] = (uint8_t)strtoul(pair, NULL, 16);
	}
	if (r != LQ_OK || lq_sighting_objection(&sighting) != LQ_REASON_NOT_DECIDED) {
		return LQ_ERR_INVALID;
	}
	row->uid.length = sighting.uid_len;
	memcpy(row->uid.bytes, sighting.uid, sighting.uid_len);
	return LQ_OK;
}

/* A name that reads like a number would be taken for one by other commands. */
static int parse_text(const struct lq_roster_column *column, const char *text, char *out)
{
	uint32_t id = 0;
	size_t length = strlen(text);
	bool named = column->type == LQ_CELL_TEXT;
	if (length >= column->size || !lq_utf8_all_printable(text, length) ||
		(named && (lq_utf8_blank(text, length) ||
				  lq_word_roster_id(text, 'm', &id) == LQ_OK))) {
		return LQ_ERR_INVALID;
	}
	memcpy(out, text, length + 1);
	return LQ_OK;
}

static int parse_number(const struct lq_roster_column *column, const char *text, char *out)
{
	uint32_t number = column->type == LQ_CELL_TO ? LQ_VALID_FOREVER : 0;
	int r = LQ_OK;
	if (*text == '\0') {
		/* no bound, or no key */
	} else if (column->type == LQ_CELL_ID) {
		r = lq_word_roster_id(text, column->letter, &number);
	} else {
		r = lq_when_parse(
			text, column->type == LQ_CELL_FROM ? LQ_WHEN_FROM : LQ_WHEN_TO, &number);
	}
	if (r == LQ_OK) {
		memcpy(out, &number, sizeof(number));
	}
	return r;
}

/* Empty: no limit. */
static int parse_limit(const struct lq_roster_column *column, const char *text, char *out)
{
	bool uses = column->type == LQ_CELL_USES;
	uint64_t number = uses ? LQ_USES_ANY : 0;
	if (*text != '\0' && lq_word_number(text, uses ? 0 : 1, UINT16_MAX, &number) != LQ_OK) {
		return LQ_ERR_INVALID;
	}
	uint32_t limit = (uint32_t)number;
	memcpy(out, &limit, sizeof(limit));
	return LQ_OK;
}

static int parse(const struct lq_roster_column *column, const char *text, struct lq_roster_row *row)
{
	char *out = (char *)row + column->offset;
	switch (column->type) {
	case LQ_CELL_TEXT:
	case LQ_CELL_LABEL:
		return parse_text(column, lq_cell_unguard(text), out);
	case LQ_CELL_WORD:
		return lq_word_is_name(text) ? parse_text(column, text, out) : LQ_ERR_INVALID;
	case LQ_CELL_BOOL:
		return parse_bool(text, (bool *)out);
	case LQ_CELL_STATE:
		return parse_state(text, (uint8_t *)out);
	case LQ_CELL_UID:
		return *text == '\0' ? LQ_OK : parse_uid(text, row);
	case LQ_CELL_ID:
	case LQ_CELL_FROM:
	case LQ_CELL_TO:
		return parse_number(column, text, out);
	case LQ_CELL_USES:
	case LQ_CELL_HOURS:
		return parse_limit(column, text, out);
	}
	return LQ_ERR_INVALID;
}

int lq_cell_parse(const struct lq_roster_table *table, size_t number, const char *text,
	struct lq_roster_row *row)
{
	const struct lq_roster_column *column = &table->columns[number];
	bool key = column->type == LQ_CELL_ID || column->type == LQ_CELL_UID;
	int r = parse(column, text, row);
	if (r == LQ_OK && !(key && *text == '\0')) {
		row->given |= LQ_GIVEN(number);
	}
	return r;
}
