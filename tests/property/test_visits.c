/* However the events of a day are delivered, the visits are the same, and they are those of an
 * oracle that knows the whole day and says of each passage what it is, without walking along. */
#include "firmware/core/visit.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <stdlib.h>
#include <string.h>

#define DAYS       LQ_RUNS(4000)
#define TAPS       24u
#define EVENTS_MAX (TAPS * 2u)
#define MINUTE_MS  INT64_C(60000)

static struct lq_random chance;

static uint32_t below(uint32_t bound)
{
	return lq_random_below(&chance, bound);
}

/* What really happened, apart from how it is told. */
struct truth {
	uint32_t number;
	bool exit;
	bool passed;
	bool seen; /* by a contact */
	int64_t at_ms;
};

struct story {
	struct lq_business_day day;
	struct lq_visit_settings settings;
	struct truth truths[TAPS];
	uint32_t truth_count;
	struct lq_visit_event events[EVENTS_MAX];
	uint32_t event_count;
};

static void tell(
	struct story *story, const struct truth *truth, enum lq_evidence evidence, int64_t at_ms)
{
	story->events[story->event_count++] = (struct lq_visit_event){.epoch = truth->number / 5,
		.number = truth->number,
		.direction = truth->exit ? LQ_DIRECTION_EXIT : LQ_DIRECTION_ENTRY,
		.evidence = evidence,
		.at_ms = at_ms,
		.trust = LQ_TRUST_SYNCHRONISED};
}

static struct story any_story(void)
{
	struct story story = {.day = {.half_ms = 720 * MINUTE_MS, .ends_ms = 1440 * MINUTE_MS},
		.settings = lq_visit_settings_usual()};
	story.settings.rejoin_s = below(2) == 0 ? story.settings.rejoin_s : below(300) * 60;
	story.truth_count = below(TAPS + 1);
	/* Few minutes, so that many things happen at once. */
	uint32_t minutes = below(2) == 0 ? 30 : 1500;
	for (uint32_t i = 0; i < story.truth_count; i++) {
		struct truth *truth = &story.truths[i];
		*truth = (struct truth){.number = i + 1,
			.exit = below(2) == 0,
			.passed = below(5) != 0,
			.at_ms = ((int64_t)below(minutes) - 20) * MINUTE_MS};
		truth->seen = !truth->passed || below(3) != 0;
		int64_t granted_ms = truth->seen ? truth->at_ms - below(3000) : truth->at_ms;
		tell(&story, truth, LQ_EVIDENCE_GRANTED, granted_ms);
		if (truth->seen) {
			tell(&story, truth,
				truth->passed ? LQ_EVIDENCE_TAKEN : LQ_EVIDENCE_NOT_TAKEN,
				truth->at_ms);
		}
	}
	return story;
}

/* ---- the oracle ---- */

static int by_time(const void *left, const void *right)
{
	const struct truth *a = left;
	const struct truth *b = right;
	if (a->at_ms != b->at_ms) {
		return a->at_ms < b->at_ms ? -1 : 1;
	}
	return a->number < b->number ? -1 : 1;
}

static uint32_t passages_of(const struct story *story, struct truth passages[TAPS])
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < story->truth_count; i++) {
		const struct truth *truth = &story->truths[i];
		if (truth->passed && truth->at_ms >= story->day.begins_ms &&
			truth->at_ms < story->day.ends_ms) {
			passages[count++] = *truth;
		}
	}
	qsort(passages, count, sizeof(passages[0]), by_time);
	return count;
}

/* An exit counts when an entry is the passage before it. */
static bool counts(const struct truth *passages, uint32_t at)
{
	return !passages[at].exit || (at > 0 && !passages[at - 1].exit);
}

/* The passage that counts before this one; -1: none. */
static int before(const struct truth *passages, uint32_t at)
{
	int i = (int)at - 1;
	while (i >= 0 && !counts(passages, (uint32_t)i)) {
		i--;
	}
	return i;
}

static bool begins(const struct story *story, const struct truth *passages, uint32_t at)
{
	int last = before(passages, at);
	return !passages[at].exit &&
	       (last < 0 ||
		       (passages[last].exit && passages[at].at_ms - passages[last].at_ms >
						       story->settings.rejoin_s * INT64_C(1000)));
}

