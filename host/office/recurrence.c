#include "host/office/recurrence.h"

#include "firmware/core/err.h"
#include "firmware/core/schedule.h"
#include "firmware/core/time.h"

#include <libical/ical.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MINUTE_MS INT64_C(60000)
#define DAY       ((int64_t)LQ_DAY_MINUTES)
#define STEPS_MAX 40000u /* a hundred years of days */

/* ---- the clock on the wall ---- */

int lq_local_parse(const char *text, int64_t *ret_minute)
{
	struct tm at = {0};
	char again[LQ_LOCAL_SIZE];
	const char *end = strptime(text, "%Y-%m-%dT%H:%M", &at);
	if (end == NULL || *end != '\0' || at.tm_year < 70 || at.tm_year > 205) {
		return LQ_ERR_INVALID;
	}
	int64_t midnight_ms = lq_unix_ms_from_civil(at.tm_year + 1900, at.tm_mon + 1, at.tm_mday);
	int64_t minute = midnight_ms / MINUTE_MS + (int64_t)at.tm_hour * 60 + at.tm_min;
	lq_local_format(minute, again);
	if (strcmp(again, text) != 0) {
		return LQ_ERR_INVALID;
	}
	*ret_minute = minute;
	return LQ_OK;
}

void lq_local_format(int64_t minute, char ret_text[LQ_LOCAL_SIZE])
{
	char text[LQ_RFC3339_SIZE];
	lq_wall_rfc3339(minute * MINUTE_MS, text);
	(void)snprintf(ret_text, LQ_LOCAL_SIZE, "%.16s", text);
}

/* ---- rules ---- */

static struct icaltimetype floating(int64_t minute)
{
	struct lq_date date = lq_date_of_day(minute / DAY);
	struct icaltimetype at = icaltime_null_time();
	at.year = date.year;
	at.month = date.month;
	at.day = date.day;
	at.hour = (int)(minute % DAY / 60);
	at.minute = (int)(minute % 60);
	return at;
}

static int64_t minute_of(struct icaltimetype at)
{
	return lq_unix_ms_from_civil(at.year, at.month, at.day) / MINUTE_MS +
	       (int64_t)at.hour * 60 + at.minute;
}

/* A date as the end means all of that day; a moment in UTC is what the clock shows then. */
static struct icaltimetype local_until(struct icaltimetype until)
{
	if (icaltime_is_null_time(until)) {
		return until;
	}
	if (until.is_date) {
		return floating(minute_of(until) + DAY - 1);
	}
	return icaltime_is_utc(until)
		       ? floating(lq_local_minute_of((int64_t)icaltime_as_timet(until) * 1000))
		       : until;
}

