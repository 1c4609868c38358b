/* Refusals that are told one by one or in numbers, against a sum over all time. */
#include "firmware/core/tally.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

static void one_by_one_then_in_numbers(void **state)
{
	struct lq_mono now = {.us = 7000000};
	struct lq_tally tally = lq_tally_make(2, 1000, now);
	enum lq_refusal refusal = LQ_REFUSAL_COUNT;
	uint32_t count = 77;
	(void)state;
	assert_int_equal(lq_tally_due(&tally).us, UINT64_MAX);
	assert_true(lq_tally_pass(&tally, LQ_REFUSAL_MALFORMED, now));
	assert_true(lq_tally_pass(&tally, LQ_REFUSAL_MALFORMED, now));
	for (int i = 0; i < 5; i++) {
		assert_false(lq_tally_pass(&tally, LQ_REFUSAL_MALFORMED, now));
	}
	assert_false(lq_tally_pass(&tally, LQ_REFUSAL_EXPIRED, now));
	assert_false(lq_tally_take(&tally, now, &refusal, &count));
	assert_int_equal(count, 77);
	assert_int_equal(lq_tally_due(&tally).us, 8000000);
	now.us = 8000000;
	/* What comes now waits behind what waits already, though there would be room for it. */
	assert_false(lq_tally_pass(&tally, LQ_REFUSAL_MALFORMED, now));
	assert_true(lq_tally_take(&tally, now, &refusal, &count));
	assert_int_equal(refusal, LQ_REFUSAL_MALFORMED);
	assert_int_equal(count, 6);
	assert_false(lq_tally_take(&tally, now, &refusal, &count));
	now.us = 9000000;
	lq_tally_add(&tally, LQ_REFUSAL_MALFORMED, 100);
	assert_true(lq_tally_take(&tally, now, &refusal, &count)); /* a flood keeps no other away */
	assert_int_equal(refusal, LQ_REFUSAL_EXPIRED);
	assert_int_equal(count, 1);
	now.us = 20000000;
	assert_true(lq_tally_take(&tally, now, &refusal, &count));
	assert_int_equal(count, 100);
	assert_int_equal(lq_tally_due(&tally).us, UINT64_MAX);
	assert_true(lq_tally_pass(&tally, LQ_REFUSAL_EXPIRED, now));
}

static void a_sum_stays_at_its_greatest(void **state)
{
	struct lq_tally tally = lq_tally_make(1, 1, (struct lq_mono){0});
	enum lq_refusal refusal = LQ_REFUSAL_COUNT;
	uint32_t count = 0;
	(void)state;
	lq_tally_add(&tally, LQ_REFUSAL_TOO_MANY, UINT32_MAX);
	lq_tally_add(&tally, LQ_REFUSAL_TOO_MANY, 2);
	assert_true(lq_tally_take(&tally, (struct lq_mono){0}, &refusal, &count));
	assert_int_equal(count, UINT32_MAX);
}

/* Whatever comes: of each word as many are told as came, no more rows than the burst and one a
 * second, and whoever comes back when it is due finds something. */
static void nothing_is_lost_and_nothing_floods(void **state)
{
	struct lq_random random = lq_random_begin("tally");
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct lq_mono now = {.us = 1000000};
		struct lq_tally tally = lq_tally_make(5, 1000, now);
		uint64_t came[LQ_REFUSAL_COUNT] = {0};
		uint64_t told[LQ_REFUSAL_COUNT] = {0};
		uint64_t rows = 0;
		for (int i = 0; i < 300; i++) {
			uint32_t word = lq_random_below(&random, LQ_REFUSAL_COUNT);
			uint32_t count = 1 + lq_random_below(&random, 50);
			enum lq_refusal refusal = (enum lq_refusal)word;
			if (lq_random_below(&random, 2) == 0) {
				came[word]++;
				bool passed = lq_tally_pass(&tally, refusal, now);
				told[word] += passed ? 1 : 0;
				rows += passed ? 1 : 0;
			} else {
				came[word] += count;
				lq_tally_add(&tally, refusal, count);
			}
			now.us += lq_random_below(&random, 700000);
			while (lq_tally_take(&tally, now, &refusal, &count)) {
				told[refusal] += count;
				rows++;
			}
		}
		assert_in_range(rows, 1, 5 + (now.us - 1000000) / 1000000);
		while (lq_tally_due(&tally).us != UINT64_MAX) {
			enum lq_refusal refusal = LQ_REFUSAL_COUNT;
			uint32_t count = 0;
			uint64_t due_us = lq_tally_due(&tally).us;
			now.us = due_us > now.us ? due_us : now.us;
			assert_true(lq_tally_take(&tally, now, &refusal, &count));
			told[refusal] += count;
		}
		assert_memory_equal(came, told, sizeof(came));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_by_one_then_in_numbers),
		cmocka_unit_test(a_sum_stays_at_its_greatest),
		cmocka_unit_test(nothing_is_lost_and_nothing_floods),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
