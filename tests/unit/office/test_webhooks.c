/* What webhooks are told, in which order and for how long; and that it is gone when it has to be.
 */
#include "firmware/core/err.h"
#include "host/office/api_law.h"
#include "host/office/api_visits.h"
#include "host/office/api_webhooks.h"
#include "host/office/back_off.h"
#include "host/office/books_internal.h"
#include "host/office/law.h"
#include "host/office/space_rules.h"
#include "host/office/webhook_queue.h"
#include "host/office/webhook_turn.h"
#include "host/office/webhook_visits.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL     "https://hooks.example.org/loquet"
#define VISITS  "[\"visit.opened\",\"visit.closed\",\"visit.corrected\",\"visit.withdrawn\"]"
#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY     "2026-12-01"

static int64_t number(const char *sql)
{
	int64_t value = -1;
	assert_int_equal(lq_db_integer(stub.db, &value, -1, sql, ""), LQ_OK);
	return value;
}

/* ---- playing ---- */

static char hook[24]; /* the number of the last one that was added */

static void add(const char *url, const char *types)
{
	char body[512];
	(void)snprintf(body, sizeof(body), "{\"url\":\"%s\",\"types\":%s}", url, types);
	assert_int_equal(CALL(lq_api_webhooks_add, body, NULL), 201);
	(void)snprintf(hook, sizeof(hook), "%lld",
		(long long)json_integer_value(json_object_get(stub.answer.json, "id")));
}

static const char *word_of_hook(const char *key)
{
	assert_int_equal(CALL(lq_api_webhooks_get, NULL, hook), 200);
	const char *word = json_string_value(json_object_get(stub.answer.json, key));
	return word != NULL ? word : "";
}

/* As the listener does. */
static void tell(uint64_t seq, const char *type)
{
	struct lq_feed_event event = {.controller = "front-board", .seq = seq};
	(void)snprintf(event.type, sizeof(event.type), "org.loquet.%s.v1", type);
	assert_int_equal(lq_books_begin(play_books()), LQ_OK);
	assert_int_equal(lq_books_tell(play_books(), &event, stub.now_ms), LQ_OK);
}

/* The next event of a door. */
static void alarm_at(uint64_t seq)
{
	play_together();
	(void)play_row("front-board", seq, "door.alarm", stub.now_ms, "\"door\":\"front\"");
	tell(seq, "door.alarm");
	play_commit();
}

static struct lq_webhook_parcel parcel;

/* Whether something is due: the parcel is the first of it. */
static bool take(void)
{
	int64_t deliveries[LQ_WEBHOOKS_MAX];
	int64_t webhooks[LQ_WEBHOOKS_MAX];
	int r = 1;
	free(parcel.body);
	parcel.body = NULL;
	while (r > 0 && parcel.body == NULL) {
		assert_int_equal(lq_db_begin(stub.db), LQ_OK);
		r = lq_webhook_due(stub.db, stub.now_ms, deliveries, webhooks);
		assert_true(r >= 0);
		int packed = r > 0 ? lq_webhook_pack(stub.db, deliveries[0], stub.now_ms, &parcel)
				   : LQ_OK;
		assert_true(packed == LQ_OK || packed == LQ_ERR_NOT_FOUND);
		assert_int_equal(lq_db_commit(stub.db), LQ_OK);
	}
	return parcel.body != NULL;
}

static enum lq_webhook_turn settle_asked(int status, int64_t asked_ms)
{
	enum lq_webhook_turn turn = LQ_WEBHOOK_GOES_ON;
	struct lq_webhook_outcome outcome = {.webhook = parcel.webhook,
		.delivery = parcel.delivery,
		.status = status,
		.asked_ms = asked_ms};
	(void)snprintf(outcome.url, sizeof(outcome.url), "%s", parcel.url);
	(void)snprintf(
		outcome.error, sizeof(outcome.error), "%s", status == 0 ? "Could not connect" : "");
	assert_int_equal(lq_db_begin(stub.db), LQ_OK);
	int r = lq_webhook_settle(stub.db, &outcome, stub.now_ms, UINT32_MAX, &turn);
	if (r != LQ_OK) {
		fail_msg("%s", lq_db_error(stub.db));
	}
	assert_int_equal(lq_db_commit(stub.db), LQ_OK);
	return turn;
}

