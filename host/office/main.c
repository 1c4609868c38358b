/* loquet-office: the space's back office. */
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "hal/linux/linux_entropy.h"
#include "host/cli/cli.h"
#include "host/office/account_command.h"
#include "host/office/backup.h"
#include "host/office/import.h"
#include "host/office/listen.h"
#include "host/office/move.h"
#include "host/office/office_key.h"
#include "host/office/report.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* SIGTERM and SIGINT become readable on a descriptor. */
static int listen_until_stopped(const struct lq_cli *cli)
{
	sigset_t set;
	if (cli->config.mqtt.host[0] == '\0' && cli->config.office.port == 0) {
		return lq_fail(cli, LQ_EXIT_USAGE, "config",
			lq_tr(cli, "%s: neither [mqtt] host nor [office] port: nothing to do",
				"%s : ni [mqtt] host ni [office] port : il n’y a rien à faire"),
			cli->config_path);
	}
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	int stop_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (stop_fd < 0) {
		return lq_fail(cli, LQ_EXIT_IO, "io", "signalfd: %s", lq_err_text(LQ_ERR_IO));
	}
	int r = lq_office_listen(cli, stop_fd);
	(void)close(stop_fd);
	return r;
}

static int print_key(const struct lq_cli *cli)
{
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_keys key;
	char text[LQ_BASE64URL_LENGTH(sizeof(key.sign_public)) + 1];
	int r = lq_office_key_load(cli->config.state_dir, &entropy, &key);
	if (r != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_IO, "io", "%s/office.key: %s", cli->config.state_dir,
			lq_err_text(r));
	}
	lq_base64url_encode(key.sign_public, sizeof(key.sign_public), text);
	lq_keys_wipe(&key);
	if (cli->line.json) {
		return lq_print_json(cli, json_pack("{s:b, s:s}", "ok", 1, "key", text));
	}
	(void)printf("# %s\n[controller]\noffice_key = %s\n\n[command %s]\nkey = %s\n"
		     "allow = door.open, door.mode, badge.read, journal.replay\ndoors = *\n",
		lq_tr(cli, "for loquet.conf of every controller of the space",
			"pour le loquet.conf de chaque contrôleur de l’espace"),
		text, LQ_OFFICE_KEY_ID, text);
	return LQ_EXIT_OK;
}

static const struct lq_option no_options[] = {{.kind = LQ_OPTION_END}};
static const struct lq_option day_options[] = {
	{LQ_OPTION_VALUE, "day", "DATE",
		{"the business day; without it, the present one",
			"la journée ; sans cela, celle en cours"}},
	{.kind = LQ_OPTION_END},
};

static const struct lq_option account_options[] = {
	{LQ_OPTION_NEEDED, "role", "ROLE",
		{"operator, manager or auditor", "operator, manager ou auditor"}},
	{.kind = LQ_OPTION_END},
};

static const struct lq_option move_options[] = {
	{LQ_OPTION_NEEDED, "to", "DATABASE",
		{"sqlite, or a connection string of PostgreSQL",
			"sqlite, ou une chaîne de connexion de PostgreSQL"}},
	{.kind = LQ_OPTION_END},
};

static const struct lq_command commands[] = {
	{.name = "run",
		.operands = "",
		.options = no_options,
		.text = {"listen to the controllers of the space until stopped",
			"écouter les contrôleurs de l’espace jusqu’à l’arrêt"},
		.example = "loquet-office run",
		.run = listen_until_stopped},
	{.name = "now",
		.operands = "",
		.options = no_options,
		.text = {"who is in, since when, by zone", "qui est là, depuis quand, par zone"},
		.example = "loquet-office now --json",
		.run = lq_report_now},
	{.name = "visits",
		.operands = "[--day DATE]",
		.options = day_options,
		.text = {"the visits of a business day", "les visites d’une journée"},
		.example = "loquet-office visits --day 2026-12-01",
		.run = lq_report_visits},
	{.name = "key",
		.operands = "",
		.options = no_options,
		.text = {"the lines of loquet.conf by which doors trust this office",
			"les lignes de loquet.conf par lesquelles les portes s’y fient"},
		.example = "loquet-office key",
		.run = print_key},
	{.name = "import",
		.operands = "",
		.options = no_options,
		.text = {"take over the roster of the door on this board",
			"reprendre les droits de la porte de cette carte"},
		.example = "loquet-office import",
		.run = lq_office_import},
	{.name = "check",
		.operands = "",
		.options = no_options,
		.text = {"whether every event came, and as it was signed",
			"si tout événement est arrivé, et tel qu’il fut signé"},
		.example = "loquet-office check",
		.run = lq_report_check},
	{.name = "backup",
		.operands = "FILE",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"write the books into a new file, while the office runs",
			"écrire les registres dans un nouveau fichier, pendant la marche"},
		.example = "loquet-office backup /media/usb/office.db",
		.run = lq_office_backup},
	{.name = "restore",
		.operands = "FILE",
		.operands_min = 1,
		.operands_max = 1,
		.options = no_options,
		.text = {"put the books of a backup in the place of those there are",
			"remettre les registres d’une sauvegarde à la place des présents"},
		.example = "loquet-office restore /media/usb/office.db",
		.run = lq_office_restore},
	{.name = "move",
		.operands = "--to DATABASE",
		.options = move_options,
		.text = {"move the books to PostgreSQL, or back to SQLite",
			"déplacer les registres vers PostgreSQL, ou retour à SQLite"},
		.details = {"Stop loquet-office first. The new place has to be unused; it gets all "
			    "of the books or\nnothing, and the old one stays as it is. At the end "
			    "the line of loquet.conf is printed\nthat makes the office use it.",
			"Arrêtez d’abord loquet-office. La nouvelle base doit être inutilisée ; "
			"elle reçoit tous les\nregistres ou rien, et l’ancienne reste telle "
			"quelle. À la fin s’affiche la ligne de\nloquet.conf qui la fait utiliser "
			"par le bureau."},
		.example = "loquet-office move --to 'postgresql:///loquet?host=/run/postgresql'",
		.run = lq_office_move},
	{.name = "account add",
		.operands = "NAME --role ROLE",
		.operands_min = 1,
		.operands_max = 1,
		.options = account_options,
		.text = {"let somebody log in to the page; the password is read from the input",
			"donner accès à la page ; le mot de passe est lu de l’entrée"},
		.example = "loquet-office account add ada --role manager",
		.run = lq_account_command_add},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_exit_codes(const struct lq_cli *cli, FILE *out)
{
	(void)fputs(
		lq_tr(cli,
			"\nExit status: 0 done, 1 refused, not found or does not hold, 2 wrong "
			"usage or\nconfiguration, 5 damaged data, or input and output failed.\n",
			"\nCode de sortie : 0 fait, 1 refusé, introuvable ou ne tient pas, 2 usage "
			"ou\nconfiguration erronés, 5 données abîmées ou échec d’entrée-sortie.\n"),
		out);
}

