#include "firmware/config/config.h"
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"

#include <string.h>

static const struct lq_speech english = {.language = LQ_LANGUAGE_EN};

static struct lq_config parsed(const char *text)
{
	struct lq_config config;
	struct lq_config_error error = {0};
	if (lq_config_parse(text, strlen(text), english, &config, &error) < 0) {
		fail_msg("line %zu: %s", error.line, error.message);
	}
	return config;
}

static void assert_line(const struct lq_config_door *door, enum lq_line line, int offset, bool low)
{
	assert_int_equal(door->wiring.wiring[line].offset, offset);
	assert_int_equal(door->wiring.wiring[line].active_low, low);
}

static const char least[] = "[controller]\nspace = s\ncontroller = c\n[door d]\nrelay = 0\n";

static void defaults(void **state)
{
	(void)state;
	struct lq_config config = parsed(least);
	assert_string_equal(config.space, "s");
	assert_string_equal(config.controller, "c");
	assert_string_equal(config.time_zone, "Europe/Paris");
	assert_int_equal(config.language, LQ_LANGUAGE_EN);
	assert_string_equal(config.state_dir, "/var/lib/loquet");
	assert_string_equal(config.runtime_dir, "/run/loquet");
	assert_int_equal(config.record_deadline_ms, 300);
	assert_int_equal(config.clock_trust, LQ_TRUST_RTC);
	assert_int_equal(config.checkpoint_rows, 1000);
	assert_int_equal(config.door_count, 1);
	assert_int_equal(config.reader_count, 0);
	const struct lq_config_door *door = &config.doors[0];
	assert_string_equal(door->name, "d");
	assert_int_equal(door->lines, LQ_LINES_GPIOD);
	assert_string_equal(door->wiring.chip, "/dev/gpiochip0");
	assert_line(door, LQ_LINE_RELAY, 0, false);
	for (int line = LQ_LINE_RELAY + 1; line < LQ_LINE_COUNT; line++) {
		assert_line(door, (enum lq_line)line, LQ_LINE_UNUSED, false);
	}
	assert_int_equal(door->debounce_ms, 20);
	assert_int_equal(door->settings.release_ms, 5000);
	assert_false(door->settings.has_contact);
	assert_string_equal(config.mqtt.host, "");
	assert_int_equal(config.mqtt.port, 1883);
	assert_int_equal(config.mqtt.protocol, LQ_MQTT_5);
	assert_string_equal(config.mqtt.username, "");
	assert_string_equal(config.mqtt.password_file, "");
	assert_string_equal(config.mqtt.ca_file, "");
	assert_string_equal(config.mqtt.cert_file, "");
	assert_string_equal(config.mqtt.key_file, "");
	assert_int_equal(config.mqtt.window, 100);
	assert_int_equal(config.mqtt.keepalive_s, 30);
	assert_int_equal(config.mqtt.health_s, 60);
	assert_false(config.mqtt.home_assistant);
	assert_string_equal(config.mqtt.home_assistant_prefix, "homeassistant");
	assert_string_equal(config.mqtt.home_assistant_key, "");
	assert_string_equal(config.office.listen, "127.0.0.1");
	assert_int_equal(config.office.port, 8080);
	assert_string_equal(config.office.database, "");
}

/* Another order, CR LF, blanks, a byte order mark, no newline at the end, and every key. */
static const char full[] = "\xef\xbb\xbf# everything\r\n"
			   "[reader front-in]\r\n"
			   "\tdoor=front\r\n"
			   "  device =  pn532_uart:/dev/ttyS0#2 = x  \t\r\n"
			   "uid_badges = yes\r\n"
			   "[mqtt]\r\n"
			   "host = 2001:db8::1\r\nport = 8883\r\nprotocol = 3.1.1\r\n"
			   "username = caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\xaa\r\n"
			   "password_file = /p\r\nca_file = /a\r\n"
			   "cert_file = /c\r\nkey_file = /k\r\nwindow = 1\r\nkeepalive_s = 3600\r\n"
			   "[ door \t back ]\r\n"
			   "relay = 17\r\nchip = gpiochip1\r\nrelease_ms = 100\r\n"
			   "[door front]\r\n"
			   "lines = gpiod\r\nrelay = !17\r\nled_green = 1\r\nled_red = !2\r\n"
			   "buzzer = 3\r\ncontact = !27\r\nrex = 1023\r\nrelease_ms = 600000\r\n"
			   "   # a comment may be indented\r\n"
			   "[controller]\r\n"
			   "space = 0123456789abcdefghijklmnopqrstuv\r\ncontroller = _-\r\n"
			   "time_zone = America/Argentina/Buenos_Aires\r\nlanguage = fr\r\n"
			   "state_dir = /s\r\nruntime_dir = /r\r\nrecord_deadline_ms = 0\r\n"
			   "clock_trust = synchronised\r\ncheckpoint_rows = 1000000\r\n"
			   "[reader front-out]\r\n"
			   "direction = exit\r\ndevice = pn532_uart:/d\r\ndoor = front\r\n"
			   "[reader back-in]\r\n"
			   "device = pn532_uart:/e\r\ndoor = back\r\nuid_badges = no";

