#include "host/cli/schedule_text.h"

#include "firmware/core/err.h"

#include <stdbool.h>
#include <string.h>

#define DAY_MINUTES 1440u
#define DAYS        7u
#define TIMES_MAX   LQ_SCHEDULE_PERIODS_MAX

/* The first three letters are unique among all of them. */
static const char *const day_names[DAYS][2] = {
	{"monday", "lundi"},
	{"tuesday", "mardi"},
	{"wednesday", "mercredi"},
	{"thursday", "jeudi"},
	{"friday", "vendredi"},
	{"saturday", "samedi"},
	{"sunday", "dimanche"},
};

struct cursor {
	const char *text;
	size_t at;
};

static void skip_blanks(struct cursor *c)
{
	c->at += strspn(c->text + c->at, " \t");
}

static bool take(struct cursor *c, char wanted)
{
	if (c->text[c->at] != wanted) {
		return false;
	}
	c->at++;
	return true;
}

static char lower(char c)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	const char *at = c != '\0' ? strchr(capitals, c) : NULL;
	if (at == NULL) {
		return c;
	}
	return letters[at - capitals];
}

static bool same_word(const char *text, size_t length, const char *name)
{
	if (length != 3 && length != strlen(name)) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		if (lower(text[i]) != name[i]) {
			return false;
		}
	}
	return true;
}

static size_t word_length(const char *text)
{
	size_t length = 0;
	while (lower(text[length]) >= 'a' && lower(text[length]) <= 'z') {
		length++;
	}
	return length;
}

static bool take_day(struct cursor *c, unsigned *ret_day)
{
	const char *word = c->text + c->at;
	size_t length = word_length(word);
	for (unsigned day = 0; day < DAYS; day++) {
		if (same_word(word, length, day_names[day][0]) ||
			same_word(word, length, day_names[day][1])) {
			c->at += length;
			*ret_day = day;
			return true;
		}
	}
	return false;
}

/* A list of days and ranges, as a set of bits. */
static bool take_days(struct cursor *c, unsigned *ret_days)
{
	unsigned days = 0;
	do {
		unsigned first = 0;
		skip_blanks(c);
		if (!take_day(c, &first)) {
			return false;
		}
		unsigned last = first;
		if (take(c, '-') && !take_day(c, &last)) {
			return false;
		}
		for (unsigned day = first; day != last; day = (day + 1) % DAYS) {
			days |= 1u << day;
		}
		days |= 1u << last;
	} while (take(c, ','));
	*ret_days = days;
	return true;
}

static bool take_two_digits(struct cursor *c, unsigned *ret_value)
{
	const char *s = c->text + c->at;
	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9') {
		return false;
	}
	*ret_value = (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0');
	c->at += 2;
	return true;
}

/* HH:MM, 00:00 to 24:00, as minutes of the day. */
static bool take_minute(struct cursor *c, unsigned *ret_minute)
{
	unsigned hour = 0;
	unsigned minute = 0;
	if (!take_two_digits(c, &hour) || !take(c, ':') || !take_two_digits(c, &minute) ||
		minute > 59 || hour * 60 + minute > DAY_MINUTES) {
		return false;
	}
	*ret_minute = hour * 60 + minute;
	return true;
}

struct times {
	unsigned count;
	struct lq_period periods[TIMES_MAX]; /* of one day; an end past midnight exceeds it */
};

static int refuse(const struct cursor *c, enum lq_schedule_problem problem,
	struct lq_schedule_error *ret_error)
{
	*ret_error = (struct lq_schedule_error){.problem = problem, .at = c->at};
	return LQ_ERR_INVALID;
}

static int take_times(struct cursor *c, struct times *times, struct lq_schedule_error *ret_error)
{
	do {
		skip_blanks(c);
		struct cursor start = *c;
		unsigned from = 0;
		unsigned to = 0;
		if (!take_minute(c, &from) || from == DAY_MINUTES || !take(c, '-') ||
			!take_minute(c, &to)) {
			return refuse(&start, LQ_SCHEDULE_TIME, ret_error);
		}
		if (from == to) {
			return refuse(&start, LQ_SCHEDULE_EMPTY, ret_error);
		}
		if (times->count == TIMES_MAX) {
			return refuse(&start, LQ_SCHEDULE_FULL, ret_error);
		}
		times->periods[times->count++] = (struct lq_period){
			.from = (uint16_t)from,
			.to = (uint16_t)(to < from ? to + DAY_MINUTES : to),
		};
	} while (take(c, ','));
	return LQ_OK;
}

