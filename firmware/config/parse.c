#include "firmware/config/complain.h"
#include "firmware/config/lexer.h"
#include "firmware/config/parsing.h"
#include "firmware/config/value.h"
#include "firmware/core/assert.h"
#include "firmware/core/err.h"

#include <string.h>

#define SECTIONS "[controller], [door NAME], [reader NAME], [mqtt], [command NAME]"

size_t lq_parsing_line(
	const struct lq_parsing *parsing, enum lq_section section, size_t index, const char *key)
{
	const struct lq_key *row = lq_key_find(section, lq_span_of(key));
	LQ_ASSERT(row != NULL);
	size_t line = parsing->key_line[section][index][row - lq_keys];
	return line != 0 ? line : parsing->section_line[section][index];
}

static void set_defaults(struct lq_config *config, enum lq_section section, size_t index)
{
	void *target = lq_section_struct(config, section, index);
	for (size_t i = 0; i < lq_key_count; i++) {
		const struct lq_key *key = &lq_keys[i];
		if (key->section != section || key->fallback == NULL) {
			continue;
		}
		LQ_ASSERT(lq_value_parse(key, lq_value_default(key), target));
	}
}

/* The sections of one kind that carry names. */
struct named {
	uint16_t *count;
	uint16_t most;
};

static struct named named_of(struct lq_config *config, enum lq_section section)
{
	switch (section) {
	case LQ_SECTION_door:
		return (struct named){&config->door_count, LQ_DOORS_MAX};
	case LQ_SECTION_reader:
		return (struct named){&config->reader_count, LQ_READERS_MAX};
	case LQ_SECTION_command:
		return (struct named){&config->signer_count, LQ_ORDER_SIGNERS_MAX};
	case LQ_SECTION_controller:
	case LQ_SECTION_mqtt:
	case LQ_SECTION_office:
	case LQ_SECTION_COUNT:
		break;
	}
	LQ_ASSERT(false);
	return (struct named){NULL, 0};
}

static char *name_of(struct lq_config *config, enum lq_section section, size_t index)
{
	switch (section) {
	case LQ_SECTION_door:
		return config->doors[index].name;
	case LQ_SECTION_reader:
		return config->readers[index].name;
	case LQ_SECTION_command:
		return config->signers[index].name;
	case LQ_SECTION_controller:
	case LQ_SECTION_mqtt:
	case LQ_SECTION_office:
	case LQ_SECTION_COUNT:
		break;
	}
	LQ_ASSERT(false);
	return NULL;
}

static int enter_unnamed(
	struct lq_parsing *parsing, enum lq_section section, struct lq_span name, size_t line)
{
	if (name.length > 0) {
		return lq_complain(parsing->error, line, "[%s %s]: [%s] takes no name",
			"[%s %s] : [%s] ne prend pas de nom", lq_section_name(section),
			lq_quote(name).text, lq_section_name(section));
	}
	if (parsing->section_line[section][0] != 0) {
		return lq_complain(parsing->error, line,
			"[%s] stands already at line %u; it may be written once",
			"[%s] figure déjà à la ligne %u ; cette section ne s’écrit qu’une fois",
			lq_section_name(section), parsing->section_line[section][0]);
	}
	parsing->index = 0;
	return LQ_OK;
}

static int enter_named(
	struct lq_parsing *parsing, enum lq_section section, struct lq_span name, size_t line)
{
	const char *kind = lq_section_name(section);
	if (!lq_name_valid(name)) {
		return lq_complain(parsing->error, line,
			"[%s%s%s]: a name of 1 to 32 characters of a-z, 0-9, _ and - was expected "
			"after %s",
			"[%s%s%s] : il faut un nom de 1 à 32 caractères parmi a-z, 0-9, _ et - "
			"après %s",
			kind, name.length > 0 ? " " : "", lq_quote(name).text, kind);
	}
	struct named named = named_of(&parsing->config, section);
	uint16_t count = *named.count;
	for (uint16_t i = 0; i < count; i++) {
		if (lq_span_equal(name, lq_span_of(name_of(&parsing->config, section, i)))) {
			return lq_complain(parsing->error, line,
				"[%s %s] stands already at line %u; each %s needs a name of its "
				"own",
				"[%s %s] figure déjà à la ligne %u ; chaque section %s doit avoir "
				"son propre nom",
				kind, lq_quote(name).text, parsing->section_line[section][i], kind);
		}
	}
	if (count == named.most) {
		return lq_complain(parsing->error, line,
			"[%s %s] is one too many: a controller has at most %u %ss",
			"[%s %s] est de trop : un contrôleur a au plus %u sections %s", kind,
			lq_quote(name).text, named.most, kind);
	}
	set_defaults(&parsing->config, section, count);
	lq_span_copy(name, name_of(&parsing->config, section, count), LQ_NAME_SIZE);
	++*named.count;
	parsing->index = count;
	return LQ_OK;
}

