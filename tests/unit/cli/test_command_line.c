#include "firmware/core/err.h"
#include "host/cli/command_line.h"
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

static int run_nothing(const struct lq_cli *cli)
{
	(void)cli;
	return 0;
}

static const struct lq_option fruit_options[] = {
	{LQ_OPTION_VALUE, "colour", "C", {"", ""}},
	{LQ_OPTION_FLAG, "ripe", NULL, {"", ""}},
	{LQ_OPTION_END, NULL, NULL, {NULL, NULL}},
};

static const struct lq_option basket_options[] = {
	{LQ_OPTION_LIST, "with", "X", {"", ""}},
	{LQ_OPTION_NEEDED, "size", "N", {"", ""}},
	{LQ_OPTION_END, NULL, NULL, {NULL, NULL}},
};

static const struct lq_command commands[] = {
	{.name = "fruit pick",
		.operands = "NAME",
		.operands_min = 1,
		.operands_max = 2,
		.options = fruit_options,
		.run = run_nothing},
	{.name = "fruit eat", .operands = "", .options = fruit_options + 2, .run = run_nothing},
	{.name = "basket", .operands = "", .options = basket_options, .run = run_nothing},
};

static struct lq_command_line line;
static struct lq_usage_error error;

/* Splits at blanks; "_" stands for an empty word. */
static int parse(const char *text)
{
	static char words[1024];
	static char empty[] = "";
	static char program[] = "loquet";
	char *argv[128] = {program};
	int argc = 1;
	(void)snprintf(words, sizeof(words), "%s", text);
	for (char *word = strtok(words, " "); word != NULL && argc < 128;
		word = strtok(NULL, " ")) {
		argv[argc++] = strcmp(word, "_") == 0 ? empty : word;
	}
	return lq_command_line_parse(
		commands, sizeof(commands) / sizeof(commands[0]), argc, argv, &line, &error);
}

static void words_become_a_command_its_operands_and_options(void **state)
{
	(void)state;
	assert_int_equal(LQ_OK, parse("fruit pick apple pear --colour red --ripe"));
	assert_string_equal("fruit pick", line.command->name);
	assert_int_equal(2, line.operand_count);
	assert_string_equal("apple", line.operands[0]);
	assert_string_equal("pear", line.operands[1]);
	assert_string_equal("red", lq_option_value(&line, "colour"));
	assert_true(lq_option_given(&line, "ripe"));
	assert_null(lq_option_value(&line, "size"));
	assert_false(line.json);
}

static void options_stand_anywhere_and_take_their_value_either_way(void **state)
{
	(void)state;
	assert_int_equal(
		LQ_OK, parse("--config /x fruit --json pick --colour=a=b apple --lang fr --"));
	assert_string_equal("/x", line.config);
	assert_string_equal("fr", line.language);
	assert_true(line.json);
	assert_string_equal("a=b", lq_option_value(&line, "colour"));
	assert_int_equal(LQ_OK, parse("fruit pick --colour= apple"));
	assert_string_equal("", lq_option_value(&line, "colour"));
	assert_int_equal(LQ_OK, parse("fruit pick --colour --ripe apple"));
	assert_string_equal("--ripe", lq_option_value(&line, "colour"));
}

static void behind_two_dashes_everything_is_an_operand(void **state)
{
	(void)state;
	assert_int_equal(LQ_OK, parse("fruit pick -- --json --"));
	assert_int_equal(2, line.operand_count);
	assert_string_equal("--json", line.operands[0]);
	assert_string_equal("--", line.operands[1]);
	assert_false(line.json);
}

static void one_dash_and_nothing_are_operands(void **state)
{
	(void)state;
	assert_int_equal(LQ_OK, parse("fruit pick - _"));
	assert_string_equal("-", line.operands[0]);
	assert_string_equal("", line.operands[1]);
}

static void a_list_keeps_every_value(void **state)
{
	(void)state;
	assert_int_equal(LQ_OK, parse("basket --with a --size 3 --with b"));
	assert_int_equal(3, line.option_count);
	assert_string_equal("a", line.options[0].value);
	assert_string_equal("b", line.options[2].value);
}

static void help_and_version_demand_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(LQ_OK, parse("--help"));
	assert_true(line.help);
	assert_int_equal(LQ_OK, parse("-h"));
	assert_true(line.help);
	assert_int_equal(LQ_OK, parse("--version"));
	assert_true(line.version);
	assert_int_equal(LQ_OK, parse("fruit --help"));
	assert_string_equal("fruit", line.group);
	assert_null(line.command);
	assert_int_equal(LQ_OK, parse("basket --help"));
	assert_string_equal("basket", line.command->name);
}

