/* A burst, then one in a while, against a count over all time. */
#include "firmware/core/budget.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

static void a_burst_then_one_in_a_while(void **state)
{
	struct lq_mono now = {.us = 5000000};
	struct lq_budget budget = lq_budget_make(3, 1000, now);
	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(lq_budget_spend(&budget, now));
	}
	assert_false(lq_budget_spend(&budget, now));
	now.us += 999999;
	assert_false(lq_budget_spend(&budget, now));
	now.us += 1;
	assert_true(lq_budget_spend(&budget, now));
	assert_false(lq_budget_spend(&budget, now));
	now.us += 3600000000;
	for (int i = 0; i < 3; i++) {
		assert_true(lq_budget_spend(&budget, now));
	}
	assert_false(lq_budget_spend(&budget, now));
}

/* In any stretch of time no more is spent than the burst and what was refilled in it; and what was
 * refused could not have been spent within that. */
static void no_stretch_of_time_has_more(void **state)
{
	struct lq_random random = lq_random_begin("budget");
	(void)state;
	for (int round = 0; round < 200; round++) {
		uint64_t spent_at[400];
		size_t spent = 0;
		struct lq_mono now = {.us = (uint64_t)lq_random_below(&random, 1000000)};
		uint32_t burst = 1 + lq_random_below(&random, 20);
		uint32_t refill_ms = 1 + lq_random_below(&random, 2000);
		struct lq_budget budget = lq_budget_make(burst, refill_ms, now);
		for (int i = 0; i < 400; i++) {
			now.us += lq_random_below(&random, 4) * (uint64_t)refill_ms * 300u;
			if (lq_budget_spend(&budget, now)) {
				spent_at[spent++] = now.us;
			}
		}
		for (size_t i = 0; i < spent; i++) {
			for (size_t j = i; j < spent; j++) {
				uint64_t refilled =
					(spent_at[j] - spent_at[i]) / ((uint64_t)refill_ms * 1000u);
				assert_true(j - i + 1 <= burst + refilled + 1);
			}
		}
		assert_true(spent >= burst);
	}
}

static void a_clock_that_stands_gives_nothing(void **state)
{
	struct lq_budget budget = lq_budget_make(1, 10, (struct lq_mono){.us = 9000000});
	(void)state;
	assert_true(lq_budget_spend(&budget, (struct lq_mono){.us = 9000000}));
	assert_false(lq_budget_spend(&budget, (struct lq_mono){.us = 8000000}));
	assert_false(lq_budget_spend(&budget, (struct lq_mono){.us = 9000000}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_then_one_in_a_while),
		cmocka_unit_test(no_stretch_of_time_has_more),
		cmocka_unit_test(a_clock_that_stands_gives_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