static struct lq_visit visit_from(
	const struct story *story, const struct truth *passages, uint32_t first, uint32_t count)
{
	struct lq_visit visit = {.began_ms = passages[first].at_ms, .trust = LQ_TRUST_SYNCHRONISED};
	for (uint32_t i = first; i < count && (i == first || !begins(story, passages, i)); i++) {
		int last = before(passages, i);
		if (!counts(passages, i)) {
			continue;
		}
		bool back = i != first && !passages[i].exit && passages[last].exit;
		visit.absent_ms += back ? passages[i].at_ms - passages[last].at_ms : 0;
		visit.assumed = visit.assumed || !passages[i].seen;
		visit.passages++;
		visit.seen_ms = passages[i].at_ms;
		visit.left = passages[i].exit;
	}
	return visit;
}

static uint32_t oracle(const struct story *story, struct lq_visit *visits, uint32_t *strays)
{
	struct truth passages[TAPS];
	uint32_t count = passages_of(story, passages);
	uint32_t found = 0;
	*strays = 0;
	for (uint32_t i = 0; i < count; i++) {
		*strays += counts(passages, i) ? 0 : 1;
		if (begins(story, passages, i)) {
			visits[found++] = visit_from(story, passages, i, count);
		}
	}
	return found;
}

/* ---- delivery ---- */

/* Every event at least once, some of them again, in any order. */
static void deliver(const struct story *story, struct lq_visit_sheet *sheet)
{
	uint32_t order[EVENTS_MAX * 3];
	uint32_t count = 0;
	for (uint32_t i = 0; i < story->event_count; i++) {
		uint32_t times = 1 + below(3);
		for (uint32_t j = 0; j < times; j++) {
			order[count++] = i;
		}
	}
	/* In order with a delay here and there, or shuffled. */
	uint32_t reach = below(2) == 0 ? 4 : count;
	for (uint32_t i = 0; i + 1 < count; i++) {
		uint32_t span = count - i < reach ? count - i : reach;
		uint32_t other = i + below(span);
		uint32_t kept = order[i];
		order[i] = order[other];
		order[other] = kept;
	}
	for (uint32_t i = 0; i < count; i++) {
		(void)lq_visit_note(sheet, &story->events[order[i]]);
	}
}

static void assert_same(const struct lq_visit *a, const struct lq_visit *b)
{
	assert_int_equal(a->began_ms, b->began_ms);
	assert_int_equal(a->seen_ms, b->seen_ms);
	assert_int_equal(a->left, b->left);
	assert_int_equal(a->assumed, b->assumed);
	assert_int_equal(a->passages, b->passages);
	assert_int_equal(a->absent_ms, b->absent_ms);
	assert_int_equal(a->trust, b->trust);
}

static void no_order_of_delivery_changes_a_visit(void **state)
{
	static struct lq_visit_sheet sheet;
	static struct lq_visit visits[LQ_VISITS_MAX];
	(void)state;
	for (int day = 0; day < DAYS; day++) {
		struct story story = any_story();
		struct lq_visit expected[TAPS];
		uint32_t expected_strays = 0;
		uint32_t count = oracle(&story, expected, &expected_strays);
		for (int round = 0; round < 3; round++) {
			uint32_t strays = 0;
			memset(&sheet, 0, sizeof(sheet));
			deliver(&story, &sheet);
			assert_int_equal(lq_visit_derive(&sheet, &story.day, &story.settings,
						 visits, &strays),
				count);
			assert_int_equal(strays, expected_strays);
			for (uint32_t i = 0; i < count; i++) {
				assert_same(&visits[i], &expected[i]);
			}
		}
	}
}

/* With one reader for both ways: the same from every order, and in and out take turns. */
static void one_reader_tells_in_and_out_in_turns(void **state)
{
	static struct lq_visit_sheet sheets[2];
	static struct lq_visit visits[2][LQ_VISITS_MAX];
	(void)state;
	for (int day = 0; day < DAYS; day++) {
		struct story story = any_story();
		uint32_t strays[2] = {0};
		uint32_t count[2] = {0};
		story.settings.second_tap_ends = true;
		for (int i = 0; i < 2; i++) {
			memset(&sheets[i], 0, sizeof(sheets[i]));
			deliver(&story, &sheets[i]);
			count[i] = lq_visit_derive(
				&sheets[i], &story.day, &story.settings, visits[i], &strays[i]);
		}
		assert_int_equal(count[0], count[1]);
		assert_int_equal(strays[0], strays[1]);
		for (uint32_t i = 0; i < count[0]; i++) {
			assert_same(&visits[0][i], &visits[1][i]);
			assert_int_equal(visits[0][i].passages % 2, visits[0][i].left ? 0 : 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_order_of_delivery_changes_a_visit),
		cmocka_unit_test(one_reader_tells_in_and_out_in_turns),
	};
	chance = lq_random_begin("visits");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
