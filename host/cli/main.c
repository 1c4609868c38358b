/* loquet: the operator's command line. */
#include "firmware/core/err.h"
#include "host/cli/cli.h"
#include "host/cli/commands.h"
#include "host/cli/help.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static bool is_french(const char *language)
{
	return language != NULL && strncmp(language, "fr", 2) == 0;
}

static const char *environment_language(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		if (value != NULL && *value != '\0') {
			return value;
		}
	}
	return NULL;
}

static enum lq_language choose_language(const struct lq_cli *cli)
{
	if (cli->line.language != NULL) {
		return is_french(cli->line.language) ? LQ_LANGUAGE_FR : LQ_LANGUAGE_EN;
	}
	if (cli->config_result == LQ_OK) {
		return cli->config.language;
	}
	return is_french(environment_language()) ? LQ_LANGUAGE_FR : LQ_LANGUAGE_EN;
}

static void load_config(struct lq_cli *cli)
{
	const char *from_environment = getenv("LOQUET_CONFIG");
	cli->config_path = LQ_CONFIG_DEFAULT_PATH;
	if (cli->line.config != NULL) {
		cli->config_path = cli->line.config;
	} else if (from_environment != NULL && *from_environment != '\0') {
		cli->config_path = from_environment;
	}
	cli->config_result = lq_config_load(cli->config_path, &cli->config, &cli->config_error);
}

static int check_settings(const struct lq_cli *cli)
{
	const char *language = cli->line.language;
	if (language != NULL && strcmp(language, "en") != 0 && strcmp(language, "fr") != 0) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage",
			lq_tr(cli, "--lang: '%s' is neither en nor fr",
				"--lang : « %s » n’est ni en ni fr"),
			language);
	}
	return cli->config_result == LQ_OK ? lq_cli_use_zone(cli) : LQ_EXIT_OK;
}

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
	int r = check_settings(cli);
	return r == LQ_EXIT_OK ? cli->line.command->run(cli) : r;
}

/* A full disk or a closed pipe behind standard output is no success. */
static int close_output(const struct lq_cli *cli, int code)
{
	errno = 0;
	if ((fflush(stdout) == 0 && ferror(stdout) == 0) || code != LQ_EXIT_OK) {
		return code;
	}
	return lq_fail(cli, LQ_EXIT_IO, "io",
		lq_tr(cli, "cannot write the answer: %s", "impossible d’écrire la réponse : %s"),
		strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
}

int main(int argc, char *argv[])
{
	static struct lq_cli cli;
	struct lq_usage_error error;
	/* Only character widths depend on it; messages are ours. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	int parsed =
		lq_command_line_parse(lq_commands, lq_command_count, argc, argv, &cli.line, &error);
	load_config(&cli);
	cli.language = choose_language(&cli);
	if (parsed != LQ_OK) {
		return lq_help_usage_error(&cli, &error);
	}
	return close_output(&cli, run(&cli));
}
