#include "host/cli/cli.h"
#include "host/cli/commands.h"
#include "host/cli/table.h"

static int print_lines(const struct lq_cli *cli)
{
	int r = LQ_EXIT_OK;
	for (int i = 0; r == LQ_EXIT_OK && i < LQ_REASON_COUNT; i++) {
		enum lq_reason reason = (enum lq_reason)i;
		r = lq_print_json(
			cli, json_pack("{s:s, s:s, s:s}", "reason", lq_reason_name(reason), "en",
				     lq_reason_text(reason, LQ_LANGUAGE_EN), "fr",
				     lq_reason_text(reason, LQ_LANGUAGE_FR)));
	}
	return r;
}

static int print_schema(void)
{
	(void)puts("{\n"
		   "\t\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
		   "\t\"$id\": \"reason.json\",\n"
		   "\t\"title\": \"Why a tap was granted or denied\",\n"
		   "\t\"enum\": [");
	for (int i = 0; i < LQ_REASON_COUNT; i++) {
		(void)printf("\t\t\"%s\"%s\n", lq_reason_name((enum lq_reason)i),
			i + 1 < LQ_REASON_COUNT ? "," : "");
	}
	(void)puts("\t]\n}");
	return LQ_EXIT_OK;
}

int lq_run_reasons(const struct lq_cli *cli)
{
	if (lq_option_given(&cli->line, "schema")) {
		return print_schema();
	}
	if (cli->line.json) {
		return print_lines(cli);
	}
	struct lq_table table = {.columns = 3};
	lq_table_add(&table, lq_tr(cli, "REASON", "RAISON"));
	lq_table_add(&table, lq_tr(cli, "ENGLISH", "ANGLAIS"));
	lq_table_add(&table, lq_tr(cli, "FRENCH", "FRANÇAIS"));
	for (int i = 0; i < LQ_REASON_COUNT; i++) {
		enum lq_reason reason = (enum lq_reason)i;
		lq_table_add(&table, lq_reason_name(reason));
		lq_table_add(&table, lq_reason_text(reason, LQ_LANGUAGE_EN));
		lq_table_add(&table, lq_reason_text(reason, LQ_LANGUAGE_FR));
	}
	lq_table_print(&table, "", stdout);
	lq_table_free(&table);
	return LQ_EXIT_OK;
}
