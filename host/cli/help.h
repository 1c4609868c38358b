/* Help, made from the table of commands. One thread. */
#ifndef LQ_CLI_HELP_H
#define LQ_CLI_HELP_H

#include "host/cli/cli.h"

/* Everything that `loquet` can do, one line a command. `out` may be stdout or stderr. */
void lq_help_overview(const struct lq_cli *cli, FILE *out);

/* One command in full: usage, options, example, exit codes. */
void lq_help_command(const struct lq_cli *cli, const struct lq_command *command, FILE *out);

/* The commands whose names begin with `group`. */
void lq_help_group(const struct lq_cli *cli, const char *group, FILE *out);

/* Prints help as an answer: of a command, else of a group, else of everything. Returns the exit
 * code. */
int lq_help_page(const struct lq_cli *cli, const struct lq_command *command, const char *group);

/* "loquet member add NAME [--profile PROFILE]"; the caller frees it, NULL when memory ran out. */
char *lq_help_usage(const struct lq_command *command);

/* Says on stderr what is wrong with the command line. Returns LQ_EXIT_USAGE. */
int lq_help_usage_error(const struct lq_cli *cli, const struct lq_usage_error *error);

#endif
