#include "host/office/business_day.h"

#include "firmware/core/err.h"
#include "firmware/core/time.h"
#include "host/office/local_time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define HALF_MIN  810u /* 13:30 */
#define MINUTE_MS INT64_C(60000)

static int64_t local_ms(const struct tm *date, int days, int hour, int minute)
{
	int64_t midnight_ms =
		lq_unix_ms_from_civil(date->tm_year + 1900, date->tm_mon + 1, date->tm_mday);
	return lq_local_minute_ms(
		midnight_ms / MINUTE_MS + (days * INT64_C(24) + hour) * 60 + minute);
}

static struct lq_business_day day_of(const struct tm *date, int days, uint32_t cut_hour)
{
	struct lq_business_day day = {.begins_ms = local_ms(date, days, (int)cut_hour, 0),
		.ends_ms = local_ms(date, days + 1, (int)cut_hour, 0)};
	lq_business_day_divide(&day, HALF_MIN);
	return day;
}

void lq_business_day_divide(struct lq_business_day *day, uint32_t minute)
{
	time_t at = (time_t)(day->begins_ms / 1000);
	struct tm date;
	(void)localtime_r(&at, &date);
	day->half_ms = local_ms(&date, 0, (int)minute / 60, (int)minute % 60);
	if (day->half_ms < day->begins_ms) {
		day->half_ms = local_ms(&date, 1, (int)minute / 60, (int)minute % 60);
	}
}

struct lq_business_day lq_business_day_at(int64_t unix_ms, uint32_t cut_hour)
{
	time_t at = (time_t)(unix_ms / 1000);
	struct tm date;
	(void)localtime_r(&at, &date);
	struct lq_business_day day = day_of(&date, 0, cut_hour);
	return unix_ms < day.begins_ms ? day_of(&date, -1, cut_hour) : day;
}

void lq_business_date(const struct lq_business_day *day, char ret_text[LQ_BUSINESS_DATE_SIZE])
{
	time_t at = (time_t)(day->begins_ms / 1000);
	struct tm date;
	(void)localtime_r(&at, &date);
	if (strftime(ret_text, LQ_BUSINESS_DATE_SIZE, "%Y-%m-%d", &date) == 0) {
		(void)snprintf(ret_text, LQ_BUSINESS_DATE_SIZE, "?");
	}
}

int lq_business_day_parse(const char *text, uint32_t cut_hour, struct lq_business_day *ret_day)
{
	struct tm date = {0};
	char again[LQ_BUSINESS_DATE_SIZE];
	const char *end = strptime(text, "%Y-%m-%d", &date);
	if (end == NULL || *end != '\0') {
		return LQ_ERR_INVALID;
	}
	struct lq_business_day day = day_of(&date, 0, cut_hour);
	lq_business_date(&day, again);
	if (strcmp(again, text) != 0) {
		return LQ_ERR_INVALID;
	}
	*ret_day = day;
	return LQ_OK;
}
