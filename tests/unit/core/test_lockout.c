/* A reader that refuses everybody for a while: held against a second way of telling, which keeps
 * nothing but the list of everything that happened. */
#include "firmware/core/lockout.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>

#define HALF_US UINT64_C(500000)
#define STEPS   64u

enum what { WRONG_A, WRONG_B, WRONG_C, GRANT, HALF, WHATS };

struct happening {
	enum what what;
	uint64_t at_us;
	bool judged; /* the reader did not refuse */
};

struct story {
	struct lq_lockout_settings settings;
	struct happening list[STEPS];
	unsigned count;
};

static struct lq_sighting badge(enum what what)
{
	return (struct lq_sighting){
		.cards = 1, .uid_len = 4, .uid = {4, 2, 3, (uint8_t)(what + 1)}};
}

/* ---- the second way of telling ---- */

/* How many different badges were wrong, or how many tries, in the stretch of lock_s that ends with
 * entry `last`, and not before entry `first`. */
static unsigned wrong_ones(const struct story *story, unsigned first, unsigned last)
{
	uint64_t lock_us = story->settings.lock_s * UINT64_C(1000000);
	bool seen[WHATS] = {false};
	unsigned tries = 0;
	for (unsigned i = first; i <= last; i++) {
		const struct happening *here = &story->list[i];
		bool young = story->list[last].at_us - here->at_us < lock_us;
		seen[here->what] = seen[here->what] || (young && here->judged);
		tries += young && here->judged && here->what <= WRONG_C ? 1u : 0u;
	}
	if (story->settings.of == LQ_LOCKOUT_OF_TRIES) {
		return tries;
	}
	return (unsigned)seen[WRONG_A] + (unsigned)seen[WRONG_B] + (unsigned)seen[WRONG_C];
}

/* Until when the reader refuses after all that happened; 0: it does not. */
static uint64_t told(const struct story *story)
{
	uint64_t until_us = 0;
	unsigned first = 0;
	for (unsigned i = 0; i < story->count; i++) {
		const struct happening *here = &story->list[i];
		if (here->what == GRANT && here->judged) {
			first = i + 1;
		}
		if (here->what <= WRONG_C && here->judged && story->settings.after != 0 &&
			wrong_ones(story, first, i) >= story->settings.after) {
			until_us = here->at_us + story->settings.lock_s * UINT64_C(1000000);
			first = i + 1;
		}
	}
	return until_us;
}

/* In no stretch of lock_s are more different wrong badges judged than the settings say, as long as
 * nothing is granted in between. */
static void assert_bounded(const struct story *story)
{
	uint64_t lock_us = story->settings.lock_s * UINT64_C(1000000);
	for (unsigned from = 0; from < story->count; from++) {
		unsigned seen = 0;
		for (unsigned i = from; i < story->count; i++) {
			const struct happening *here = &story->list[i];
			if (here->at_us - story->list[from].at_us >= lock_us ||
				here->what == GRANT) {
				break;
			}
			seen |= here->what <= WRONG_C && here->judged ? 1u << here->what : 0;
		}
		unsigned different = (seen & 1u) + (seen >> 1 & 1u) + (seen >> 2 & 1u);
		assert_true(story->settings.after == 0 || different <= story->settings.after);
	}
}

/* ---- the program's ---- */

struct reader {
	struct lq_lockout lockout;
	uint64_t now_us;
};

static void live(struct reader *reader, struct story *story, enum what what)
{
	struct lq_mono now = {.us = reader->now_us};
	bool refuses = lq_lockout_refuses(&reader->lockout, now);
	struct lq_sighting sighting = badge(what);
	bool locks = false;
	story->list[story->count++] = (struct happening){what, now.us, !refuses};
	if (what == HALF) {
		reader->now_us += HALF_US;
	} else if (!refuses && what == GRANT) {
		lq_lockout_pass(&reader->lockout);
	} else if (!refuses) {
		locks = lq_lockout_fail(&reader->lockout, &story->settings, &sighting, now);
	}
	uint64_t until_us = told(story);
	now.us = reader->now_us;
	bool due = until_us > now.us;
	if (lq_lockout_refuses(&reader->lockout, now) != due) {
		fail_msg("after %u steps: refuses %d, should be %d", story->count, !due, due);
	}
	uint32_t left = lq_lockout_left_s(&reader->lockout, now);
	assert_int_equal(left, due ? (until_us - now.us + 999999) / 1000000 : 0);
	assert_int_equal(locks, due && !refuses && what <= WRONG_C);
}

static void walk(const struct reader *reader, const struct story *story, unsigned depth)
{
	if (depth == 0) {
		assert_bounded(story);
		return;
	}
	for (int what = 0; what < WHATS; what++) {
		struct reader next = *reader;
		struct story longer = *story;
		live(&next, &longer, (enum what)what);
		walk(&next, &longer, depth - 1);
	}
}

static void every_short_story_is_told_the_same_in_both_ways(void **state)
{
	(void)state;
	for (uint32_t after = 0; after <= 3; after++) {
		const struct reader reader = {.now_us = 1};
		struct story story = {.settings = {.after = after, .lock_s = 1}};
		walk(&reader, &story, 7);
		story.settings.of = LQ_LOCKOUT_OF_TRIES;
		walk(&reader, &story, 7);
	}
}

