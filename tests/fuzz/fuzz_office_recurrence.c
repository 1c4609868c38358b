/* Any rule of what happens again, behind its first beginning and end ("2026-03-26T12:00
 * 2026-03-26T14:00 FREQ=…"): what is taken happens first when it is said to, in an order, and the
 * feed's way to write it means the same. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/recurrence.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST   12u
#define LENGTH (LQ_LOCAL_SIZE - 1)
#define DAY_MS INT64_C(86400000)

static bool read_local(const char *text, int64_t *ret_minute)
{
	char local[LQ_LOCAL_SIZE];
	char again[LQ_LOCAL_SIZE];
	(void)snprintf(local, sizeof(local), "%.*s", (int)LENGTH, text);
	int r = lq_local_parse(local, ret_minute);
	LQ_ASSERT(r == LQ_OK || r == LQ_ERR_INVALID);
	if (r == LQ_OK) {
		lq_local_format(*ret_minute, again);
		LQ_ASSERT(strcmp(local, again) == 0);
	}
	return r == LQ_OK;
}

static bool read_input(const char *text, struct lq_recurrence *ret_recurrence)
{
	size_t length = strlen(text);
	if (length < 2 * LENGTH + 2 || length - 2 * LENGTH - 2 >= LQ_RECURRENCE_RULE_SIZE ||
		!read_local(text, &ret_recurrence->from) ||
		!read_local(text + LENGTH + 1, &ret_recurrence->to)) {
		return false;
	}
	/* No event is longer (api_events.c). */
	int64_t lasts = ret_recurrence->to - ret_recurrence->from;
	(void)snprintf(ret_recurrence->rule, LQ_RECURRENCE_RULE_SIZE, "%s", text + 2 * LENGTH + 2);
	return lasts > 0 && lasts <= (int64_t)31 * 24 * 60;
}

static void check_order(const struct lq_recurrence *recurrence, const struct lq_occurrence *found,
	size_t count, int64_t from_ms, int64_t to_ms)
{
	for (size_t i = 0; i < count; i++) {
		LQ_ASSERT(found[i].to - found[i].from == recurrence->to - recurrence->from);
		LQ_ASSERT(found[i].from_ms < to_ms && found[i].to_ms > from_ms);
		LQ_ASSERT(found[i].from >= recurrence->from);
		LQ_ASSERT(i == 0 || found[i].from > found[i - 1].from);
	}
}

/* What is asked for from a later moment on is the rest of it. */
static void check_rest(const struct lq_recurrence *recurrence, const struct lq_occurrence *found,
	size_t count, int64_t to_ms)
{
	struct lq_occurrence rest[MOST];
	size_t place = count / 2;
	size_t left = lq_recurrence_expand(
		recurrence, found[place].to_ms - 1, to_ms, rest, count - place);
	LQ_ASSERT(left == 0 || rest[0].from <= found[place].from);
	for (size_t i = 0; i < left; i++) {
		LQ_ASSERT(rest[i].to_ms >= found[place].to_ms);
	}
}

static void check_feed(const struct lq_recurrence *recurrence, const struct lq_occurrence *found,
	size_t count, int64_t from_ms, int64_t to_ms)
{
	struct lq_recurrence fed = *recurrence;
	struct lq_occurrence again[MOST];
	lq_recurrence_feed_rule(recurrence, fed.rule);
	LQ_ASSERT((fed.rule[0] == '\0') == (recurrence->rule[0] == '\0'));
	size_t same = lq_recurrence_expand(&fed, from_ms, to_ms, again, MOST);
	LQ_ASSERT(same == count);
	for (size_t i = 0; i < count; i++) {
		LQ_ASSERT(again[i].from == found[i].from);
	}
}

static void expand(const struct lq_recurrence *recurrence)
{
	struct lq_occurrence found[MOST];
	int64_t from_ms = lq_local_minute_ms(recurrence->from);
	int64_t to_ms = from_ms + 800 * DAY_MS;
	bool valid = lq_recurrence_valid(recurrence);
	size_t count = lq_recurrence_expand(recurrence, from_ms, to_ms, found, MOST);
	LQ_ASSERT(count <= MOST);
	check_order(recurrence, found, count, from_ms, to_ms);
	/* An hour that the clock leaves out is none. */
	if (valid && lq_local_minute_ms(recurrence->to) > from_ms) {
		LQ_ASSERT(count > 0 && found[0].from == recurrence->from);
		check_rest(recurrence, found, count, to_ms);
		check_feed(recurrence, found, count, from_ms, to_ms);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct lq_recurrence recurrence = {0};
	(void)setenv("TZ", "Europe/Paris", 1);
	tzset();
	char *text = strndup((const char *)bytes, length);
	LQ_ASSERT(text != NULL);
	if (read_input(text, &recurrence)) {
		expand(&recurrence);
	}
	free(text);
	return 0;
}
