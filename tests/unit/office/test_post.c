/* What the office signs and says. */
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/door/order_token.h"
#include "hal/linux/linux_entropy.h"
#include "host/office/office_key.h"
#include "host/office/post.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW_MS INT64_C(1800000000000)

static struct lq_keys key;
static struct lq_post *post;
static char folder[] = "/tmp/lq-office-key-XXXXXX";

static int begin(void **state)
{
	struct lq_entropy entropy = lq_linux_entropy();
	(void)state;
	memset(key.sign_seed, 7, sizeof(key.sign_seed));
	int r = lq_post_new("demo", &key, &entropy, &post);
	if (r == LQ_OK) {
		lq_post_set_up(post, true);
	}
	return r;
}

static int end(void **state)
{
	(void)state;
	lq_post_free(post);
	return 0;
}

static void test_key_is_made_once(void **state)
{
	char path[64];
	struct stat status;
	struct lq_keys first;
	struct lq_keys second;
	struct lq_entropy entropy = lq_linux_entropy();
	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/office.key", folder);
	assert_int_equal(lq_office_key_load(folder, &entropy, &first), LQ_OK);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(lq_office_key_load(folder, &entropy, &second), LQ_OK);
	assert_memory_equal(first.sign_public, second.sign_public, 32);
	assert_int_equal(truncate(path, 3), 0);
	assert_int_equal(lq_office_key_load(folder, &entropy, &second), LQ_ERR_CORRUPT);
	assert_int_equal(unlink(path), 0);
	char *token = lq_office_sign(&first, "{}", 2);
	const char *dot = strrchr(token, '.');
	uint8_t signature[64];
	size_t count = 0;
	assert_int_equal(
		lq_base64url_decode(dot + 1, strlen(dot + 1), signature, 64, &count), LQ_OK);
	assert_int_equal(lq_keys_verify(first.sign_public, (const uint8_t *)token,
				 (size_t)(dot - token), signature),
		LQ_OK);
	free(token);
	assert_int_equal(rmdir(folder), 0);
}

static void expect_next(const char *topic, const char *bytes)
{
	const struct lq_parcel *parcel = lq_post_next(post);
	assert_non_null(parcel);
	assert_string_equal(parcel->topic, topic);
	assert_int_equal(parcel->length, strlen(bytes));
	assert_memory_equal(parcel->bytes, bytes, parcel->length);
	lq_post_done(post);
}

static void test_newest_of_a_topic_is_sent(void **state)
{
	(void)state;
	assert_int_equal(lq_office_publish(post, "a", "1", 1, true), LQ_OK);
	assert_int_equal(lq_office_publish(post, "b", "2", 1, false), LQ_OK);
	assert_int_equal(lq_office_publish(post, "a", "33", 2, true), LQ_OK);
	assert_int_equal(lq_office_publish(post, "b", "", 0, false), LQ_OK);
	expect_next("b", "2");
	expect_next("a", "33");
	expect_next("b", "");
	assert_null(lq_post_next(post));
}

static void test_has_an_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < LQ_PARCELS_MAX; i++) {
		assert_int_equal(lq_office_publish(post, "a", "1", 1, false), LQ_OK);
	}
	assert_int_equal(lq_office_publish(post, "a", "1", 1, false), LQ_ERR_FULL);
}

static void test_commands_do_not_outlive_the_connection(void **state)
{
	(void)state;
	assert_int_equal(lq_office_publish(post, "a", "1", 1, true), LQ_OK);
	assert_int_equal(lq_office_publish(post, "b", "2", 1, false), LQ_OK);
	assert_int_equal(lq_office_publish(post, "c", "3", 1, true), LQ_OK);
	lq_post_set_up(post, false);
	expect_next("a", "1");
	expect_next("c", "3");
	assert_null(lq_post_next(post));
}

static const struct lq_sending *send_order(enum lq_order_kind kind)
{
	const struct lq_sending *sending = NULL;
	const struct lq_sending_wish wish = {
		.controller = "front-board", .door = "front", .kind = kind, .by = "accueil"};
	assert_int_equal(lq_post_send(post, &wish, NOW_MS, &sending), LQ_OK);
	return sending;
}

