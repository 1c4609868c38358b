#include "host/cli/when.h"

#include "firmware/core/err.h"
#include "firmware/core/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Takes exactly `digits` digits. */
static bool take_number(const char **at, int digits, int *ret_value)
{
	int value = 0;
	for (int i = 0; i < digits; i++) {
		char c = (*at)[i];
		if (c < '0' || c > '9') {
			return false;
		}
		value = value * 10 + (c - '0');
	}
	*at += digits;
	*ret_value = value;
	return true;
}

static bool take_one_of(const char **at, const char *set)
{
	if (**at == '\0' || strchr(set, **at) == NULL) {
		return false;
	}
	(*at)++;
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool take_date(const char **at, struct tm *ret_tm)
{
	int year = 0;
	int month = 0;
	int day = 0;
	if (!take_number(at, 4, &year) || !take_one_of(at, "-") || !take_number(at, 2, &month) ||
		!take_one_of(at, "-") || !take_number(at, 2, &day)) {
		return false;
	}
	*ret_tm = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
	return month >= 1 && month <= 12 && day >= 1 && day <= days_of(year, month);
}

static bool take_minute(const char **at, struct tm *tm)
{
	return take_number(at, 2, &tm->tm_hour) && tm->tm_hour < 24 && take_one_of(at, ":") &&
	       take_number(at, 2, &tm->tm_min) && tm->tm_min < 60;
}

/* Decimals of a second; what is finer than a millisecond is dropped. */
static bool take_fraction(const char **at, int *ret_ms)
{
	int ms = 0;
	int weight = 100;
	int digit = 0;
	const char *start = *at;
	while (take_number(at, 1, &digit)) {
		ms += digit * weight;
		weight /= 10;
	}
	*ret_ms = ms;
	return *at != start;
}

static bool take_offset(const char **at, int *ret_seconds)
{
	if (take_one_of(at, "Zz")) {
		*ret_seconds = 0;
		return true;
	}
	int sign = **at == '-' ? -1 : 1;
	struct tm offset = {0};
	if (!take_one_of(at, "+-") || !take_minute(at, &offset)) {
		return false;
	}
	*ret_seconds = sign * (offset.tm_hour * 3600 + offset.tm_min * 60);
	return true;
}

int lq_when_parse_rfc3339(const char *text, int64_t *ret_unix_ms)
{
	const char *at = text;
	struct tm tm;
	int ms = 0;
	int offset_s = 0;
	/* 60 is a leap second; the arithmetic carries it into the next minute. */
	if (!take_date(&at, &tm) || !take_one_of(&at, "Tt ") || !take_minute(&at, &tm) ||
		!take_one_of(&at, ":") || !take_number(&at, 2, &tm.tm_sec) || tm.tm_sec > 60) {
		return LQ_ERR_INVALID;
	}
	if (take_one_of(&at, ".") && !take_fraction(&at, &ms)) {
		return LQ_ERR_INVALID;
	}
	if (!take_offset(&at, &offset_s) || *at != '\0') {
		return LQ_ERR_INVALID;
	}
	int64_t second = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec - offset_s;
	int64_t unix_ms = lq_unix_ms_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) +
			  second * 1000 + ms;
	/* An offset may lead out of the years that can be written back. */
	if (unix_ms < lq_unix_ms_from_civil(0, 1, 1) ||
		unix_ms >= lq_unix_ms_from_civil(10000, 1, 1)) {
		return LQ_ERR_INVALID;
	}
	*ret_unix_ms = unix_ms;
	return LQ_OK;
}

/* One reading of a local time; false when the clock never shows it under that assumption. */
static bool local_to_unix(const struct tm *local, int is_dst, time_t *ret_time)
{
	struct tm tm = *local;
	tm.tm_isdst = is_dst;
	time_t time = mktime(&tm);
	struct tm shown;
	if (localtime_r(&time, &shown) == NULL || shown.tm_mday != local->tm_mday ||
		shown.tm_hour != local->tm_hour || shown.tm_min != local->tm_min) {
		return false;
	}
	*ret_time = time;
	return true;
}

/* The first moment at which the clock shows this local time. */
static bool first_occurrence(const struct tm *local, time_t *ret_time)
{
	time_t summer = 0;
	time_t winter = 0;
	bool in_summer = local_to_unix(local, 1, &summer);
	bool in_winter = local_to_unix(local, 0, &winter);
	if (in_summer && in_winter) {
		*ret_time = summer < winter ? summer : winter;
	} else if (in_summer || in_winter) {
		*ret_time = in_summer ? summer : winter;
	}
	return in_summer || in_winter;
}

/* The first second of a day: where midnight is skipped, the first that there is. */
static bool start_of_day(const struct tm *date, time_t *ret_time)
{
	struct tm tm = *date;
	for (int minute = 0; minute < 24 * 60; minute++) {
		tm.tm_hour = minute / 60;
		tm.tm_min = minute % 60;
		if (first_occurrence(&tm, ret_time)) {
			return true;
		}
	}
	return false;
}

static struct tm next_date(struct tm date)
{
	date.tm_mday++;
	(void)timegm(&date);
	return (struct tm){.tm_year = date.tm_year, .tm_mon = date.tm_mon, .tm_mday = date.tm_mday};
}

static int bounded(int64_t unix_s, uint32_t *ret_unix_s)
{
	/* 0 and the greatest number mean "no bound" in the roster. */
	if (unix_s <= 0 || unix_s >= UINT32_MAX) {
		return LQ_ERR_INVALID;
	}
	*ret_unix_s = (uint32_t)unix_s;
	return LQ_OK;
}

int lq_when_parse(const char *text, enum lq_when_edge edge, uint32_t *ret_unix_s)
{
	int64_t unix_ms = 0;
	if (lq_when_parse_rfc3339(text, &unix_ms) == LQ_OK) {
		return bounded(unix_ms / 1000, ret_unix_s);
	}
	const char *at = text;
	struct tm tm;
	time_t time = 0;
	if (!take_date(&at, &tm)) {
		return LQ_ERR_INVALID;
	}
	if (*at == '\0') {
		struct tm day = edge == LQ_WHEN_TO ? next_date(tm) : tm;
		return start_of_day(&day, &time) ? bounded(time, ret_unix_s) : LQ_ERR_NOT_FOUND;
	}
	if (!take_one_of(&at, " T") || !take_minute(&at, &tm) || *at != '\0') {
		return LQ_ERR_INVALID;
	}
	return first_occurrence(&tm, &time) ? bounded(time, ret_unix_s) : LQ_ERR_NOT_FOUND;
}

void lq_when_format(int64_t unix_ms, enum lq_when_precision precision, char ret_text[LQ_WHEN_SIZE])
{
	int64_t ms = ((unix_ms % 1000) + 1000) % 1000;
	time_t seconds = (time_t)(unix_ms / 1000 - (unix_ms % 1000 < 0 ? 1 : 0));
	struct tm tm;
	memcpy(ret_text, "?", sizeof("?"));
	if (localtime_r(&seconds, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 8099) {
		return;
	}
	if (precision == LQ_WHEN_MINUTES) {
		(void)strftime(ret_text, LQ_WHEN_SIZE, "%Y-%m-%d %H:%M", &tm);
		return;
	}
	size_t length = strftime(ret_text, LQ_WHEN_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
	(void)snprintf(ret_text + length, LQ_WHEN_SIZE - length, ".%03d", (int)ms);
}