static enum lq_webhook_turn settle(int status)
{
	return settle_asked(status, 0);
}

static void expect_next(const char *name, int status)
{
	assert_true(take());
	assert_string_equal(parcel.name, name);
	(void)settle(status);
}

static void sweep(void)
{
	assert_int_equal(lq_db_begin(stub.db), LQ_OK);
	int r = lq_webhook_sweep(stub.db, stub.now_ms);
	if (r != LQ_OK) {
		fail_msg("%s", lq_db_error(stub.db));
	}
	assert_int_equal(lq_db_commit(stub.db), LQ_OK);
}

/* What is told of visits after a turn, as "opened p1 2026-12-01T…Z closed …", taken by the
 * receiver. */
static char told[4096];
static char last_id[LQ_NAME_SIZE + 64];

static int visits_turn(void)
{
	const struct lq_space_rules rules = lq_space_rules_load(stub.db);
	return lq_webhook_visits_turn(stub.db, &stub.config, &rules.visits, stub.now_ms);
}

static const char *tell_visits(void)
{
	assert_int_equal(lq_db_begin(stub.db), LQ_OK);
	int days = visits_turn();
	if (days < 0) {
		fail_msg("%s", lq_db_error(stub.db));
	}
	assert_int_equal(lq_db_commit(stub.db), LQ_OK);
	told[0] = '\0';
	while (take()) {
		json_t *event = json_loads(parcel.body, 0, NULL);
		const char *type = json_string_value(json_object_get(event, "type"));
		const json_t *data = json_object_get(event, "data");
		const char *state = json_string_value(json_object_get(data, "state"));
		size_t length = strlen(told);
		assert_memory_equal(type, "org.loquet.visit.", 17);
		(void)snprintf(told + length, sizeof(told) - length, "%s%.*s %s%s%s",
			length > 0 ? ", " : "", (int)strcspn(type + 17, "."), type + 17,
			json_string_value(json_object_get(data, "person")),
			state != NULL ? " " : "", state != NULL ? state : "");
		(void)snprintf(last_id, sizeof(last_id), "%s",
			json_string_value(json_object_get(data, "id")));
		json_decref(event);
		(void)settle(200);
	}
	return told;
}

/* ---- the queue ---- */

static void it_is_told_one_after_the_other(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	add(URL, "[\"door.alarm\"]");
	for (uint64_t seq = 1; seq <= 3; seq++) {
		alarm_at(seq);
	}
	expect_next("front-board/1", 200);
	expect_next("front-board/2", 204);
	expect_next("front-board/3", 299);
	assert_false(take());
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery WHERE state = 1"), 3);
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery WHERE body IS NOT NULL"), 0);
}

static void only_what_is_wanted_is_told(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	alarm_at(1);
	add(URL, "[\"door.fault\",\"door.opened\"]");
	alarm_at(2);
	assert_false(take());
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery"), 0);
}

/* A tap's events cost their day and their chain once, told or not. */
static void what_is_gathered_stays_so(void **state)
{
	static const char *const wanted[] = {
		"[\"door.fault\"]", "[\"access.granted\",\"access.taken\"]"};
	(void)state;
	play_now(DAY " 10:00");
	for (uint64_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		add(i == 0 ? URL : URL "/other", wanted[i]);
		play_together();
		play_enters("front-board", "p7", DAY " 09:00");
		tell(2 * i + 1, "access.granted");
		tell(2 * i + 2, "access.taken");
		assert_int_equal(play_books()->gathered.chain_count, 1);
		assert_int_equal(play_books()->passages.count, 2);
		play_commit();
		assert_int_equal(number("SELECT count(*) FROM webhook_delivery"), 2 * i);
		assert_int_equal(number("SELECT count(*) FROM visit"), 1);
	}
}