static void test_signs_what_a_door_reads(void **state)
{
	struct lq_jws token;
	struct lq_order order;
	const struct lq_sending *sending = send_order(LQ_ORDER_DOOR_OPEN);
	const struct lq_parcel *parcel = lq_post_next(post);
	(void)state;
	assert_string_equal(parcel->topic, "loquet/1/demo/front-board/command");
	assert_false(parcel->retain);
	json_t *message = json_loadb((const char *)parcel->bytes, parcel->length, 0, NULL);
	const char *text = json_string_value(json_object_get(message, "jws"));
	assert_int_equal(lq_order_token_parse(text, strlen(text), &token), LQ_OK);
	assert_string_equal(token.signer, "office");
	assert_int_equal(lq_order_payload_parse(&token, &order), LQ_OK);
	assert_string_equal(order.audience, "demo/front-board");
	assert_string_equal(order.command, "door.open");
	assert_string_equal(order.door, "front");
	assert_string_equal(order.nonce, sending->id);
	assert_int_equal(order.expires_s - order.not_before_s, 90);
	json_decref(message);
}

static const struct lq_sending *answer(const char *id, const char *rest)
{
	char body[512];
	(void)snprintf(body, sizeof(body), "{\"correlation\":\"%s\",%s}", id, rest);
	return lq_post_answer(post, "front-board", body, strlen(body), NOW_MS);
}

static void test_takes_answers(void **state)
{
	const struct lq_sending *opened = send_order(LQ_ORDER_DOOR_OPEN);
	const struct lq_sending *refused = send_order(LQ_ORDER_DOOR_OPEN);
	const struct lq_sending *silent = send_order(LQ_ORDER_DOOR_OPEN);
	(void)state;
	assert_null(lq_post_answer(post, "front-board", "{", 1, NOW_MS));
	assert_null(answer("another", "\"ok\":true"));
	assert_ptr_equal(answer(opened->id, "\"ok\":true,\"command\":\"door.open\""), opened);
	assert_int_equal(opened->state, LQ_SENDING_DONE);
	assert_null(answer(opened->id, "\"ok\":false"));
	assert_ptr_equal(answer(refused->id, "\"ok\":false,\"error\":\"refused\",\"reason\":"
					     "\"not_permitted\",\"text\":\"no\""),
		refused);
	assert_int_equal(refused->state, LQ_SENDING_REFUSED);
	assert_string_equal(refused->reason, "not_permitted");
	assert_string_equal(refused->text, "no");
	assert_int_equal(lq_post_expire(post, NOW_MS + LQ_SENDING_WAIT_MS - 1), 0);
	assert_int_equal(lq_post_expire(post, NOW_MS + LQ_SENDING_WAIT_MS), 1);
	assert_int_equal(silent->state, LQ_SENDING_SILENT);
	assert_ptr_equal(lq_post_sending(post, silent->id), silent);
	assert_null(lq_post_sending(post, ""));
}

static void test_waits_for_the_badge(void **state)
{
	const struct lq_sending *sending = send_order(LQ_ORDER_BADGE_ENROL_NEXT);
	(void)state;
	assert_ptr_equal(answer(sending->id, "\"ok\":true,\"waiting\":30"), sending);
	assert_int_equal(sending->state, LQ_SENDING_TAKEN);
	assert_int_equal(lq_post_expire(post, NOW_MS + 30000), 0);
	assert_ptr_equal(
		answer(sending->id, "\"ok\":true,\"key\":\"00112233445566778899aabbccddeeff\""),
		sending);
	assert_int_equal(sending->state, LQ_SENDING_DONE);
	assert_true(sending->has_key);
	assert_int_equal(sending->key[15], 0xff);
}

static void test_sends_nothing_into_the_void(void **state)
{
	const struct lq_sending *sending = NULL;
	const struct lq_sending_wish wish = {
		.controller = "a", .kind = LQ_ORDER_JOURNAL_REPLAY, .by = ""};
	(void)state;
	lq_post_set_up(post, false);
	assert_int_equal(lq_post_send(post, &wish, NOW_MS, &sending), LQ_ERR_CLOSED);
	assert_null(lq_post_next(post));
}

/* The call that asked for it was taken back. */
static void test_takes_back_what_was_not_sent(void **state)
{
	(void)state;
	assert_int_equal(lq_office_publish(post, "a", "1", 1, false), LQ_OK);
	size_t before = lq_post_waiting(post);
	assert_int_equal(lq_office_publish(post, "b", "2", 1, false), LQ_OK);
	assert_int_equal(lq_office_publish(post, "c", "3", 1, true), LQ_OK);
	lq_post_take_back(post, before);
	lq_post_take_back(post, before + 1);
	expect_next("a", "1");
	assert_null(lq_post_next(post));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_is_made_once),
		TEST(test_newest_of_a_topic_is_sent),
		TEST(test_has_an_end),
		TEST(test_commands_do_not_outlive_the_connection),
		TEST(test_signs_what_a_door_reads),
		TEST(test_takes_answers),
		TEST(test_waits_for_the_badge),
		TEST(test_sends_nothing_into_the_void),
		TEST(test_takes_back_what_was_not_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
