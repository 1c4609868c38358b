/* The notices' words: the same in both languages, and what a space has set in the place of its
 * words. */
#include "host/office/notice.h"
#include "host/office/notice_text.h"
#include "tests/lib/cmocka.h"

#include <stdlib.h>
#include <string.h>

static const struct lq_notice whole = {.title = "Atelier <Example>",
	.legal_name = "Example & Co",
	.legal_address = "\"1\" rue de l'Exemple",
	.contact = "{days}",
	.dpo = "dpo@example.org",
	.recipients = "accounts",
	.page = "https://atelier.example.org",
	.retention_days = 77,
	.capacity = 40,
	.exits_badged = true,
	.board = true,
	.date = "2026-12-01"};

static int count(const char *text, const char *word)
{
	int found = 0;
	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
		found++;
	}
	return found;
}

static void expect_same_words(const struct lq_notice_line *line)
{
	static const char *const words[] = {"{title}", "{name}", "{address}", "{contact}", "{dpo}",
		"{recipients}", "{page}", "{days}", "{capacity}", "{date}", "|"};
	for (; line->kind != LQ_NOTICE_END; line++) {
		int known = 0;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			int found = count(line->text[LQ_LANGUAGE_EN], words[i]);
			assert_int_equal(count(line->text[LQ_LANGUAGE_FR], words[i]), found);
			known += *words[i] == '{' ? found : 0;
		}
		assert_int_equal(count(line->text[LQ_LANGUAGE_EN], "{"), known);
		assert_int_equal(count(line->text[LQ_LANGUAGE_FR], "{"), known);
		assert_int_equal(
			count(line->text[LQ_LANGUAGE_EN], "|"), line->kind == LQ_NOTICE_PAIR);
	}
}

static void both_languages_say_the_same(void **state)
{
	(void)state;
	expect_same_words(lq_notice_sign);
	expect_same_words(lq_notice_full);
}

static void expect_in(const struct lq_notice *notice, enum lq_notice_size size,
	enum lq_language language, const char *text, bool wanted)
{
	char *page = lq_notice_page(notice, size, language);
	assert_non_null(page);
	if ((strstr(page, text) != NULL) != wanted) {
		fail_msg("%s%s in %s", wanted ? "no " : "", text, page);
	}
	free(page);
}

static void what_is_set_is_text(void **state)
{
	(void)state;
	expect_in(&whole, LQ_NOTICE_SIGN, LQ_LANGUAGE_FR, "Example &amp; Co", true);
	expect_in(&whole, LQ_NOTICE_SIGN, LQ_LANGUAGE_FR, "Atelier &lt;Example&gt;", true);
	expect_in(
		&whole, LQ_NOTICE_FULL, LQ_LANGUAGE_EN, "&quot;1&quot; rue de l&#39;Exemple", true);
	expect_in(&whole, LQ_NOTICE_SIGN, LQ_LANGUAGE_EN,
		"from {days}, and at https://atelier.example.org/notice", true);
	/* Nobody's braces are taken for ours. */
	expect_in(&whole, LQ_NOTICE_FULL, LQ_LANGUAGE_EN, "your data: {days}<", true);
	expect_in(&whole, LQ_NOTICE_FULL, LQ_LANGUAGE_EN, "<dd>77 days</dd>", true);
	expect_in(&whole, LQ_NOTICE_FULL, LQ_LANGUAGE_EN, "class=\"blank\"", false);
}

static void what_is_not_set_is_blank_or_not_there(void **state)
{
	const struct lq_notice nothing = {.retention_days = 90};
	(void)state;
	static const struct {
		const char *text;
		bool whole;
	} wanted[] = {{"dpo@example.org", true}, {"Others who receive data", true},
		{"At the most 40 people", true}, {"The board that everybody sees", true},
		{"Badge on your way out", true}, {"at least so many", false},
		{"to be filled in</span>", false}, {"Something is to be filled in", false}};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const char *text = wanted[i].text;
		expect_in(&whole, LQ_NOTICE_FULL, LQ_LANGUAGE_EN, text, wanted[i].whole);
		expect_in(&nothing, LQ_NOTICE_FULL, LQ_LANGUAGE_EN, text, !wanted[i].whole);
	}
}

static void a_sign_says_where_the_whole_text_is(void **state)
{
	const struct lq_notice bare = {.contact = "desk@example.org", .retention_days = 90};
	(void)state;
	expect_in(&bare, LQ_NOTICE_SIGN, LQ_LANGUAGE_EN,
		"at the desk, and from desk@example.org</p>", true);
	expect_in(&bare, LQ_NOTICE_SIGN, LQ_LANGUAGE_FR, "/notice</p>", false);
	expect_in(&bare, LQ_NOTICE_FULL, LQ_LANGUAGE_FR, "/notice</p>", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_languages_say_the_same),
		cmocka_unit_test(what_is_set_is_text),
		cmocka_unit_test(what_is_not_set_is_blank_or_not_there),
		cmocka_unit_test(a_sign_says_where_the_whole_text_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