/* One that is set up within a transaction of the books is told what comes then. */
static void what_is_wanted_is_asked_anew(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	play_together();
	(void)play_event("front-board", "door.alarm", stub.now_ms, "\"door\":\"front\"");
	tell(1, "door.alarm");
	add(URL, "[\"door.alarm\"]");
	(void)play_event("front-board", "door.alarm", stub.now_ms, "\"door\":\"front\"");
	tell(2, "door.alarm");
	play_commit();
	expect_next("front-board/2", 200);
	assert_false(take());
}

static void what_fails_waits_and_keeps_its_place(void **state)
{
	static const int answers[] = {0, 301, 400, 404, 429, 500, 503, 199, 600};
	(void)state;
	play_now(DAY " 10:00");
	add(URL, "[\"door.alarm\"]");
	alarm_at(1);
	alarm_at(2);
	for (uint32_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		assert_true(take());
		assert_string_equal(parcel.name, "front-board/1");
		assert_int_equal(
			settle(answers[i]), i == 0 ? LQ_WEBHOOK_FAILS : LQ_WEBHOOK_GOES_ON);
		int64_t wait_ms = lq_back_off_wait(i + 1, UINT32_MAX);
		stub.now_ms += wait_ms - 1;
		assert_false(take());
		stub.now_ms += 1;
	}
	assert_string_equal(word_of_hook("state"), "failing");
	assert_true(take());
	assert_int_equal(settle(200), LQ_WEBHOOK_RECOVERS);
	expect_next("front-board/2", 200);
	assert_string_equal(word_of_hook("state"), "active");
}

/* Of the one that was refused and of all others. */
static void quiet_that_is_asked_for_is_kept(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	add(URL, "[\"door.alarm\"]");
	alarm_at(1);
	alarm_at(2);
	assert_true(take());
	assert_int_equal(settle_asked(429, 90000), LQ_WEBHOOK_FAILS);
	stub.now_ms += 89999;
	assert_false(take());
	stub.now_ms += 1;
	assert_true(take());
	assert_string_equal(parcel.name, "front-board/1");
	/* Less than the wait that is due anyway. */
	assert_int_equal(settle_asked(503, 1000), LQ_WEBHOOK_GOES_ON);
	stub.now_ms += lq_back_off_wait(2, UINT32_MAX) - 1;
	assert_false(take());
	stub.now_ms += 1;
	assert_true(take());
	assert_int_equal(settle_asked(503, INT64_MAX), LQ_WEBHOOK_GOES_ON);
	stub.now_ms += LQ_BACK_OFF_MOST_MS - 1;
	assert_false(take());
	stub.now_ms += 1;
	expect_next("front-board/1", 200);
	expect_next("front-board/2", 200);
}

static void one_that_is_refused_holds_up_no_other(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	add(URL, "[\"door.alarm\"]");
	alarm_at(1);
	expect_next("front-board/1", 400);
	stub.now_ms += 2000;
	expect_next("front-board/1", 400);
	for (uint64_t seq = 2; seq <= 4; seq++) {
		alarm_at(seq);
		stub.now_ms += 2000;
	}
	expect_next("front-board/1", 400);
	stub.now_ms += 17000;
	assert_false(take()); /* the webhook's own wait */
	stub.now_ms += 1000;
	expect_next("front-board/1", 400);
	stub.now_ms += 53000;
	assert_false(take());
	assert_int_equal(CALL(lq_api_webhooks_change, "{\"active\":true}", hook), 200);
	expect_next("front-board/1", 400);
	stub.now_ms += 2000;
	expect_next("front-board/2", 200);
	expect_next("front-board/3", 200);
	expect_next("front-board/4", 200);
	assert_false(take());
}

