/* What every command of the operator's command line works with. One thread. */
#ifndef LQ_CLI_CLI_H
#define LQ_CLI_CLI_H

#include "firmware/config/config.h"
#include "firmware/core/reason.h"
#include "host/cli/command_line.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum lq_exit {
	LQ_EXIT_OK = 0,
	LQ_EXIT_REFUSED = 1,     /* refused, not found, or does not hold */
	LQ_EXIT_USAGE = 2,       /* usage or configuration error */
	LQ_EXIT_UNREACHABLE = 3, /* loquetd does not answer */
	LQ_EXIT_TIMEOUT = 4,     /* nobody tapped */
	LQ_EXIT_IO = 5,          /* damaged data, or input and output failed */
};

struct lq_cli {
	struct lq_command_line line;
	enum lq_language language;
	const char *config_path;
	struct lq_speech speech; /* in which errors of the configuration are told */
	int config_result;       /* of lq_config_load() */
	struct lq_config config;
	struct lq_config_error config_error;
};

/* The text in the operator's language. */
const char *lq_tr(const struct lq_cli *cli, const char *en, const char *fr)
	__attribute__((format_arg(2), format_arg(3)));

/* Prints one line to `out`; everything that a terminal could take for more than text is escaped. */
void lq_say(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says on stderr, as a line or as JSON, what happened, where, and what to do. `error` is a stable
 * word. Returns `code`, so that a command can return it. */
int lq_fail(const struct lq_cli *cli, enum lq_exit code, const char *error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Loads the configuration that the command line or LOQUET_CONFIG names, and chooses the language:
 * that of the command line, of the configuration, or of the environment. */
void lq_cli_configure(struct lq_cli *cli);

/* LQ_EXIT_OK when --lang names a language; otherwise says that it does not. */
int lq_cli_check_language(const struct lq_cli *cli);

/* Ends the answer on standard output, and returns `code`: a full disk or a closed pipe behind it is
 * no success. */
int lq_cli_finish(const struct lq_cli *cli, int code);

/* LQ_EXIT_OK when the configuration was loaded; otherwise says why not. */
int lq_cli_need_config(const struct lq_cli *cli);

/* Makes the space's time zone that of the process; otherwise says that there is none such. */
int lq_cli_use_zone(const struct lq_cli *cli);

/* Prints `value` as one line of JSON on stdout and releases it. NULL: out of memory. */
int lq_print_json(const struct lq_cli *cli, json_t *value);

/* An answer that is a text: printed as it is, with --json as {"ok":true,"text":…}. */
struct lq_page {
	FILE *out; /* to print to */
	char *text;
	size_t length;
};

/* Returns page->out; NULL: out of memory, which lq_page_end() tells. */
FILE *lq_page_begin(const struct lq_cli *cli, struct lq_page *page);

/* Returns the exit code. */
int lq_page_end(const struct lq_cli *cli, struct lq_page *page);

/* A JSON string of foreign bytes: what is not UTF-8 becomes U+FFFD. */
json_t *lq_json_foreign(const char *text);

struct lq_ms_text {
	char text[40];
};

/* Microseconds as "9.1 ms", with `decimals` digits behind the language's own point. */
struct lq_ms_text lq_ms_text(const struct lq_cli *cli, json_int_t us, int decimals);

struct lq_number_text {
	char text[24];
};

/* A member of `object` in digits; "?" where it is no integer. */
struct lq_number_text lq_number_text(const json_t *object, const char *key);

#endif
