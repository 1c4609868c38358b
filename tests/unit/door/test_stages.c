/* The percentiles of the last taps, against a list that is sorted and looked at. */
#include "firmware/door/stages.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>

#define TAPS_MAX 2000u

static uint32_t given[TAPS_MAX][LQ_STAGE_COUNT];

/* How many of the samples are at most `value`. */
static size_t at_most(const uint32_t *samples, size_t count, uint32_t value)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		found += samples[i] <= value ? 1 : 0;
	}
	return found;
}

/* Nearest rank: the smallest sample that at least `percent` of all do not exceed. */
static void assert_percentile(
	const uint32_t *samples, size_t count, unsigned percent, uint32_t value)
{
	bool is_sample = false;
	for (size_t i = 0; i < count; i++) {
		is_sample = is_sample || samples[i] == value;
		if (samples[i] < value) {
			assert_true(at_most(samples, count, samples[i]) * 100 < percent * count);
		}
	}
	assert_true(is_sample);
	assert_true(at_most(samples, count, value) * 100 >= percent * count);
}

static void check_series(
	const struct lq_stages *stages, int series, const uint32_t *samples, size_t count)
{
	struct lq_stage_summary summary = lq_stages_summary(stages, series);
	assert_int_equal(summary.count, count);
	if (count == 0) {
		assert_int_equal(summary.max_us, 0);
		return;
	}
	size_t kept = count < LQ_STAGE_SAMPLES ? count : LQ_STAGE_SAMPLES;
	const uint32_t *last = samples + count - kept;
	assert_percentile(last, kept, 50, summary.p50_us);
	assert_percentile(last, kept, 95, summary.p95_us);
	assert_percentile(last, kept, 99, summary.p99_us);
	assert_percentile(last, kept, 100, summary.max_us);
}

static void check_all(const struct lq_stages *stages, size_t taps)
{
	static uint32_t samples[TAPS_MAX];
	for (int stage = 0; stage < LQ_STAGE_COUNT; stage++) {
		size_t count = 0;
		for (size_t i = 0; i < taps; i++) {
			if (given[i][stage] != LQ_STAGE_NONE) {
				samples[count++] = given[i][stage];
			}
		}
		check_series(stages, stage, samples, count);
	}
	size_t count = 0;
	for (size_t i = 0; i < taps; i++) {
		uint64_t total = 0;
		bool whole = true;
		for (int stage = 0; stage < LQ_STAGE_COUNT; stage++) {
			whole = whole && given[i][stage] != LQ_STAGE_NONE;
			total += given[i][stage];
		}
		if (whole && total < LQ_STAGE_NONE) {
			samples[count++] = (uint32_t)total;
		}
	}
	check_series(stages, LQ_STAGE_TOTAL, samples, count);
}

static uint32_t any_duration(struct lq_random *random)
{
	switch (lq_random_below(random, 8)) {
	case 0:
		return LQ_STAGE_NONE;
	case 1:
		return LQ_STAGE_NONE - 1 - lq_random_below(random, 3);
	case 2:
		return lq_random_below(random, 3);
	default:
		return lq_random_below(random, 5000);
	}
}

static void percentiles_are_those_of_the_last_taps(void **state)
{
	static const size_t looks[] = {0, 1, 2, 3, 99, 100, 101, 511, 512, 513, 1024, TAPS_MAX};
	static struct lq_stages stages;
	struct lq_random random = lq_random_begin("stages");
	size_t look = 0;
	(void)state;
	for (int round = 0; round < 5; round++) {
		memset(&stages, 0, sizeof(stages));
		look = 0;
		for (size_t taps = 0; taps <= TAPS_MAX; taps++) {
			if (taps == looks[look]) {
				check_all(&stages, taps);
				look++;
			}
			if (taps == TAPS_MAX) {
				break;
			}
			for (int stage = 0; stage < LQ_STAGE_COUNT; stage++) {
				given[taps][stage] = any_duration(&random);
			}
			lq_stages_add(&stages, given[taps]);
		}
	}
	assert_int_equal(look, sizeof(looks) / sizeof(looks[0]));
}

static void known_samples_have_known_percentiles(void **state)
{
	static struct lq_stages stages;
	(void)state;
	for (uint32_t i = 1; i <= 200; i++) {
		const uint32_t us[LQ_STAGE_COUNT] = {i, 2, 3, 4};
		lq_stages_add(&stages, us);
	}
	struct lq_stage_summary detect = lq_stages_summary(&stages, LQ_STAGE_DETECT);
	assert_int_equal(detect.p50_us, 100);
	assert_int_equal(detect.p99_us, 198);
	assert_int_equal(detect.max_us, 200);
	assert_int_equal(lq_stages_summary(&stages, LQ_STAGE_TOTAL).max_us, 209);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_those_of_the_last_taps),
		cmocka_unit_test(known_samples_have_known_percentiles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