static void print_command(const struct lq_cli *cli, const struct lq_command *command, FILE *out)
{
	(void)fprintf(out, "%s loquet-office %s %s\n\n%s\n", lq_tr(cli, "usage:", "usage :"),
		command->name, command->operands, command->text[cli->language]);
	if (command->details[cli->language] != NULL) {
		(void)fprintf(out, "%s\n", command->details[cli->language]);
	}
	for (const struct lq_option *o = command->options; o->kind != LQ_OPTION_END; o++) {
		(void)fprintf(out, "\n  --%-8s%-10s  %s\n", o->name,
			o->value != NULL ? o->value : "", o->text[cli->language]);
	}
	(void)fprintf(out, "\n%s %s\n", lq_tr(cli, "Example:", "Exemple :"), command->example);
	print_exit_codes(cli, out);
}

static void print_help(const struct lq_cli *cli, FILE *out)
{
	(void)fputs(lq_tr(cli, "usage: loquet-office COMMAND [OPTION…]\n\n",
			    "usage : loquet-office COMMANDE [OPTION…]\n\n"),
		out);
	for (size_t i = 0; i < COMMANDS; i++) {
		(void)fprintf(out, "  %-12s%-17s  %s\n", commands[i].name, commands[i].operands,
			commands[i].text[cli->language]);
	}
	(void)fputs("\n", out);
	for (const struct lq_option *o = lq_global_options; o->kind != LQ_OPTION_END; o++) {
		(void)fprintf(out, "  --%-8s%-10s  %s\n", o->name, o->value != NULL ? o->value : "",
			o->text[cli->language]);
	}
	print_exit_codes(cli, out);
	(void)fputs(lq_tr(cli, "\nExample: loquet-office visits --day 2026-12-01 --json\n",
			    "\nExemple : loquet-office visits --day 2026-12-01 --json\n"),
		out);
}

static int run(const struct lq_cli *cli)
{
	if (cli->line.version) {
		lq_say(stdout, "loquet-office %s", LQ_VERSION);
		return LQ_EXIT_OK;
	}
	if (cli->line.help && cli->line.command != NULL) {
		print_command(cli, cli->line.command, stdout);
		return LQ_EXIT_OK;
	}
	if (cli->line.help) {
		print_help(cli, stdout);
		return LQ_EXIT_OK;
	}
	int r = lq_cli_check_language(cli);
	r = r == LQ_EXIT_OK ? lq_cli_need_config(cli) : r;
	r = r == LQ_EXIT_OK ? lq_cli_use_zone(cli) : r;
	return r == LQ_EXIT_OK ? cli->line.command->run(cli) : r;
}

int main(int argc, char **argv)
{
	static struct lq_cli cli;
	struct lq_usage_error error;
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	int parsed = lq_command_line_parse(commands, COMMANDS, argc, argv, &cli.line, &error);
	lq_cli_configure(&cli);
	bool asked = cli.line.help || cli.line.version;
	if (parsed != LQ_OK || (cli.line.command == NULL && !asked)) {
		print_help(&cli, stderr);
		return LQ_EXIT_USAGE;
	}
	return lq_cli_finish(&cli, run(&cli));
}
