/* What lq_config_print() writes is read back as the same struct, for any struct that the table
 * allows. */
#include "firmware/config/config.h"
#include "firmware/config/key.h"
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>

#define ROUNDS 3000

static uint32_t below(struct lq_random *random, uint32_t bound)
{
	return lq_random_below(random, bound);
}

static void any_name(struct lq_random *random, const char *prefix, uint32_t number, char *out)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	int length = snprintf(out, LQ_NAME_SIZE, "%s%02u", prefix, number);
	uint32_t end = (uint32_t)length + below(random, LQ_NAME_SIZE - (uint32_t)length);
	for (uint32_t i = (uint32_t)length; i < end; i++) {
		out[i] = letters[below(random, sizeof(letters) - 1)];
	}
	out[end] = '\0';
}

/* Characters of all lengths; no blank at either end, which the file cannot hold. */
static void any_text(struct lq_random *random, const char *prefix, size_t maximum, char *out)
{
	static const char *const characters[] = {"a", "Z", "9", " ", "#", "=", "[", "]", "!", "\"",
		"\\", "%", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x9a\xaa", "\xc2\xa0"};
	size_t length = strlen(prefix);
	size_t end = length + below(random, (uint32_t)(maximum - length) + 1);
	memcpy(out, prefix, length);
	while (true) {
		const char *next =
			characters[below(random, sizeof(characters) / sizeof(characters[0]))];
		if (length + strlen(next) > end) {
			break;
		}
		memcpy(out + length, next, strlen(next));
		length += strlen(next);
	}
	while (length > 0 && out[length - 1] == ' ') {
		length--;
	}
	size_t blanks = 0;
	while (blanks < length && out[blanks] == ' ') {
		blanks++;
	}
	memmove(out, out + blanks, length - blanks);
	out[length - blanks] = '\0';
}

static void maybe_path(struct lq_random *random, bool given, size_t maximum, char *out)
{
	out[0] = '\0';
	if (given) {
		any_text(random, "/", maximum, out);
	}
}

static void any_door(struct lq_random *random, uint32_t number, struct lq_config_door *door)
{
	any_name(random, "d", number, door->name);
	door->lines = (enum lq_lines_kind)below(random, 2);
	char prefix[16];
	snprintf(prefix, sizeof(prefix), "c%u", number);
	any_text(random, prefix, 96, door->wiring.chip);
	for (int line = 0; line < LQ_LINE_COUNT; line++) {
		bool wired =
			line == LQ_LINE_RELAY || (line != LQ_LINE_RESET && below(random, 2) == 1);
		door->wiring.wiring[line] = (struct lq_line_wiring){
			.offset = wired ? (int)below(random, 1024 / LQ_LINE_COUNT) * LQ_LINE_COUNT +
						  line
					: LQ_LINE_UNUSED,
			.active_low = wired && below(random, 2) == 1,
		};
	}
	door->debounce_ms = below(random, 1001);
	door->settings.release_ms = 100 + below(random, 600000 - 100 + 1);
	door->settings.has_contact = door->wiring.wiring[LQ_LINE_CONTACT].offset != LQ_LINE_UNUSED;
	door->settings.extended_release_ms = 100 + below(random, 600000 - 100 + 1);
	door->settings.open_ms = below(random, 86400001);
	door->settings.extended_open_ms = below(random, 86400001);
	door->settings.pre_alarm_ms =
		below(random, door->settings.open_ms == 0 ? 86400001 : door->settings.open_ms);
	door->settings.rex_stuck_ms = below(random, 86400001);
	door->settings.relock_delay_ms = below(random, 60001);
	door->settings.bolt_ms = below(random, 60001);
	any_name(random, "z", below(random, 3), door->zone);
	door->passback.rule = (enum lq_passback)below(random, 3);
	door->passback.reset_s = below(random, LQ_PASSBACK_RESET_MAX + 1);
	door->settings.relock_on = door->settings.has_contact ? (enum lq_relock_on)below(random, 3)
							      : LQ_RELOCK_ON_TIMER;
}

static void any_mqtt(struct lq_random *random, struct lq_config_mqtt *mqtt)
{
	any_text(random, "", 253, mqtt->host);
	mqtt->port = (uint16_t)(1 + below(random, 65535));
	mqtt->protocol = (enum lq_mqtt_protocol)below(random, 2);
	any_text(random, "", 128, mqtt->username);
	maybe_path(random, mqtt->username[0] != '\0' && below(random, 2) == 1, 200,
		mqtt->password_file);
	maybe_path(random, below(random, 2) == 1, 200, mqtt->ca_file);
	bool certified = mqtt->ca_file[0] != '\0' && below(random, 2) == 1;
	maybe_path(random, certified, 200, mqtt->cert_file);
	maybe_path(random, certified, 200, mqtt->key_file);
	mqtt->window = (uint16_t)(1 + below(random, 1000));
	mqtt->keepalive_s = (uint16_t)(5 + below(random, 3596));
	mqtt->health_s = 5 + below(random, 86396);
	mqtt->home_assistant = below(random, 2) != 0;
	any_name(random, "h", 0, mqtt->home_assistant_prefix);
	maybe_path(random, mqtt->home_assistant && below(random, 2) == 1, 200,
		mqtt->home_assistant_key);
}

static void any_config(struct lq_random *random, struct lq_config *config)
{
	memset(config, 0, sizeof(*config));
	any_name(random, "s", 0, config->space);
	any_name(random, "c", 0, config->controller);
	any_text(random, "Z", 63, config->time_zone);
	config->language = (enum lq_language)below(random, 2);
	any_text(random, "/", 90, config->state_dir);
	any_text(random, "/", 80, config->runtime_dir);
	config->record_deadline_ms = below(random, 60001);
	config->clock_trust = (enum lq_trust)below(random, 3);
	config->checkpoint_rows = 1 + below(random, 1000000);
	config->day_cut = below(random, 24);
	config->retention_days = 1 + below(random, 92);
	maybe_path(random, below(random, 2) == 1, 200, config->maintainers);
	config->door_count = (uint16_t)(1 + below(random, LQ_DOORS_MAX));
	config->reader_count = (uint16_t)below(random, LQ_READERS_MAX + 1);
	for (uint32_t i = 0; i < config->door_count; i++) {
		any_door(random, i, &config->doors[i]);
	}
	for (uint32_t i = 0; i < config->reader_count; i++) {
		struct lq_config_reader *reader = &config->readers[i];
		any_name(random, "r", i, reader->name);
		reader->door = (uint16_t)below(random, config->door_count);
		reader->direction = (enum lq_direction)below(random, 2);
		reader->lockout.of = (enum lq_lockout_of)below(random, 2);
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "pn532_uart:/%u", i);
		any_text(random, prefix, 200, reader->device);
		reader->uid_badges = below(random, 2) == 1;
		bool wired = below(random, 2) == 1;
		reader->reset = (struct lq_line_wiring){
			.offset = wired ? (int)i * LQ_LINE_COUNT + LQ_LINE_RESET : LQ_LINE_UNUSED,
			.active_low = wired && below(random, 2) == 1,
		};
		reader->lockout.after = below(random, LQ_LOCKOUT_AFTER_MAX + 1);
		reader->lockout.lock_s = 1 + below(random, 3600);
	}
	any_mqtt(random, &config->mqtt);
	any_text(random, "l", 62, config->office.listen);
	config->office.port = (uint16_t)below(random, 65536);
	any_text(random, "", 200, config->office.database);
}

