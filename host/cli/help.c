#include "host/cli/help.h"

#include "firmware/config/suggest.h"
#include "firmware/core/assert.h"
#include "host/cli/commands.h"
#include "host/cli/table.h"

#include <stdlib.h>
#include <string.h>

static const char *const exit_codes[][2] = {
	{"done", "fait"},
	{"refused, not found, or does not hold", "refusé, introuvable, ou ne tient pas"},
	{"usage or configuration error", "erreur d’utilisation ou de configuration"},
	{"loquetd does not answer", "loquetd ne répond pas"},
	{"timeout: nobody tapped", "délai dépassé : aucun badge présenté"},
	{"damaged data, or reading or writing failed",
		"données abîmées, lecture ou écriture impossible"},
};

static void print_exit_codes(const struct lq_cli *cli, FILE *out)
{
	lq_say(out, "%s", "");
	lq_say(out, "%s", lq_tr(cli, "Exit codes:", "Codes de retour :"));
	for (size_t i = 0; i < sizeof(exit_codes) / sizeof(exit_codes[0]); i++) {
		lq_say(out, "  %zu  %s", i, lq_tr(cli, exit_codes[i][0], exit_codes[i][1]));
	}
}

static void add_options(
	const struct lq_cli *cli, const struct lq_option *options, struct lq_table *table)
{
	for (const struct lq_option *o = options; o->kind != LQ_OPTION_END; o++) {
		lq_table_addf(table, "--%s%s%s", o->name, o->value != NULL ? " " : "",
			o->value != NULL ? o->value : "");
		lq_table_add(table, lq_tr(cli, o->text[0], o->text[1]));
	}
}

static void print_global_options(const struct lq_cli *cli, FILE *out)
{
	struct lq_table table = {.columns = 2};
	lq_say(out, "%s", "");
	lq_say(out, "%s", lq_tr(cli, "Options of every command:", "Options de toute commande :"));
	add_options(cli, lq_global_options, &table);
	lq_table_print(&table, "  ", out);
	lq_table_free(&table);
}

static void print_commands(const struct lq_cli *cli, const char *group, FILE *out)
{
	struct lq_table table = {.columns = 2};
	for (size_t i = 0; i < lq_command_count; i++) {
		const struct lq_command *command = &lq_commands[i];
		if (lq_command_in_group(command->name, group, strlen(group)) || *group == '\0') {
			lq_table_addf(&table, "%s%s%s", command->name,
				*command->operands != '\0' ? " " : "", command->operands);
			lq_table_add(&table, lq_tr(cli, command->text[0], command->text[1]));
		}
	}
	lq_table_print(&table, "  ", out);
	lq_table_free(&table);
}

static void print_example(const struct lq_cli *cli, const struct lq_command *command, FILE *out)
{
	lq_say(out, lq_tr(cli, "Example: %s", "Exemple : %s"), command->example);
}

static const struct lq_command *first_of(const char *group)
{
	size_t i = 0;
	while (!lq_command_in_group(lq_commands[i].name, group, strlen(group))) {
		i++;
		LQ_ASSERT(i < lq_command_count);
	}
	return &lq_commands[i];
}

void lq_help_overview(const struct lq_cli *cli, FILE *out)
{
	lq_say(out, "%s", lq_tr(cli, "usage: loquet COMMAND …", "utilisation : loquet COMMANDE …"));
	lq_say(out, "%s", "");
	print_commands(cli, "", out);
	print_global_options(cli, out);
	print_exit_codes(cli, out);
	lq_say(out, "%s", "");
	lq_say(out, "%s",
		lq_tr(cli, "One command in full: loquet help badge enrol. The manual: man loquet.",
			"Une commande en détail : loquet help badge enrol. Le manuel : man "
			"loquet."));
}

