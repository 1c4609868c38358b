/* What a person sees and hears, against tables written by hand. */
#include "firmware/door/feedback.h"
#include "tests/lib/cmocka.h"

/* From `at_ms` on, until the next row. */
struct moment {
	uint32_t at_ms;
	bool green;
	bool red;
	bool buzzer;
};

static void check(enum lq_feedback_kind kind, const struct moment *moments, size_t count)
{
	size_t row = 0;
	for (uint32_t ms = 0; ms < 7000; ms++) {
		while (row + 1 < count && moments[row + 1].at_ms <= ms) {
			row++;
		}
		struct lq_feedback found = lq_feedback_at(kind, ms);
		uint32_t change = row + 1 < count ? moments[row + 1].at_ms : UINT32_MAX;
		if (found.green != moments[row].green || found.red != moments[row].red ||
			found.buzzer != moments[row].buzzer || found.change_ms != change) {
			fail_msg("kind %d at %u ms", (int)kind, ms);
		}
	}
}

static void nothing_shows_at_rest(void **state)
{
	static const struct moment moments[] = {{0, false, false, false}};
	(void)state;
	check(LQ_FEEDBACK_IDLE, moments, 1);
}

static void a_grant_is_green_for_a_second_with_one_beep(void **state)
{
	static const struct moment moments[] = {
		{0, true, false, true}, {120, true, false, false}, {1000, false, false, false}};
	(void)state;
	check(LQ_FEEDBACK_GRANTED, moments, 3);
}

static void a_denial_blinks_red_and_beeps_three_times(void **state)
{
	static const struct moment moments[] = {{0, false, true, true}, {120, false, false, false},
		{240, false, true, true}, {360, false, false, false}, {480, false, true, true},
		{600, false, false, false}, {720, false, false, false}};
	(void)state;
	check(LQ_FEEDBACK_DENIED, moments, 7);
}

static void a_door_that_refuses_everybody_says_so_in_one_long_tone(void **state)
{
	static const struct moment moments[] = {
		{0, false, true, true}, {1200, false, false, false}};
	(void)state;
	check(LQ_FEEDBACK_REFUSED, moments, 2);
}

static void a_warning_is_a_short_beep_with_a_long_rest(void **state)
{
	static const struct moment moments[] = {
		{0, false, true, true}, {80, false, false, false}, {2000, false, false, false}};
	(void)state;
	check(LQ_FEEDBACK_WARNING, moments, 3);
}

static void an_alarm_is_even_beats(void **state)
{
	static const struct moment moments[] = {
		{0, false, true, true}, {400, false, false, false}, {800, false, false, false}};
	(void)state;
	check(LQ_FEEDBACK_ALARM, moments, 3);
}

static void who_is_meant_beeps_twice_a_second_in_both_colours(void **state)
{
	struct moment moments[25];
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		uint32_t at_ms = (uint32_t)i * 1000;
		moments[4 * i] = (struct moment){at_ms, true, false, true};
		moments[4 * i + 1] = (struct moment){at_ms + 100, false, true, false};
		moments[4 * i + 2] = (struct moment){at_ms + 200, true, false, true};
		moments[4 * i + 3] = (struct moment){at_ms + 300, false, false, false};
	}
	moments[24] = (struct moment){6000, false, false, false};
	check(LQ_FEEDBACK_IDENTIFY, moments, 25);
}

/* Whoever follows the changes comes to the end, and the end is dark and silent. */
static void every_pattern_ends(void **state)
{
	static const enum lq_feedback_kind kinds[] = {LQ_FEEDBACK_IDLE, LQ_FEEDBACK_GRANTED,
		LQ_FEEDBACK_DENIED, LQ_FEEDBACK_REFUSED, LQ_FEEDBACK_WARNING, LQ_FEEDBACK_ALARM,
		LQ_FEEDBACK_IDENTIFY};
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint32_t at = 0;
		struct lq_feedback levels = lq_feedback_at(kinds[i], at);
		for (int steps = 0; levels.change_ms != UINT32_MAX; steps++) {
			assert_true(levels.change_ms > at && steps < 100);
			at = levels.change_ms;
			levels = lq_feedback_at(kinds[i], at);
		}
		assert_false(levels.green || levels.red || levels.buzzer);
		levels = lq_feedback_at(kinds[i], UINT32_MAX);
		assert_false(levels.green || levels.red || levels.buzzer);
		assert_int_equal(levels.change_ms, UINT32_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_shows_at_rest),
		cmocka_unit_test(a_grant_is_green_for_a_second_with_one_beep),
		cmocka_unit_test(a_denial_blinks_red_and_beeps_three_times),
		cmocka_unit_test(a_door_that_refuses_everybody_says_so_in_one_long_tone),
		cmocka_unit_test(a_warning_is_a_short_beep_with_a_long_rest),
		cmocka_unit_test(an_alarm_is_even_beats),
		cmocka_unit_test(who_is_meant_beeps_twice_a_second_in_both_colours),
		cmocka_unit_test(every_pattern_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
