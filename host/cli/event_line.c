#include "host/cli/event_line.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/cli/badge_view.h"
#include "host/cli/roster_view.h"
#include "host/cli/when.h"
#include "host/cli/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const phrases[LQ_EVENT_COUNT][2] = {
	[LQ_EVENT_ACCESS_GRANTED] = {"granted", "autorisé"},
	[LQ_EVENT_ACCESS_DENIED] = {"denied", "refusé"},
	[LQ_EVENT_ACCESS_TAKEN] = {"passed", "passé"},
	[LQ_EVENT_ACCESS_NOT_TAKEN] = {"did not pass", "n’est pas passé"},
	[LQ_EVENT_COMMAND_ACCEPTED] = {"command accepted", "commande acceptée"},
	[LQ_EVENT_COMMAND_REFUSED] = {"command refused", "commande refusée"},
	[LQ_EVENT_DOOR_RELEASED] = {"released", "déverrouillée"},
	[LQ_EVENT_DOOR_RELOCKED] = {"locked again", "reverrouillée"},
	[LQ_EVENT_DOOR_OPENED] = {"opened", "ouverte"},
	[LQ_EVENT_DOOR_CLOSED] = {"closed", "fermée"},
	[LQ_EVENT_DOOR_EXIT_REQUESTED] = {"exit requested", "sortie demandée"},
	[LQ_EVENT_DOOR_FAULT] = {"door fault", "défaut de porte"},
	[LQ_EVENT_DOOR_MODE_CHANGED] = {"mode set", "mode choisi"},
	[LQ_EVENT_DOOR_ALARM] = {"ALARM", "ALARME"},
	[LQ_EVENT_DOOR_ALARM_ENDED] = {"alarm over", "fin d’alarme"},
	[LQ_EVENT_DOOR_PROPPED] = {"may stand open for minutes", "peut rester ouverte, minutes"},
	[LQ_EVENT_DOOR_PROP_ENDED] = {"may no longer stand open", "ne peut plus rester ouverte"},
	[LQ_EVENT_READER_ONLINE] = {"reader online", "lecteur en ligne"},
	[LQ_EVENT_READER_OFFLINE] = {"reader offline", "lecteur hors ligne"},
	[LQ_EVENT_READER_FAULT] = {"reader fault", "défaut de lecteur"},
	[LQ_EVENT_READER_RESET] = {"reader reset", "lecteur réinitialisé"},
	[LQ_EVENT_CONTROLLER_STARTED] = {"controller started", "contrôleur démarré"},
	[LQ_EVENT_CONTROLLER_STOPPED] = {"controller stopped", "contrôleur arrêté"},
	[LQ_EVENT_JOURNAL_CHECKPOINT] = {"journal signed", "journal signé"},
	[LQ_EVENT_JOURNAL_LATE] = {"journal late: opened unrecorded",
		"journal en retard : ouverture avant écriture"},
	[LQ_EVENT_JOURNAL_STALLED] = {"journal stalled", "journal bloqué"},
	[LQ_EVENT_JOURNAL_RESUMED] = {"journal resumed", "journal repris"},
	[LQ_EVENT_JOURNAL_RESTARTED] = {"journal restarted", "journal recommencé"},
	[LQ_EVENT_ROSTER_CHANGED] = {"roster changed", "registre modifié"},
	[LQ_EVENT_ROSTER_APPLIED] = {"office's roster applied", "liste du bureau appliquée"},
	[LQ_EVENT_ROSTER_IMPORTED] = {"roster imported", "registre importé"},
	[LQ_EVENT_LINK_SKIPPED] = {"event not published", "événement non publié"},
	[LQ_EVENT_PRESENCE_FORGIVEN] = {"passback forgiven", "passage répété pardonné"},
	[LQ_EVENT_PRESENCE_FROZEN] = {"FIRE: on site", "INCENDIE : présents"},
	[LQ_EVENT_PRESENCE_THAWED] = {"list of the fire ended", "fin de la liste d’incendie"},
	[LQ_EVENT_ACCESS_OVERRIDDEN] = {"OPENED BY A MAINTAINER", "OUVERTE PAR DÉPANNAGE"},
	[LQ_EVENT_MAINTAINERS_READ] = {"maintainers read", "badges de dépannage lus"},
	[LQ_EVENT_READER_LOCKED_OUT] = {"too many wrong badges: refuses everybody, seconds",
		"trop de badges refusés : n’accepte personne, secondes"},
};

