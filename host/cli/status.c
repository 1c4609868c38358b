#include "firmware/core/err.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/event_line.h"
#include "host/cli/table.h"
#include "host/cli/when.h"

#include <string.h>

/* What loquetd did not say is unknown, never something else. */
static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL && *text != '\0' ? text : "unknown";
}

static const char *word(const struct lq_cli *cli, const char *english)
{
	static const char *const french[][2] = {
		{"Locked", "verrouillée"},
		{"Accessed", "déverrouillée un moment"},
		{"Unlocked", "déverrouillée"},
		{"Blocked", "condamnée"},
		{"LockedDown", "en confinement"},
		{"LockedOpen", "ouverte d’urgence"},
		{"locked", "pêne sorti"},
		{"unlocked", "pêne rentré"},
		{"open", "ouverte"},
		{"closed", "fermée"},
		{"unknown", "inconnu"},
		{"online", "en ligne"},
		{"offline", "hors ligne"},
		{"fault", "en défaut"},
		{"connected", "connectée"},
		{"disconnected", "déconnectée"},
		{"absent", "absente"},
		{"unset", "non réglée"},
		{"rtc", "plausible"},
		{"synchronised", "synchronisée"},
	};
	for (size_t i = 0; i < sizeof(french) / sizeof(french[0]); i++) {
		if (cli->language == LQ_LANGUAGE_FR && strcmp(english, french[i][0]) == 0) {
			return french[i][1];
		}
	}
	return english;
}

static void add_number(struct lq_table *table, const json_t *object, const char *key)
{
	lq_table_add(table, lq_number_text(object, key).text);
}

static void add_ms(
	const struct lq_cli *cli, struct lq_table *table, const json_t *object, const char *key)
{
	const json_t *us = json_object_get(object, key);
	lq_table_add(
		table, json_is_integer(us) ? lq_ms_text(cli, json_integer_value(us), 2).text : "?");
}

static void print_table(struct lq_table *table)
{
	(void)fputc('\n', stdout);
	lq_table_print(table, "", stdout);
	lq_table_free(table);
}

static void print_doors(const struct lq_cli *cli, const json_t *doors)
{
	struct lq_table table = {.columns = 4};
	lq_table_add(&table, lq_tr(cli, "DOOR", "PORTE"));
	lq_table_add(&table, lq_tr(cli, "COMMANDED", "COMMANDÉ"));
	lq_table_add(&table, lq_tr(cli, "OBSERVED", "OBSERVÉ"));
	lq_table_add(&table, lq_tr(cli, "LINES", "LIGNES"));
	for (size_t i = 0; i < json_array_size(doors); i++) {
		const json_t *door = json_array_get(doors, i);
		const char *contact = text_of(door, "contact");
		bool fitted = strcmp(contact, "none") != 0;
		const char *lock = json_string_value(json_object_get(door, "lock"));
		lock = lock != NULL && strcmp(lock, "none") != 0 ? lock : NULL;
		lq_table_add(&table, text_of(door, "name"));
		lq_table_addf(&table, "%s%s%s", word(cli, text_of(door, "mode")),
			json_is_true(json_object_get(door, "propped"))
				? lq_tr(cli, ", propped", ", calée")
				: "",
			json_is_true(json_object_get(door, "fire_hold"))
				? lq_tr(cli, ", held by fire", ", retenue par l’incendie")
				: "");
		lq_table_addf(&table, "%s%s%s",
			fitted ? word(cli, contact)
			       : lq_tr(cli, "no contact fitted", "pas de contact"),
			lock != NULL ? ", " : "", lock != NULL ? word(cli, lock) : "");
		lq_table_add(&table, text_of(door, "lines"));
	}
	print_table(&table);
}

/* Before the first statistics there is no median. */
static void add_poll(const struct lq_cli *cli, struct lq_table *table, const json_t *reader)
{
	if (json_integer_value(json_object_get(reader, "polls")) == 0) {
		lq_table_add(table, "?");
	} else {
		add_ms(cli, table, reader, "poll_us_median");
	}
}

static void print_readers(const struct lq_cli *cli, const json_t *readers)
{
	struct lq_table table = {.columns = 6, .right = 1u << 3 | 1u << 4};
	lq_table_add(&table, lq_tr(cli, "READER", "LECTEUR"));
	lq_table_add(&table, lq_tr(cli, "AT", "ACCÈS"));
	lq_table_add(&table, lq_tr(cli, "STATE", "ÉTAT"));
	lq_table_add(&table, lq_tr(cli, "RESTARTS", "RELANCES"));
	lq_table_add(&table, lq_tr(cli, "POLL", "CYCLE"));
	lq_table_add(&table, lq_tr(cli, "SAYS", "INDIQUE"));
	for (size_t i = 0; i < json_array_size(readers); i++) {
		const json_t *reader = json_array_get(readers, i);
		const char *text = json_string_value(json_object_get(reader, "text"));
		lq_table_add(&table, text_of(reader, "name"));
		lq_table_add(&table, text_of(reader, "access_point"));
		lq_table_add(&table, word(cli, text_of(reader, "state")));
		add_number(&table, reader, "restarts");
		add_poll(cli, &table, reader);
		lq_table_add(&table, text != NULL ? text : "");
	}
	print_table(&table);
}

