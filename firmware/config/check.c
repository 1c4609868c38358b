/* What no single line shows: keys that are missing, and sections that do not fit each other. */
#include "firmware/config/complain.h"
#include "firmware/config/parsing.h"
#include "firmware/config/value.h"
#include "firmware/core/err.h"

#include <inttypes.h>
#include <string.h>

static size_t instances(const struct lq_parsing *parsing, enum lq_section section)
{
	switch (section) {
	case LQ_SECTION_door:
		return parsing->config.door_count;
	case LQ_SECTION_reader:
		return parsing->config.reader_count;
	case LQ_SECTION_command:
		return parsing->config.signer_count;
	case LQ_SECTION_controller:
	case LQ_SECTION_mqtt:
	case LQ_SECTION_office:
	case LQ_SECTION_COUNT:
		break;
	}
	return 1;
}

static const char *instance_name(
	const struct lq_parsing *parsing, enum lq_section section, size_t index)
{
	switch (section) {
	case LQ_SECTION_door:
		return parsing->config.doors[index].name;
	case LQ_SECTION_reader:
		return parsing->config.readers[index].name;
	case LQ_SECTION_command:
		return parsing->config.signers[index].name;
	case LQ_SECTION_controller:
	case LQ_SECTION_mqtt:
	case LQ_SECTION_office:
	case LQ_SECTION_COUNT:
		break;
	}
	return "";
}

static int check_missing(struct lq_parsing *parsing, enum lq_section section, size_t index)
{
	for (size_t i = 0; i < lq_key_count; i++) {
		const struct lq_key *key = &lq_keys[i];
		if (key->section != section || key->fallback != NULL ||
			parsing->key_line[section][index][i] != 0) {
			continue;
		}
		char expected[LQ_EXPECTED_SIZE];
		lq_value_expected(key, parsing->error->language, expected);
		const char *name = instance_name(parsing, section, index);
		return lq_complain(parsing->error, parsing->section_line[section][index],
			"[%s%s%s] lacks %s: %s was expected",
			"il manque à [%s%s%s] la clé %s : il faut %s", lq_section_name(section),
			name[0] != '\0' ? " " : "", name, key->name, expected);
	}
	return LQ_OK;
}

static int check_all_missing(struct lq_parsing *parsing)
{
	if (parsing->config.door_count == 0) {
		return lq_complain(parsing->error, 0,
			"there is no door: a section [door NAME] was expected",
			"il n’y a aucune porte : il faut une section [door NAME]");
	}
	for (int section = 0; section < LQ_SECTION_COUNT; section++) {
		for (size_t i = 0; i < instances(parsing, (enum lq_section)section); i++) {
			int result = check_missing(parsing, (enum lq_section)section, i);
			if (result < 0) {
				return result;
			}
		}
	}
	return LQ_OK;
}

static int find_door(struct lq_parsing *parsing, size_t reader)
{
	struct lq_span name = parsing->reader_door[reader];
	struct lq_suggestion suggestion = lq_suggestion_begin(name);
	for (uint16_t i = 0; i < parsing->config.door_count; i++) {
		const char *door = parsing->config.doors[i].name;
		if (lq_span_equal(name, lq_span_of(door))) {
			parsing->config.readers[reader].door = i;
			return LQ_OK;
		}
		lq_suggestion_weigh(&suggestion, door);
	}
	return lq_complain(parsing->error,
		lq_parsing_line(parsing, LQ_SECTION_reader, reader, "door"),
		"door = %s: there is no [door %s]%s", "door = %s : il n’y a pas de [door %s]%s",
		lq_quote(name).text, lq_quote(name).text,
		lq_did_you_mean(parsing->error, &suggestion).text);
}

/* An earlier reader of the same device. */
static int check_device(struct lq_parsing *parsing, size_t reader)
{
	const struct lq_config_reader *readers = parsing->config.readers;
	for (size_t i = 0; i < reader; i++) {
		if (strcmp(readers[i].device, readers[reader].device) == 0) {
			return lq_complain(parsing->error,
				lq_parsing_line(parsing, LQ_SECTION_reader, reader, "device"),
				"device = %s: [reader %s] has it already",
				"device = %s : [reader %s] l’utilise déjà",
				lq_quote(lq_span_of(readers[reader].device)).text, readers[i].name);
		}
	}
	return LQ_OK;
}

/* A chip may be written with or without its folder. A label stands for its chip too, which only the
 * kernel knows: it refuses the second user of a line. */
static bool same_chip(const struct lq_config_door *a, const struct lq_config_door *b)
{
	static const char folder[] = "/dev/";
	const char *chips[] = {a->wiring.chip, b->wiring.chip};
	for (size_t i = 0; i < 2; i++) {
		if (strncmp(chips[i], folder, sizeof(folder) - 1) == 0) {
			chips[i] += sizeof(folder) - 1;
		}
	}
	return a->lines == b->lines && strcmp(chips[0], chips[1]) == 0;
}