static void after_twenty_hours_it_is_given_up(void **state)
{
	unsigned tries = 0;
	(void)state;
	play_now(DAY " 10:00");
	int64_t began_ms = stub.now_ms;
	add(URL, "[\"door.alarm\"]");
	alarm_at(1);
	alarm_at(2); /* as old as the first, and never tried */
	stub.now_ms += HOUR_MS;
	began_ms += HOUR_MS;
	while (number("SELECT count(*) FROM webhook_delivery WHERE state = 0") == 2) {
		if (tries > 0) {
			stub.now_ms = number("SELECT due - 1 FROM webhook_delivery WHERE id = 1");
			assert_false(take());
			stub.now_ms++;
		}
		assert_true(take());
		assert_string_equal(parcel.name, "front-board/1");
		tries++;
		enum lq_webhook_turn turn = settle(0);
		assert_int_equal(turn == LQ_WEBHOOK_FAILS,
			tries == 1 || stub.now_ms - began_ms >= LQ_BACK_OFF_TOTAL_MS);
	}
	assert_int_equal(tries, 14);
	assert_int_equal(stub.now_ms - began_ms, LQ_BACK_OFF_TOTAL_MS);
	sweep();
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery WHERE state = 2"), 2);
	assert_string_equal(word_of_hook("state"), "failing");
	/* It goes on with what comes then. */
	alarm_at(3);
	stub.now_ms += 4 * HOUR_MS;
	expect_next("front-board/3", 200);
	assert_string_equal(word_of_hook("state"), "active");
}

static void gone_ends_it(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	add(URL, "[\"door.alarm\"]");
	alarm_at(1);
	alarm_at(2);
	assert_true(take());
	assert_int_equal(settle(410), LQ_WEBHOOK_IS_GONE);
	alarm_at(3);
	assert_false(take());
	assert_string_equal(word_of_hook("state"), "gone");
	assert_int_equal(CALL(lq_api_webhooks_test, NULL, hook), 409);
	assert_string_equal(stub.problem, "webhook_ended");
	assert_int_equal(CALL(lq_api_webhooks_change, "{\"active\":true}", hook), 200);
	alarm_at(4);
	expect_next("front-board/4", 200);
}

static void an_answer_of_another_address_says_nothing(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	add(URL, "[\"door.alarm\"]");
	alarm_at(1);
	assert_true(take());
	assert_int_equal(
		CALL(lq_api_webhooks_change, "{\"url\":\"https://other.example.org/\"}", hook),
		200);
	assert_int_equal(settle(410), LQ_WEBHOOK_GOES_ON);
	assert_string_equal(word_of_hook("state"), "active");
	expect_next("front-board/1", 200);
	assert_string_equal(parcel.url, "https://other.example.org/");
}

static void a_test_comes_first_and_once(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	add(URL, "[\"door.alarm\"]");
	alarm_at(1);
	expect_next("front-board/1", 500);
	assert_int_equal(CALL(lq_api_webhooks_test, NULL, hook), 202);
	assert_string_equal(stub.audit, "webhook.test webhook/1 hooks.example.org\n");
	assert_true(take());
	assert_non_null(strstr(parcel.body, "\"type\":\"org.loquet.webhook.test.v1\""));
	(void)settle(500);
	assert_false(take());
	assert_int_equal(CALL(lq_api_webhooks_test, NULL, hook), 202);
	assert_true(take());
	assert_int_equal(settle(200), LQ_WEBHOOK_RECOVERS);
	expect_next("front-board/1", 200);
}

static void a_clock_that_is_put_back_holds_nothing_up(void **state)
{
	(void)state;
	play_now("2036-12-01 10:00");
	add(URL, "[\"door.alarm\"]");
	alarm_at(1);
	expect_next("front-board/1", 500);
	alarm_at(2);
	play_now(DAY " 10:00");
	expect_next("front-board/1", 200);
	expect_next("front-board/2", 200);
}