static void print_stages(const struct lq_cli *cli, json_t *stages)
{
	struct lq_table table = {
		.columns = 6, .right = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5};
	const char *key = NULL;
	json_t *stage = NULL;
	lq_table_add(&table, lq_tr(cli, "STAGE", "ÉTAPE"));
	lq_table_add(&table, lq_tr(cli, "TAPS", "PASSAGES"));
	lq_table_add(&table, lq_tr(cli, "MEDIAN", "MÉDIANE"));
	lq_table_add(&table, "95 %");
	lq_table_add(&table, "99 %");
	lq_table_add(&table, "MAX");
	json_object_foreach(stages, key, stage)
	{
		lq_table_add(&table, lq_stage_phrase(key, cli->language));
		add_number(&table, stage, "count");
		/* Zeros that nobody measured would look like the best of doors. */
		const json_t *timed =
			json_integer_value(json_object_get(stage, "count")) > 0 ? stage : NULL;
		add_ms(cli, &table, timed, "p50_us");
		add_ms(cli, &table, timed, "p95_us");
		add_ms(cli, &table, timed, "p99_us");
		add_ms(cli, &table, timed, "max_us");
	}
	print_table(&table);
}

static void print_heading(const struct lq_cli *cli, const json_t *status)
{
	const json_t *clock = json_object_get(status, "clock");
	char time[LQ_WHEN_SIZE] = "?";
	int64_t unix_ms = 0;
	if (lq_when_parse_rfc3339(text_of(clock, "time"), &unix_ms) == LQ_OK) {
		lq_when_format(unix_ms, LQ_WHEN_MINUTES, time);
	}
	lq_say(stdout, "%s / %s   loquetd %s", text_of(status, "space"),
		text_of(status, "controller"), text_of(status, "version"));
	lq_say(stdout, lq_tr(cli, "clock    %s, %s", "horloge  %s, %s"), time,
		word(cli, text_of(clock, "trust")));
}

static void print_journal(const struct lq_cli *cli, const json_t *journal)
{
	lq_say(stdout,
		lq_tr(cli, "journal  up to row %s, waiting for the disk: %s, lost: %s%s",
			"journal  jusqu’à la ligne %s, en attente du disque : %s, perdues : %s%s"),
		lq_number_text(journal, "head").text, lq_number_text(journal, "pending").text,
		lq_number_text(journal, "lost").text,
		json_is_true(json_object_get(journal, "stalled"))
			? lq_tr(cli, ", STALLED", ", BLOQUÉ")
			: "");
}

static void print_link(const struct lq_cli *cli, const json_t *link)
{
	const char *state = text_of(link, "state");
	const char *text = json_string_value(json_object_get(link, "text"));
	bool news = text != NULL && *text != '\0' && strcmp(text, state) != 0;
	lq_say(stdout,
		lq_tr(cli, "link     %s, published up to row %s%s%s",
			"liaison  %s, publié jusqu’à la ligne %s%s%s"),
		word(cli, state), lq_number_text(link, "cursor").text,
		news ? lq_tr(cli, ": ", " : ") : "", news ? text : "");
}

static void print_alarms(const struct lq_cli *cli, const json_t *alarms)
{
	for (size_t i = 0; i < json_array_size(alarms); i++) {
		const char *alarm = json_string_value(json_array_get(alarms, i));
		lq_say(stdout, "%s  %s", lq_tr(cli, "ALARM  ", "ALARME "),
			alarm != NULL ? alarm : "?");
	}
}

int lq_run_status(const struct lq_cli *cli)
{
	json_t *status = NULL;
	int r = lq_control_call(cli, json_pack("{s:s}", "do", "status"), &status);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (cli->line.json) {
		return lq_print_json(cli, status);
	}
	print_heading(cli, status);
	print_journal(cli, json_object_get(status, "journal"));
	lq_say(stdout, lq_tr(cli, "roster   badges: %s", "registre badges : %s"),
		lq_number_text(json_object_get(status, "roster"), "credentials").text);
	print_link(cli, json_object_get(status, "link"));
	print_alarms(cli, json_object_get(status, "alarms"));
	print_doors(cli, json_object_get(status, "doors"));
	print_readers(cli, json_object_get(status, "readers"));
	print_stages(cli, json_object_get(status, "stages"));
	json_decref(status);
	return LQ_EXIT_OK;
}