static void every_key(void **state)
{
	(void)state;
	struct lq_config config = parsed(full);
	assert_string_equal(config.space, "0123456789abcdefghijklmnopqrstuv");
	assert_string_equal(config.controller, "_-");
	assert_string_equal(config.time_zone, "America/Argentina/Buenos_Aires");
	assert_int_equal(config.language, LQ_LANGUAGE_FR);
	assert_string_equal(config.state_dir, "/s");
	assert_string_equal(config.runtime_dir, "/r");
	assert_int_equal(config.record_deadline_ms, 0);
	assert_int_equal(config.clock_trust, LQ_TRUST_SYNCHRONISED);
	assert_int_equal(config.checkpoint_rows, 1000000);

	assert_int_equal(config.door_count, 2);
	assert_string_equal(config.doors[0].name, "back");
	assert_string_equal(config.doors[0].wiring.chip, "gpiochip1");
	assert_int_equal(config.doors[0].settings.release_ms, 100);
	assert_false(config.doors[0].settings.has_contact);
	const struct lq_config_door *front = &config.doors[1];
	assert_string_equal(front->name, "front");
	assert_line(front, LQ_LINE_RELAY, 17, true);
	assert_line(front, LQ_LINE_LED_GREEN, 1, false);
	assert_line(front, LQ_LINE_LED_RED, 2, true);
	assert_line(front, LQ_LINE_BUZZER, 3, false);
	assert_line(front, LQ_LINE_CONTACT, 27, true);
	assert_line(front, LQ_LINE_REX, 1023, false);
	assert_int_equal(front->settings.release_ms, 600000);
	assert_true(front->settings.has_contact);

	assert_int_equal(config.reader_count, 3);
	assert_string_equal(config.readers[0].name, "front-in");
	assert_string_equal(config.readers[0].device, "pn532_uart:/dev/ttyS0#2 = x");
	assert_int_equal(config.readers[0].door, 1);
	assert_int_equal(config.readers[0].direction, LQ_DIRECTION_ENTRY);
	assert_true(config.readers[0].uid_badges);
	assert_string_equal(config.readers[1].name, "front-out");
	assert_int_equal(config.readers[1].door, 1);
	assert_int_equal(config.readers[1].direction, LQ_DIRECTION_EXIT);
	assert_false(config.readers[1].uid_badges);
	assert_int_equal(config.readers[1].lockout.after, 5);
	assert_int_equal(config.readers[1].lockout.lock_s, 30);
	assert_int_equal(config.readers[2].door, 0);
	assert_false(config.readers[2].uid_badges);

	assert_string_equal(config.mqtt.host, "2001:db8::1");
	assert_int_equal(config.mqtt.port, 8883);
	assert_int_equal(config.mqtt.protocol, LQ_MQTT_311);
	assert_string_equal(config.mqtt.username, "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\xaa");
	assert_string_equal(config.mqtt.password_file, "/p");
	assert_string_equal(config.mqtt.ca_file, "/a");
	assert_string_equal(config.mqtt.cert_file, "/c");
	assert_string_equal(config.mqtt.key_file, "/k");
	assert_int_equal(config.mqtt.window, 1);
	assert_int_equal(config.mqtt.keepalive_s, 3600);
}