static int reset_taken(struct lq_parsing *parsing, size_t reader, const char *line,
	const char *kind, const char *owner)
{
	const struct lq_line_wiring *reset = &parsing->config.readers[reader].reset;
	return lq_complain(parsing->error,
		lq_parsing_line(parsing, LQ_SECTION_reader, reader, "reset"),
		"reset = %s%d: that line is already the %s of [%s %s]",
		"reset = %s%d : cette ligne est déjà la ligne %s de [%s %s]",
		reset->active_low ? "!" : "", reset->offset, line, kind, owner);
}

/* Against every line of the doors, and the readers before. */
static int check_reset(struct lq_parsing *parsing, size_t reader)
{
	const struct lq_config *config = &parsing->config;
	const struct lq_config_reader *self = &config->readers[reader];
	const struct lq_config_door *home = &config->doors[self->door];
	for (size_t i = 0; i < config->door_count && self->reset.offset != LQ_LINE_UNUSED; i++) {
		for (int line = 0; line < LQ_LINE_COUNT; line++) {
			if (same_chip(&config->doors[i], home) &&
				config->doors[i].wiring.wiring[line].offset == self->reset.offset) {
				return reset_taken(parsing, reader,
					lq_line_name((enum lq_line)line), "door",
					config->doors[i].name);
			}
		}
	}
	for (size_t i = 0; i < reader && self->reset.offset != LQ_LINE_UNUSED; i++) {
		const struct lq_config_reader *other = &config->readers[i];
		if (same_chip(&config->doors[other->door], home) &&
			other->reset.offset == self->reset.offset) {
			return reset_taken(parsing, reader, "reset", "reader", other->name);
		}
	}
	return LQ_OK;
}

static int check_readers(struct lq_parsing *parsing)
{
	for (size_t i = 0; i < parsing->config.reader_count; i++) {
		int result = find_door(parsing, i);
		if (result == LQ_OK) {
			result = check_device(parsing, i);
		}
		if (result == LQ_OK) {
			result = check_reset(parsing, i);
		}
		if (result < 0) {
			return result;
		}
	}
	return LQ_OK;
}

/* One line against every line of the doors before, and against the lines before it at its own. */
static int check_line(struct lq_parsing *parsing, size_t door, enum lq_line line)
{
	const struct lq_config_door *doors = parsing->config.doors;
	int offset = doors[door].wiring.wiring[line].offset;
	for (size_t i = 0; i <= door && offset != LQ_LINE_UNUSED; i++) {
		int end = i == door ? (int)line : LQ_LINE_COUNT;
		for (int j = 0; j < end && same_chip(&doors[i], &doors[door]); j++) {
			if (doors[i].wiring.wiring[j].offset != offset) {
				continue;
			}
			const char *key = lq_line_name(line);
			return lq_complain(parsing->error,
				lq_parsing_line(parsing, LQ_SECTION_door, door, key),
				"%s = %s%d: that line is already the %s of [door %s]",
				"%s = %s%d : cette ligne est déjà la ligne %s de [door %s]", key,
				doors[door].wiring.wiring[line].active_low ? "!" : "", offset,
				lq_line_name((enum lq_line)j), doors[i].name);
		}
	}
	return LQ_OK;
}

/* The simulated lines are files named after what they are: a folder serves one door. */
static int check_folder(struct lq_parsing *parsing, size_t door)
{
	const struct lq_config_door *doors = parsing->config.doors;
	for (size_t i = 0; i < door && doors[door].lines == LQ_LINES_SIM; i++) {
		if (same_chip(&doors[i], &doors[door])) {
			return lq_complain(parsing->error,
				lq_parsing_line(parsing, LQ_SECTION_door, door, "chip"),
				"chip = %s: with lines = sim each door needs a folder of its own, "
				"and [door %s] has this one",
				"chip = %s : avec lines = sim, chaque porte doit avoir son propre "
				"dossier, et celui-ci est à [door %s]",
				lq_quote(lq_span_of(doors[door].wiring.chip)).text, doors[i].name);
		}
	}
	return LQ_OK;
}

/* A warning that never comes would look like one that is set. What was not written fits itself. */
static int check_pre_alarm(struct lq_parsing *parsing, size_t door)
{
	struct lq_door_settings *settings = &parsing->config.doors[door].settings;
	const struct lq_key *key = lq_key_find(LQ_SECTION_door, lq_span_of("pre_alarm_ms"));
	size_t line = parsing->key_line[LQ_SECTION_door][door][key - lq_keys];
	if (settings->open_ms == 0 || settings->pre_alarm_ms < settings->open_ms) {
		return LQ_OK;
	}
	if (line == 0) {
		settings->pre_alarm_ms = settings->open_ms / 2;
		return LQ_OK;
	}
	return lq_complain(parsing->error, line,
		"pre_alarm_ms = %" PRIu32 ": the door's open time is over by then: a number below "
		"open_ms = %" PRIu32 " was expected, or 0",
		"pre_alarm_ms = %" PRIu32 " : la durée d’ouverture n’est pas plus longue : il faut "
		"un nombre inférieur à open_ms = %" PRIu32 ", ou 0",
		settings->pre_alarm_ms, settings->open_ms);
}

