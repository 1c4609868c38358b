/* The debounce, rule by rule, and against what a whole recording says afterwards. */
#include "firmware/core/debounce.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>

#define RECORDINGS 2000
#define EDGES      60

static struct lq_mono at(uint64_t us)
{
	return (struct lq_mono){.us = us};
}

/* 10 edges within 5 ms, the last one up. */
static void a_bounce_is_one_change(void **state)
{
	(void)state;
	struct lq_debounce input = lq_debounce_make(false);
	struct lq_mono due;
	for (uint64_t i = 0; i <= 10; i++) {
		assert_false(lq_debounce_see(&input, i % 2 == 0, 20, at(i * 500)));
	}
	assert_true(lq_debounce_deadline(&input, 20, &due));
	assert_int_equal(due.us, 25000);
	assert_false(lq_debounce_see(&input, true, 20, at(24999)));
	assert_true(lq_debounce_see(&input, true, 20, at(25000)));
	assert_true(input.level);
	assert_false(lq_debounce_deadline(&input, 20, &due));
	assert_false(lq_debounce_see(&input, true, 20, at(90000)));
}

static void a_level_that_is_too_short_does_not_count(void **state)
{
	(void)state;
	struct lq_debounce input = lq_debounce_make(false);
	struct lq_mono due;
	assert_false(lq_debounce_see(&input, true, 20, at(0)));
	assert_false(lq_debounce_see(&input, false, 20, at(19999)));
	assert_false(lq_debounce_deadline(&input, 20, &due));
	/* Nor do two short ones make one that is long enough. */
	assert_false(lq_debounce_see(&input, true, 20, at(20001)));
	assert_false(lq_debounce_see(&input, true, 20, at(40000)));
	assert_true(lq_debounce_see(&input, true, 20, at(40001)));
}

static void without_a_time_every_level_counts(void **state)
{
	(void)state;
	struct lq_debounce input = lq_debounce_make(true);
	for (int i = 0; i < 10; i++) {
		assert_true(lq_debounce_see(&input, i % 2 != 0, 0, at(7)));
		assert_int_equal(input.level, i % 2 != 0);
	}
}

struct change {
	uint64_t at;
	bool level;
};

/* The other way to say it: of a whole recording, cut into the stretches of one level, those that
 * are long enough and differ from the last such one, each from its beginning plus the time. */
static size_t oracle(const uint64_t *edges, uint64_t end, uint64_t time_us, struct change *ret)
{
	size_t count = 0;
	bool counts = false;
	for (size_t i = 0; i < EDGES; i++) {
		bool level = i % 2 == 0;
		uint64_t until = i + 1 < EDGES ? edges[i + 1] : end;
		/* an edge at the very moment comes first */
		if (level != counts && until - edges[i] > time_us) {
			counts = level;
			ret[count++] = (struct change){.at = edges[i] + time_us, .level = level};
		}
	}
	return count;
}

/* As the daemon does: looks at edges, and reads the level when one may count. */
static size_t live(const uint64_t *edges, uint64_t end, uint32_t debounce_ms, struct change *ret)
{
	struct lq_debounce input = lq_debounce_make(false);
	bool wire = false;
	size_t count = 0;
	size_t next = 0;
	for (;;) {
		struct lq_mono due = at(UINT64_MAX);
		(void)lq_debounce_deadline(&input, debounce_ms, &due);
		uint64_t edge = next < EDGES ? edges[next] : UINT64_MAX;
		uint64_t now = edge <= due.us ? edge : due.us;
		if (now >= end) {
			return count;
		}
		wire = edge == now ? next++ % 2 == 0 : wire;
		if (lq_debounce_see(&input, wire, debounce_ms, at(now))) {
			ret[count++] = (struct change){.at = now, .level = input.level};
		}
	}
}

static void recordings_say_the_same(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.core.debounce");
	size_t changes = 0;
	for (int recording = 0; recording < RECORDINGS; recording++) {
		uint32_t debounce_ms = 1 + lq_random_below(&random, 30);
		uint64_t edges[EDGES];
		struct change expected[EDGES];
		struct change found[EDGES];
		uint64_t now = 0;
		for (size_t i = 0; i < EDGES; i++) {
			uint64_t halves = lq_random_below(&random, 4 * debounce_ms);
			now += halves == 0 ? 1 : halves * 500;
			edges[i] = now;
		}
		uint64_t end = now + 100000;
		size_t count = oracle(edges, end, debounce_ms * UINT64_C(1000), expected);
		assert_int_equal(live(edges, end, debounce_ms, found), count);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(found[i].at, expected[i].at);
			assert_int_equal(found[i].level, expected[i].level);
		}
		changes += count;
	}
	assert_in_range(changes, RECORDINGS, RECORDINGS * EDGES / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bounce_is_one_change),
		cmocka_unit_test(a_level_that_is_too_short_does_not_count),
		cmocka_unit_test(without_a_time_every_level_counts),
		cmocka_unit_test(recordings_say_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