static void there_are_limits(void **state)
{
	char url[64];
	(void)state;
	play_now(DAY " 10:00");
	for (unsigned i = 0; i < LQ_WEBHOOKS_MAX; i++) {
		(void)snprintf(url, sizeof(url), "https://hooks.example.org/%u", i);
		add(url, i == 0 ? "[\"door.alarm\"]" : "[\"door.fault\"]");
	}
	assert_int_equal(
		CALL(lq_api_webhooks_add, "{\"url\":\"" URL "\",\"types\":[\"door.alarm\"]}", NULL),
		409);
	assert_string_equal(stub.problem, "too_many");
	assert_true(
		lq_db_run(stub.db,
			"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
			"WHERE i < ?1) INSERT INTO webhook_delivery (webhook, name, type, made, "
			"due) SELECT 1, 'x', 13, ?2, ?2 FROM n",
			"ii", (int64_t)LQ_WEBHOOK_WAITING_MAX + 3, stub.now_ms) > 0);
	sweep();
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery WHERE state = 0"),
		LQ_WEBHOOK_WAITING_MAX);
	assert_int_equal(number("SELECT max(id) FROM webhook_delivery WHERE state = 2"), 3);
	assert_true(lq_db_run(stub.db, "UPDATE webhook_delivery SET state = 1", "") > 0);
	sweep();
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery"), LQ_WEBHOOK_REMEMBER_MAX);
	stub.now_ms += LQ_WEBHOOK_REMEMBER_MS + 1;
	sweep();
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery"), 0);
}

/* ---- the loop's turns ---- */

/* Nobody listens there. */
#define CLOSED       "http://127.0.0.1:1/hook"
#define CLOSED_OTHER "http://127.0.0.1:1/other"

static struct lq_office office;
static struct lq_webhook_post post;

static void begin_turns(void)
{
	office.config = &stub.config;
	office.db = stub.db;
	assert_int_equal(lq_webhook_post_begin(&post), LQ_OK);
}

static void turn(void)
{
	const struct lq_space_rules rules = lq_space_rules_usual();
	post.looked_ms = 0; /* it is long ago */
	lq_webhook_post_turn(&post, &office, &rules, stub.now_ms);
}

static void turn_until_sent(int64_t webhook)
{
	while (lq_sender_is_busy(post.sender, webhook)) {
		struct pollfd entry = {.fd = lq_webhook_post_fd(&post), .events = POLLIN};
		(void)poll(&entry, 1, lq_webhook_post_timeout(&post, 20));
		turn();
	}
}

static void one_that_cannot_be_signed_stops_no_other(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	add(CLOSED, "[\"door.alarm\"]");
	add(CLOSED_OTHER, "[\"door.alarm\"]");
	assert_int_equal(
		lq_db_run(stub.db, "UPDATE webhook SET secret = x'00' WHERE id = 1", ""), 1);
	alarm_at(1);
	begin_turns();
	turn();
	assert_false(lq_sender_is_busy(post.sender, 1));
	assert_true(lq_sender_is_busy(post.sender, 2));
	assert_int_equal(number("SELECT failures FROM webhook WHERE id = 1"), 1);
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery WHERE webhook = 1 AND "
				"state = 0 AND tries = 1 AND due > made AND error <> ''"),
		1);
	turn();
	assert_int_equal(number("SELECT failures FROM webhook WHERE id = 1"), 1);
	lq_webhook_post_end(&post);
}

static void what_became_of_it_stays_whatever_fails_then(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	add(CLOSED, "[\"door.alarm\",\"visit.opened\"]");
	alarm_at(1);
	begin_turns();
	turn();
	assert_true(lq_sender_is_busy(post.sender, 1));
	assert_true(lq_db_run(stub.db, "DROP TABLE webhook_visit_due", "") >= 0);
	turn_until_sent(1);
	assert_int_not_equal(post.failure, LQ_OK);
	assert_int_equal(number("SELECT failures FROM webhook"), 1);
	assert_int_equal(number("SELECT tries FROM webhook_delivery"), 1);
	lq_webhook_post_end(&post);
}

