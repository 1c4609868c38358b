#include "firmware/config/value.h"

#include "firmware/core/assert.h"
#include "firmware/core/base64url.h"
#include "firmware/core/device.h"
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"

#include <inttypes.h>
#include <string.h>

void *lq_section_struct(struct lq_config *config, enum lq_section section, size_t index)
{
	switch (section) {
	case LQ_SECTION_controller:
		return config;
	case LQ_SECTION_door:
		return &config->doors[index];
	case LQ_SECTION_reader:
		return &config->readers[index];
	case LQ_SECTION_mqtt:
		return &config->mqtt;
	case LQ_SECTION_command:
		return &config->signers[index];
	case LQ_SECTION_office:
		return &config->office;
	case LQ_SECTION_COUNT:
		break;
	}
	LQ_ASSERT(false);
	return NULL;
}

const void *lq_section_struct_const(
	const struct lq_config *config, enum lq_section section, size_t index)
{
	switch (section) {
	case LQ_SECTION_controller:
		return config;
	case LQ_SECTION_door:
		return &config->doors[index];
	case LQ_SECTION_reader:
		return &config->readers[index];
	case LQ_SECTION_mqtt:
		return &config->mqtt;
	case LQ_SECTION_command:
		return &config->signers[index];
	case LQ_SECTION_office:
		return &config->office;
	case LQ_SECTION_COUNT:
		break;
	}
	LQ_ASSERT(false);
	return NULL;
}

static bool parse_number(struct lq_span text, uint32_t minimum, uint32_t maximum, uint32_t *ret)
{
	uint64_t number = 0;
	if (text.length == 0) {
		return false;
	}
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9') {
			return false;
		}
		number = number * 10 + (uint64_t)(text.at[i] - '0');
		if (number > UINT32_MAX) {
			return false;
		}
	}
	if (number < minimum || number > maximum) {
		return false;
	}
	*ret = (uint32_t)number;
	return true;
}

static bool store_number(const struct lq_key *key, struct lq_span text, void *member)
{
	uint32_t number = 0;
	if (!parse_number(text, key->minimum, key->maximum, &number)) {
		return false;
	}
	if (key->size == sizeof(uint16_t)) {
		uint16_t narrow = (uint16_t)number;
		LQ_ASSERT(narrow == number);
		memcpy(member, &narrow, sizeof(narrow));
		return true;
	}
	LQ_ASSERT(key->size == sizeof(number));
	memcpy(member, &number, sizeof(number));
	return true;
}

static bool store_text(const struct lq_key *key, struct lq_span text, void *member)
{
	if (text.length < key->minimum || text.length > key->maximum ||
		!lq_utf8_all_printable(text.at, text.length)) {
		return false;
	}
	lq_span_copy(text, member, key->size);
	return true;
}

bool lq_name_valid(struct lq_span text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '\0' || strchr(letters, text.at[i]) == NULL) {
			return false;
		}
	}
	return text.length > 0 && text.length < LQ_NAME_SIZE;
}

static bool store_bool(struct lq_span text, void *member)
{
	bool yes = lq_span_equal(text, lq_span_of("yes"));
	if (!yes && !lq_span_equal(text, lq_span_of("no"))) {
		return false;
	}
	memcpy(member, &yes, sizeof(yes));
	return true;
}

struct lq_span lq_choice_word(const struct lq_key *key, unsigned number, bool *ret_default)
{
	LQ_ASSERT(key->fallback != NULL);
	struct lq_span word = {.at = key->fallback, .length = strcspn(key->fallback, "|")};
	for (; number > 0 && word.at[word.length] == '|'; number--) {
		word.at += word.length + 1;
		word.length = strcspn(word.at, "|");
	}
	if (number > 0) {
		return (struct lq_span){.at = "", .length = 0};
	}
	*ret_default = word.at[0] == '*';
	if (*ret_default) {
		word.at++;
		word.length--;
	}
	return word;
}

struct lq_span lq_value_default(const struct lq_key *key)
{
	LQ_ASSERT(key->fallback != NULL);
	struct lq_span word = lq_span_of(key->fallback);
	bool is_default = key->type != LQ_VALUE_CHOICE;
	for (unsigned i = 0; !is_default; i++) {
		word = lq_choice_word(key, i, &is_default);
		LQ_ASSERT(word.length > 0);
	}
	return word;
}

/* Enums are stored as the unsigned number that gcc makes of them. */
static bool store_choice(const struct lq_key *key, struct lq_span text, void *member)
{
	LQ_ASSERT(key->size == sizeof(unsigned));
	for (unsigned i = 0;; i++) {
		bool is_default = false;
		struct lq_span word = lq_choice_word(key, i, &is_default);
		if (word.length == 0) {
			return false;
		}
		if (lq_span_equal(word, text)) {
			memcpy(member, &i, sizeof(i));
			return true;
		}
	}
}

