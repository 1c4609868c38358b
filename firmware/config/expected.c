/* What would have been right in the place of a wrong value. */
#include "firmware/config/speech.h"
#include "firmware/config/value.h"
#include "firmware/core/assert.h"

#include <inttypes.h>

static const char *or_none(const struct lq_key *key, enum lq_language language)
{
	return key->fallback == NULL ? "" : lq_in(language, ", or none", ", ou none");
}

static void expected_name(
	const struct lq_key *key, enum lq_language language, char ret_text[LQ_EXPECTED_SIZE])
{
	snprintf(ret_text, LQ_EXPECTED_SIZE,
		lq_in(language,
			"a name of %" PRIu32 " to %" PRIu32 " characters of a-z, 0-9, _ and -",
			"un nom de %" PRIu32 " à %" PRIu32 " caractères parmi a-z, 0-9, _ et -"),
		key->minimum, key->maximum);
}

static void expected_path(
	const struct lq_key *key, enum lq_language language, char ret_text[LQ_EXPECTED_SIZE])
{
	snprintf(ret_text, LQ_EXPECTED_SIZE,
		lq_in(language, "an absolute path of at most %" PRIu32 " bytes%s",
			"un chemin absolu de %" PRIu32 " octets au plus%s"),
		key->maximum,
		key->minimum == 0 ? lq_in(language, ", or nothing", ", ou rien") : "");
}

static void expected_device(
	const struct lq_key *key, enum lq_language language, char ret_text[LQ_EXPECTED_SIZE])
{
	snprintf(ret_text, LQ_EXPECTED_SIZE,
		lq_in(language,
			"a PN532 like pn532_uart:/dev/ttyS0 (or pn532_spi, pn532_i2c), its path "
			"without a colon, at most %" PRIu32 " bytes",
			"un PN532 tel que pn532_uart:/dev/ttyS0 (ou pn532_spi, pn532_i2c), au "
			"chemin sans deux-points, de %" PRIu32 " octets au plus"),
		key->maximum);
}

static void expected_choice(
	const struct lq_key *key, enum lq_language language, char ret_text[LQ_EXPECTED_SIZE])
{
	int at = snprintf(
		ret_text, LQ_EXPECTED_SIZE, "%s", lq_in(language, "one of", "l’une des valeurs"));
	for (unsigned i = 0;; i++) {
		bool is_default = false;
		struct lq_span word = lq_choice_word(key, i, &is_default);
		if (word.length == 0) {
			return;
		}
		at += snprintf(ret_text + at, LQ_EXPECTED_SIZE - (size_t)at, "%s%.*s",
			i == 0 ? " " : ", ", (int)word.length, word.at);
	}
}

static void expected_line(
	const struct lq_key *key, enum lq_language language, char ret_text[LQ_EXPECTED_SIZE])
{
	snprintf(ret_text, LQ_EXPECTED_SIZE,
		lq_in(language,
			"a line from %" PRIu32 " to %" PRIu32 " (with ! in front: active low)%s",
			"une ligne de %" PRIu32 " à %" PRIu32
			" (précédée de ! : active au niveau bas)%s"),
		key->minimum, key->maximum, or_none(key, language));
}

static void expected_commands(enum lq_language language, char ret_text[LQ_EXPECTED_SIZE])
{
	int at = snprintf(ret_text, LQ_EXPECTED_SIZE, "%s",
		lq_in(language, "one or more, with commas between them, of",
			"une ou plusieurs commandes, séparées par des virgules, parmi"));
	for (unsigned i = 0; i < LQ_ORDER_COUNT; i++) {
		at += snprintf(ret_text + at, LQ_EXPECTED_SIZE - (size_t)at, "%s%s",
			i == 0 ? " " : ", ", lq_order_word((enum lq_order_kind)i));
		LQ_ASSERT(at < (int)LQ_EXPECTED_SIZE);
	}
}

void lq_value_expected(
	const struct lq_key *key, enum lq_language language, char ret_text[LQ_EXPECTED_SIZE])
{
	switch (key->type) {
	case LQ_VALUE_NAME:
	case LQ_VALUE_DOOR:
		expected_name(key, language, ret_text);
		return;
	case LQ_VALUE_TEXT:
		snprintf(ret_text, LQ_EXPECTED_SIZE,
			lq_in(language, "a printable text of %" PRIu32 " to %" PRIu32 " bytes",
				"un texte imprimable de %" PRIu32 " à %" PRIu32 " octets"),
			key->minimum, key->maximum);
		return;
	case LQ_VALUE_PATH:
		expected_path(key, language, ret_text);
		return;
	case LQ_VALUE_DEVICE:
		expected_device(key, language, ret_text);
		return;
	case LQ_VALUE_NUMBER:
		snprintf(ret_text, LQ_EXPECTED_SIZE,
			lq_in(language, "a number from %" PRIu32 " to %" PRIu32,
				"un nombre de %" PRIu32 " à %" PRIu32),
			key->minimum, key->maximum);
		return;
	case LQ_VALUE_BOOL:
		snprintf(ret_text, LQ_EXPECTED_SIZE, "%s",
			lq_in(language, "yes or no", "yes ou no"));
		return;
	case LQ_VALUE_CHOICE:
		expected_choice(key, language, ret_text);
		return;
	case LQ_VALUE_LINE:
		expected_line(key, language, ret_text);
		return;
	case LQ_VALUE_DOORS:
		snprintf(ret_text, LQ_EXPECTED_SIZE, "%s",
			lq_in(language, "* or names of doors with commas between them",
				"* ou des noms de portes séparés par des virgules"));
		return;
	case LQ_VALUE_COMMANDS:
		expected_commands(language, ret_text);
		return;
	case LQ_VALUE_KEY:
		snprintf(ret_text, LQ_EXPECTED_SIZE,
			lq_in(language, "an Ed25519 public key: 43 characters of base64url%s",
				"une clé publique Ed25519 : 43 caractères de base64url%s"),
			or_none(key, language));
		return;
	}
	LQ_ASSERT(false);
}