/* ---- visits ---- */

static void a_visit_from_its_beginning_to_its_end(void **state)
{
	char id[sizeof(last_id)];
	(void)state;
	play_now(DAY " 09:00");
	add(URL, VISITS);
	/* The grant alone makes one; that the door was seen to open moves it, under the same name.
	 */
	(void)play_event("front-board", "access.granted", play_at(DAY " 09:00"),
		"\"door\":\"front\",\"accessPoint\":\"front/entry\",\"transaction\":\"9-1\","
		"\"credential\":\"c1\",\"holder\":\"p7\"");
	assert_string_equal(tell_visits(), "opened p7 open");
	(void)snprintf(id, sizeof(id), "%s", last_id);
	(void)play_event("front-board", "access.taken", play_at(DAY " 09:00") + 1500,
		"\"door\":\"front\",\"accessPoint\":\"front/entry\",\"transaction\":\"9-1\","
		"\"credential\":\"c1\",\"holder\":\"p7\"");
	assert_string_equal(tell_visits(), "");
	play_now(DAY " 12:00");
	play_leaves("front-board", "p7", DAY " 12:00");
	assert_string_equal(tell_visits(), "closed p7 left");
	assert_string_equal(last_id, id);
	play_now(DAY " 13:00");
	play_enters("front-board", "p7", DAY " 13:00");
	assert_string_equal(tell_visits(), "opened p7 open");
	assert_string_equal(last_id, id);
	assert_int_equal(CALL(lq_api_visits_get, NULL, id), 200);
	play_now("2026-12-02 03:59");
	assert_string_equal(tell_visits(), "");
	play_now("2026-12-02 04:00");
	assert_string_equal(tell_visits(), "closed p7 cutoff");
	assert_string_equal(last_id, id);
	assert_string_equal(tell_visits(), "");
}

static void a_visit_that_was_none_is_withdrawn(void **state)
{
	(void)state;
	play_now(DAY " 09:00");
	add(URL, VISITS);
	(void)play_event("front-board", "access.granted", play_at(DAY " 09:00"),
		"\"door\":\"front\",\"accessPoint\":\"front/entry\",\"transaction\":\"9-1\","
		"\"credential\":\"c1\",\"holder\":\"p7\"");
	assert_string_equal(tell_visits(), "opened p7 open");
	(void)play_event("front-board", "access.not_taken", play_at(DAY " 09:00"),
		"\"door\":\"front\",\"accessPoint\":\"front/entry\",\"transaction\":\"9-1\","
		"\"credential\":\"c1\",\"holder\":\"p7\"");
	assert_string_equal(tell_visits(), "withdrawn p7");
	assert_string_equal(tell_visits(), "");
	assert_int_equal(number("SELECT count(*) FROM webhook_visit"), 0);
}

static void an_earlier_passage_that_comes_late_changes_no_name(void **state)
{
	char id[sizeof(last_id)];
	(void)state;
	play_now(DAY " 11:00");
	add(URL, VISITS);
	play_enters("front-board", "p7", DAY " 10:00");
	assert_string_equal(tell_visits(), "opened p7 open");
	(void)snprintf(id, sizeof(id), "%s", last_id);
	play_enters("back-board", "p7", DAY " 09:00");
	assert_string_equal(tell_visits(), "");
	play_leaves("front-board", "p7", DAY " 11:00");
	assert_string_equal(tell_visits(), "closed p7 left");
	assert_string_equal(last_id, id);
}

