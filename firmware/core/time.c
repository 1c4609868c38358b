#include "firmware/core/time.h"

#define MS_PER_DAY  INT64_C(86400000)
#define MIN_UNIX_MS INT64_C(-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define MAX_UNIX_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

bool lq_mono_due(struct lq_mono deadline, struct lq_mono now)
{
	return now.us >= deadline.us;
}

struct lq_mono lq_mono_after_ms(struct lq_mono from, uint32_t ms)
{
	uint64_t add = (uint64_t)ms * 1000u;
	return (struct lq_mono){.us = from.us > UINT64_MAX - add ? UINT64_MAX : from.us + add};
}

uint32_t lq_mono_elapsed_us(struct lq_mono from, struct lq_mono to)
{
	if (to.us <= from.us) {
		return 0;
	}
	uint64_t elapsed = to.us - from.us;
	return elapsed > UINT32_MAX ? UINT32_MAX : (uint32_t)elapsed;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

int64_t lq_wall_local_minute(struct lq_wall at)
{
	return floor_div(at.unix_ms + (int64_t)at.utc_offset_s * 1000, 60000);
}

/* Counts years from March so that the leap day is last. */
struct lq_date lq_date_of_day(int64_t day)
{
	int64_t z = day + 719468; /* days from 0000-03-01 */
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);
	return (struct lq_date){
		.year = (int)(yoe + era * 400 + (month <= 2 ? 1 : 0)),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
	};
}

int64_t lq_unix_ms_from_civil(int year, int month, int day)
{
	int64_t months = (int64_t)year * 12 + month - 3; /* since March of year 0 */
	int64_t y = floor_div(months, 12);
	int64_t m = months - y * 12;
	int64_t era = floor_div(y, 400);
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * m + 2) / 5 + day - 1;
	int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
	return days * MS_PER_DAY;
}

static char *put_digits(char *out, int value, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		out[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return out + width;
}

void lq_wall_rfc3339(int64_t unix_ms, char ret_text[LQ_RFC3339_SIZE])
{
	int64_t ms = unix_ms < MIN_UNIX_MS ? MIN_UNIX_MS : unix_ms;
	ms = ms > MAX_UNIX_MS ? MAX_UNIX_MS : ms;
	int64_t days = floor_div(ms, MS_PER_DAY);
	int in_day = (int)(ms - days * MS_PER_DAY);
	struct lq_date date = lq_date_of_day(days);

	char *out = put_digits(ret_text, date.year, 4);
	*out++ = '-';
	out = put_digits(out, date.month, 2);
	*out++ = '-';
	out = put_digits(out, date.day, 2);
	*out++ = 'T';
	out = put_digits(out, in_day / 3600000, 2);
	*out++ = ':';
	out = put_digits(out, in_day / 60000 % 60, 2);
	*out++ = ':';
	out = put_digits(out, in_day / 1000 % 60, 2);
	*out++ = '.';
	out = put_digits(out, in_day % 1000, 3);
	*out++ = 'Z';
	*out = '\0';
}

const char *lq_trust_text(enum lq_trust trust)
{
	switch (trust) {
	case LQ_TRUST_UNSET:
		return "unset";
	case LQ_TRUST_RTC:
		return "rtc";
	case LQ_TRUST_SYNCHRONISED:
		return "synchronised";
	}
	return "unset";
}

struct lq_wall lq_floor_step(struct lq_floor *floor, struct lq_wall wall, struct lq_mono now)
{
	struct lq_wall result = wall;
	if (wall.unix_ms < floor->unix_ms) {
		bool stepped_back = wall.trust == LQ_TRUST_SYNCHRONISED;
		/* Not in 32 bits of microseconds: nobody may have asked for a whole night. */
		uint64_t since_us = now.us > floor->at.us ? now.us - floor->at.us : 0;
		result.unix_ms = floor->unix_ms + (stepped_back ? 0 : (int64_t)(since_us / 1000));
		result.trust = stepped_back ? wall.trust : LQ_TRUST_UNSET;
	}
	if (result.unix_ms > floor->unix_ms) {
		*floor = (struct lq_floor){.unix_ms = result.unix_ms, .at = now};
	}
	return result;
}