static int unknown_section(struct lq_parsing *parsing, struct lq_span word, size_t line)
{
	struct lq_suggestion suggestion = lq_suggestion_begin(word);
	for (int i = 0; i < LQ_SECTION_COUNT; i++) {
		lq_suggestion_weigh(&suggestion, lq_section_name((enum lq_section)i));
	}
	return lq_complain(parsing->error, line,
		"[%s] is not a section: " SECTIONS " or [office] was expected%s",
		"[%s] n’est pas une section : il faut " SECTIONS " ou [office]%s",
		lq_quote(word).text, lq_did_you_mean(parsing->error, &suggestion).text);
}

static int take_section(struct lq_parsing *parsing, const struct lq_config_line *parts, size_t line)
{
	int section = 0;
	while (section < LQ_SECTION_COUNT &&
		!lq_span_equal(
			parts->head, lq_span_of(lq_section_name((enum lq_section)section)))) {
		section++;
	}
	if (section == LQ_SECTION_COUNT) {
		return unknown_section(parsing, parts->head, line);
	}
	parsing->section = (enum lq_section)section;
	int result = lq_section_named(parsing->section)
			     ? enter_named(parsing, parsing->section, parts->tail, line)
			     : enter_unnamed(parsing, parsing->section, parts->tail, line);
	if (result == LQ_OK) {
		parsing->inside = true;
		parsing->section_line[section][parsing->index] = (uint32_t)line;
	}
	return result;
}

/* "[door front]", as it stands in messages. */
static struct lq_quoted here(struct lq_parsing *parsing)
{
	struct lq_quoted text = {0};
	bool named = lq_section_named(parsing->section);
	snprintf(text.text, sizeof(text.text), "[%s%s%s]", lq_section_name(parsing->section),
		named ? " " : "",
		named ? name_of(&parsing->config, parsing->section, parsing->index) : "");
	return text;
}

static int unknown_key(struct lq_parsing *parsing, struct lq_span name, size_t line)
{
	struct lq_suggestion suggestion = lq_suggestion_begin(name);
	for (size_t i = 0; i < lq_key_count; i++) {
		if (lq_keys[i].section == parsing->section) {
			lq_suggestion_weigh(&suggestion, lq_keys[i].name);
		} else if (lq_span_equal(name, lq_span_of(lq_keys[i].name))) {
			return lq_complain(parsing->error, line, "%s is a key of [%s%s], not of %s",
				"%s est une clé de [%s%s], pas de %s", lq_keys[i].name,
				lq_section_name(lq_keys[i].section),
				lq_section_named(lq_keys[i].section) ? " NAME" : "",
				here(parsing).text);
		}
	}
	return lq_complain(parsing->error, line, "%s is not a key of %s%s",
		"%s n’est pas une clé de %s%s", lq_quote(name).text, here(parsing).text,
		lq_did_you_mean(parsing->error, &suggestion).text);
}

static int wrong_value(
	struct lq_parsing *parsing, const struct lq_key *key, struct lq_span value, size_t line)
{
	char expected[LQ_EXPECTED_SIZE];
	lq_value_expected(key, parsing->error->language, expected);
	if (value.length == 0) {
		return lq_complain(parsing->error, line, "%s is empty: %s was expected",
			"%s est vide : il faut %s", key->name, expected);
	}
	struct lq_span twice;
	if (lq_value_repeats(key, value, &twice)) {
		return lq_complain(parsing->error, line,
			"%s: %s stands there twice; once is enough",
			"%s : %s y figure deux fois ; une seule suffit", key->name,
			lq_quote(twice).text);
	}
	return lq_complain(parsing->error, line, "%s = %s: %s was expected", "%s = %s : il faut %s",
		key->name, lq_quote(value).text, expected);
}

/* From the line on that names a language, the file's errors are told in it. */
static void follow_language(struct lq_parsing *parsing, const struct lq_key *key)
{
	bool named = key == lq_key_find(LQ_SECTION_controller, lq_span_of("language"));
	if (named && !parsing->speech.asked) {
		parsing->error->language = parsing->config.language;
	}
}