static void what_somebody_says_of_it_is_told_without_their_words(void **state)
{
	(void)state;
	play_person(7, "Ada Example", "member", false, false);
	play_now(DAY " 09:30");
	add(URL, VISITS);
	play_enters("front-board", "p7", DAY " 09:00");
	assert_string_equal(tell_visits(), "opened p7 open");
	assert_int_equal(
		CALL(lq_api_visits_change,
			"{\"checkOut\":\"2026-12-01T08:20:00Z\",\"reason\":\"ill\"}", last_id),
		200);
	assert_int_equal(lq_db_begin(stub.db), LQ_OK);
	assert_int_equal(visits_turn(), 1);
	assert_int_equal(lq_db_commit(stub.db), LQ_OK);
	assert_true(take());
	assert_non_null(strstr(parcel.body, "org.loquet.visit.corrected.v1"));
	assert_non_null(strstr(parcel.body, "\"checkOut\":\"2026-12-01T08:20:00.000Z\""));
	assert_null(strstr(parcel.body, "Ada"));
	assert_null(strstr(parcel.body, "ill\""));
	assert_null(strstr(parcel.body, "accueil"));
	(void)settle(200);
	assert_int_equal(
		CALL(lq_api_visits_change, "{\"void\":true,\"reason\":\"ill\"}", last_id), 200);
	assert_string_equal(tell_visits(), "corrected p7 void");
	play_now("2026-12-02 05:00");
	assert_string_equal(tell_visits(), "");
}

static void visits_that_are_there_already_are_no_news(void **state)
{
	(void)state;
	play_now(DAY " 10:00");
	play_enters("front-board", "p7", DAY " 09:00");
	play_enters("front-board", "p8", DAY " 09:00");
	assert_int_equal(number("SELECT count(*) FROM webhook_visit_due"), 0);
	add(URL, VISITS);
	assert_string_equal(tell_visits(), "");
	play_leaves("front-board", "p7", DAY " 10:00");
	assert_string_equal(tell_visits(), "closed p7 left");
	/* Whom nobody is told of, of them nothing is kept. */
	assert_int_equal(number("SELECT count(*) FROM webhook_visit"), 2);
	assert_int_equal(CALL(lq_api_webhooks_change, "{\"types\":[\"door.alarm\"]}", hook), 200);
	assert_int_equal(number("SELECT count(*) FROM webhook_visit"), 0);
	assert_int_equal(CALL(lq_api_webhooks_change, "{\"types\":[\"visit.closed\"]}", hook), 200);
	assert_int_equal(number("SELECT count(*) FROM webhook_visit"), 2);
	assert_int_equal(CALL(lq_api_webhooks_change, "{\"active\":false}", hook), 200);
	assert_int_equal(number("SELECT count(*) FROM webhook_visit"), 0);
	assert_int_equal(CALL(lq_api_webhooks_remove, NULL, hook), 204);
}

/* ---- the law ---- */

static void keep(const char *local)
{
	play_now(local);
	assert_int_equal(lq_books_keep(play_books(), 90, stub.now_ms), LQ_OK);
}

static void fill_the_queue(const char *type)
{
	play_now("2026-09-01 12:00");
	add(URL, type);
	play_enters("front-board", "p4711", "2026-09-01 09:00");
	assert_int_equal(lq_db_begin(stub.db), LQ_OK);
	assert_true(visits_turn() > 0);
	assert_int_equal(lq_db_commit(stub.db), LQ_OK);
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery WHERE holder = 4711"), 1);
	assert_true(play_stands("p4711.space."));
}

static void what_is_old_is_gone_from_the_queue_and_the_files(void **state)
{
	(void)state;
	fill_the_queue(VISITS);
	keep("2026-11-29 12:00");
	assert_true(play_stands("p4711.space."));
	keep(DAY " 12:00");
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery"), 0);
	assert_int_equal(number("SELECT count(*) FROM webhook_visit"), 0);
	assert_int_equal(number("SELECT count(*) FROM webhook_visit_due"), 0);
	assert_false(play_stands("p4711"));
}

