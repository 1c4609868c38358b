/* When the office says the whole roster once more. */
#include "firmware/core/err.h"
#include "host/office/roster_watch.h"
#include "tests/lib/cmocka.h"

#include <string.h>

#define VERSION 100
#define MINUTE  LQ_ROSTER_LOOK_MS

static struct lq_doors *doors;
static struct lq_roster_watch watch;

static void tell(const char *controller, const char *end, const char *body)
{
	assert_int_not_equal(
		lq_doors_take(doors, controller, end, body, strlen(body)), LQ_DOORS_STRANGE);
}

static void tell_all(const char *controller, const char *state, const char *health)
{
	tell(controller, "doors/front/state", "{}");
	tell(controller, "state", state);
	tell(controller, "health", health);
}

#define ONLINE  "{\"state\":\"online\"}"
#define OFFLINE "{\"state\":\"offline\"}"

static int begin(void **state)
{
	(void)state;
	watch = (struct lq_roster_watch){.look_ms = 0};
	return lq_doors_new(&doors);
}

static int end(void **state)
{
	(void)state;
	lq_doors_free(doors);
	return 0;
}

static bool look(int64_t version, int64_t minute)
{
	return lq_roster_watch(&watch, doors, version, 1 + minute * MINUTE);
}

static void one_that_lacks_it_for_a_minute_is_told_again(void **state)
{
	(void)state;
	tell_all("back-board", ONLINE, "{\"rosterVersion\":100}");
	tell_all("front-board", ONLINE, "{\"rosterVersion\":0}");
	assert_false(look(VERSION, 0));
	assert_false(lq_roster_watch(&watch, doors, VERSION, MINUTE));
	assert_true(look(VERSION, 1));
	/* and then ever more seldom */
	int64_t told = 1;
	int64_t waits[6];
	size_t count = 0;
	for (int64_t minute = 2; count < 6 && minute < 1000; minute++) {
		if (look(VERSION, minute)) {
			waits[count++] = minute - told;
			told = minute;
		}
	}
	static const int64_t expected[6] = {5, 10, 20, 40, 60, 60};
	assert_int_equal(count, 6);
	assert_memory_equal(waits, expected, sizeof(expected));
	/* until it has it */
	tell("front-board", "health", "{\"rosterVersion\":100}");
	assert_false(look(VERSION, 1000));
	tell("front-board", "health", "{\"rosterVersion\":99}");
	assert_false(look(VERSION, 1001));
	assert_true(look(VERSION, 1002));
}

static void one_that_gets_it_is_left_alone(void **state)
{
	(void)state;
	tell_all("front-board", ONLINE, "{\"rosterVersion\":99}");
	assert_false(look(VERSION, 0));
	tell("front-board", "health", "{\"rosterVersion\":100}");
	assert_false(look(VERSION, 1));
	/* a version a minute: none was lacked for so long */
	for (int64_t i = 2; i < 20; i++) {
		assert_false(look(VERSION + i, i));
	}
}

static void one_that_cannot_be_heard_or_has_a_roster_of_its_own_is_not_waited_for(void **state)
{
	(void)state;
	tell_all("away", OFFLINE, "{\"rosterVersion\":99}");
	tell_all("own", ONLINE, "{\"loquetd\":\"running\"}");
	tell_all("strange", ONLINE, "{\"rosterVersion\":\"wine\"}");
	for (int64_t i = 0; i < 20; i++) {
		assert_false(look(VERSION, i));
	}
	/* nothing was published yet */
	tell_all("front-board", ONLINE, "{\"rosterVersion\":0}");
	assert_false(look(0, 20));
	assert_false(look(0, 21));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_that_lacks_it_for_a_minute_is_told_again),
		TEST(one_that_gets_it_is_left_alone),
		TEST(one_that_cannot_be_heard_or_has_a_roster_of_its_own_is_not_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