static size_t printed(const struct lq_config *config, char *out, size_t size)
{
	FILE *file = fmemopen(out, size, "w");
	assert_non_null(file);
	assert_int_equal(lq_config_print(config, file), LQ_OK);
	long length = ftell(file);
	assert_true(length > 0 && (size_t)length < size);
	assert_int_equal(fclose(file), 0);
	return (size_t)length;
}

static void assert_doors_equal(const struct lq_config_door *a, const struct lq_config_door *b)
{
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->lines, b->lines);
	assert_string_equal(a->wiring.chip, b->wiring.chip);
	for (int line = 0; line < LQ_LINE_COUNT; line++) {
		assert_int_equal(a->wiring.wiring[line].offset, b->wiring.wiring[line].offset);
		assert_int_equal(
			a->wiring.wiring[line].active_low, b->wiring.wiring[line].active_low);
	}
	assert_int_equal(a->debounce_ms, b->debounce_ms);
	assert_int_equal(a->settings.release_ms, b->settings.release_ms);
	assert_int_equal(a->settings.has_contact, b->settings.has_contact);
	assert_string_equal(a->zone, b->zone);
	assert_int_equal(a->passback.rule, b->passback.rule);
	assert_int_equal(a->passback.reset_s, b->passback.reset_s);
}

static void assert_mqtt_equal(const struct lq_config_mqtt *a, const struct lq_config_mqtt *b)
{
	assert_string_equal(a->host, b->host);
	assert_int_equal(a->port, b->port);
	assert_int_equal(a->protocol, b->protocol);
	assert_string_equal(a->username, b->username);
	assert_string_equal(a->password_file, b->password_file);
	assert_string_equal(a->ca_file, b->ca_file);
	assert_string_equal(a->cert_file, b->cert_file);
	assert_string_equal(a->key_file, b->key_file);
	assert_int_equal(a->window, b->window);
	assert_int_equal(a->keepalive_s, b->keepalive_s);
	assert_int_equal(a->health_s, b->health_s);
	assert_int_equal(a->home_assistant, b->home_assistant);
	assert_string_equal(a->home_assistant_prefix, b->home_assistant_prefix);
	assert_string_equal(a->home_assistant_key, b->home_assistant_key);
}

