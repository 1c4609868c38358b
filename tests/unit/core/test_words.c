/* The core's words: every enumerator has one of its own, and numbers that are none have one too. */
#include "firmware/core/decide.h"
#include "firmware/core/err.h"
#include "firmware/core/event.h"
#include "firmware/core/reason.h"
#include "firmware/core/site.h"
#include "tests/lib/cmocka.h"

#include <ctype.h>
#include <string.h>

static void assert_new(const char *word, const char **words, size_t *count)
{
	assert_non_null(word);
	assert_true(word[0] != '\0');
	for (size_t i = 0; i < *count; i++) {
		assert_string_not_equal(word, words[i]);
	}
	words[(*count)++] = word;
}

static void errors(void **state)
{
	(void)state;
	const char *words[32];
	size_t count = 0;
	for (int err = LQ_ERR_CLOSED; err <= LQ_OK; err++) {
		assert_new(lq_err_text(err), words, &count);
	}
	assert_new(lq_err_text(LQ_ERR_CLOSED - 1), words, &count);
	assert_string_equal(lq_err_text(LQ_ERR_CLOSED - 1), lq_err_text(1));
	assert_string_equal(lq_err_text(INT32_MIN), lq_err_text(1));
}

static void reasons(void **state)
{
	(void)state;
	const char *names[LQ_REASON_COUNT];
	const char *english[LQ_REASON_COUNT];
	const char *french[LQ_REASON_COUNT];
	size_t counts[3] = {0};
	for (int i = 0; i < LQ_REASON_COUNT; i++) {
		enum lq_reason reason = (enum lq_reason)i;
		assert_new(lq_reason_name(reason), names, &counts[0]);
		assert_new(lq_reason_text(reason, LQ_LANGUAGE_EN), english, &counts[1]);
		assert_new(lq_reason_text(reason, LQ_LANGUAGE_FR), french, &counts[2]);
		const char *name = names[i];
		name += strncmp(name, "loquet:", 7) == 0 ? 7 : 0;
		assert_true(isupper((unsigned char)name[0]));
		for (size_t at = 0; name[at] != '\0'; at++) {
			assert_true(isalpha((unsigned char)name[at]));
		}
	}
	assert_string_equal(names[LQ_REASON_GRANTED], "Granted");
}

static void credential_states(void **state)
{
	(void)state;
	const char *words[8];
	size_t count = 0;
	for (int i = 0; i <= LQ_CREDENTIAL_STATE_COUNT; i++) {
		assert_new(lq_credential_state_text((enum lq_credential_state)i), words, &count);
	}
	assert_string_equal(words[0], "enabled");
	assert_string_equal(words[LQ_CREDENTIAL_STATE_COUNT], "unknown");
	assert_string_equal(lq_credential_state_text((enum lq_credential_state)77), "unknown");
}

static void stages_and_trust(void **state)
{
	(void)state;
	assert_string_equal(lq_stage_text(LQ_STAGE_DETECT), "detect");
	assert_string_equal(lq_stage_text(LQ_STAGE_DECIDE), "decide");
	assert_string_equal(lq_stage_text(LQ_STAGE_RECORD), "record");
	assert_string_equal(lq_stage_text(LQ_STAGE_RELAY), "relay");
	assert_string_equal(lq_trust_text(LQ_TRUST_UNSET), "unset");
	assert_string_equal(lq_trust_text(LQ_TRUST_RTC), "rtc");
	assert_string_equal(lq_trust_text(LQ_TRUST_SYNCHRONISED), "synchronised");
	assert_string_equal(lq_trust_text((enum lq_trust)77), "unset");
}

static void access_points(void **state)
{
	(void)state;
	struct lq_site site = {.door_count = LQ_DOORS_MAX};
	char name[LQ_ACCESS_POINT_NAME_SIZE];
	strcpy(site.doors[0], "front");
	memset(site.doors[LQ_DOORS_MAX - 1], 'x', LQ_NAME_SIZE - 1);
	lq_access_point_name(&site, lq_access_point(0, LQ_DIRECTION_ENTRY), name);
	assert_string_equal(name, "front/entry");
	lq_access_point_name(&site, lq_access_point(0, LQ_DIRECTION_EXIT), name);
	assert_string_equal(name, "front/exit");
	lq_access_point_name(&site, lq_access_point(LQ_DOORS_MAX - 1, LQ_DIRECTION_ENTRY), name);
	assert_string_equal(name, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/entry");
	assert_int_equal(
		lq_access_point(LQ_DOORS_MAX - 1, LQ_DIRECTION_EXIT), LQ_ACCESS_POINTS_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors),
		cmocka_unit_test(reasons),
		cmocka_unit_test(credential_states),
		cmocka_unit_test(stages_and_trust),
		cmocka_unit_test(access_points),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
