/* What a maintainer's badge may override, reason by reason. */
#include "firmware/core/maintainer.h"
#include "tests/lib/cmocka.h"

static void nothing_but_a_maintainers_badge_overrides_and_not_everything(void **state)
{
	static const enum lq_reason overridden[] = {LQ_REASON_CREDENTIAL_NOT_FOUND,
		LQ_REASON_CREDENTIAL_NOT_ACTIVE, LQ_REASON_CREDENTIAL_EXPIRED,
		LQ_REASON_NO_USES_LEFT, LQ_REASON_NOT_PERMITTED_AT_THIS_TIME,
		LQ_REASON_UNAUTHORIZED, LQ_REASON_CLOCK_NOT_TRUSTED, LQ_REASON_READER_LOCKED_OUT,
		LQ_REASON_ALREADY_INSIDE, LQ_REASON_ROSTER_STALE, LQ_REASON_SPACE_FULL};
	static const struct lq_maintainer somebody = {.name = "spare"};
	(void)state;
	for (int i = 0; i < LQ_REASON_COUNT; i++) {
		enum lq_reason reason = (enum lq_reason)i;
		bool due = false;
		for (size_t n = 0; n < sizeof(overridden) / sizeof(overridden[0]); n++) {
			due = due || overridden[n] == reason;
		}
		assert_int_equal(lq_maintainer_may(reason), due);
		assert_int_equal(lq_decide_maintainer(reason, NULL).reason, reason);
		assert_int_equal(lq_decide_maintainer(reason, &somebody).reason,
			due ? LQ_REASON_MAINTAINER : reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_but_a_maintainers_badge_overrides_and_not_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
