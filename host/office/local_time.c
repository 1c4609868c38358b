#include "host/office/local_time.h"

#include <time.h>

#define MINUTE_S INT64_C(60)
#define DAY_S    INT64_C(86400)

static int64_t ahead_s(int64_t unix_s)
{
	time_t at = (time_t)unix_s;
	struct tm local;
	(void)localtime_r(&at, &local);
	return local.tm_gmtoff;
}

/* Not by mktime(): of an hour that comes twice it answers by what it was asked last. A day before
 * and a day after, the clock is surely on either side of a change. */
int64_t lq_local_minute_ms(int64_t minute)
{
	int64_t shown_s = minute * MINUTE_S;
	int64_t before_s = ahead_s(shown_s - DAY_S);
	int64_t after_s = ahead_s(shown_s + DAY_S);
	int64_t at_s = shown_s - before_s;
	if (before_s != after_s && ahead_s(at_s) != before_s &&
		ahead_s(shown_s - after_s) == after_s) {
		at_s = shown_s - after_s;
	}
	return at_s * 1000;
}

int64_t lq_local_minute_of(int64_t unix_ms)
{
	return (unix_ms / 1000 + ahead_s(unix_ms / 1000)) / MINUTE_S;
}