/* One day's times, moved to their place in the week. */
static bool add_day(struct lq_schedule *schedule, unsigned day, const struct times *times)
{
	for (unsigned i = 0; i < times->count; i++) {
		if (schedule->count == LQ_SCHEDULE_PERIODS_MAX) {
			return false;
		}
		unsigned start = day * DAY_MINUTES;
		schedule->periods[schedule->count++] = (struct lq_period){
			.from = (uint16_t)(start + times->periods[i].from),
			.to = (uint16_t)((start + times->periods[i].to) % LQ_WEEK_MINUTES),
		};
	}
	return true;
}

int lq_schedule_text_add(
	const char *text, struct lq_schedule *schedule, struct lq_schedule_error *ret_error)
{
	struct cursor c = {.text = text};
	struct lq_schedule result = *schedule;
	struct times times = {0};
	unsigned days = 0;
	if (!take_days(&c, &days)) {
		return refuse(&c, LQ_SCHEDULE_DAY, ret_error);
	}
	int r = take_times(&c, &times, ret_error);
	if (r != LQ_OK) {
		return r;
	}
	skip_blanks(&c);
	if (text[c.at] != '\0') {
		return refuse(&c, LQ_SCHEDULE_REST, ret_error);
	}
	for (unsigned day = 0; day < DAYS; day++) {
		if ((days & 1u << day) != 0 && !add_day(&result, day, &times)) {
			c.at = 0;
			return refuse(&c, LQ_SCHEDULE_FULL, ret_error);
		}
	}
	*schedule = result;
	return LQ_OK;
}

static bool take_group(struct cursor *c, char ret_group[LQ_NAME_SIZE])
{
	size_t length = strspn(c->text + c->at, "abcdefghijklmnopqrstuvwxyz0123456789_-");
	if (length == 0 || length >= LQ_NAME_SIZE) {
		return false;
	}
	memcpy(ret_group, c->text + c->at, length);
	ret_group[length] = '\0';
	c->at += length;
	return true;
}

static bool take_closed(struct cursor *c)
{
	static const char *const words[] = {"closed", "fermé", "ferme"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i]);
		if (strncmp(c->text + c->at, words[i], length) == 0) {
			c->at += length;
			return true;
		}
	}
	return false;
}

int lq_schedule_text_add_special(const char *text, struct lq_schedule *schedule,
	char groups[LQ_SPECIALS_MAX][LQ_NAME_SIZE], struct lq_schedule_error *ret_error)
{
	struct cursor c = {.text = text};
	struct lq_special special = {0};
	struct times times = {0};
	char group[LQ_NAME_SIZE] = "";
	skip_blanks(&c);
	if (!take_group(&c, group)) {
		return refuse(&c, LQ_SCHEDULE_GROUP, ret_error);
	}
	skip_blanks(&c);
	int r = take_closed(&c) ? LQ_OK : take_times(&c, &times, ret_error);
	if (r != LQ_OK) {
		return r;
	}
	skip_blanks(&c);
	if (text[c.at] != '\0') {
		return refuse(&c, LQ_SCHEDULE_REST, ret_error);
	}
	if (schedule->special_count == LQ_SPECIALS_MAX || times.count > LQ_SPECIAL_PERIODS_MAX) {
		c.at = 0;
		return refuse(&c, LQ_SCHEDULE_MANY, ret_error);
	}
	for (unsigned i = 0; i < times.count; i++) {
		struct lq_period period = times.periods[i];
		bool past = period.to > DAY_MINUTES;
		special.periods[special.count++] = (struct lq_period){.from = period.from,
			.to = (uint16_t)(past ? period.to - DAY_MINUTES : period.to)};
	}
	memcpy(groups[schedule->special_count], group, sizeof(group));
	schedule->specials[schedule->special_count++] = special;
	return LQ_OK;
}

int lq_date_text_parse(const char *text, struct lq_special_day *ret_date)
{
	struct cursor c = {.text = text};
	unsigned parts[3] = {0};
	bool dated = strlen(text) == strlen("2026-05-15");
	struct lq_special_day date = {0};
	unsigned century = 0;
	if (dated && (!take_two_digits(&c, &century) || !take_two_digits(&c, &parts[0]) ||
			     !take(&c, '-') || century * 100 + parts[0] == 0)) {
		return LQ_ERR_INVALID;
	}
	if (!take_two_digits(&c, &parts[1]) || !take(&c, '-') || !take_two_digits(&c, &parts[2]) ||
		text[c.at] != '\0') {
		return LQ_ERR_INVALID;
	}
	date.year = (uint16_t)(century * 100 + parts[0]);
	date.month = (uint8_t)parts[1];
	date.day = (uint8_t)parts[2];
	if (!lq_special_day_valid(&date)) {
		return LQ_ERR_INVALID;
	}
	*ret_date = date;
	return LQ_OK;
}
