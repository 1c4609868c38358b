#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/store/keys.h"
#include "host/cli/cli.h"
#include "host/cli/commands.h"

static int no_such_key(const struct lq_cli *cli, int problem)
{
	return lq_fail(cli, LQ_EXIT_USAGE, "config",
		lq_tr(cli,
			"%s: home_assistant_key = %s is no key that can be read here (%s): loquet "
			"key "
			"new makes one",
			"%s : home_assistant_key = %s n’est pas une clé lisible ici (%s) : loquet "
			"key "
			"new en crée une"),
		cli->config_path, cli->config.mqtt.home_assistant_key, lq_err_text(problem));
}

/* What the file alone does not show: whom Home Assistant's lock would sign for. */
static int check_home_assistant(const struct lq_cli *cli)
{
	const char *file = cli->config.mqtt.home_assistant_key;
	struct lq_keys keys;
	char text[LQ_BASE64URL_LENGTH(32) + 1];
	if (file[0] == '\0') {
		return LQ_EXIT_OK;
	}
	int r = lq_keys_load_signer(file, &keys);
	if (r != LQ_OK) {
		return no_such_key(cli, r);
	}
	lq_base64url_encode(keys.sign_public, sizeof(keys.sign_public), text);
	const struct lq_signer *signer = lq_config_signer(&cli->config, keys.sign_public);
	lq_keys_wipe(&keys);
	if (signer == NULL) {
		return lq_fail(cli, LQ_EXIT_USAGE, "config",
			lq_tr(cli,
				"%s: home_assistant_key = %s: no [command NAME] trusts it; one "
				"with "
				"key = %s and allow = door.open was expected",
				"%s : home_assistant_key = %s : aucune section [command NAME] ne "
				"l’accepte ; il en faut une avec key = %s et allow = door.open"),
			cli->config_path, file, text);
	}
	if ((signer->commands & 1u << LQ_ORDER_DOOR_OPEN) == 0) {
		return lq_fail(cli, LQ_EXIT_USAGE, "config",
			lq_tr(cli,
				"%s: home_assistant_key = %s: [command %s], which trusts it, does "
				"not "
				"allow door.open",
				"%s : home_assistant_key = %s : [command %s], qui l’accepte, "
				"n’autorise pas door.open"),
			cli->config_path, file, signer->name);
	}
	return LQ_EXIT_OK;
}

int lq_run_config_check(const struct lq_cli *cli)
{
	/* The file that is checked takes the place of the configured one. */
	static struct lq_cli checked;
	checked = *cli;
	if (cli->line.operand_count == 1) {
		checked.config_path = cli->line.operands[0];
		checked.speech.language = cli->language;
		checked.config_result = lq_config_load(checked.config_path, checked.speech,
			&checked.config, &checked.config_error);
	}
	int r = lq_cli_need_config(&checked);
	if (r == LQ_EXIT_OK) {
		r = check_home_assistant(&checked);
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
	struct lq_page page;
	int r = lq_cli_need_config(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (lq_page_begin(cli, &page) != NULL) {
		(void)lq_config_print(&cli->config, page.out);
	}
	return lq_page_end(cli, &page);
}

int lq_run_config_reference(const struct lq_cli *cli)
{
	struct lq_page page;
	if (lq_page_begin(cli, &page) != NULL) {
		(void)lq_config_print_reference(page.out);
	}
	return lq_page_end(cli, &page);
}
