#include "firmware/core/office_roster.h"

#include "firmware/core/err.h"

#include <string.h>

#define COLUMNS_MAX 9u
#define LINE_MAX    1024u
#define WEEK_LAST   (LQ_WEEK_MINUTES - 1u)
#define DAY_LAST    (LQ_DAY_MINUTES - 1u)

struct column {
	const char *at;
	size_t length;
};

struct columns {
	size_t count;
	struct column list[COLUMNS_MAX];
};

/* ---- columns ---- */

static bool split(const char *line, size_t length, struct columns *columns)
{
	const char *end = line + length;
	columns->count = 0;
	for (;;) {
		const char *tab = memchr(line, '\t', (size_t)(end - line));
		const char *stop = tab == NULL ? end : tab;
		if (columns->count == COLUMNS_MAX) {
			return false;
		}
		columns->list[columns->count++] = (struct column){line, (size_t)(stop - line)};
		if (tab == NULL) {
			return true;
		}
		line = tab + 1;
	}
}

static bool is_word(struct column column, const char *word)
{
	return column.length == strlen(word) && memcmp(column.at, word, column.length) == 0;
}

/* One way to write each number: no sign, no zero before it. */
static bool take_number(struct column column, uint32_t most, uint32_t *ret_number)
{
	uint64_t number = 0;
	if (column.length == 0 || column.length > 10 ||
		(column.at[0] == '0' && column.length > 1)) {
		return false;
	}
	for (size_t i = 0; i < column.length; i++) {
		if (column.at[i] < '0' || column.at[i] > '9') {
			return false;
		}
		number = number * 10 + (uint64_t)(column.at[i] - '0');
	}
	if (number > most) {
		return false;
	}
	*ret_number = (uint32_t)number;
	return true;
}

static bool take_flag(struct column column, bool *ret_flag)
{
	uint32_t number = 0;
	if (!take_number(column, 1, &number)) {
		return false;
	}
	*ret_flag = number == 1;
	return true;
}

static bool take_name(struct column column, char ret_name[LQ_NAME_SIZE])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	if (column.length == 0 || column.length >= LQ_NAME_SIZE) {
		return false;
	}
	for (size_t i = 0; i < column.length; i++) {
		if (column.at[i] == '\0' || strchr(letters, column.at[i]) == NULL) {
			return false;
		}
	}
	memcpy(ret_name, column.at, column.length);
	ret_name[column.length] = '\0';
	return true;
}

/* "-" is `ret_name` empty. */
static bool take_name_or_none(struct column column, char ret_name[LQ_NAME_SIZE])
{
	ret_name[0] = '\0';
	return is_word(column, "-") || take_name(column, ret_name);
}

static bool take_access_point(struct column column, char ret_name[LQ_ACCESS_POINT_NAME_SIZE])
{
	char door[LQ_NAME_SIZE];
	const char *slash = memchr(column.at, '/', column.length);
	if (is_word(column, "*")) {
		memcpy(ret_name, "*", sizeof("*"));
		return true;
	}
	if (slash == NULL) {
		return false;
	}
	struct column before = {column.at, (size_t)(slash - column.at)};
	struct column behind = {slash + 1, column.length - before.length - 1};
	if (!take_name(before, door) || !(is_word(behind, "entry") || is_word(behind, "exit"))) {
		return false;
	}
	memcpy(ret_name, column.at, column.length);
	ret_name[column.length] = '\0';
	return true;
}

/* "<from>-<to>" */
static bool take_period(struct column column, uint32_t from_most, struct lq_period *ret_period)
{
	uint32_t from = 0;
	uint32_t to = 0;
	const char *dash = memchr(column.at, '-', column.length);
	if (dash == NULL) {
		return false;
	}
	struct column before = {column.at, (size_t)(dash - column.at)};
	struct column behind = {dash + 1, column.length - before.length - 1};
	if (!take_number(before, from_most, &from) || !take_number(behind, from_most + 1, &to)) {
		return false;
	}
	*ret_period = (struct lq_period){.from = (uint16_t)from, .to = (uint16_t)to};
	return true;
}