const char *lq_event_phrase(enum lq_event_type type, enum lq_language language)
{
	LQ_ASSERT(type < LQ_EVENT_COUNT);
	return phrases[type][language == LQ_LANGUAGE_FR ? 1 : 0];
}

const char *lq_stage_phrase(const char *key, enum lq_language language)
{
	static const char *const french[][2] = {
		{"detect", "détection"},
		{"decide", "décision"},
		{"record", "écriture"},
		{"relay", "relais"},
	};
	for (size_t i = 0; language == LQ_LANGUAGE_FR && i < sizeof(french) / sizeof(french[0]);
		i++) {
		if (strcmp(key, french[i][0]) == 0) {
			return french[i][1];
		}
	}
	return key;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* "org.loquet.access.granted.v1" as a type of ours, or its middle as it stands. */
static void put_phrase(const struct lq_cli *cli, const json_t *event, FILE *out)
{
	static const char prefix[] = "org.loquet.";
	const char *type = text_of(event, "type");
	if (type == NULL || strncmp(type, prefix, strlen(prefix)) != 0) {
		(void)fputs("?", out);
		return;
	}
	const char *name = type + strlen(prefix);
	for (int i = 0; i < LQ_EVENT_COUNT; i++) {
		const char *known = lq_event_name((enum lq_event_type)i);
		size_t length = strlen(known);
		if (strncmp(name, known, length) == 0 && strcmp(name + length, ".v1") == 0) {
			(void)fputs(lq_event_phrase((enum lq_event_type)i, cli->language), out);
			return;
		}
	}
	(void)fputs(name, out);
}

static void put_time(const struct lq_cli *cli, const json_t *event, FILE *out)
{
	char text[LQ_WHEN_SIZE] = "?";
	int64_t unix_ms = 0;
	const char *time = text_of(event, "time");
	const char *trust = text_of(event, "loquetclock");
	if (time != NULL && lq_when_parse_rfc3339(time, &unix_ms) == LQ_OK) {
		lq_when_format(unix_ms, LQ_WHEN_MILLISECONDS, text);
	}
	(void)fputs(text, out);
	if (trust != NULL && strcmp(trust, lq_trust_text(LQ_TRUST_UNSET)) == 0) {
		(void)fputs(lq_tr(cli, " (clock not set)", " (horloge non réglée)"), out);
	}
}

/* What is said of a reader names it; a passage is known by its direction. */
static void put_place(const json_t *data, FILE *out)
{
	static const char *const keys[] = {"reader", "accessPoint", "reader", "door"};
	size_t first = text_of(data, "transaction") != NULL ? 1 : 0;
	for (size_t i = first; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *place = text_of(data, keys[i]);
		if (place != NULL) {
			(void)fprintf(out, "  %s", place);
			return;
		}
	}
}

/* Why a badge is not enabled. */
static void put_badge_state(const struct lq_cli *cli, const json_t *data, FILE *out)
{
	const char *name = text_of(data, "credentialState");
	for (int i = 0; name != NULL && i < LQ_CREDENTIAL_STATE_COUNT; i++) {
		enum lq_credential_state state = (enum lq_credential_state)i;
		if (strcmp(name, lq_credential_state_text(state)) == 0) {
			(void)fprintf(out, " (%s)", lq_badge_state_text(cli, state));
		}
	}
}

static void put_reason(const struct lq_cli *cli, const json_t *data, FILE *out)
{
	const char *name = text_of(data, "reason");
	if (name == NULL || strcmp(name, lq_reason_name(LQ_REASON_GRANTED)) == 0 ||
		strcmp(name, lq_reason_name(LQ_REASON_MAINTAINER)) == 0) {
		return;
	}
	const char *text = name;
	for (int i = 0; i < LQ_REASON_COUNT; i++) {
		if (strcmp(name, lq_reason_name((enum lq_reason)i)) == 0) {
			text = lq_reason_text((enum lq_reason)i, cli->language);
		}
	}
	(void)fprintf(out, "%s%s", lq_tr(cli, ": ", " : "), text);
	if (strcmp(name, lq_reason_name(LQ_REASON_CREDENTIAL_NOT_ENABLED)) == 0) {
		put_badge_state(cli, data, out);
	}
}

static void put_person(struct lq_store *store, const json_t *data, FILE *out)
{
	char name[LQ_MEMBER_NAME_SIZE] = "";
	const char *holder = text_of(data, "holder");
	const char *credential = text_of(data, "credential");
	uint32_t member = 0;
	if (holder != NULL && lq_word_roster_id(holder, 'm', &member) == LQ_OK) {
		lq_view_member_name(store, member, name);
	}
	if (holder != NULL) {
		(void)fprintf(out, "  %s%s%s", holder, name[0] != '\0' ? " " : "", name);
	}
	if (credential != NULL) {
		(void)fprintf(out, "  %s", credential);
	}
}

static void put_number(const json_t *data, const char *key, const char *format_before, FILE *out)
{
	const json_t *number = json_object_get(data, key);
	if (json_integer_value(number) != 0) {
		(void)fprintf(out, "  %s %" JSON_INTEGER_FORMAT, format_before,
			json_integer_value(number));
	}
}

static void put_circumstance(const struct lq_cli *cli, const json_t *data, FILE *out)
{
	static const char *const keys[] = {"action", "mode", "cause", "actor", "text", "version"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *text = text_of(data, keys[i]);
		if (text != NULL) {
			(void)fprintf(out, "  %s", text);
		}
	}
	if (json_is_false(json_object_get(data, "recorded"))) {
		(void)fputs(lq_tr(cli, "  not recorded yet", "  pas encore écrit"), out);
	}
	if (json_is_false(json_object_get(data, "expected"))) {
		(void)fputs(lq_tr(cli, "  without a release", "  sans déverrouillage"), out);
	}
	if (json_is_true(json_object_get(data, "passback"))) {
		(void)fputs(lq_tr(cli, "  was inside already", "  était déjà à l’intérieur"), out);
	}
	put_number(data, "count", lq_tr(cli, "count", "nombre"), out);
	put_number(data, "lost", lq_tr(cli, "lost", "perdus"), out);
	put_number(data, "waitedMs", lq_tr(cli, "waited ms", "attente ms"), out);
	put_number(data, "seq", lq_tr(cli, "row", "ligne"), out);
	put_number(data, "headSeq", lq_tr(cli, "up to row", "jusqu’à la ligne"), out);
}

static void put_stages(const struct lq_cli *cli, const json_t *data, FILE *out)
{
	const json_t *stages = json_object_get(data, "stagesUs");
	for (int i = 0; i < LQ_STAGE_COUNT; i++) {
		const char *key = lq_stage_text((enum lq_stage)i);
		const json_t *us = json_object_get(stages, key);
		if (json_is_integer(us)) {
			(void)fprintf(out, "  %s %s", lq_stage_phrase(key, cli->language),
				lq_ms_text(cli, json_integer_value(us), 1).text);
		}
	}
}

void lq_event_line_print(
	const struct lq_cli *cli, struct lq_store *store, uint64_t seq, const json_t *event)
{
	char *line = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&line, &length);
	if (out == NULL) {
		return;
	}
	const json_t *data = json_object_get(event, "data");
	(void)fprintf(out, "%6" PRIu64 "  ", seq);
	put_time(cli, event, out);
	put_place(data, out);
	(void)fputs("  ", out);
	put_phrase(cli, event, out);
	put_reason(cli, data, out);
	put_person(store, data, out);
	put_circumstance(cli, data, out);
	put_stages(cli, data, out);
	if (fclose(out) == 0) {
		lq_say(stdout, "%s", line);
	}
	free(line);
}
