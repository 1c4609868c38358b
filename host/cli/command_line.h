/* The command line, taken apart by the table of commands. Pure; any thread. */
#ifndef LQ_CLI_COMMAND_LINE_H
#define LQ_CLI_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct lq_cli;

enum lq_option_kind {
	LQ_OPTION_END, /* closes a list of options */
	LQ_OPTION_FLAG,
	LQ_OPTION_VALUE,
	LQ_OPTION_NEEDED, /* as LQ_OPTION_VALUE, and never left out */
	LQ_OPTION_LIST,   /* given once or more often */
	LQ_OPTION_ANY,    /* given as often as wanted, or not */
};

struct lq_option {
	enum lq_option_kind kind;
	const char *name;    /* without the dashes */
	const char *value;   /* what the value is called in the usage; NULL for a flag */
	const char *text[2]; /* by enum lq_language */
};

struct lq_command {
	const char *name;     /* "member add" */
	const char *operands; /* as the usage shows them, or "" */
	size_t operands_min;
	size_t operands_max;
	const struct lq_option *options;
	const char *text[2];    /* one line, by enum lq_language */
	const char *details[2]; /* more, or NULL */
	const char *example;
	int (*run)(const struct lq_cli *cli); /* returns an enum lq_exit */
};

#define LQ_OPERANDS_MAX 33u /* a name and a week's periods, with room */
#define LQ_OPTIONS_MAX  40u

/* Borrows from argv and from the table. */
struct lq_command_line {
	const char *config; /* NULL: not given */
	const char *language;
	bool json;
	bool help;
	bool version;
	const char *group; /* "member" when nothing, or --help, followed it */
	const struct lq_command *command;
	size_t operand_count;
	const char *operands[LQ_OPERANDS_MAX];
	size_t option_count;
	struct {
		const struct lq_option *option;
		const char *value; /* NULL for a flag */
	} options[LQ_OPTIONS_MAX];
};

enum lq_usage_problem {
	LQ_USAGE_NO_COMMAND,
	LQ_USAGE_UNKNOWN_COMMAND,
	LQ_USAGE_UNKNOWN_OPTION,
	LQ_USAGE_VALUE_MISSING,
	LQ_USAGE_VALUE_UNWANTED,
	LQ_USAGE_OPTION_TWICE,
	LQ_USAGE_OPTION_MISSING,
	LQ_USAGE_TOO_FEW,
	LQ_USAGE_TOO_MANY,
};

struct lq_usage_error {
	enum lq_usage_problem problem;
	const char *word; /* what it is about, or NULL; an option without its value */
	int word_length;
};

/* The options that every command takes: --config, --lang, --json, --help, --version. */
extern const struct lq_option lq_global_options[];

/* Reads argv[1 …]. LQ_ERR_INVALID with `ret_error` filled; `ret_line` holds what was understood
 * until then and --json and --lang wherever they stand, so that the error can be told in that form.
 * With --help, --version or no command nothing is demanded of the rest. */
int lq_command_line_parse(const struct lq_command *commands, size_t count, int argc,
	char *const argv[], struct lq_command_line *ret_line, struct lq_usage_error *ret_error);

/* The value of an option, NULL when it was not given. */
const char *lq_option_value(const struct lq_command_line *line, const char *name);
bool lq_option_given(const struct lq_command_line *line, const char *name);

/* `name` is `group`, or begins with it and a space. */
bool lq_command_in_group(const char *name, const char *group, size_t group_length);

#endif