static bool take_periods(struct column column, struct lq_office_line *line)
{
	const char *end = column.at + column.length;
	while (column.length > 0) {
		const char *comma = memchr(column.at, ',', column.length);
		size_t length = comma == NULL ? column.length : (size_t)(comma - column.at);
		if (line->period_count == LQ_SCHEDULE_PERIODS_MAX ||
			!take_period((struct column){column.at, length}, WEEK_LAST,
				&line->periods[line->period_count++])) {
			return false;
		}
		if (comma != NULL && comma + 1 == end) {
			return false;
		}
		column.at = comma == NULL ? end : comma + 1;
		column.length = (size_t)(end - column.at);
	}
	return true;
}

static bool take_digits(const char *at, size_t count, unsigned low, unsigned high, unsigned *ret)
{
	unsigned number = 0;
	for (size_t i = 0; i < count; i++) {
		if (at[i] < '0' || at[i] > '9') {
			return false;
		}
		number = number * 10 + (unsigned)(at[i] - '0');
	}
	*ret = number;
	return number >= low && number <= high;
}

static bool take_date(struct column column, struct lq_special_day *ret_day)
{
	unsigned year = 0;
	unsigned month = 0;
	unsigned day = 0;
	const char *at = column.at;
	if (column.length != 10 || at[4] != '-' || at[7] != '-' ||
		!take_digits(at, 4, 0, 9999, &year) || !take_digits(at + 5, 2, 1, 12, &month) ||
		!take_digits(at + 8, 2, 1, 31, &day)) {
		return false;
	}
	*ret_day = (struct lq_special_day){
		.year = (uint16_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
	return lq_special_day_valid(ret_day);
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool take_key(struct column column, uint8_t ret_key[16])
{
	if (column.length != 32) {
		return false;
	}
	for (size_t i = 0; i < 16; i++) {
		int high = hex_value(column.at[2 * i]);
		int low = hex_value(column.at[2 * i + 1]);
		if (high < 0 || low < 0) {
			return false;
		}
		ret_key[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}

static bool take_state(struct column column, uint8_t *ret_state)
{
	for (unsigned i = 0; i < LQ_CREDENTIAL_STATE_COUNT; i++) {
		if (is_word(column, lq_credential_state_text((enum lq_credential_state)i))) {
			*ret_state = (uint8_t)i;
			return true;
		}
	}
	return false;
}

/* ---- lines: their columns behind the first ---- */

static bool take_schedule(const struct column *columns, struct lq_office_line *line)
{
	return take_name(columns[0], line->name) && take_periods(columns[1], line);
}

static bool take_special(const struct column *columns, struct lq_office_line *line)
{
	return take_name(columns[0], line->name) && take_date(columns[1], &line->day);
}

static bool take_schedule_special(const struct column *columns, struct lq_office_line *line)
{
	uint32_t place = 0;
	if (!take_name(columns[0], line->name) || !take_name(columns[1], line->other) ||
		!take_number(columns[2], UINT16_MAX, &place)) {
		return false;
	}
	line->place = (uint16_t)place;
	if (is_word(columns[3], "closed")) {
		return true;
	}
	line->period_count = 1;
	return take_period(columns[3], DAY_LAST, &line->periods[0]);
}

static bool take_profile(const struct column *columns, struct lq_office_line *line)
{
	return take_name(columns[0], line->name);
}

static bool take_policy(const struct column *columns, struct lq_office_line *line)
{
	return take_name(columns[0], line->name) &&
	       take_access_point(columns[1], line->access_point) &&
	       take_name_or_none(columns[2], line->other);
}

static bool take_hours(const struct column *columns, struct lq_office_line *line)
{
	return take_name(columns[0], line->name) && take_name(columns[1], line->other) &&
	       take_flag(columns[2], &line->first_person);
}

static bool take_person(const struct column *columns, struct lq_office_line *line)
{
	struct lq_credential *person = &line->badge;
	bool enabled = false;
	bool any_time = false;
	bool extended_time = false;
	if (!take_number(columns[0], UINT32_MAX, &person->holder) || person->holder == 0 ||
		!take_name(columns[1], line->name) || !take_flag(columns[2], &enabled) ||
		!take_flag(columns[3], &any_time) || !take_flag(columns[4], &extended_time)) {
		return false;
	}
	person->holder_enabled = enabled;
	person->any_time = any_time;
	person->extended_time = extended_time;
	return true;
}

static bool take_badge(const struct column *columns, struct lq_office_line *line)
{
	struct lq_credential *badge = &line->badge;
	uint32_t uses = 0;
	uint32_t hours = 0;
	if (!take_number(columns[0], UINT32_MAX, &badge->id) || badge->id == 0 ||
		!take_key(columns[1], badge->key) || !take_state(columns[2], &badge->state) ||
		!take_number(columns[3], UINT32_MAX, &badge->valid_from_s) ||
		!take_number(columns[4], UINT32_MAX, &badge->valid_to_s) ||
		!take_number(columns[6], UINT16_MAX, &hours) ||
		!take_number(columns[7], UINT32_MAX, &badge->suspended_until_s)) {
		return false;
	}
	badge->counted = !is_word(columns[5], "-");
	if (badge->counted && !take_number(columns[5], UINT16_MAX, &uses)) {
		return false;
	}
	badge->valid_to_s = badge->valid_to_s == 0 ? LQ_VALID_FOREVER : badge->valid_to_s;
	badge->uses_left = (uint16_t)uses;
	badge->valid_for_h = (uint16_t)hours;
	return true;
}

static const struct {
	const char *word;
	size_t columns; /* behind the word */
	bool of_rules;
	bool (*take)(const struct column *columns, struct lq_office_line *line);
} kinds[] = {
	[LQ_OFFICE_SCHEDULE] = {"schedule", 2, true, take_schedule},
	[LQ_OFFICE_SPECIAL] = {"special", 2, true, take_special},
	[LQ_OFFICE_SCHEDULE_SPECIAL] = {"schedule-special", 4, true, take_schedule_special},
	[LQ_OFFICE_PROFILE] = {"profile", 1, true, take_profile},
	[LQ_OFFICE_POLICY] = {"policy", 3, true, take_policy},
	[LQ_OFFICE_HOURS] = {"hours", 3, true, take_hours},
	[LQ_OFFICE_PERSON] = {"p", 5, false, take_person},
	[LQ_OFFICE_BADGE] = {"b", 8, false, take_badge},
};

/* ---- a part ---- */

struct lq_office_text lq_office_text_begin(uint16_t part, const char *bytes, size_t length)
{
	return (struct lq_office_text){.at = bytes, .end = bytes + length, .part = part};
}

/* A badge belongs to the person above it, and a person to the part of their number. */
static bool place(struct lq_office_text *text, const struct lq_office_line *line)
{
	if (line->kind == LQ_OFFICE_PERSON) {
		text->person = line->badge;
		return lq_office_part_of(line->badge.holder) == text->part;
	}
	return line->kind != LQ_OFFICE_BADGE || text->person.holder != 0;
}

static bool understand(
	struct lq_office_text *text, const struct columns *columns, struct lq_office_line *line)
{
	size_t kind = 0;
	size_t count = sizeof(kinds) / sizeof(kinds[0]);
	while (kind < count && !is_word(columns->list[0], kinds[kind].word)) {
		kind++;
	}
	if (kind == count || columns->count != kinds[kind].columns + 1 ||
		kinds[kind].of_rules != (text->part == LQ_OFFICE_RULES)) {
		return false;
	}
	*line = (struct lq_office_line){.kind = (enum lq_office_line_kind)kind};
	if (line->kind == LQ_OFFICE_BADGE) {
		line->badge = text->person;
	}
	return kinds[kind].take(columns->list + 1, line) && place(text, line);
}

int lq_office_text_next(struct lq_office_text *text, struct lq_office_line *ret_line)
{
	struct columns columns;
	struct lq_office_line line;
	if (text->at == text->end) {
		return LQ_OK;
	}
	size_t left = (size_t)(text->end - text->at);
	const char *newline = memchr(text->at, '\n', left < LINE_MAX ? left : LINE_MAX);
	if (newline == NULL || !split(text->at, (size_t)(newline - text->at), &columns) ||
		!understand(text, &columns, &line)) {
		return LQ_ERR_INVALID;
	}
	text->at = newline + 1;
	*ret_line = line;
	return 1;
}