/* What looks like a clash and is none. */
static void neighbours(void **state)
{
	(void)state;
	struct lq_config config = parsed("[controller]\nspace = s\ncontroller = c\n"
					 "[door a]\nrelay = 1\n"
					 "[door b]\nrelay = 1\nchip = /dev/gpiochip1\n"
					 "[door c]\nrelay = 1\nlines = sim\nchip = /dev/gpiochip0\n"
					 "[reader a]\ndoor = a\ndevice = pn532_spi:/x:9600\n"
					 "[reader same-way]\ndoor = a\ndevice = pn532_i2c:/y\n");
	assert_int_equal(config.door_count, 3);
	assert_int_equal(config.doors[2].lines, LQ_LINES_SIM);
	assert_int_equal(config.reader_count, 2);
}

/* A pre-alarm that nobody wrote gives way to the open time. */
static void pre_alarm(void **state)
{
	(void)state;
	struct lq_config config = parsed("[controller]\nspace = s\ncontroller = c\n"
					 "[door a]\nrelay = 1\nopen_ms = 15000\n"
					 "[door b]\nrelay = 2\nopen_ms = 15001\n"
					 "[door c]\nrelay = 3\nopen_ms = 0\npre_alarm_ms = 9\n");
	assert_int_equal(config.doors[0].settings.pre_alarm_ms, 7500);
	assert_int_equal(config.doors[1].settings.pre_alarm_ms, 15000);
	assert_int_equal(config.doors[2].settings.pre_alarm_ms, 9);
}

/* As many of each as there may be. */
static void most(void **state)
{
	(void)state;
	static char text[LQ_CONFIG_SIZE_MAX];
	char *at = text + sprintf(text, "[controller]\nspace = s\ncontroller = c\n");
	for (unsigned i = 0; i < LQ_READERS_MAX; i++) {
		at += sprintf(at, "[reader r%u]\ndoor = d%u\ndevice = pn532_uart:/dev%u\n", i,
			LQ_DOORS_MAX - 1 - i % LQ_DOORS_MAX, i);
	}
	for (unsigned i = 0; i < LQ_DOORS_MAX; i++) {
		at += sprintf(at, "[door d%u]\nrelay = %u\ncontact = %u\n", i, i, 100 + i);
	}
	struct lq_config config = parsed(text);
	assert_int_equal(config.door_count, LQ_DOORS_MAX);
	assert_int_equal(config.reader_count, LQ_READERS_MAX);
	for (unsigned i = 0; i < LQ_READERS_MAX; i++) {
		assert_int_equal(config.readers[i].door, LQ_DOORS_MAX - 1 - i % LQ_DOORS_MAX);
	}
}

static void site(void **state)
{
	(void)state;
	struct lq_config config = parsed(full);
	struct lq_site made = lq_config_site(&config);
	assert_string_equal(made.space, "0123456789abcdefghijklmnopqrstuv");
	assert_string_equal(made.controller, "_-");
	assert_int_equal(made.door_count, 2);
	assert_string_equal(made.doors[0], "back");
	assert_string_equal(made.doors[1], "front");
	assert_int_equal(made.reader_count, 3);
	assert_string_equal(made.readers[1].name, "front-out");
	assert_int_equal(made.readers[1].door, 1);
	assert_int_equal(made.readers[1].direction, LQ_DIRECTION_EXIT);
	assert_string_equal(made.readers[2].name, "back-in");
	assert_int_equal(made.readers[2].door, 0);
}

/* No prefix of a good file, and no good file with one byte changed, does more than fail. */
static void mangled(void **state)
{
	(void)state;
	struct lq_config config;
	struct lq_config_error error;
	size_t length = strlen(full);
	size_t accepted = 0;
	for (size_t i = 0; i <= length; i++) {
		/* A copy of its own, so that a look behind the end is seen. */
		char *cut = test_malloc(i + 1);
		memcpy(cut, full, i);
		accepted += lq_config_parse(cut, i, english, &config, &error) == LQ_OK ? 1 : 0;
		test_free(cut);
	}
	char changed[sizeof(full)];
	for (size_t i = 0; i < length; i++) {
		memcpy(changed, full, sizeof(full));
		for (int byte = 0; byte < 256; byte += 3) {
			changed[i] = (char)byte;
			accepted +=
				lq_config_parse(changed, length, english, &config, &error) == LQ_OK;
		}
	}
	assert_true(accepted > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_key),
		cmocka_unit_test(neighbours),
		cmocka_unit_test(pre_alarm),
		cmocka_unit_test(most),
		cmocka_unit_test(site),
		cmocka_unit_test(mangled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
