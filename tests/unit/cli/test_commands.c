#include "firmware/core/err.h"
#include "host/cli/commands.h"
#include "host/cli/help.h"
#include "tests/lib/cmocka.h"

#include <stdlib.h>
#include <string.h>

/* Splits the way a shell does, as far as the examples go. */
static int split(char *text, char *argv[], int capacity)
{
	int argc = 0;
	char *out = text;
	bool quoted = false;
	bool word = false;
	for (char *in = text; *in != '\0'; in++) {
		if (*in == ' ' && !quoted) {
			*out++ = '\0';
			word = false;
			continue;
		}
		if (!word) {
			assert_true(argc < capacity);
			argv[argc++] = out;
			word = true;
		}
		if (*in == '\'') {
			quoted = !quoted;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
	assert_false(quoted);
	return argc;
}

static void every_example_is_a_line_that_its_command_accepts(void **state)
{
	(void)state;
	for (size_t i = 0; i < lq_command_count; i++) {
		char text[256];
		char *argv[32] = {NULL};
		struct lq_command_line line;
		struct lq_usage_error error;
		(void)snprintf(text, sizeof(text), "%s", lq_commands[i].example);
		int argc = split(text, argv, 32);
		assert_true(argc > 1);
		assert_string_equal("loquet", argv[0]);
		if (lq_command_line_parse(
			    lq_commands, lq_command_count, argc, argv, &line, &error) != LQ_OK ||
			line.command != &lq_commands[i]) {
			fail_msg("the example of '%s' is not accepted", lq_commands[i].name);
		}
	}
}

static void every_command_is_explained_in_both_languages(void **state)
{
	(void)state;
	for (size_t i = 0; i < lq_command_count; i++) {
		const struct lq_command *command = &lq_commands[i];
		assert_non_null(command->run);
		assert_non_null(command->text[0]);
		assert_non_null(command->text[1]);
		assert_true((command->details[0] == NULL) == (command->details[1] == NULL));
		assert_true(command->operands_max <= LQ_OPERANDS_MAX);
		assert_true(command->operands_min <= command->operands_max);
		for (const struct lq_option *o = command->options; o->kind != LQ_OPTION_END; o++) {
			assert_true(o->text[0] != NULL && o->text[1] != NULL);
			assert_true((o->kind == LQ_OPTION_FLAG) == (o->value == NULL));
		}
	}
}

static void the_usage_tells_needed_words_from_others(void **state)
{
	static const struct {
		const char *name;
		const char *usage;
	} cases[] = {
		{"member add", "loquet member add NAME [--profile PROFILE] [--any-time] "
			       "[--extended-time]"},
		{"journal replay", "loquet journal replay --from NUMBER"},
		{"profile set", "loquet profile set NAME (--at DOOR/entry[@SCHEDULE])…"},
		{"reasons", "loquet reasons [--schema]"},
	};
	(void)state;
	size_t checked = 0;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t c = 0; c < lq_command_count; c++) {
			if (strcmp(lq_commands[c].name, cases[i].name) == 0) {
				char *usage = lq_help_usage(&lq_commands[c]);
				assert_string_equal(cases[i].usage, usage);
				free(usage);
				checked++;
			}
		}
	}
	assert_int_equal(sizeof(cases) / sizeof(cases[0]), checked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_example_is_a_line_that_its_command_accepts),
		cmocka_unit_test(every_command_is_explained_in_both_languages),
		cmocka_unit_test(the_usage_tells_needed_words_from_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
