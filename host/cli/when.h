/* Moments as people write and read them, in the time zone of the process (TZ). */
#ifndef LQ_CLI_WHEN_H
#define LQ_CLI_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* A date alone means the whole day: as a beginning its first second, as an end the first second of
 * the next day. */
enum lq_when_edge { LQ_WHEN_FROM, LQ_WHEN_TO };

/* Reads `2026-12-01`, `2026-12-01 08:00` (local time) or RFC 3339 into Unix seconds.
 * LQ_ERR_INVALID for anything else, a date that no calendar has or a year outside 1970-2105;
 * LQ_ERR_NOT_FOUND for a local time that the clock skips on that day. A local time that comes twice
 * is its first occurrence. */
int lq_when_parse(const char *text, enum lq_when_edge edge, uint32_t *ret_unix_s);

/* RFC 3339 to Unix milliseconds; LQ_ERR_INVALID. Any time zone offset, any number of decimals. */
int lq_when_parse_rfc3339(const char *text, int64_t *ret_unix_ms);

#define LQ_WHEN_SIZE sizeof("2026-12-01 08:00:00.000")

enum lq_when_precision { LQ_WHEN_MINUTES, LQ_WHEN_MILLISECONDS };

/* Local time: "2026-12-01 08:00" or "2026-12-01 08:00:00.000"; "?" when the year has more than four
 * digits. */
void lq_when_format(int64_t unix_ms, enum lq_when_precision precision, char ret_text[LQ_WHEN_SIZE]);

#endif
