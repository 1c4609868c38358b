/* The debounce: examples, and every short history held against a slower rule written apart. */
#include "firmware/reader/presence.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>

#define LOOK_MS 20u

static const struct lq_sighting a = {.cards = 1, .uid_len = 4, .uid = {0xA1, 1, 2, 3}, .sak = 8};
static const struct lq_sighting b = {
	.cards = 1, .uid_len = 7, .uid = {0x04, 1, 2, 3, 4, 5, 6}, .sak = 0x20};
static const struct lq_sighting both = {.cards = 2, .uid_len = 4, .uid = {0xA1, 1, 2, 3}};
static const struct lq_sighting garbled = {.cards = 1, .malformed = true};
static const struct lq_sighting nameless = {.cards = 1, .uid_len = 0};

struct bench {
	struct lq_presence presence;
	struct lq_mono now;
	struct lq_presence_change change;
};

static struct bench bench_make(void)
{
	return (struct bench){.now = {1000000}};
}

static void pass(struct bench *bench, uint32_t ms)
{
	bench->now = lq_mono_after_ms(bench->now, ms);
}

static void look(struct bench *bench, const struct lq_sighting *sighting)
{
	pass(bench, LOOK_MS);
	bench->change = lq_presence_look(&bench->presence, sighting, bench->now);
}

static void expect(const struct bench *bench, uint32_t ended, uint32_t begun)
{
	assert_int_equal(bench->change.ended, ended);
	assert_int_equal(bench->change.begun, begun);
}

/* Looks for so long; nothing may change. */
static void stay(struct bench *bench, const struct lq_sighting *sighting, uint32_t ms)
{
	for (uint32_t passed = 0; passed < ms; passed += LOOK_MS) {
		look(bench, sighting);
		expect(bench, 0, 0);
	}
}

static struct lq_sighting random_uid(uint8_t n)
{
	return (struct lq_sighting){.cards = 1, .uid_len = 4, .uid = {0x08, n, n, n}, .sak = 0x20};
}

static void a_badge_is_shown_once_while_it_stays(void **state)
{
	struct bench bench = bench_make();
	(void)state;
	look(&bench, NULL);
	expect(&bench, 0, 0);
	look(&bench, &a);
	expect(&bench, 0, 1);
	stay(&bench, &a, 60000);
	look(&bench, NULL);
	stay(&bench, NULL, LQ_PRESENCE_GRACE_MS - LOOK_MS);
	look(&bench, NULL);
	expect(&bench, 1, 0);
	stay(&bench, NULL, 60000);
	look(&bench, &a);
	expect(&bench, 0, 2);
}

static void a_short_absence_is_none(void **state)
{
	struct bench bench = bench_make();
	(void)state;
	look(&bench, &a);
	for (int i = 0; i < 5; i++) {
		stay(&bench, NULL, LQ_PRESENCE_GRACE_MS);
		stay(&bench, &a, LOOK_MS);
	}
}

static void another_badge_is_shown_at_once(void **state)
{
	struct bench bench = bench_make();
	(void)state;
	look(&bench, &a);
	expect(&bench, 0, 1);
	look(&bench, &b);
	expect(&bench, 1, 2);
	stay(&bench, &b, 2 * LQ_PRESENCE_GRACE_MS);
	look(&bench, &a);
	expect(&bench, 2, 3);
}

static void two_badges_in_turn_are_both_debounced(void **state)
{
	struct bench bench = bench_make();
	(void)state;
	look(&bench, &a);
	look(&bench, &b);
	expect(&bench, 1, 2);
	for (int i = 0; i < 100; i++) {
		stay(&bench, &a, LOOK_MS);
		stay(&bench, &b, LOOK_MS);
	}
}

static void several_badges_serve_none_of_them(void **state)
{
	struct bench bench = bench_make();
	(void)state;
	look(&bench, &both);
	expect(&bench, 0, 1);
	stay(&bench, &both, 2000);
	look(&bench, &a);
	expect(&bench, 1, 2);
	look(&bench, &b);
	expect(&bench, 2, 3);
}

static void a_served_badge_is_not_served_again_after_company(void **state)
{
	struct bench bench = bench_make();
	(void)state;
	look(&bench, &a);
	expect(&bench, 0, 1);
	look(&bench, &both);
	expect(&bench, 1, 2);
	stay(&bench, &both, 5000);
	stay(&bench, &a, LQ_PRESENCE_GRACE_MS);
	look(&bench, &a);
	expect(&bench, 2,
		0); /* the company has ended, the badge is still the one that was served */
	stay(&bench, &a, 5000);
	look(&bench, &b);
	expect(&bench, 0, 3);
}