static void every_wrong_line_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *text;
		enum lq_usage_problem problem;
		const char *word; /* NULL: none */
	} cases[] = {
		{"", LQ_USAGE_NO_COMMAND, NULL},
		{"--json", LQ_USAGE_NO_COMMAND, NULL},
		{"fruit", LQ_USAGE_NO_COMMAND, "fruit"},
		{"--", LQ_USAGE_NO_COMMAND, NULL},
		{"fru", LQ_USAGE_UNKNOWN_COMMAND, "fru"},
		{"_", LQ_USAGE_UNKNOWN_COMMAND, ""},
		{"fruit _", LQ_USAGE_UNKNOWN_COMMAND, ""},
		{"fruit pi", LQ_USAGE_UNKNOWN_COMMAND, "pi"},
		{"fruit basket", LQ_USAGE_UNKNOWN_COMMAND, "basket"},
		{"pick", LQ_USAGE_UNKNOWN_COMMAND, "pick"},
		{"baskets", LQ_USAGE_UNKNOWN_COMMAND, "baskets"},
		{"fruit pick", LQ_USAGE_TOO_FEW, NULL},
		{"fruit pick a b c", LQ_USAGE_TOO_MANY, NULL},
		{"fruit eat a", LQ_USAGE_TOO_MANY, NULL},
		{"fruit pick a --size 3", LQ_USAGE_UNKNOWN_OPTION, "--size"},
		{"--colour red fruit pick a", LQ_USAGE_UNKNOWN_OPTION, "--colour"},
		{"fruit pick a --col red", LQ_USAGE_UNKNOWN_OPTION, "--col"},
		{"fruit pick a -ripe", LQ_USAGE_UNKNOWN_OPTION, "-ripe"},
		{"fruit pick a -j", LQ_USAGE_UNKNOWN_OPTION, "-j"},
		{"fruit pick a --colour", LQ_USAGE_VALUE_MISSING, "--colour"},
		{"--config", LQ_USAGE_VALUE_MISSING, "--config"},
		{"fruit pick a --ripe=yes", LQ_USAGE_VALUE_UNWANTED, "--ripe"},
		{"--json=1", LQ_USAGE_VALUE_UNWANTED, "--json"},
		{"fruit pick a --ripe --ripe", LQ_USAGE_OPTION_TWICE, "--ripe"},
		{"fruit pick a --colour=x --colour=y", LQ_USAGE_OPTION_TWICE, "--colour"},
		{"--lang en basket --lang fr", LQ_USAGE_OPTION_TWICE, "--lang"},
		{"--config=/a --config=/b basket", LQ_USAGE_OPTION_TWICE, "--config"},
		{"basket --size 3", LQ_USAGE_OPTION_MISSING, "with"},
		{"basket --with a", LQ_USAGE_OPTION_MISSING, "size"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int r = parse(cases[i].text);
		char word[64] = "";
		if (r == LQ_ERR_INVALID && error.word != NULL) {
			(void)snprintf(word, sizeof(word), "%.*s", error.word_length, error.word);
		}
		if (r != LQ_ERR_INVALID || error.problem != cases[i].problem ||
			strcmp(word, cases[i].word != NULL ? cases[i].word : "") != 0) {
			fail_msg("'%s' gave %d, problem %d, '%s'", cases[i].text, r,
				(int)error.problem, word);
		}
	}
}

static void an_error_is_told_in_the_form_that_was_asked_for(void **state)
{
	(void)state;
	assert_int_equal(LQ_ERR_INVALID, parse("fru --json --lang fr"));
	assert_true(line.json);
	assert_string_equal("fr", line.language);
	assert_int_equal(LQ_ERR_INVALID, parse("fru --lang=en"));
	assert_string_equal("en", line.language);
	assert_int_equal(LQ_ERR_INVALID, parse("fru -- --json"));
	assert_false(line.json);
}

static int parse_with(unsigned lists)
{
	char text[1024] = "basket --size 3";
	for (unsigned i = 0; i < lists; i++) {
		size_t length = strlen(text);
		(void)snprintf(text + length, sizeof(text) - length, " --with a");
	}
	return parse(text);
}

static void more_options_than_there_is_room_for_are_refused(void **state)
{
	(void)state;
	assert_int_equal(LQ_OK, parse_with(LQ_OPTIONS_MAX - 1));
	assert_int_equal(LQ_ERR_INVALID, parse_with(LQ_OPTIONS_MAX));
	assert_int_equal(LQ_USAGE_TOO_MANY, error.problem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_a_command_its_operands_and_options),
		cmocka_unit_test(options_stand_anywhere_and_take_their_value_either_way),
		cmocka_unit_test(behind_two_dashes_everything_is_an_operand),
		cmocka_unit_test(one_dash_and_nothing_are_operands),
		cmocka_unit_test(a_list_keeps_every_value),
		cmocka_unit_test(help_and_version_demand_nothing_else),
		cmocka_unit_test(every_wrong_line_is_refused_with_its_reason),
		cmocka_unit_test(an_error_is_told_in_the_form_that_was_asked_for),
		cmocka_unit_test(more_options_than_there_is_room_for_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
