/* What comes from the broker is foreign until it has been read. */
#include "firmware/core/err.h"
#include "host/office/feed.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "loquet/1/demo/front-board/events"
#define TAKEN                                                                                      \
	"{\"specversion\":\"1.0\",\"id\":\"front-board/17\","                                      \
	"\"source\":\"urn:loquet:demo:front-board\",\"type\":\"org.loquet.access.taken.v1\","      \
	"\"time\":\"2026-07-01T08:00:00.250Z\",\"sequence\":\"00000000000000000017\","             \
	"\"loquetclock\":\"rtc\",\"datacontenttype\":\"application/json\",\"data\":{"              \
	"\"door\":\"front\",\"accessPoint\":\"front/exit\",\"transaction\":\"3-4\","               \
	"\"credential\":\"c2\",\"holder\":\"m12\"}}"

static int read_on(const char *topic, const char *body, struct lq_feed_event *event)
{
	return lq_feed_read("demo", topic, body, strlen(body), event);
}

static void a_passage_is_read(void **state)
{
	struct lq_feed_event event;
	(void)state;
	assert_int_equal(read_on(TOPIC, TAKEN, &event), LQ_OK);
	assert_string_equal(event.controller, "front-board");
	assert_int_equal(event.seq, 17);
	assert_true(event.is_passage);
	assert_int_equal(event.holder, 12);
	assert_string_equal(event.door, "front");
	assert_int_equal(event.passage.epoch, 3);
	assert_int_equal(event.passage.number, 4);
	assert_int_equal(event.passage.direction, LQ_DIRECTION_EXIT);
	assert_int_equal(event.passage.evidence, LQ_EVIDENCE_TAKEN);
	assert_int_equal(event.passage.trust, LQ_TRUST_RTC);
	assert_int_equal(event.passage.at_ms, lq_unix_ms_from_civil(2026, 7, 1) + 28800250);
}

/* Replaces the first `what` in the body of a passage. */
static int read_with(const char *what, const char *by, struct lq_feed_event *event)
{
	char body[2 * sizeof(TAKEN)];
	const char *at = strstr(TAKEN, what);
	assert_non_null(at);
	(void)snprintf(
		body, sizeof(body), "%.*s%s%s", (int)(at - TAKEN), TAKEN, by, at + strlen(what));
	return read_on(TOPIC, body, event);
}

static void what_contradicts_itself_is_refused(void **state)
{
	static const char *const changes[][2] = {
		{"front-board/17", "other/17"},
		{"front-board/17", "front-board/0"},
		{"front-board/17", "front-board/17x"},
		{"front-board/17", "front-board/-1"},
		{"front-board/17", "front-board/9223372036854775808"},
		{"urn:loquet:demo", "urn:loquet:elsewhere"},
		{"front/exit", "back/exit"},
		{"front/exit", "front/window"},
		{"3-4", "3"},
		{"3-4", "3-4-5"},
		{"2026-07-01T", "yesterday "},
		{"\"specversion\":\"1.0\"", "\"id\":\"front-board/18\""},
		{"}}", "}"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct lq_feed_event event = {.seq = 99};
		assert_int_equal(read_with(changes[i][0], changes[i][1], &event), LQ_ERR_INVALID);
		assert_int_equal(event.seq, 99);
	}
}

static void another_topic_is_refused(void **state)
{
	static const char *const topics[] = {"", "loquet/1/demo/front-board/state",
		"loquet/1/other/front-board/events", "loquet/1/demo//events",
		"loquet/1/demo/back-board/events", "loquet/1/demo/front-board/events/more"};
	struct lq_feed_event event;
	(void)state;
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		assert_int_equal(read_on(topics[i], TAKEN, &event), LQ_ERR_INVALID);
	}
}

static void what_is_nobodys_passage_is_an_event_all_the_same(void **state)
{
	struct lq_feed_event event;
	(void)state;
	assert_int_equal(read_with(",\"holder\":\"m12\"", "", &event), LQ_OK);
	assert_false(event.is_passage);
	assert_int_equal(read_with("access.taken.v1", "access.taken.v9", &event), LQ_OK);
	assert_false(event.is_passage);
	assert_string_equal(event.type, "org.loquet.access.taken.v9");
}

static enum lq_feed_alert alert_of(const char *data)
{
	char body[512];
	struct lq_feed_event event;
	(void)snprintf(body, sizeof(body),
		"{\"id\":\"front-board/7\",\"source\":\"urn:loquet:demo:front-board\","
		"\"type\":\"org.loquet.access.denied.v1\",\"time\":\"2026-01-01T10:00:00.000Z\","
		"\"data\":{\"door\":\"front\",\"accessPoint\":\"front/entry\",%s}}",
		data);
	assert_int_equal(read_on(TOPIC, body, &event), LQ_OK);
	assert_false(event.is_passage);
	return event.alert;
}

static void a_lost_badge_asks_for_an_eye(void **state)
{
	(void)state;
	assert_int_equal(
		alert_of("\"holder\":\"p3\",\"credentialState\":\"lost\""), LQ_FEED_BADGE_LOST);
	assert_int_equal(
		alert_of("\"holder\":\"m3\",\"credentialState\":\"stolen\""), LQ_FEED_BADGE_STOLEN);
	assert_int_equal(
		alert_of("\"holder\":\"p3\",\"credentialState\":\"revoked\""), LQ_FEED_NO_ALERT);
	assert_int_equal(alert_of("\"credentialState\":\"lost\""), LQ_FEED_NO_ALERT);
	assert_int_equal(alert_of("\"holder\":\"p3\""), LQ_FEED_NO_ALERT);
}

static void a_body_that_is_too_long_is_refused(void **state)
{
	struct lq_feed_event event;
	size_t length = LQ_FEED_BODY_MAX + 1;
	char *body = malloc(length);
	(void)state;
	assert_non_null(body);
	memset(body, ' ', length);
	memcpy(body + length - sizeof(TAKEN) - 1, TAKEN, sizeof(TAKEN) - 1);
	assert_int_equal(lq_feed_read("demo", TOPIC, body, length - 1, &event), LQ_OK);
	assert_int_equal(lq_feed_read("demo", TOPIC, body, length, &event), LQ_ERR_INVALID);
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_passage_is_read),
		cmocka_unit_test(what_contradicts_itself_is_refused),
		cmocka_unit_test(another_topic_is_refused),
		cmocka_unit_test(what_is_nobodys_passage_is_an_event_all_the_same),
		cmocka_unit_test(a_lost_badge_asks_for_an_eye),
		cmocka_unit_test(a_body_that_is_too_long_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
