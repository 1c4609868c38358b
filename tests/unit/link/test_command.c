/* Commands are understood or refused; answers say which. */
#include "firmware/core/err.h"
#include "firmware/link/command.h"
#include "tests/lib/cmocka.h"

#include <string.h>

static struct lq_command understood(const char *text)
{
	struct lq_command command;
	struct lq_command_refusal refusal = {.error = NULL};
	int r = lq_command_parse(text, strlen(text), &command, &refusal);
	if (r != LQ_OK) {
		fail_msg("refused: %s", refusal.text);
	}
	return command;
}

static void a_signed_command_is_understood(void **state)
{
	(void)state;
	struct lq_command command = understood("eyJ.e30.AA");
	assert_string_equal(command.order, "eyJ.e30.AA");
	assert_string_equal(command.correlation, "");
	command = understood(" { \"correlation\":\"\\u00e9\\\"\", \"jws\" : \"eyJ\" } ");
	assert_string_equal(command.order, "eyJ");
	assert_string_equal(command.correlation, "\xc3\xa9\"");
}

static void everything_else_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t length;
		const char *why;
	} cases[] = {
		{"", 0, "the command is not valid JSON"},
		{"{", 1, "the command is not valid JSON"},
		{"\xff", 1, "the command is not valid UTF-8"},
		{"[]", 2, "a command is a JSON object"},
		{"{}", 2, "\"jws\" must be a signed command"},
		{"{\"command\":\"replay\",\"from\":1}", 29, "\"jws\" must be a signed command"},
		{"{\"jws\":\"eyJ\"}\0", 14, "the command is not valid JSON"},
		{"{\"jws\":\"eyJ\\u0000\"}", 19, "the command is not valid JSON"},
		{"{\"jws\":\"eyJ \"}", 14, "\"jws\" must be a signed command"},
		{"{\"jws\":\"e\"}", 11, "\"jws\" must be a signed command"},
		{"{\"jws\":null}", 12, "\"jws\" must be a signed command"},
		{"{\"jws\":\"eyJ\",\"from\":1}", 22, "the command has an unknown field"},
		{"{\"jws\":\"eyJ\",\"correlation\":7}", 29,
			"\"correlation\" must be a text of at most 128 bytes"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lq_command command;
		struct lq_command_refusal refusal = {.error = NULL};
		assert_int_equal(
			lq_command_parse(cases[i].text, cases[i].length, &command, &refusal),
			LQ_ERR_INVALID);
		assert_string_equal(refusal.error, "invalid");
		assert_int_equal(refusal.reason, LQ_REFUSAL_MALFORMED);
		assert_string_equal(refusal.text, cases[i].why);
	}
}

static void length_has_a_limit(void **state)
{
	(void)state;
	char text[LQ_COMMAND_MAX + 2];
	static const char short_one[] = "{\"jws\":\"eyJ\"}";
	struct lq_command command;
	struct lq_command_refusal refusal;
	memset(text, ' ', sizeof(text));
	memcpy(text, short_one, sizeof(short_one) - 1);
	assert_int_equal(lq_command_parse(text, LQ_COMMAND_MAX, &command, &refusal), LQ_OK);
	assert_int_equal(
		lq_command_parse(text, LQ_COMMAND_MAX + 1, &command, &refusal), LQ_ERR_INVALID);
	memset(text, 'A', sizeof(text));
	text[0] = 'e';
	text[1] = 'y';
	assert_int_equal(lq_command_parse(text, LQ_COMMAND_ORDER_MAX, &command, &refusal), LQ_OK);
	assert_int_equal(strlen(command.order), LQ_COMMAND_ORDER_MAX);
	assert_int_equal(lq_command_parse(text, LQ_COMMAND_ORDER_MAX + 1, &command, &refusal),
		LQ_ERR_INVALID);
	assert_string_equal(refusal.text, "the signed command is longer than 2048 bytes");
}

static void a_refusal_repeats_the_correlation(void **state)
{
	(void)state;
	struct lq_command command;
	struct lq_command_refusal refusal;
	char answer[LQ_COMMAND_RESPONSE_MAX];
	const char *text = "{\"command\":\"door.open\",\"correlation\":\"7\"}";
	assert_int_equal(lq_command_parse(text, strlen(text), &command, &refusal), LQ_ERR_INVALID);
	size_t length = lq_command_answer(&command, &refusal, answer);
	static const char expected[] = "{\"ok\":false,\"error\":\"invalid\",\"reason\":"
				       "\"malformed\",\"text\":\"\\\"jws\\\" must be a "
				       "signed command\",\"correlation\":\"7\"}";
	assert_int_equal(length, sizeof(expected) - 1);
	assert_memory_equal(answer, expected, length);
}

static void the_longest_answer_fits(void **state)
{
	(void)state;
	struct lq_command command = {.order = ""};
	const struct lq_command_refusal refusal = {"invalid", LQ_REFUSAL_CLOCK_NOT_TRUSTED, "why"};
	char answer[LQ_COMMAND_RESPONSE_MAX];
	memset(command.correlation, 1, LQ_COMMAND_CORRELATION);
	assert_true(
		lq_command_answer(&command, &refusal, answer) > (size_t)6 * LQ_COMMAND_CORRELATION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signed_command_is_understood),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(length_has_a_limit),
		cmocka_unit_test(a_refusal_repeats_the_correlation),
		cmocka_unit_test(the_longest_answer_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