static bool store_line(const struct lq_key *key, struct lq_span text, void *member)
{
	struct lq_line_wiring wiring = {.offset = LQ_LINE_UNUSED, .active_low = false};
	if (lq_span_equal(text, lq_span_of("none"))) {
		if (key->fallback == NULL) {
			return false;
		}
	} else {
		if (text.length > 0 && text.at[0] == '!') {
			wiring.active_low = true;
			text.at++;
			text.length--;
		}
		uint32_t offset = 0;
		if (!parse_number(text, key->minimum, key->maximum, &offset)) {
			return false;
		}
		wiring.offset = (int)offset;
	}
	LQ_ASSERT(key->size == sizeof(wiring));
	memcpy(member, &wiring, sizeof(wiring));
	return true;
}

/* The next of the words between commas; false behind the last. */
static bool next_word(struct lq_span *rest, struct lq_span *ret_word)
{
	if (rest->at == NULL) {
		return false;
	}
	const char *comma = memchr(rest->at, ',', rest->length);
	size_t length = comma == NULL ? rest->length : (size_t)(comma - rest->at);
	struct lq_span word = {.at = rest->at, .length = length};
	*rest = comma == NULL ? (struct lq_span){.at = NULL, .length = 0}
			      : (struct lq_span){comma + 1, rest->length - length - 1};
	while (word.length > 0 && word.at[0] == ' ') {
		word.at++;
		word.length--;
	}
	while (word.length > 0 && word.at[word.length - 1] == ' ') {
		word.length--;
	}
	*ret_word = word;
	return true;
}

static bool store_commands(struct lq_span text, void *member)
{
	uint32_t commands = 0;
	struct lq_span word;
	while (next_word(&text, &word)) {
		enum lq_order_kind kind = lq_order_find(word.at, word.length);
		if (kind == LQ_ORDER_COUNT || (commands & 1u << kind) != 0) {
			return false;
		}
		commands |= 1u << kind;
	}
	memcpy(member, &commands, sizeof(commands));
	return true;
}

bool lq_value_repeats(const struct lq_key *key, struct lq_span text, struct lq_span *ret_word)
{
	uint32_t commands = 0;
	while (key->type == LQ_VALUE_COMMANDS && next_word(&text, ret_word)) {
		enum lq_order_kind kind = lq_order_find(ret_word->at, ret_word->length);
		if (kind == LQ_ORDER_COUNT) {
			return false;
		}
		if ((commands & 1u << kind) != 0) {
			return true;
		}
		commands |= 1u << kind;
	}
	return false;
}

static bool doors_valid(struct lq_span text)
{
	struct lq_span word;
	if (lq_span_equal(text, lq_span_of("*"))) {
		return true;
	}
	while (next_word(&text, &word)) {
		if (!lq_name_valid(word)) {
			return false;
		}
	}
	return true;
}

bool lq_value_find_doors(const struct lq_config *config, struct lq_span text, uint32_t *ret_doors,
	struct lq_span *ret_unknown)
{
	uint32_t doors = 0;
	struct lq_span word;
	if (lq_span_equal(text, lq_span_of("*"))) {
		*ret_doors = UINT32_MAX;
		return true;
	}
	while (next_word(&text, &word)) {
		uint16_t i = 0;
		while (i < config->door_count &&
			!lq_span_equal(word, lq_span_of(config->doors[i].name))) {
			i++;
		}
		if (i == config->door_count) {
			*ret_unknown = word;
			return false;
		}
		doors |= 1u << i;
	}
	*ret_doors = doors;
	return true;
}

static bool store_key(const struct lq_key *row, struct lq_span text, void *member)
{
	uint8_t key[32] = {0};
	size_t count = 0;
	if (row->fallback != NULL && lq_span_equal(text, lq_span_of("none"))) {
		memcpy(member, key, sizeof(key));
		return true;
	}
	if (lq_base64url_decode(text.at, text.length, key, sizeof(key), &count) != LQ_OK ||
		count != sizeof(key)) {
		return false;
	}
	memcpy(member, key, sizeof(key));
	return true;
}

static void *member_of(const struct lq_key *key, void *section)
{
	return (unsigned char *)section + key->offset;
}

