#include "host/cli/badge_view.h"
#include "host/cli/event_line.h"
#include "tests/lib/cmocka.h"

#include <string.h>

/* A type that was added without words would be printed as a null pointer. */
static void every_event_has_words_in_both_languages(void **state)
{
	(void)state;
	for (int i = 0; i < LQ_EVENT_COUNT; i++) {
		const char *en = lq_event_phrase((enum lq_event_type)i, LQ_LANGUAGE_EN);
		const char *fr = lq_event_phrase((enum lq_event_type)i, LQ_LANGUAGE_FR);
		if (en == NULL || fr == NULL || *en == '\0' || *fr == '\0') {
			fail_msg("no words for %s", lq_event_name((enum lq_event_type)i));
		}
	}
}

static void every_stage_has_a_french_word(void **state)
{
	(void)state;
	for (int i = 0; i < LQ_STAGE_COUNT; i++) {
		const char *key = lq_stage_text((enum lq_stage)i);
		assert_string_equal(key, lq_stage_phrase(key, LQ_LANGUAGE_EN));
		assert_string_not_equal(key, lq_stage_phrase(key, LQ_LANGUAGE_FR));
	}
	assert_string_equal("total", lq_stage_phrase("total", LQ_LANGUAGE_FR));
}

static void every_badge_state_has_a_word_of_its_own(void **state)
{
	static struct lq_cli english = {.language = LQ_LANGUAGE_EN};
	static struct lq_cli french = {.language = LQ_LANGUAGE_FR};
	(void)state;
	for (int i = 0; i < LQ_CREDENTIAL_STATE_COUNT; i++) {
		enum lq_credential_state one = (enum lq_credential_state)i;
		const char *word = lq_badge_state_text(&english, one);
		assert_string_equal(word, lq_credential_state_text(one));
		assert_string_not_equal(word, lq_badge_state_text(&french, one));
	}
	assert_string_equal(lq_badge_state_text(&french, LQ_CREDENTIAL_STATE_COUNT), "inconnu");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_has_words_in_both_languages),
		cmocka_unit_test(every_stage_has_a_french_word),
		cmocka_unit_test(every_badge_state_has_a_word_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
