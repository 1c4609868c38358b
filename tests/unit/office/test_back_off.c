/* The whole schedule, with chance at its ends and in between. */
#include "host/office/back_off.h"
#include "tests/lib/cmocka.h"

#define HOUR_MS  (INT64_C(3600) * 1000)
#define TRIES    64u
#define CHANCES  9u
#define START_MS INT64_C(1800000000000)

/* From nothing to everything. */
static uint32_t chance(unsigned step)
{
	return (uint32_t)((uint64_t)UINT32_MAX * step / (CHANCES - 1));
}

static void waits_grow_threefold_up_to_four_hours(void **state)
{
	static const int64_t whole_ms[] = {2000, 6000, 18000, 54000, 162000, 486000, 1458000,
		4374000, 13122000, 14400000, 14400000};
	(void)state;
	for (uint32_t i = 0; i < sizeof(whole_ms) / sizeof(whole_ms[0]); i++) {
		assert_int_equal(lq_back_off_wait(i + 1, UINT32_MAX), whole_ms[i]);
		assert_int_equal(lq_back_off_wait(i + 1, 0), whole_ms[i] / 2);
	}
	assert_int_equal(lq_back_off_wait(UINT32_MAX, UINT32_MAX), 4 * HOUR_MS);
	assert_int_equal(lq_back_off_wait(0, UINT32_MAX), 2000);
}

static void chance_moves_a_wait_within_its_half(void **state)
{
	(void)state;
	for (uint32_t failures = 1; failures <= TRIES; failures++) {
		int64_t whole_ms = lq_back_off_wait(failures, UINT32_MAX);
		int64_t last_ms = 0;
		for (unsigned step = 0; step < CHANCES; step++) {
			int64_t wait_ms = lq_back_off_wait(failures, chance(step));
			assert_true(wait_ms >= whole_ms / 2 && wait_ms <= whole_ms);
			assert_true(wait_ms >= last_ms);
			last_ms = wait_ms;
		}
		assert_true(last_ms > whole_ms / 2);
	}
}

static bool next(
	int64_t first_ms, int64_t now_ms, uint32_t failures, uint32_t random, int64_t *ret_due_ms)
{
	return lq_back_off_next(
		first_ms, now_ms, failures, lq_back_off_wait(failures, random), ret_due_ms);
}

enum draw { DRAW_LEAST, DRAW_MOST, DRAW_SOME };

static uint32_t next_draw(enum draw draw, uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return draw == DRAW_SOME ? *seed : draw == DRAW_MOST ? UINT32_MAX : 0;
}

/* Every try fails at once: returns how many there were. */
static unsigned fail_for_ever(enum draw draw, uint32_t seed)
{
	int64_t now_ms = START_MS;
	int64_t due_ms = 0;
	unsigned tries = 1;
	while (next(START_MS, now_ms, tries, next_draw(draw, &seed), &due_ms)) {
		assert_true(due_ms > now_ms);
		assert_true(due_ms - now_ms <= LQ_BACK_OFF_MOST_MS);
		assert_true(due_ms - START_MS <= LQ_BACK_OFF_TOTAL_MS);
		now_ms = due_ms;
		tries++;
		assert_true(tries < TRIES);
	}
	/* The last one was when the time had passed, and not before. */
	assert_int_equal(now_ms - START_MS, LQ_BACK_OFF_TOTAL_MS);
	return tries;
}

static void it_ends_after_twenty_hours_and_a_dozen_tries(void **state)
{
	(void)state;
	assert_int_equal(LQ_BACK_OFF_TOTAL_MS, 20 * HOUR_MS);
	assert_int_equal(fail_for_ever(DRAW_MOST, 0), 14);
	assert_int_equal(fail_for_ever(DRAW_LEAST, 0), 19);
	for (uint32_t seed = 0; seed < 20000; seed++) {
		unsigned tries = fail_for_ever(DRAW_SOME, seed);
		assert_in_range(tries, 14, 19);
	}
}

/* Every number of failures at every minute around the end. */
static void given_up_means_tried_often_and_for_long(void **state)
{
	(void)state;
	for (int64_t passed_ms = -HOUR_MS; passed_ms <= 21 * HOUR_MS; passed_ms += 60000) {
		for (uint32_t failures = 1; failures <= 30; failures++) {
			int64_t due_ms = -1;
			bool again = next(START_MS, START_MS + passed_ms, failures,
				chance((unsigned)(failures % CHANCES)), &due_ms);
			bool over = passed_ms >= LQ_BACK_OFF_TOTAL_MS &&
				    failures >= LQ_BACK_OFF_TRIES_MIN;
			assert_int_equal(again, !over);
			if (again) {
				assert_true(due_ms > START_MS + passed_ms);
			} else {
				assert_int_equal(due_ms, -1);
			}
		}
	}
}

static void a_clock_that_leaps_ends_nothing_that_was_hardly_tried(void **state)
{
	int64_t due_ms = 0;
	int64_t leapt_ms = START_MS + INT64_C(50) * 365 * 24 * HOUR_MS;
	(void)state;
	assert_true(next(START_MS, leapt_ms, 1, UINT32_MAX, &due_ms));
	assert_int_equal(due_ms, leapt_ms + 2000);
	assert_true(next(START_MS, INT64_C(0), 3, UINT32_MAX, &due_ms));
	assert_int_equal(due_ms, 18000);
}

static void quiet_that_was_asked_for_is_kept_within_the_rules(void **state)
{
	int64_t due_ms = 0;
	(void)state;
	assert_int_equal(lq_back_off_asked(2000, 0), 2000);
	assert_int_equal(lq_back_off_asked(2000, -1), 2000);
	assert_int_equal(lq_back_off_asked(2000, 1999), 2000);
	assert_int_equal(lq_back_off_asked(2000, 2001), 2001);
	assert_int_equal(lq_back_off_asked(2000, 4 * HOUR_MS), 4 * HOUR_MS);
	assert_int_equal(lq_back_off_asked(2000, 4 * HOUR_MS + 1), 4 * HOUR_MS);
	assert_int_equal(lq_back_off_asked(2000, INT64_MAX), 4 * HOUR_MS);
	/* Nobody puts off the last try. */
	assert_true(lq_back_off_next(START_MS, START_MS + 18 * HOUR_MS, 6,
		lq_back_off_asked(2000, 4 * HOUR_MS), &due_ms));
	assert_int_equal(due_ms - START_MS, LQ_BACK_OFF_TOTAL_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_grow_threefold_up_to_four_hours),
		cmocka_unit_test(chance_moves_a_wait_within_its_half),
		cmocka_unit_test(it_ends_after_twenty_hours_and_a_dozen_tries),
		cmocka_unit_test(given_up_means_tried_often_and_for_long),
		cmocka_unit_test(quiet_that_was_asked_for_is_kept_within_the_rules),
		cmocka_unit_test(a_clock_that_leaps_ends_nothing_that_was_hardly_tried),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
