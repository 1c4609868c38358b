/* When something happens that may happen again (RFC 5545 §3.3.10), in the time zone of the process.
 * One thread.
 *
 * Beginnings and ends are local minutes: what the clock on the wall shows, counted from 1970-01-01
 * 00:00. So a lunch at 12:00 stays at 12:00 when the clocks change, and what ends at 04:00 ends
 * when the clock shows that, in a longer or shorter night. */
#ifndef LQ_OFFICE_RECURRENCE_H
#define LQ_OFFICE_RECURRENCE_H

#include "host/office/local_time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_RECURRENCE_RULE_SIZE 201u

struct lq_recurrence {
	int64_t from; /* of the first occurrence */
	int64_t to;
	char rule[LQ_RECURRENCE_RULE_SIZE]; /* the value of an RRULE; empty: it happens once */
	const int64_t *left_out;            /* days from 1970-01-01 on which it does not begin */
	size_t left_out_count;
};

struct lq_occurrence {
	int64_t from; /* local minutes */
	int64_t to;
	int64_t from_ms; /* Unix */
	int64_t to_ms;
};

/* Whether the rule can be followed: daily, weekly, monthly or yearly, no times of its own, no week
 * that may lie in two years, and the first occurrence is its first. Without a rule, it can. */
bool lq_recurrence_valid(const struct lq_recurrence *recurrence);

/* Those that overlap [from_ms, to_ms), in their order, the first `max` of them; returns how many.
 * Of a rule that is not valid, none. */
size_t lq_recurrence_expand(const struct lq_recurrence *recurrence, int64_t from_ms, int64_t to_ms,
	struct lq_occurrence *ret_occurrences, size_t max);

/* The rule as a feed shows it, whose UNTIL is in UTC. `ret_rule` is empty where there is none. */
void lq_recurrence_feed_rule(
	const struct lq_recurrence *recurrence, char ret_rule[LQ_RECURRENCE_RULE_SIZE]);

#define LQ_LOCAL_SIZE sizeof("2026-03-26T12:00")

/* "2026-03-26T12:00"; LQ_ERR_INVALID for anything else and for what no calendar has. */
int lq_local_parse(const char *text, int64_t *ret_minute);

/* Years 1970 to 9999. */
void lq_local_format(int64_t minute, char ret_text[LQ_LOCAL_SIZE]);

#endif
