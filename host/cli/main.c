/* loquet: the operator's command line. */
#include "firmware/core/err.h"
#include "host/cli/cli.h"
#include "host/cli/commands.h"
#include "host/cli/help.h"

#include <locale.h>

static int run(const struct lq_cli *cli)
{
	if (cli->line.version) {
		lq_say(stdout, "loquet %s", LQ_VERSION);
		return LQ_EXIT_OK;
	}
	if (cli->line.help) {
		if (cli->line.command != NULL) {
			lq_help_command(cli, cli->line.command, stdout);
		} else if (cli->line.group != NULL) {
			lq_help_group(cli, cli->line.group, stdout);
		} else {
			lq_help_overview(cli, stdout);
		}
		return LQ_EXIT_OK;
	}
	int r = lq_cli_check_language(cli);
	r = r == LQ_EXIT_OK && cli->config_result == LQ_OK ? lq_cli_use_zone(cli) : r;
	return r == LQ_EXIT_OK ? cli->line.command->run(cli) : r;
}

int main(int argc, char *argv[])
{
	static struct lq_cli cli;
	struct lq_usage_error error;
	/* Only character widths depend on it; messages are ours. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	int parsed =
		lq_command_line_parse(lq_commands, lq_command_count, argc, argv, &cli.line, &error);
	lq_cli_configure(&cli);
	if (parsed != LQ_OK) {
		return lq_help_usage_error(&cli, &error);
	}
	return lq_cli_finish(&cli, run(&cli));
}