static void a_phone_is_one_badge_whatever_it_calls_itself(void **state)
{
	struct bench bench = bench_make();
	struct lq_sighting phone = random_uid(0);
	(void)state;
	look(&bench, &phone);
	expect(&bench, 0, 1);
	for (uint8_t n = 1; n < 200; n++) {
		phone = random_uid(n);
		stay(&bench, &phone, LOOK_MS);
	}
	look(&bench, &a);
	expect(&bench, 1, 2);
}

static void nonsense_is_shown_once(void **state)
{
	struct bench bench = bench_make();
	(void)state;
	look(&bench, &garbled);
	expect(&bench, 0, 1);
	for (int i = 0; i < 50; i++) {
		stay(&bench, &garbled, LOOK_MS);
		stay(&bench, &nameless, LOOK_MS);
	}
	look(&bench, &a);
	expect(&bench, 1, 2);
}

static void one_garbled_look_serves_nobody_twice(void **state)
{
	struct bench bench = bench_make();
	(void)state;
	look(&bench, &a);
	look(&bench, &garbled);
	expect(&bench, 1, 2);
	stay(&bench, &a, LOOK_MS);
}

static void time_without_looks_is_no_absence(void **state)
{
	struct bench bench = bench_make();
	(void)state;
	look(&bench, &a);
	pass(&bench, 3600000);
	stay(&bench, &a, LOOK_MS);
	stay(&bench, NULL, LOOK_MS);
	pass(&bench, 3600000);
	stay(&bench, &a, LOOK_MS);
}

static void more_badges_than_are_remembered(void **state)
{
	struct bench bench = bench_make();
	struct lq_sighting card = a;
	(void)state;
	for (uint8_t n = 0; n < 2 * LQ_PRESENCE_MEMORY; n++) {
		card.uid[3] = n;
		look(&bench, &card);
		expect(&bench, n, n + 1u);
	}
	/* The last ones are remembered, the first are not. */
	for (uint8_t n = 2 * LQ_PRESENCE_MEMORY; n-- > LQ_PRESENCE_MEMORY;) {
		card.uid[3] = n;
		stay(&bench, &card, LOOK_MS);
	}
	card.uid[3] = 0;
	look(&bench, &card);
	expect(&bench, 2u * LQ_PRESENCE_MEMORY, 2u * LQ_PRESENCE_MEMORY + 1);
}

static void what_is_away_is_forgotten_first(void **state)
{
	struct bench bench = bench_make();
	struct lq_sighting card = a;
	(void)state;
	look(&bench, &garbled);
	for (uint8_t n = 1; n < LQ_PRESENCE_MEMORY; n++) {
		card.uid[3] = n;
		look(&bench, &card);
	}
	look(&bench, &both); /* any of the badges may be among these */
	expect(&bench, LQ_PRESENCE_MEMORY, LQ_PRESENCE_MEMORY + 1u);
	for (uint8_t n = 1; n < LQ_PRESENCE_MEMORY; n++) {
		card.uid[3] = n;
		stay(&bench, &card, LOOK_MS);
	}
	look(&bench, &garbled);
	expect(&bench, LQ_PRESENCE_MEMORY + 1u, LQ_PRESENCE_MEMORY + 2u);
}

static void a_longer_identifier_is_another(void **state)
{
	struct bench bench = bench_make();
	struct lq_sighting longer = a;
	(void)state;
	longer.uid_len = 7;
	look(&bench, &a);
	look(&bench, &longer);
	expect(&bench, 1, 2);
	bench = bench_make();
	look(&bench, &longer);
	look(&bench, &a);
	expect(&bench, 1, 2);
}

static void tap_numbers_pass_over_zero(void **state)
{
	struct bench bench = bench_make();
	(void)state;
	bench.presence.taps = UINT32_MAX;
	look(&bench, &a);
	expect(&bench, 0, 1);
}

/* The rule, told over the whole history: what a look shows is a new tap unless the same was shown
 * before and has not been away since. Away is a run of looks without it, from the first to the last
 * of which the grace time passes. */

enum seen { NOTHING, BADGE_A, BADGE_B, PHONE, SEVERAL, NONSENSE, SEEN_END };

#define HISTORY_MAX 64

struct history {
	size_t length;
	enum seen seen[HISTORY_MAX];
	uint32_t at_ms[HISTORY_MAX];
	uint32_t tap[HISTORY_MAX]; /* begun at this look, or 0 */
};

static bool could_be(enum seen what, enum seen seen)
{
	return seen == what || (seen == SEVERAL && what != NONSENSE);
}

