/* Missing rows are asked for again, ever more seldom. */
#include "firmware/core/err.h"
#include "firmware/door/order_token.h"
#include "hal/linux/linux_entropy.h"
#include "host/office/replay.h"
#include "tests/lib/cmocka.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <string.h>

#define NOW_MS INT64_C(1800000000000)

static struct lq_post *post;
static struct lq_replay replay;

static int begin(void **state)
{
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_keys key = {0};
	memset(key.sign_seed, 7, sizeof(key.sign_seed));
	memset(&replay, 0, sizeof(replay));
	int r = play_begin(state);
	r = r == 0 ? lq_post_new("demo", &key, &entropy, &post) : r;
	if (r == LQ_OK) {
		lq_post_set_up(post, true);
	}
	return r;
}

static int end(void **state)
{
	lq_post_free(post);
	return play_end(state);
}

static void row(uint64_t seq)
{
	(void)play_row("front-board", seq, "door.closed", NOW_MS, "\"door\":\"front\"");
}

/* From which row is asked for; 0: nothing is. */
static uint64_t asked(int64_t after_ms)
{
	struct lq_jws token;
	struct lq_order order = {0};
	assert_int_equal(lq_replay_turn(&replay, stub.db, post, NOW_MS + after_ms), LQ_OK);
	const struct lq_parcel *parcel = lq_post_next(post);
	if (parcel == NULL) {
		return 0;
	}
	json_t *message = json_loadb((const char *)parcel->bytes, parcel->length, 0, NULL);
	const char *text = json_string_value(json_object_get(message, "jws"));
	assert_string_equal(parcel->topic, "loquet/1/demo/front-board/command");
	assert_int_equal(lq_order_token_parse(text, strlen(text), &token), LQ_OK);
	assert_int_equal(lq_order_payload_parse(&token, &order), LQ_OK);
	assert_string_equal(order.command, "journal.replay");
	json_decref(message);
	lq_post_done(post);
	return order.arguments.from;
}

static void rows_that_are_on_their_way_are_waited_for(void **state)
{
	(void)state;
	row(1);
	row(5);
	assert_int_equal(asked(0), 0);
	assert_int_equal(asked(9000), 0);
	for (uint64_t seq = 2; seq <= 4; seq++) {
		row(seq);
	}
	assert_int_equal(asked(11000), 0);
}

static void they_are_asked_for_from_the_first_that_is_missing(void **state)
{
	(void)state;
	row(1);
	row(3);
	row(7);
	assert_int_equal(asked(0), 0);
	assert_int_equal(asked(10000), 2);
	assert_int_equal(asked(11000), 0);
	row(2);
	assert_int_equal(asked(12000), 0);
	assert_int_equal(asked(22000), 4);
}

static void nobody_asks_for_ever(void **state)
{
	unsigned times = 0;
	(void)state;
	row(1);
	row(3);
	for (int64_t ms = 0; ms < 48 * INT64_C(3600000); ms += 10000) {
		times += asked(ms) == 2 ? 1 : 0;
		assert_true(ms > 60000 || times <= 2);
	}
	assert_int_equal(times, LQ_REPLAY_TIMES_MAX);
	row(9);
	int64_t later_ms = 49 * INT64_C(3600000);
	assert_int_equal(asked(later_ms), 0);
	assert_int_equal(asked(later_ms + 10000), 2);
}

static void what_could_not_be_sent_is_asked_for_later(void **state)
{
	(void)state;
	row(1);
	row(3);
	lq_post_set_up(post, false);
	assert_int_equal(asked(0), 0);
	assert_int_equal(asked(10000), 0);
	lq_post_set_up(post, true);
	assert_int_equal(asked(11000), 2);
}

#define PLAYED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAYED(rows_that_are_on_their_way_are_waited_for),
		PLAYED(they_are_asked_for_from_the_first_that_is_missing),
		PLAYED(nobody_asks_for_ever),
		PLAYED(what_could_not_be_sent_is_asked_for_later),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