bool lq_value_parse(const struct lq_key *key, struct lq_span text, void *section)
{
	switch (key->type) {
	case LQ_VALUE_NAME:
		return lq_name_valid(text) && store_text(key, text, member_of(key, section));
	case LQ_VALUE_TEXT:
		return store_text(key, text, member_of(key, section));
	case LQ_VALUE_PATH:
		return (text.length == 0 || text.at[0] == '/') &&
		       store_text(key, text, member_of(key, section));
	case LQ_VALUE_DEVICE:
		return lq_device_valid(text.at, text.length) &&
		       store_text(key, text, member_of(key, section));
	case LQ_VALUE_NUMBER:
		return store_number(key, text, member_of(key, section));
	case LQ_VALUE_BOOL:
		return store_bool(text, member_of(key, section));
	case LQ_VALUE_CHOICE:
		return store_choice(key, text, member_of(key, section));
	case LQ_VALUE_LINE:
		return store_line(key, text, member_of(key, section));
	case LQ_VALUE_DOOR:
		return lq_name_valid(text);
	case LQ_VALUE_DOORS:
		return doors_valid(text);
	case LQ_VALUE_COMMANDS:
		return store_commands(text, member_of(key, section));
	case LQ_VALUE_KEY:
		return store_key(key, text, member_of(key, section));
	}
	LQ_ASSERT(false);
	return false;
}

static void print_choice(const struct lq_key *key, const void *member, FILE *out)
{
	unsigned number = 0;
	bool is_default = false;
	memcpy(&number, member, sizeof(number));
	struct lq_span word = lq_choice_word(key, number, &is_default);
	fwrite(word.at, 1, word.length, out);
}

static void print_number(const struct lq_key *key, const void *member, FILE *out)
{
	uint16_t narrow = 0;
	uint32_t number = 0;
	if (key->size == sizeof(narrow)) {
		memcpy(&narrow, member, sizeof(narrow));
		number = narrow;
	} else {
		memcpy(&number, member, sizeof(number));
	}
	fprintf(out, "%" PRIu32, number);
}

static void print_line(const void *member, FILE *out)
{
	struct lq_line_wiring wiring;
	memcpy(&wiring, member, sizeof(wiring));
	if (wiring.offset == LQ_LINE_UNUSED) {
		fputs("none", out);
		return;
	}
	fprintf(out, "%s%d", wiring.active_low ? "!" : "", wiring.offset);
}

static void print_commands(const void *member, FILE *out)
{
	uint32_t commands = 0;
	const char *between = "";
	memcpy(&commands, member, sizeof(commands));
	for (unsigned i = 0; i < LQ_ORDER_COUNT; i++) {
		if ((commands & 1u << i) != 0) {
			fprintf(out, "%s%s", between, lq_order_word((enum lq_order_kind)i));
			between = ", ";
		}
	}
}

static void print_doors(const struct lq_config *config, const void *member, FILE *out)
{
	uint32_t doors = 0;
	const char *between = "";
	memcpy(&doors, member, sizeof(doors));
	if (doors == UINT32_MAX) {
		fputs("*", out);
		return;
	}
	for (uint16_t i = 0; i < config->door_count; i++) {
		if ((doors & 1u << i) != 0) {
			fprintf(out, "%s%s", between, config->doors[i].name);
			between = ", ";
		}
	}
}

static void print_key(const void *member, FILE *out)
{
	static const uint8_t none[32];
	char text[LQ_BASE64URL_LENGTH(32) + 1];
	if (memcmp(member, none, sizeof(none)) == 0) {
		fputs("none", out);
		return;
	}
	lq_base64url_encode(member, 32, text);
	fputs(text, out);
}

void lq_value_print(
	const struct lq_key *key, const struct lq_config *config, const void *section, FILE *out)
{
	const void *member = (const unsigned char *)section + key->offset;
	bool yes = false;
	uint16_t door = 0;
	switch (key->type) {
	case LQ_VALUE_NAME:
	case LQ_VALUE_TEXT:
	case LQ_VALUE_PATH:
	case LQ_VALUE_DEVICE:
		fputs(member, out);
		return;
	case LQ_VALUE_NUMBER:
		print_number(key, member, out);
		return;
	case LQ_VALUE_BOOL:
		memcpy(&yes, member, sizeof(yes));
		fputs(yes ? "yes" : "no", out);
		return;
	case LQ_VALUE_CHOICE:
		print_choice(key, member, out);
		return;
	case LQ_VALUE_LINE:
		print_line(member, out);
		return;
	case LQ_VALUE_DOOR:
		memcpy(&door, member, sizeof(door));
		LQ_ASSERT(door < config->door_count);
		fputs(config->doors[door].name, out);
		return;
	case LQ_VALUE_DOORS:
		print_doors(config, member, out);
		return;
	case LQ_VALUE_COMMANDS:
		print_commands(member, out);
		return;
	case LQ_VALUE_KEY:
		print_key(member, out);
		return;
	}
	LQ_ASSERT(false);
}