static int check_doors(struct lq_parsing *parsing)
{
	for (size_t i = 0; i < parsing->config.door_count; i++) {
		struct lq_config_door *door = &parsing->config.doors[i];
		int result = check_folder(parsing, i);
		door->wiring.wiring[LQ_LINE_RESET].offset = LQ_LINE_UNUSED; /* a reader's */
		for (int line = 0; line < LQ_LINE_COUNT && result == LQ_OK; line++) {
			result = check_line(parsing, i, (enum lq_line)line);
		}
		if (result == LQ_OK) {
			result = check_pre_alarm(parsing, i);
		}
		if (result < 0) {
			return result;
		}
		door->settings.has_contact =
			door->wiring.wiring[LQ_LINE_CONTACT].offset != LQ_LINE_UNUSED;
		if (door->settings.relock_on != LQ_RELOCK_ON_TIMER && !door->settings.has_contact) {
			return lq_complain(parsing->error,
				lq_parsing_line(parsing, LQ_SECTION_door, i, "relock_on"),
				"relock_on: [door %s] has no contact to see it by: contact or "
				"relock_on = timer was expected",
				"relock_on : [door %s] n’a pas de contact pour le constater : il "
				"faut contact ou relock_on = timer",
				door->name);
		}
	}
	return LQ_OK;
}

/* `key` means nothing without `other`. */
static int check_companion(
	struct lq_parsing *parsing, const char *key, const char *value, const char *other, bool set)
{
	if (value[0] == '\0' || set) {
		return LQ_OK;
	}
	return lq_complain(parsing->error, lq_parsing_line(parsing, LQ_SECTION_mqtt, 0, key),
		"%s is given without %s: [mqtt] needs both or neither",
		"%s sans %s : dans [mqtt], il faut les deux ou ni l’un ni l’autre", key, other);
}

static int check_mqtt(struct lq_parsing *parsing)
{
	const struct lq_config_mqtt *mqtt = &parsing->config.mqtt;
	const struct {
		const char *key;
		const char *value;
		const char *other;
		const char *other_value;
	} companions[] = {
		{"password_file", mqtt->password_file, "username", mqtt->username},
		{"cert_file", mqtt->cert_file, "key_file", mqtt->key_file},
		{"key_file", mqtt->key_file, "cert_file", mqtt->cert_file},
		{"cert_file", mqtt->cert_file, "ca_file", mqtt->ca_file},
	};
	for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++) {
		int result = check_companion(parsing, companions[i].key, companions[i].value,
			companions[i].other, companions[i].other_value[0] != '\0');
		if (result < 0) {
			return result;
		}
	}
	if (mqtt->home_assistant_key[0] != '\0' && !mqtt->home_assistant) {
		return lq_complain(parsing->error,
			lq_parsing_line(parsing, LQ_SECTION_mqtt, 0, "home_assistant_key"),
			"home_assistant_key is given without home_assistant = yes: Home Assistant "
			"is told of no door",
			"home_assistant_key sans home_assistant = yes : aucune porte n’est "
			"annoncée à Home Assistant");
	}
	return LQ_OK;
}

/* Who gave a command stands in the journal: an account of the board, or a key's name. */
static int check_signers(struct lq_parsing *parsing)
{
	static const char account[] = "account-";
	for (size_t i = 0; i < parsing->config.signer_count; i++) {
		struct lq_signer *signer = &parsing->config.signers[i];
		struct lq_span unknown = {.at = "", .length = 0};
		if (strncmp(signer->name, account, sizeof(account) - 1) == 0) {
			return lq_complain(parsing->error,
				parsing->section_line[LQ_SECTION_command][i],
				"[command %s]: names that begin with account- are those of the "
				"board's own accounts",
				"[command %s] : les noms qui commencent par account- sont ceux des "
				"comptes de la carte elle-même",
				signer->name);
		}
		if (!lq_value_find_doors(
			    &parsing->config, parsing->signer_doors[i], &signer->doors, &unknown)) {
			return lq_complain(parsing->error,
				lq_parsing_line(parsing, LQ_SECTION_command, i, "doors"),
				"doors: there is no [door %s]", "doors : il n’y a pas de [door %s]",
				lq_quote(unknown).text);
		}
	}
	return LQ_OK;
}

int lq_parsing_finish(struct lq_parsing *parsing)
{
	int result = check_all_missing(parsing);
	if (result == LQ_OK) {
		result = check_doors(parsing);
	}
	if (result == LQ_OK) {
		result = check_readers(parsing);
	}
	if (result == LQ_OK) {
		result = check_mqtt(parsing);
	}
	if (result == LQ_OK) {
		result = check_signers(parsing);
	}
	return result;
}
