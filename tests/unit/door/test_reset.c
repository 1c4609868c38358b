/* When a reader's chip is reset: the rules one by one, and over random lives. */
#include "firmware/door/reset.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>

static struct lq_mono at(uint64_t ms)
{
	return (struct lq_mono){.us = ms * 1000};
}

/* Steps at every deadline until `end` and notes when the line was taken. */
static unsigned live_until(struct lq_reset *reset, uint64_t end, uint64_t *holds, unsigned room)
{
	unsigned count = 0;
	struct lq_mono due;
	while (lq_reset_deadline(reset, &due) && due.us <= end * 1000) {
		if (lq_reset_step(reset, due) == LQ_RESET_HOLD && count < room) {
			holds[count++] = due.us / 1000;
		}
	}
	return count;
}

static void it_waits_ever_longer(void **state)
{
	(void)state;
	static const uint64_t expected[] = {
		11000, 41000, 101000, 221000, 461000, 941000, 1901000, 3821000, 7421000, 11021000};
	struct lq_reset reset = {0};
	uint64_t holds[16];
	lq_reset_fault(&reset, "device", at(1000));
	assert_int_equal(live_until(&reset, 14000000, holds, 16), 10);
	assert_memory_equal(holds, expected, sizeof(expected));
	assert_int_equal(reset.pulses, 10);
	assert_string_equal(reset.cause, "device");
}

static void the_pulse_has_its_length(void **state)
{
	(void)state;
	struct lq_reset reset = {0};
	lq_reset_fault(&reset, "device", at(0));
	assert_int_equal(lq_reset_step(&reset, at(10000)), LQ_RESET_HOLD);
	assert_int_equal(lq_reset_step(&reset, at(10399)), LQ_RESET_NOTHING);
	assert_int_equal(lq_reset_step(&reset, at(10400)), LQ_RESET_RELEASE);
	assert_int_equal(lq_reset_step(&reset, at(10401)), LQ_RESET_NOTHING);
}

static void a_short_recovery_does_not_begin_the_count_again(void **state)
{
	(void)state;
	struct lq_reset reset = {0};
	uint64_t holds[4];
	lq_reset_fault(&reset, "device", at(0));
	assert_int_equal(live_until(&reset, 20000, holds, 4), 1);
	lq_reset_works(&reset, at(20000));
	assert_int_equal(live_until(&reset, 29999, holds, 4), 0);
	lq_reset_fault(&reset, "restarted", at(29999));
	assert_int_equal(live_until(&reset, 39999, holds, 4), 0);
	assert_int_equal(live_until(&reset, 40000, holds, 4), 1);
	assert_int_equal(reset.pulses, 2);
	assert_string_equal(reset.cause, "restarted");
}

/* Its process crashes at every attempt, and is there again at once. */
static void a_process_that_comes_and_goes_does_not_put_it_off(void **state)
{
	(void)state;
	struct lq_reset reset = {0};
	uint64_t now = 0;
	lq_reset_fault(&reset, "device", at(now));
	for (; now < 10000; now += 500) {
		assert_int_equal(lq_reset_step(&reset, at(now)), LQ_RESET_NOTHING);
		lq_reset_unmanned(&reset, at(now + 100));
		lq_reset_fault(&reset, "restarted", at(now + 400));
	}
	assert_int_equal(lq_reset_step(&reset, at(now)), LQ_RESET_HOLD);
}

static void steady_work_ends_the_trouble(void **state)
{
	(void)state;
	struct lq_reset reset = {0};
	struct lq_mono due;
	uint64_t holds[4];
	lq_reset_fault(&reset, "device", at(0));
	assert_int_equal(live_until(&reset, 20000, holds, 4), 1);
	lq_reset_works(&reset, at(20000));
	assert_int_equal(live_until(&reset, 30000, holds, 4), 0);
	assert_false(lq_reset_deadline(&reset, &due));
	lq_reset_fault(&reset, "device", at(30001));
	assert_int_equal(live_until(&reset, 40000, holds, 4), 0);
	assert_int_equal(live_until(&reset, 40001, holds, 4), 1);
	assert_int_equal(reset.pulses, 1);
}

/* What an onlooker with a watch can say of any life. */
struct onlooker {
	bool working;
	bool manned;
	bool held;
	uint64_t held_since;
	uint64_t last_hold; /* 0: none yet */
	uint64_t fault_since;
	bool faulty;
};

static void look(struct onlooker *seen, enum lq_reset_order order, uint64_t now)
{
	if (order == LQ_RESET_HOLD) {
		assert_false(seen->held);
		assert_false(seen->working);
		assert_true(seen->manned);
		assert_true(seen->faulty && now - seen->fault_since >= LQ_RESET_PATIENCE_MS);
		assert_true(seen->last_hold == 0 || now - seen->last_hold >= LQ_RESET_PATIENCE_MS);
		seen->held = true;
		seen->held_since = seen->last_hold = now;
	} else if (order == LQ_RESET_RELEASE) {
		assert_true(seen->held);
		assert_true(seen->working || now - seen->held_since >= LQ_RESET_PULSE_MS);
		seen->held = false;
	}
	assert_false(seen->held && (seen->working || now - seen->held_since >= LQ_RESET_PULSE_MS));
}

static void happen(struct lq_reset *reset, struct onlooker *seen, uint32_t what, uint64_t now)
{
	switch (what) {
	case 0:
		lq_reset_fault(reset, "device", at(now));
		seen->fault_since = seen->faulty ? seen->fault_since : now;
		seen->faulty = seen->manned = true;
		seen->working = false;
		break;
	case 1:
		lq_reset_works(reset, at(now));
		seen->working = seen->manned = true;
		break;
	case 2:
		lq_reset_unmanned(reset, at(now));
		seen->working = seen->manned = false;
		break;
	default:
		break;
	}
}

static void no_life_breaks_the_rules(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.door.reset");
	unsigned holds = 0;
	for (int life = 0; life < 300; life++) {
		struct lq_reset reset = {0};
		struct onlooker seen = {0};
		uint64_t now = 1;
		for (int i = 0; i < 200; i++) {
			now += lq_random_below(&random, 12000);
			happen(&reset, &seen, lq_random_below(&random, 8), now);
			enum lq_reset_order order = lq_reset_step(&reset, at(now));
			holds += order == LQ_RESET_HOLD;
			look(&seen, order, now);
		}
	}
	assert_true(holds > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_waits_ever_longer),
		cmocka_unit_test(the_pulse_has_its_length),
		cmocka_unit_test(a_short_recovery_does_not_begin_the_count_again),
		cmocka_unit_test(a_process_that_comes_and_goes_does_not_put_it_off),
		cmocka_unit_test(steady_work_ends_the_trouble),
		cmocka_unit_test(no_life_breaks_the_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