void lq_help_group(const struct lq_cli *cli, const char *group, FILE *out)
{
	lq_say(out, lq_tr(cli, "usage: loquet %s COMMAND …", "utilisation : loquet %s COMMANDE …"),
		group);
	lq_say(out, "%s", "");
	print_commands(cli, group, out);
	lq_say(out, "%s", "");
	print_example(cli, first_of(group), out);
	print_exit_codes(cli, out);
}

char *lq_help_usage(const struct lq_command *command)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL) {
		return NULL;
	}
	(void)fprintf(out, "loquet %s", command->name);
	if (*command->operands != '\0') {
		(void)fprintf(out, " %s", command->operands);
	}
	for (const struct lq_option *o = command->options; o->kind != LQ_OPTION_END; o++) {
		switch (o->kind) {
		case LQ_OPTION_FLAG:
			(void)fprintf(out, " [--%s]", o->name);
			break;
		case LQ_OPTION_VALUE:
			(void)fprintf(out, " [--%s %s]", o->name, o->value);
			break;
		case LQ_OPTION_NEEDED:
			(void)fprintf(out, " --%s %s", o->name, o->value);
			break;
		case LQ_OPTION_LIST:
			(void)fprintf(out, " (--%s %s)…", o->name, o->value);
			break;
		case LQ_OPTION_ANY:
			(void)fprintf(out, " [--%s %s]…", o->name, o->value);
			break;
		case LQ_OPTION_END:
			break;
		}
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void print_usage(const struct lq_cli *cli, const struct lq_command *command, FILE *out)
{
	char *usage = lq_help_usage(command);
	if (usage != NULL) {
		lq_say(out, lq_tr(cli, "usage: %s", "utilisation : %s"), usage);
	}
	free(usage);
}

void lq_help_command(const struct lq_cli *cli, const struct lq_command *command, FILE *out)
{
	print_usage(cli, command, out);
	lq_say(out, "%s", "");
	lq_say(out, "%s", lq_tr(cli, command->text[0], command->text[1]));
	if (command->details[0] != NULL) {
		lq_say(out, "%s", lq_tr(cli, command->details[0], command->details[1]));
	}
	if (command->options->kind != LQ_OPTION_END) {
		struct lq_table table = {.columns = 2};
		lq_say(out, "%s", "");
		lq_say(out, "%s", "Options:");
		add_options(cli, command->options, &table);
		lq_table_print(&table, "  ", out);
		lq_table_free(&table);
	}
	print_global_options(cli, out);
	lq_say(out, "%s", "");
	print_example(cli, command, out);
	print_exit_codes(cli, out);
}

static struct lq_suggestion nearest_command(const struct lq_cli *cli, const char *wrong)
{
	struct lq_suggestion nearest = lq_suggestion_begin(lq_span_of(wrong));
	const char *group = cli->line.group;
	for (size_t i = 0; i < lq_command_count; i++) {
		const char *name = lq_commands[i].name;
		/* Behind a group its own commands; in front, commands of one word. */
		if (group == NULL) {
			lq_suggestion_weigh(&nearest, name);
		} else if (lq_command_in_group(name, group, strlen(group))) {
			lq_suggestion_weigh(&nearest, name + strlen(group) + 1);
		}
	}
	return nearest;
}

static int unknown_command(const struct lq_cli *cli, const char *wrong)
{
	const char *before = cli->line.group != NULL ? cli->line.group : "";
	const char *space = cli->line.group != NULL ? " " : "";
	struct lq_suggestion nearest = nearest_command(cli, wrong);
	if (nearest.word != NULL) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage",
			lq_tr(cli, "there is no command '%s%s%s'; did you mean '%s%s%s'?",
				"il n’y a pas de commande « %s%s%s » ; vouliez-vous dire « %s%s%s "
				"» ?"),
			before, space, wrong, before, space, nearest.word);
	}
	return lq_fail(cli, LQ_EXIT_USAGE, "usage",
		lq_tr(cli, "there is no command '%s%s%s'; see: loquet help",
			"il n’y a pas de commande « %s%s%s » ; voir : loquet help"),
		before, space, wrong);
}