static void assert_equal(const struct lq_config *a, const struct lq_config *b)
{
	assert_string_equal(a->space, b->space);
	assert_string_equal(a->controller, b->controller);
	assert_string_equal(a->time_zone, b->time_zone);
	assert_int_equal(a->language, b->language);
	assert_string_equal(a->state_dir, b->state_dir);
	assert_string_equal(a->runtime_dir, b->runtime_dir);
	assert_int_equal(a->record_deadline_ms, b->record_deadline_ms);
	assert_int_equal(a->clock_trust, b->clock_trust);
	assert_int_equal(a->day_cut, b->day_cut);
	assert_int_equal(a->retention_days, b->retention_days);
	assert_string_equal(a->maintainers, b->maintainers);
	assert_int_equal(a->checkpoint_rows, b->checkpoint_rows);
	assert_int_equal(a->door_count, b->door_count);
	assert_int_equal(a->reader_count, b->reader_count);
	for (size_t i = 0; i < a->door_count; i++) {
		assert_doors_equal(&a->doors[i], &b->doors[i]);
	}
	for (size_t i = 0; i < a->reader_count; i++) {
		assert_string_equal(a->readers[i].name, b->readers[i].name);
		assert_int_equal(a->readers[i].door, b->readers[i].door);
		assert_int_equal(a->readers[i].direction, b->readers[i].direction);
		assert_string_equal(a->readers[i].device, b->readers[i].device);
		assert_int_equal(a->readers[i].uid_badges, b->readers[i].uid_badges);
		assert_int_equal(a->readers[i].reset.offset, b->readers[i].reset.offset);
		assert_int_equal(a->readers[i].reset.active_low, b->readers[i].reset.active_low);
		assert_int_equal(a->readers[i].lockout.after, b->readers[i].lockout.after);
		assert_int_equal(a->readers[i].lockout.lock_s, b->readers[i].lockout.lock_s);
	}
	assert_mqtt_equal(&a->mqtt, &b->mqtt);
	assert_string_equal(a->office.listen, b->office.listen);
	assert_int_equal(a->office.port, b->office.port);
	assert_string_equal(a->office.database, b->office.database);
}

static void round_trip(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.config.print");
	static char text[LQ_CONFIG_SIZE_MAX];
	for (int i = 0; i < ROUNDS; i++) {
		struct lq_config config;
		struct lq_config again;
		struct lq_config_error error = {0};
		any_config(&random, &config);
		size_t length = printed(&config, text, sizeof(text));
		if (lq_config_parse(text, length, (struct lq_speech){.language = LQ_LANGUAGE_EN},
			    &again, &error) < 0) {
			fail_msg("line %zu: %s\n%s", error.line, error.message, text);
		}
		assert_equal(&config, &again);
	}
}

static void a_full_disk_shows(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.config.print");
	struct lq_config config;
	any_config(&random, &config);
	FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	assert_int_equal(lq_config_print(&config, full), LQ_ERR_IO);
	assert_int_equal(lq_config_print_reference(full), LQ_ERR_IO);
	fclose(full);
}

static void reference(void **state)
{
	(void)state;
	static char text[LQ_CONFIG_SIZE_MAX];
	FILE *file = fmemopen(text, sizeof(text), "w");
	assert_non_null(file);
	assert_int_equal(lq_config_print_reference(file), LQ_OK);
	assert_int_equal(fclose(file), 0);
	const char *at = text;
	for (size_t i = 0; i < lq_key_count; i++) {
		char item[64];
		snprintf(item, sizeof(item), ".It Cm %s\n", lq_keys[i].name);
		assert_non_null(strstr(text, item));
	}
	static const char reader[] =
		".El\n.Ss [reader NAME]\n.Bl -tag -width Ds\n"
		".It Cm door\nThe door that the reader opens.\n"
		"A name of 1 to 32 characters of a-z, 0-9, _ and -.\nMust be given.\n"
		".It Cm direction\nWhich way through the door.\n"
		"One of entry, exit.\nThe default is\n.Cm entry .\n"
		".It Cm device\nConnection string of libnfc, e.g. pn532_uart:/dev/ttyS0; pn532_spi "
		"and pn532_i2c are the others; the path has no colon (a link helps), behind it may "
		"stand : and the speed.\n"
		"A PN532 like pn532_uart:/dev/ttyS0 (or pn532_spi, pn532_i2c), its path without a "
		"colon, at most 200 bytes.\nMust be given.\n"
		".It Cm uid_badges\n"
		"Accept badges by their UID alone: anybody can copy such a badge.\n"
		"Yes or no.\nThe default is\n.Cm no .\n"
		".It Cm reset\n";
	assert_non_null(strstr(text, reader));
	static const char trust[] = "One of unset, rtc, synchronised.\nThe default is\n.Cm rtc .\n";
	assert_non_null(strstr(text, trust));
	/* A line that begins with a quote or an unknown macro would vanish from the page. */
	while (at != NULL) {
		assert_true(at[0] != '\'');
		assert_true(at[0] != '.' || strncmp(at, ".Ss ", 4) == 0 ||
			    strncmp(at, ".Bl ", 4) == 0 || strncmp(at, ".El", 3) == 0 ||
			    strncmp(at, ".It ", 4) == 0 || strncmp(at, ".Cm ", 4) == 0);
		at = strchr(at, '\n');
		at = at == NULL ? NULL : at + 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(a_full_disk_shows),
		cmocka_unit_test(reference),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