static void what_was_delivered_leaves_no_words(void **state)
{
	(void)state;
	fill_the_queue(VISITS);
	assert_true(take());
	(void)settle(200);
	assert_int_equal(lq_db_scrub(stub.db), LQ_OK);
	assert_false(play_stands("p4711.space."));
}

static void an_event_that_is_emptied_is_not_told_any_more(void **state)
{
	(void)state;
	play_now("2026-09-01 12:00");
	add(URL, "[\"access.denied\",\"door.alarm\"]");
	play_together();
	(void)play_row("front-board", 1, "access.denied", stub.now_ms,
		"\"door\":\"front\",\"holder\":\"p4711\",\"reason\":\"BadgeLost\"");
	tell(1, "access.denied");
	play_commit();
	alarm_at(2);
	keep(DAY " 12:00");
	assert_false(play_stands("p4711"));
	assert_true(take());
	assert_string_equal(parcel.name, "front-board/2");
}

static void whoever_asks_is_told_what_waits(void **state)
{
	(void)state;
	play_person(4711, "Ada Example", "member", false, false);
	fill_the_queue(VISITS);
	assert_int_equal(CALL(lq_api_person_export, NULL, "p4711"), 200);
	const json_t *tables = json_object_get(stub.answer.json, "tables");
	tables = tables != NULL ? tables : stub.answer.json;
	assert_int_equal(json_array_size(json_object_get(tables, "webhook_delivery")), 1);
	assert_int_equal(json_array_size(json_object_get(tables, "webhook_visit")), 1);
}

static void somebody_who_is_forgotten_is_forgotten_here(void **state)
{
	(void)state;
	play_person(4711, "Ada Example", "member", false, false);
	fill_the_queue(VISITS);
	play_enters("front-board", "p4711", "2026-09-01 11:00");
	assert_true(number("SELECT count(*) FROM webhook_visit_due") > 0);
	assert_int_equal(lq_db_begin(stub.db), LQ_OK);
	assert_int_equal(lq_law_erase(stub.db, 4711, stub.now_ms), LQ_OK);
	assert_int_equal(lq_db_commit(stub.db), LQ_OK);
	assert_int_equal(lq_db_scrub(stub.db), LQ_OK);
	assert_int_equal(number("SELECT count(*) FROM webhook_delivery"), 0);
	assert_int_equal(number("SELECT count(*) FROM webhook_visit"), 0);
	assert_int_equal(number("SELECT count(*) FROM webhook_visit_due"), 0);
	assert_false(play_stands("p4711.space."));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, play_begin_in_file, play_end_in_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_told_one_after_the_other),
		TEST(only_what_is_wanted_is_told),
		TEST(what_is_gathered_stays_so),
		TEST(what_is_wanted_is_asked_anew),
		TEST(what_fails_waits_and_keeps_its_place),
		TEST(quiet_that_is_asked_for_is_kept),
		TEST(one_that_is_refused_holds_up_no_other),
		TEST(after_twenty_hours_it_is_given_up),
		TEST(gone_ends_it),
		TEST(an_answer_of_another_address_says_nothing),
		TEST(a_test_comes_first_and_once),
		TEST(a_clock_that_is_put_back_holds_nothing_up),
		TEST(there_are_limits),
		TEST(one_that_cannot_be_signed_stops_no_other),
		TEST(what_became_of_it_stays_whatever_fails_then),
		TEST(a_visit_from_its_beginning_to_its_end),
		TEST(a_visit_that_was_none_is_withdrawn),
		TEST(an_earlier_passage_that_comes_late_changes_no_name),
		TEST(what_somebody_says_of_it_is_told_without_their_words),
		TEST(visits_that_are_there_already_are_no_news),
		TEST(what_is_old_is_gone_from_the_queue_and_the_files),
		TEST(what_was_delivered_leaves_no_words),
		TEST(an_event_that_is_emptied_is_not_told_any_more),
		TEST(whoever_asks_is_told_what_waits),
		TEST(somebody_who_is_forgotten_is_forgotten_here),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	free(parcel.body);
	return r;
}
