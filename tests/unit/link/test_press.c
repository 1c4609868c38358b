/* What Home Assistant's lock may ask for, where, and how often. */
#include "firmware/link/press.h"
#include "tests/lib/cmocka.h"

#include <string.h>

static enum lq_order_kind read_text(const char *payload, struct lq_order *order)
{
	return lq_press_read(payload, strlen(payload), order);
}

static void three_words_ask_for_two_things(void **state)
{
	struct lq_order order = {.nonce = ""};
	(void)state;
	assert_int_equal(read_text("LOCK", &order), LQ_ORDER_DOOR_MODE);
	assert_string_equal(order.command, "door.mode");
	assert_int_equal(order.arguments.given, LQ_ARGUMENT_MODE | LQ_ARGUMENT_UNLESS_REFUSING);
	assert_int_equal(order.arguments.mode, LQ_MODE_LOCKED);
	assert_true(order.arguments.unless_refusing);
	assert_int_equal(read_text("UNLOCK", &order), LQ_ORDER_DOOR_OPEN);
	assert_string_equal(order.command, "door.open");
	assert_int_equal(order.arguments.given, 0);
	assert_int_equal(read_text("OPEN", &order), LQ_ORDER_DOOR_OPEN);
}

static void no_other_word_does(void **state)
{
	static const char *const others[] = {"", "O", "OPE", "OPENS", "open", "Unlock", "UNLOCK ",
		" LOCK", "LOCK\n", "LOCKED", "UNLOCKLOCK", "1", "{}"};
	struct lq_order order;
	(void)state;
	memset(&order, 0x5a, sizeof(order));
	struct lq_order before = order;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(read_text(others[i], &order), LQ_ORDER_COUNT);
	}
	assert_int_equal(lq_press_read("OPEN", 5, &order), LQ_ORDER_COUNT); /* with the zero */
	assert_int_equal(lq_press_read("OPEN", 3, &order), LQ_ORDER_COUNT);
	assert_memory_equal(&order, &before, sizeof(order));
}

static void a_topic_names_one_door(void **state)
{
	static const char *const others[] = {"loquet/1/s/c/doors/front/state",
		"loquet/1/s/c/doors/set", "loquet/1/s/c/doors/front/set/x",
		"loquet/1/s/c/doors/front/x/set", "loquet/1/s/cc/doors/front/set",
		"loquet/1/s/c/door/front/set", "loquet/1/s/c",
		"loquet/1/s/c/doors/abcdefghijklmnopqrstuvwxyz0123456/set"};
	struct lq_topics topics = lq_topics_make("s", "c");
	char door[LQ_NAME_SIZE] = "";
	char topic[LQ_TOPIC_SIZE];
	(void)state;
	lq_topics_press(&topics, "front", topic);
	assert_string_equal(topic, "loquet/1/s/c/doors/front/set");
	assert_string_equal(lq_press_door(&topics, topic, door), "front");
	assert_string_equal(topics.presses, "loquet/1/s/c/doors/+/set");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_null(lq_press_door(&topics, others[i], door));
		assert_string_equal(door, "front");
	}
}

static void a_few_at_once_and_then_one_a_second(void **state)
{
	struct lq_mono pace = {0};
	struct lq_mono now = {5000000};
	unsigned taken = 0;
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		taken += lq_press_pace(&pace, now);
	}
	assert_int_equal(taken, LQ_PRESS_BURST);
	for (unsigned i = 0; i < 1000; i++) { /* ten seconds */
		now.us += 10000;
		taken += lq_press_pace(&pace, now);
	}
	assert_int_equal(taken, LQ_PRESS_BURST + 10);
	now.us += 60000000;
	for (unsigned i = 0; i < 10; i++) {
		taken += lq_press_pace(&pace, now);
	}
	assert_int_equal(taken, 2 * LQ_PRESS_BURST + 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_words_ask_for_two_things),
		cmocka_unit_test(no_other_word_does),
		cmocka_unit_test(a_topic_names_one_door),
		cmocka_unit_test(a_few_at_once_and_then_one_a_second),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
