/* loquet: the operator's command line. */
#include "firmware/core/err.h"
#include "host/cli/cli.h"
#include "host/cli/commands.h"
#include "host/cli/help.h"

#include <locale.h>

static int run(const struct lq_cli *cli)
{
	if (cli->line.version) {
		struct lq_page page;
		if (lq_page_begin(cli, &page) != NULL) {
			lq_say(page.out, "loquet %s", LQ_VERSION);
		}
		return lq_page_end(cli, &page);
	}
	if (cli->line.help) {
		return lq_help_page(cli, cli->line.command, cli->line.group);
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