static int take_pair(struct lq_parsing *parsing, const struct lq_config_line *parts, size_t line)
{
	if (!parsing->inside) {
		return lq_complain(parsing->error, line,
			"%s stands before the first section: " SECTIONS " or [office] was expected",
			"%s précède la première section : il faut d’abord " SECTIONS " ou [office]",
			lq_quote(parts->head).text);
	}
	const struct lq_key *key = lq_key_find(parsing->section, parts->head);
	if (key == NULL) {
		return unknown_key(parsing, parts->head, line);
	}
	uint32_t *written = &parsing->key_line[parsing->section][parsing->index][key - lq_keys];
	if (*written != 0) {
		return lq_complain(parsing->error, line,
			"%s stands already at line %u; it may be written once in %s",
			"%s figure déjà à la ligne %u ; cette clé ne s’écrit qu’une fois dans %s",
			key->name, *written, here(parsing).text);
	}
	void *target = lq_section_struct(&parsing->config, parsing->section, parsing->index);
	if (!lq_value_parse(key, parts->tail, target)) {
		return wrong_value(parsing, key, parts->tail, line);
	}
	if (key->type == LQ_VALUE_DOOR) {
		parsing->reader_door[parsing->index] = parts->tail;
	}
	if (key->type == LQ_VALUE_DOORS) {
		parsing->signer_doors[parsing->index] = parts->tail;
	}
	*written = (uint32_t)line;
	follow_language(parsing, key);
	return LQ_OK;
}

static int take_binary(struct lq_parsing *parsing, struct lq_span from, size_t line)
{
	if (from.at[0] == '\0') {
		return lq_complain(parsing->error, line, "a zero byte was found: text was expected",
			"un octet nul a été trouvé : il faut du texte");
	}
	return lq_complain(parsing->error, line, "byte %02x is not UTF-8: save the file as UTF-8",
		"l’octet %02x n’est pas de l’UTF-8 : enregistrer le fichier en UTF-8",
		(unsigned char)from.at[0]);
}

static int take_line(struct lq_parsing *parsing, const struct lq_config_line *parts, size_t line)
{
	switch (parts->kind) {
	case LQ_LINE_IS_EMPTY:
		return LQ_OK;
	case LQ_LINE_IS_SECTION:
		return take_section(parsing, parts, line);
	case LQ_LINE_IS_PAIR:
		return take_pair(parsing, parts, line);
	case LQ_LINE_IS_OPEN:
		return lq_complain(parsing->error, line,
			"%s: a section ends with ], and nothing stands behind it",
			"%s : une section se termine par ], sans rien derrière",
			lq_quote(parts->head).text);
	case LQ_LINE_IS_OTHER:
		return lq_complain(parsing->error, line,
			"%s: [section], key = value or # comment was expected",
			"%s : il faut [section], clé = valeur ou # commentaire",
			lq_quote(parts->head).text);
	case LQ_LINE_IS_BINARY:
		return take_binary(parsing, parts->head, line);
	}
	LQ_ASSERT(false);
	return LQ_ERR_INVALID;
}

void lq_parsing_begin(
	struct lq_parsing *parsing, struct lq_speech speech, struct lq_config_error *error)
{
	memset(parsing, 0, sizeof(*parsing));
	parsing->speech = speech;
	parsing->error = error;
	error->language = speech.language;
}

int lq_parsing_run(struct lq_parsing *parsing, const char *text, size_t length)
{
	if (length > LQ_CONFIG_SIZE_MAX) {
		return lq_complain(parsing->error, 0, "the file is longer than %u bytes",
			"le fichier dépasse %u octets", LQ_CONFIG_SIZE_MAX);
	}
	set_defaults(&parsing->config, LQ_SECTION_controller, 0);
	set_defaults(&parsing->config, LQ_SECTION_mqtt, 0);
	set_defaults(&parsing->config, LQ_SECTION_office, 0);

	struct lq_lexer lexer = lq_lexer_begin((struct lq_span){.at = text, .length = length});
	struct lq_config_line line;
	while (lq_lexer_next(&lexer, &line)) {
		int result = take_line(parsing, &line, lexer.line);
		if (result < 0) {
			return result;
		}
	}
	return lq_parsing_finish(parsing);
}

int lq_config_parse(const char *text, size_t length, struct lq_speech speech,
	struct lq_config *ret_config, struct lq_config_error *ret_error)
{
	struct lq_parsing parsing;
	lq_parsing_begin(&parsing, speech, ret_error);
	int result = lq_parsing_run(&parsing, text, length);
	if (result < 0) {
		return result;
	}
	*ret_config = parsing.config;
	return LQ_OK;
}
