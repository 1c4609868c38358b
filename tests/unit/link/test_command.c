/* Commands are understood or refused; answers say which. */
#include "firmware/core/err.h"
#include "firmware/link/command.h"
#include "tests/lib/cmocka.h"

#include <string.h>

static struct lq_command understood(const char *text)
{
	struct lq_command command;
	struct lq_command_refusal refusal = {NULL, NULL};
	int r = lq_command_parse(text, strlen(text), &command, &refusal);
	if (r != LQ_OK) {
		fail_msg("refused: %s", refusal.text);
	}
	return command;
}

static void a_replay_is_understood(void **state)
{
	(void)state;
	struct lq_command command = understood("{\"command\":\"replay\",\"from\":17}");
	assert_int_equal(command.from, 17);
	assert_string_equal(command.correlation, "");
	command = understood(" { \"from\" : 9223372036854775807, \"correlation\":\"\\u00e9\\\"\","
			     "\"command\":\"replay\" } ");
	assert_int_equal(command.from, INT64_MAX);
	assert_string_equal(command.correlation, "\xc3\xa9\"");
}

static void everything_else_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t length;
		int error;
	} cases[] = {
		{"", 0, LQ_ERR_INVALID},
		{"{", 1, LQ_ERR_INVALID},
		{"\xff", 1, LQ_ERR_INVALID},
		{"{\"command\":\"replay\",\"from\":1}\0", 30, LQ_ERR_INVALID},
		{"{\"command\":\"replay\\u0000\",\"from\":1}", 35, LQ_ERR_INVALID},
		{"{\"command\":\"Replay\",\"from\":1}", 29, LQ_ERR_UNSUPPORTED},
		{"{\"command\":\"\",\"from\":1}", 23, LQ_ERR_UNSUPPORTED},
		{"{\"command\":null,\"from\":1}", 25, LQ_ERR_INVALID},
		{"{\"command\":\"replay\",\"from\":0}", 29, LQ_ERR_INVALID},
		{"{\"command\":\"replay\",\"from\":9223372036854775808}", 47, LQ_ERR_INVALID},
		{"{\"command\":\"replay\",\"From\":1}", 29, LQ_ERR_INVALID},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lq_command command;
		struct lq_command_refusal refusal = {NULL, NULL};
		assert_int_equal(
			lq_command_parse(cases[i].text, cases[i].length, &command, &refusal),
			cases[i].error);
		assert_non_null(refusal.error);
		assert_non_null(refusal.text);
	}
}

static void length_has_a_limit(void **state)
{
	(void)state;
	char text[LQ_COMMAND_MAX + 2];
	static const char replay[] = "{\"command\":\"replay\",\"from\":1}";
	struct lq_command command;
	struct lq_command_refusal refusal;
	memset(text, ' ', sizeof(text));
	memcpy(text, replay, sizeof(replay) - 1);
	assert_int_equal(lq_command_parse(text, LQ_COMMAND_MAX, &command, &refusal), LQ_OK);
	assert_int_equal(
		lq_command_parse(text, LQ_COMMAND_MAX + 1, &command, &refusal), LQ_ERR_INVALID);
}

static void a_refusal_repeats_the_correlation(void **state)
{
	(void)state;
	struct lq_command command;
	struct lq_command_refusal refusal;
	char answer[LQ_COMMAND_RESPONSE_MAX];
	const char *text = "{\"command\":\"door.open\",\"correlation\":\"7\"}";
	assert_int_equal(
		lq_command_parse(text, strlen(text), &command, &refusal), LQ_ERR_UNSUPPORTED);
	size_t length = lq_command_answer(&command, &refusal, answer);
	static const char expected[] =
		"{\"ok\":false,\"error\":\"unsupported\",\"text\":\"the only "
		"command that needs no signature is \\\"replay\\\"\",\"correlation\":\"7\"}";
	assert_int_equal(length, sizeof(expected) - 1);
	assert_memory_equal(answer, expected, length);
}

static void the_longest_answer_fits(void **state)
{
	(void)state;
	struct lq_command command = {.from = UINT64_MAX};
	char answer[LQ_COMMAND_RESPONSE_MAX];
	memset(command.correlation, 1, LQ_COMMAND_CORRELATION);
	assert_true(lq_command_answer(&command, NULL, answer) > (size_t)6 * LQ_COMMAND_CORRELATION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_replay_is_understood),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(length_has_a_limit),
		cmocka_unit_test(a_refusal_repeats_the_correlation),
		cmocka_unit_test(the_longest_answer_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