static void long_stories_are_told_the_same_in_both_ways(void **state)
{
	struct lq_random chance = lq_random_begin("lockout");
	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct reader reader = {.now_us = lq_random_next(&chance) >> 20};
		struct story story = {
			.settings = {.after = lq_random_below(&chance, 4),
				.lock_s = 1 + lq_random_below(&chance, 4),
				.of = (enum lq_lockout_of)lq_random_below(&chance, 2)}};
		while (story.count < 40) {
			live(&reader, &story, (enum what)lq_random_below(&chance, WHATS));
		}
		assert_bounded(&story);
	}
}

static void one_badge_locks_nobody_out_however_often_it_is_shown(void **state)
{
	const struct lq_lockout_settings settings = {.after = 2, .lock_s = 30};
	struct lq_lockout lockout = {0};
	struct lq_sighting forgotten = badge(WRONG_A);
	(void)state;
	for (uint64_t second = 0; second < 3600; second++) {
		struct lq_mono now = {.us = second * 1000000};
		assert_false(lq_lockout_fail(&lockout, &settings, &forgotten, now));
		assert_false(lq_lockout_refuses(&lockout, now));
	}
}

static void one_badge_locks_where_each_try_counts(void **state)
{
	const struct lq_lockout_settings settings = {
		.after = LQ_LOCKOUT_AFTER_MAX, .lock_s = 30, .of = LQ_LOCKOUT_OF_TRIES};
	struct lq_lockout lockout = {0};
	struct lq_sighting same = badge(WRONG_A);
	(void)state;
	for (uint64_t i = 1; i <= LQ_LOCKOUT_AFTER_MAX; i++) {
		struct lq_mono now = {.us = i * 1000000};
		assert_int_equal(lq_lockout_fail(&lockout, &settings, &same, now),
			i == LQ_LOCKOUT_AFTER_MAX);
	}
	assert_true(lq_lockout_refuses(&lockout, (struct lq_mono){.us = 49999999}));
	assert_false(lq_lockout_refuses(&lockout, (struct lq_mono){.us = 50000000}));
}

static void the_greatest_number_of_badges_fits(void **state)
{
	const struct lq_lockout_settings settings = {.after = LQ_LOCKOUT_AFTER_MAX, .lock_s = 3600};
	struct lq_lockout lockout = {0};
	struct lq_sighting wrong = {.cards = 1, .uid_len = LQ_UID_MAX};
	(void)state;
	for (uint8_t i = 0; i < LQ_LOCKOUT_AFTER_MAX; i++) {
		assert_false(lq_lockout_refuses(&lockout, (struct lq_mono){.us = i}));
		wrong.uid[LQ_UID_MAX - 1] = i;
		bool locks =
			lq_lockout_fail(&lockout, &settings, &wrong, (struct lq_mono){.us = i});
		assert_int_equal(locks, i + 1u == LQ_LOCKOUT_AFTER_MAX);
	}
	assert_int_equal(lq_lockout_left_s(&lockout, (struct lq_mono){.us = 20}), 3600);
}

/* A short number is not the beginning of a long one. */
static void badges_differ_by_length_too(void **state)
{
	const struct lq_lockout_settings settings = {.after = 2, .lock_s = 30};
	struct lq_lockout lockout = {0};
	struct lq_sighting wrong = {.cards = 1, .uid_len = 4, .uid = {4, 1, 2, 3}};
	(void)state;
	assert_false(lq_lockout_fail(&lockout, &settings, &wrong, (struct lq_mono){.us = 1}));
	wrong.uid_len = 7;
	assert_true(lq_lockout_fail(&lockout, &settings, &wrong, (struct lq_mono){.us = 1}));
}

static void only_what_may_have_been_a_guess_counts(void **state)
{
	static const enum lq_reason guesses[] = {LQ_REASON_CREDENTIAL_NOT_FOUND,
		LQ_REASON_CREDENTIAL_NOT_ENABLED, LQ_REASON_HOLDER_DISABLED,
		LQ_REASON_CREDENTIAL_NOT_ACTIVE, LQ_REASON_CREDENTIAL_EXPIRED,
		LQ_REASON_NO_USES_LEFT};
	(void)state;
	for (int reason = 0; reason < LQ_REASON_COUNT; reason++) {
		bool guess = false;
		for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
			guess = guess || guesses[i] == (enum lq_reason)reason;
		}
		assert_int_equal(lq_lockout_counts((enum lq_reason)reason), guess);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_short_story_is_told_the_same_in_both_ways),
		cmocka_unit_test(long_stories_are_told_the_same_in_both_ways),
		cmocka_unit_test(one_badge_locks_nobody_out_however_often_it_is_shown),
		cmocka_unit_test(one_badge_locks_where_each_try_counts),
		cmocka_unit_test(the_greatest_number_of_badges_fits),
		cmocka_unit_test(badges_differ_by_length_too),
		cmocka_unit_test(only_what_may_have_been_a_guess_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