static bool away_between(const struct history *history, enum seen what, size_t from, size_t to)
{
	for (size_t first = from + 1; first <= to; first++) {
		for (size_t last = first; last <= to && !could_be(what, history->seen[last]);
			last++) {
			if (history->at_ms[last] - history->at_ms[first] >= LQ_PRESENCE_GRACE_MS) {
				return true;
			}
		}
	}
	return false;
}

static bool is_new(const struct history *history, size_t at)
{
	if (history->seen[at] == NOTHING) {
		return false;
	}
	for (size_t i = at; i-- > 0;) {
		if (history->tap[i] != 0 && history->seen[i] == history->seen[at]) {
			return away_between(history, history->seen[at], i, at);
		}
	}
	return true;
}

/* The tap that ends at this look, or 0: replaced by another, or away for the first time. */
static uint32_t ends(const struct history *history, size_t at)
{
	size_t i = at;
	while (i > 0 && history->tap[i - 1] == 0) {
		i--;
	}
	if (i == 0) {
		return 0;
	}
	size_t begun = i - 1;
	bool ended = away_between(history, history->seen[begun], begun, at - 1);
	bool ends_now =
		history->tap[at] != 0 || away_between(history, history->seen[begun], begun, at);
	return !ended && ends_now ? history->tap[begun] : 0;
}

static struct lq_sighting sighting_of(enum seen seen, uint8_t noise)
{
	switch (seen) {
	case BADGE_A:
		return a;
	case BADGE_B:
		return b;
	case PHONE:
		return random_uid(noise);
	case SEVERAL:
		return both;
	case NONSENSE:
		return noise % 2 == 0 ? garbled : nameless;
	case NOTHING:
	case SEEN_END:
		break;
	}
	return (struct lq_sighting){0};
}

static void judge(struct bench *bench, struct history *history, enum seen seen, uint32_t step_ms)
{
	size_t at = history->length++;
	struct lq_sighting sighting = sighting_of(seen, (uint8_t)at);
	pass(bench, step_ms);
	history->seen[at] = seen;
	history->at_ms[at] = (uint32_t)(bench->now.us / 1000u);
	bench->change =
		lq_presence_look(&bench->presence, seen == NOTHING ? NULL : &sighting, bench->now);
	history->tap[at] = 0;
	if (is_new(history, at)) {
		uint32_t last = 0;
		for (size_t i = 0; i < at; i++) {
			last = history->tap[i] > last ? history->tap[i] : last;
		}
		history->tap[at] = last + 1;
	}
	expect(bench, ends(history, at), history->tap[at]);
}

/* With 200 ms between looks, three empty ones are an absence: 7 looks hold it and what follows. */
static void every_short_history(void **state)
{
	(void)state;
	const size_t length = 7;
	size_t count = 1;
	for (size_t i = 0; i < length; i++) {
		count *= SEEN_END;
	}
	for (size_t code = 0; code < count; code++) {
		struct bench bench = bench_make();
		struct history history = {0};
		size_t rest = code;
		for (size_t i = 0; i < length; i++) {
			judge(&bench, &history, (enum seen)(rest % SEEN_END), 200);
			rest /= SEEN_END;
		}
	}
}

static void random_histories(void **state)
{
	struct lq_random random = lq_random_begin("presence");
	(void)state;
	for (int run = 0; run < 20000; run++) {
		struct bench bench = bench_make();
		struct history history = {0};
		enum seen seen = NOTHING;
		while (history.length < HISTORY_MAX) {
			if (lq_random_below(&random, 3) == 0) {
				seen = (enum seen)lq_random_below(&random, SEEN_END);
			}
			judge(&bench, &history, seen, 1 + (uint32_t)lq_random_below(&random, 150));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_badge_is_shown_once_while_it_stays),
		cmocka_unit_test(a_short_absence_is_none),
		cmocka_unit_test(another_badge_is_shown_at_once),
		cmocka_unit_test(two_badges_in_turn_are_both_debounced),
		cmocka_unit_test(several_badges_serve_none_of_them),
		cmocka_unit_test(a_served_badge_is_not_served_again_after_company),
		cmocka_unit_test(a_phone_is_one_badge_whatever_it_calls_itself),
		cmocka_unit_test(nonsense_is_shown_once),
		cmocka_unit_test(one_garbled_look_serves_nobody_twice),
		cmocka_unit_test(time_without_looks_is_no_absence),
		cmocka_unit_test(more_badges_than_are_remembered),
		cmocka_unit_test(what_is_away_is_forgotten_first),
		cmocka_unit_test(a_longer_identifier_is_another),
		cmocka_unit_test(tap_numbers_pass_over_zero),
		cmocka_unit_test(every_short_history),
		cmocka_unit_test(random_histories),
	};
	return cmocka_run_group_tests_name("presence", tests, NULL, NULL);
}