static const char *problem_text(const struct lq_cli *cli, enum lq_usage_problem problem)
{
	switch (problem) {
	case LQ_USAGE_UNKNOWN_OPTION:
		return lq_tr(cli, "unknown option ", "option inconnue ");
	case LQ_USAGE_VALUE_MISSING:
		return lq_tr(cli, "a value is missing behind ", "il manque une valeur après ");
	case LQ_USAGE_VALUE_UNWANTED:
		return lq_tr(cli, "no value may stand behind ", "aucune valeur ne peut suivre ");
	case LQ_USAGE_OPTION_TWICE:
		return lq_tr(cli, "given twice: ", "donnée deux fois : ");
	case LQ_USAGE_OPTION_MISSING:
		return lq_tr(cli, "this option is missing: --", "il manque l’option --");
	case LQ_USAGE_TOO_FEW:
		return lq_tr(cli, "something is missing", "il manque quelque chose");
	case LQ_USAGE_TOO_MANY:
		return lq_tr(cli, "too many words", "trop de mots");
	case LQ_USAGE_NO_COMMAND:
	case LQ_USAGE_UNKNOWN_COMMAND:
		break;
	}
	return lq_tr(cli, "no command", "pas de commande");
}

static int no_command(const struct lq_cli *cli, const char *group)
{
	if (cli->line.json) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage", "%s",
			lq_tr(cli, "no command given", "aucune commande donnée"));
	}
	if (group != NULL) {
		lq_help_group(cli, group, stderr);
	} else {
		lq_help_overview(cli, stderr);
	}
	return LQ_EXIT_USAGE;
}

int lq_help_usage_error(const struct lq_cli *cli, const struct lq_usage_error *error)
{
	if (error->problem == LQ_USAGE_NO_COMMAND) {
		return no_command(cli, error->word);
	}
	if (error->problem == LQ_USAGE_UNKNOWN_COMMAND) {
		return unknown_command(cli, error->word);
	}
	const struct lq_command *command = cli->line.command;
	char *usage = command != NULL ? lq_help_usage(command) : NULL;
	int r = lq_fail(cli, LQ_EXIT_USAGE, "usage",
		lq_tr(cli, "%s%.*s; usage: %s", "%s%.*s ; utilisation : %s"),
		problem_text(cli, error->problem), error->word_length,
		error->word != NULL ? error->word : "", usage != NULL ? usage : "loquet COMMAND …");
	free(usage);
	return r;
}

int lq_help_page(const struct lq_cli *cli, const struct lq_command *command, const char *group)
{
	struct lq_page page;
	if (lq_page_begin(cli, &page) == NULL) {
		/* lq_page_end() says so */
	} else if (command != NULL) {
		lq_help_command(cli, command, page.out);
	} else if (group != NULL) {
		lq_help_group(cli, group, page.out);
	} else {
		lq_help_overview(cli, page.out);
	}
	return lq_page_end(cli, &page);
}

int lq_run_help(const struct lq_cli *cli)
{
	const struct lq_command_line *line = &cli->line;
	char name[128] = "";
	for (size_t i = 0; i < line->operand_count; i++) {
		size_t length = strlen(name);
		(void)snprintf(name + length, sizeof(name) - length, "%s%s", i == 0 ? "" : " ",
			line->operands[i]);
	}
	if (*name == '\0') {
		return lq_help_page(cli, NULL, NULL);
	}
	bool group = false;
	for (size_t i = 0; i < lq_command_count; i++) {
		if (strcmp(lq_commands[i].name, name) == 0) {
			return lq_help_page(cli, &lq_commands[i], NULL);
		}
		group = group || lq_command_in_group(lq_commands[i].name, name, strlen(name));
	}
	return group ? lq_help_page(cli, NULL, name) : unknown_command(cli, name);
}