/* What the library would take and the office does not: other calendars, times of their own. */
static bool plain_text(const char *rule)
{
	return strspn(rule, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=;,+-") == strlen(rule) &&
	       strncmp(rule, "FREQ=", 5) == 0 && strstr(rule, "RSCALE") == NULL &&
	       strstr(rule, "SKIP") == NULL;
}

/* Of a week that lies in two years the library takes days for those of the wrong one, and of a week
 * that a year does not have it makes another. */
static bool weeks_are_within_years(const struct icalrecurrencetype *rule)
{
	for (size_t i = 0;
		i < ICAL_BY_WEEKNO_SIZE && rule->by_week_no[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
		if (rule->by_week_no[i] < 2 || rule->by_week_no[i] > 51) {
			return false;
		}
	}
	return true;
}

static bool parse_rule(const char *text, struct icalrecurrencetype *ret_rule)
{
	if (!plain_text(text)) {
		return false;
	}
	icalerror_set_errors_are_fatal(0);
	*ret_rule = icalrecurrencetype_from_string(text);
	ret_rule->until = local_until(ret_rule->until);
	bool by_time = ret_rule->by_hour[0] != ICAL_RECURRENCE_ARRAY_MAX ||
		       ret_rule->by_minute[0] != ICAL_RECURRENCE_ARRAY_MAX ||
		       ret_rule->by_second[0] != ICAL_RECURRENCE_ARRAY_MAX;
	return !by_time && weeks_are_within_years(ret_rule) && ret_rule->interval >= 1 &&
	       ret_rule->count >= 0 && ret_rule->freq >= ICAL_DAILY_RECURRENCE &&
	       ret_rule->freq <= ICAL_YEARLY_RECURRENCE;
}

/* Its beginnings from `soonest` on, a local minute, and perhaps earlier ones: those that are
 * counted are counted from the first. */
static icalrecur_iterator *begin(const struct lq_recurrence *recurrence, int64_t soonest)
{
	struct icalrecurrencetype rule;
	if (!parse_rule(recurrence->rule, &rule)) {
		return NULL;
	}
	icalrecur_iterator *iterator = icalrecur_iterator_new(rule, floating(recurrence->from));
	int64_t days = (soonest - recurrence->from) / DAY;
	/* By weeks of the year the library would miss some; of years there are few to pass over. */
	if (iterator != NULL && rule.count == 0 && rule.freq != ICAL_YEARLY_RECURRENCE &&
		days > 0) {
		(void)icalrecur_iterator_set_start(
			iterator, floating(recurrence->from + days * DAY));
	}
	return iterator;
}

bool lq_recurrence_valid(const struct lq_recurrence *recurrence)
{
	if (recurrence->rule[0] == '\0') {
		return true;
	}
	icalrecur_iterator *iterator = begin(recurrence, recurrence->from);
	if (iterator == NULL) {
		return false;
	}
	struct icaltimetype first = icalrecur_iterator_next(iterator);
	icalrecur_iterator_free(iterator);
	return !icaltime_is_null_time(first) && minute_of(first) == recurrence->from;
}

static bool is_left_out(const struct lq_recurrence *recurrence, int64_t from)
{
	for (size_t i = 0; i < recurrence->left_out_count; i++) {
		if (recurrence->left_out[i] == from / DAY) {
			return true;
		}
	}
	return false;
}

struct window {
	int64_t soonest; /* local minute: what ends before it, in any time zone, is not in it */
	int64_t from_ms;
	int64_t to_ms;
	struct lq_occurrence *found;
	size_t count;
	size_t max;
};

/* False once nothing later can be in the window. */
static bool take(struct window *window, const struct lq_recurrence *recurrence, int64_t from)
{
	int64_t to = from + recurrence->to - recurrence->from;
	if (to < window->soonest) {
		return true;
	}
	struct lq_occurrence found = {.from = from,
		.to = to,
		.from_ms = lq_local_minute_ms(from),
		.to_ms = lq_local_minute_ms(to)};
	if (found.from_ms >= window->to_ms || window->count == window->max) {
		return false;
	}
	if (found.to_ms > window->from_ms && !is_left_out(recurrence, from)) {
		window->found[window->count++] = found;
	}
	return true;
}

size_t lq_recurrence_expand(const struct lq_recurrence *recurrence, int64_t from_ms, int64_t to_ms,
	struct lq_occurrence *ret_occurrences, size_t max)
{
	struct window window = {.soonest = from_ms / MINUTE_MS - 2 * DAY,
		.from_ms = from_ms,
		.to_ms = to_ms,
		.found = ret_occurrences,
		.max = max};
	if (recurrence->rule[0] == '\0') {
		(void)take(&window, recurrence, recurrence->from);
		return window.count;
	}
	icalrecur_iterator *iterator =
		begin(recurrence, window.soonest - (recurrence->to - recurrence->from));
	for (unsigned step = 0; iterator != NULL && step < STEPS_MAX; step++) {
		struct icaltimetype at = icalrecur_iterator_next(iterator);
		if (icaltime_is_null_time(at) || !take(&window, recurrence, minute_of(at))) {
			break;
		}
	}
	if (iterator != NULL) {
		icalrecur_iterator_free(iterator);
	}
	return window.count;
}

void lq_recurrence_feed_rule(
	const struct lq_recurrence *recurrence, char ret_rule[LQ_RECURRENCE_RULE_SIZE])
{
	struct icalrecurrencetype rule;
	ret_rule[0] = '\0';
	if (recurrence->rule[0] == '\0' || !parse_rule(recurrence->rule, &rule)) {
		return;
	}
	if (!icaltime_is_null_time(rule.until)) {
		int64_t until_ms = lq_local_minute_ms(minute_of(rule.until));
		rule.until = icaltime_from_timet_with_zone(
			(time_t)(until_ms / 1000), 0, icaltimezone_get_utc_timezone());
	}
	char *text = icalrecurrencetype_as_string_r(&rule);
	if (text != NULL) {
		(void)snprintf(ret_rule, LQ_RECURRENCE_RULE_SIZE, "%s", text);
		icalmemory_free_buffer(text);
	}
}
