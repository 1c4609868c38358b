#include "host/office/body.h"

#include <stdio.h>
#include <time.h>

json_t *lq_json_time(int64_t unix_ms)
{
	char text[48];
	struct tm tm;
	time_t seconds = (time_t)(unix_ms / 1000);
	if (unix_ms == 0 || gmtime_r(&seconds, &tm) == NULL) {
		return json_null();
	}
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(unix_ms % 1000));
	return json_string(text);
}
