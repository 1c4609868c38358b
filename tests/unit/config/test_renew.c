/* What a running loquetd takes over from a file that was changed, and what takes a restart. */
#include "firmware/config/config.h"
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "tests/lib/cmocka.h"

#include <string.h>

#define KEY "key = 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\nallow = door.open\ndoors = *\n"

#define CONTROLLER "[controller]\nspace = s\ncontroller = c\n"
#define DOOR       "[door front]\nrelay = 1\ncontact = 2\n"
#define READER     "[reader in]\ndoor = front\ndevice = pn532_uart:/d\n"

static struct lq_config parse(const char *text)
{
	struct lq_config config;
	struct lq_config_error error;
	if (lq_config_parse(text, strlen(text), (struct lq_speech){.language = LQ_LANGUAGE_EN},
		    &config, &error) != LQ_OK) {
		fail_msg("%zu: %s", error.line, error.message);
	}
	return config;
}

static void what_can_change_is_taken_over(void **state)
{
	static struct lq_config config;
	static struct lq_config fresh;
	struct lq_config_error error;
	(void)state;
	config = parse(CONTROLLER DOOR READER "[command a]\n" KEY "[command b]\n" KEY);
	fresh = parse(CONTROLLER "language = fr\nrecord_deadline_ms = 7\nclock_trust = unset\n" DOOR
				 "release_ms = 900\nrelock_on = close\n" READER
				 "uid_badges = yes\n[mqtt]\nhost = h\n[command b]\n" KEY);
	assert_int_equal(lq_config_renew(&config, &fresh, &error), LQ_OK);
	assert_int_equal(config.language, LQ_LANGUAGE_FR);
	assert_int_equal(config.record_deadline_ms, 7);
	assert_int_equal(config.clock_trust, LQ_TRUST_UNSET);
	assert_int_equal(config.doors[0].settings.release_ms, 900);
	assert_int_equal(config.doors[0].settings.relock_on, LQ_RELOCK_ON_CLOSE);
	assert_true(config.doors[0].settings.has_contact);
	assert_true(config.readers[0].uid_badges);
	assert_string_equal(config.mqtt.host, "h");
	assert_int_equal(config.signer_count, 1);
	assert_string_equal(config.signers[0].name, "b");
}

static void everything_else_takes_a_restart(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"[controller]\nspace = t\ncontroller = c\n" DOOR READER,
			"\"space = t\" under [controller] takes a restart of loquetd"},
		{CONTROLLER "time_zone = Etc/UTC\n" DOOR READER,
			"\"time_zone = Etc/UTC\" under [controller] takes a restart of loquetd"},
		{CONTROLLER "checkpoint_rows = 5\n" DOOR READER,
			"\"checkpoint_rows = 5\" under [controller] takes a restart of loquetd"},
		{CONTROLLER "state_dir = /x\n" DOOR READER,
			"\"state_dir = /x\" under [controller] takes a restart of loquetd"},
		{CONTROLLER "[door front]\nrelay = 3\ncontact = 2\n" READER,
			"\"relay = 3\" under [door front] takes a restart of loquetd"},
		{CONTROLLER "[door front]\nrelay = 1\n" READER,
			"\"contact = none\" under [door front] takes a restart of loquetd"},
		{CONTROLLER DOOR "[door back]\nrelay = 9\n" READER,
			"\"[door back]\" under [door back] takes a restart of loquetd"},
		{CONTROLLER DOOR "[reader in]\ndoor = front\ndevice = pn532_uart:/e\n",
			"\"device = pn532_uart:/e\" under [reader in] takes a restart of loquetd"},
	};
	static struct lq_config config;
	static struct lq_config fresh;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lq_config_error error;
		config = parse(CONTROLLER DOOR READER);
		fresh = parse(cases[i].text);
		fresh.record_deadline_ms = 7;
		assert_int_equal(lq_config_renew(&config, &fresh, &error), LQ_ERR_UNSUPPORTED);
		assert_string_equal(error.message, cases[i].message);
		assert_int_equal(error.line, 0);
		assert_int_equal(config.record_deadline_ms, 300);
	}
}

static void the_fresh_file_says_in_which_language(void **state)
{
	static struct lq_config config;
	static struct lq_config fresh;
	struct lq_config_error error;
	(void)state;
	config = parse(CONTROLLER DOOR READER);
	fresh = parse(CONTROLLER "language = fr\ntime_zone = Etc/UTC\n" DOOR READER);
	assert_int_equal(lq_config_renew(&config, &fresh, &error), LQ_ERR_UNSUPPORTED);
	assert_int_equal(error.language, LQ_LANGUAGE_FR);
	assert_string_equal(error.message,
		"« time_zone = Etc/UTC » sous [controller] demande un redémarrage de loquetd");
}

/* It goes out over MQTT, too, where 256 bytes have room. */
static void a_long_line_is_cut_at_a_character(void **state)
{
	static const char whole[] = "« device = pn532_uart:/%s » sous [reader entry-front] demande "
				    "un redémarrage de loquetd";
	static struct lq_config config;
	static struct lq_config fresh;
	(void)state;
	for (size_t length = 100; length <= 188; length++) {
		static const char head[] =
			CONTROLLER "language = fr\n" DOOR
				   "[reader entry-front]\ndoor = front\ndevice = pn532_uart:/";
		char path[200] = "";
		char text[512];
		char told[512];
		struct lq_config_error error;
		(void)snprintf(text, sizeof(text), "%sd\n", head);
		config = parse(text);
		memset(path, 'a', length);
		(void)snprintf(text, sizeof(text), "%s%s\n", head, path);
		fresh = parse(text);
		(void)snprintf(told, sizeof(told), whole, path);
		assert_int_equal(lq_config_renew(&config, &fresh, &error), LQ_ERR_UNSUPPORTED);
		assert_true(lq_utf8_all_printable(error.message, strlen(error.message)));
		size_t kept = strlen(error.message);
		assert_true(kept == strlen(told) || (kept >= 254 && kept < 256));
		assert_memory_equal(error.message, told, kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_change_is_taken_over),
		cmocka_unit_test(everything_else_takes_a_restart),
		cmocka_unit_test(the_fresh_file_says_in_which_language),
		cmocka_unit_test(a_long_line_is_cut_at_a_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
