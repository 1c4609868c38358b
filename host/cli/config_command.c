#include "firmware/core/err.h"
#include "host/cli/cli.h"
#include "host/cli/commands.h"

int lq_run_config_check(const struct lq_cli *cli)
{
	/* The file that is checked takes the place of the configured one. */
	static struct lq_cli checked;
	checked = *cli;
	if (cli->line.operand_count == 1) {
		checked.config_path = cli->line.operands[0];
		checked.config_result =
			lq_config_load(checked.config_path, &checked.config, &checked.config_error);
	}
	int r = lq_cli_need_config(&checked);
	if (r == LQ_EXIT_OK) {
		r = lq_cli_use_zone(&checked);
	}
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (cli->line.json) {
		return lq_print_json(cli, json_pack("{s:b, s:o}", "ok", 1, "file",
						  lq_json_foreign(checked.config_path)));
	}
	lq_say(stdout, lq_tr(cli, "%s: no error", "%s : aucune erreur"), checked.config_path);
	return LQ_EXIT_OK;
}

int lq_run_config_show(const struct lq_cli *cli)
{
	int r = lq_cli_need_config(cli);
	if (r == LQ_EXIT_OK) {
		(void)lq_config_print(&cli->config, stdout);
	}
	return r;
}

int lq_run_config_reference(const struct lq_cli *cli)
{
	(void)cli;
	(void)lq_config_print_reference(stdout);
	return LQ_EXIT_OK;
}
