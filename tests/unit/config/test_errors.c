/* Every way of writing loquet.conf wrongly, with the line and the exact words that it gets. */
#include "firmware/config/config.h"
#include "firmware/config/key.h"
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"

#include <string.h>

#define CONTROLLER  "[controller]\nspace = s\ncontroller = c\n"
#define DOOR        "[door front]\nrelay = 17\n"
#define BACK        "[door back]\nrelay = 18\n"
#define READER      "[reader in]\ndoor = front\ndevice = pn532_uart:/one\n"
#define SIGNER_KEYS "key = 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\nallow = door.open\n"
#define SIGNER      "[command c]\n" SIGNER_KEYS
#define SECTIONS                                                                                   \
	"[controller], [door NAME], [reader NAME], [mqtt], [command NAME] or [office] was "        \
	"expected"
#define NAME "a name of 1 to 32 characters of a-z, 0-9, _ and -"
#define DEVICE                                                                                     \
	"a PN532 like pn532_uart:/dev/ttyS0 (or pn532_spi, pn532_i2c), its path without a colon, " \
	"at most 200 bytes"
#define TEN       "0123456789"
#define FIFTY     TEN TEN TEN TEN TEN
#define LONG_NAME TEN TEN TEN "abc"

struct wrong {
	const char *text;
	size_t line;
	const char *message;
};

static void expect(const char *text, size_t length, size_t line, const char *message)
{
	struct lq_config config;
	struct lq_config before;
	memset(&config, 0xa5, sizeof(config));
	before = config;
	struct lq_config_error error = {0};
	int result = lq_config_parse(text, length, &config, &error);
	if (result != LQ_ERR_INVALID || error.line != line || strcmp(error.message, message) != 0) {
		fail_msg("%s\n gave %d, line %zu: %s\n not line %zu: %s", text, result, error.line,
			error.message, line, message);
	}
	assert_memory_equal(&config, &before, sizeof(config));
}

static void expect_all(const struct wrong *wrongs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		expect(wrongs[i].text, strlen(wrongs[i].text), wrongs[i].line, wrongs[i].message);
	}
}

#define EXPECT_ALL(table) expect_all((table), sizeof(table) / sizeof((table)[0]))

static void forms(void **state)
{
	static const struct wrong wrongs[] = {
		{"hello\n", 1, "hello: [section], key = value or # comment was expected"},
		{"\n# fine\n  = 5\n", 3, "= 5: [section], key = value or # comment was expected"},
		{"space = s\n", 1, "space stands before the first section: " SECTIONS},
		{"[controller\n", 1,
			"[controller: a section ends with ], and nothing stands behind it"},
		{"[controller] # mine\n", 1,
			"[controller] # mine: a section ends with ], and nothing stands behind it"},
		{"[\n", 1, "[: a section ends with ], and nothing stands behind it"},
		{"[]\n", 1, "[] is not a section: " SECTIONS},
		{"[controler]\n", 1,
			"[controler] is not a section: " SECTIONS "; did you mean controller?"},
		{"[dor front]\n", 1, "[dor] is not a section: " SECTIONS "; did you mean door?"},
		{"[Door front]\n", 1, "[Door] is not a section: " SECTIONS "; did you mean door?"},
		{"[elephants]\n", 1, "[elephants] is not a section: " SECTIONS},
		{"[controller main]\n", 1, "[controller main]: [controller] takes no name"},
		{"[mqtt x]\n", 1, "[mqtt x]: [mqtt] takes no name"},
		{"[door]\n", 1, "[door]: " NAME " was expected after door"},
		{"[door Front]\n", 1, "[door Front]: " NAME " was expected after door"},
		{"[door a b]\n", 1, "[door a b]: " NAME " was expected after door"},
		{"[reader " LONG_NAME "]\n", 1,
			"[reader " LONG_NAME "]: " NAME " was expected after reader"},
		{"[mqtt]\n\n[mqtt]\n", 3,
			"[mqtt] stands already at line 1; it may be written once"},
		{CONTROLLER CONTROLLER, 4,
			"[controller] stands already at line 1; it may be written once"},
		{DOOR DOOR, 3,
			"[door front] stands already at line 1; each door needs a name of its own"},
		{READER "[reader in]\n", 4,
			"[reader in] stands already at line 1; each reader needs a name of its "
			"own"},
		{DOOR "\nrelay = 18\n", 4,
			"relay stands already at line 2; it may be written once in [door front]"},
		{CONTROLLER "space = t\n", 4,
			"space stands already at line 2; it may be written once in [controller]"},
		{DOOR "relase_ms = 5\n", 3,
			"relase_ms is not a key of [door front]; did you mean release_ms?"},
		{DOOR "rlay = 5\n", 3, "rlay is not a key of [door front]; did you mean relay?"},
		{DOOR "RELAY = 5\n", 3, "RELAY is not a key of [door front]"},
		{DOOR "port = 5\n", 3, "port is a key of [mqtt], not of [door front]"},
		{"[mqtt]\nrelay = 5\n", 2, "relay is a key of [door NAME], not of [mqtt]"},
		{"[mqtt]\nqos = 1\n", 2, "qos is not a key of [mqtt]"},
		{"[mqtt]\n\x1b[2J = 1\n", 2, "\\x1b[2J is not a key of [mqtt]"},
		{"[mqtt]\n" FIFTY FIFTY " = 1\n", 2, FIFTY TEN "... is not a key of [mqtt]"},
		{"[mqtt]\nh\xc3\xb4te = x\n", 2, "h\xc3\xb4te is not a key of [mqtt]"},
		{"[mqtt]\n\xe2\x80\xaetsoh = x\n", 2, "\\xe2\\x80\\xaetsoh is not a key of [mqtt]"},
		{"[mqtt]\nhost = caf\xe9\n", 2, "byte e9 is not UTF-8: save the file as UTF-8"},
		{"# \xc0\xaf\n", 1, "byte c0 is not UTF-8: save the file as UTF-8"},
		{"# \xed\xa0\x80\n", 1, "byte ed is not UTF-8: save the file as UTF-8"},
		{"# cut \xe2\x82", 1, "byte e2 is not UTF-8: save the file as UTF-8"},
		{"\xef\xbb\xbf\xef\xbb\xbf[mqtt]\n", 1,
			"\\xef\\xbb\\xbf[mqtt]: [section], key = value or # comment was expected"},
		{"\xff\xfe[\n", 1, "byte ff is not UTF-8: save the file as UTF-8"},
		{"[mqtt]\rhost = x\n", 1,
			"[mqtt]\\x0dhost = x: a section ends with ], and nothing stands behind it"},
	};
	(void)state;
	EXPECT_ALL(wrongs);
	expect("[mqtt]\n# a\0b\n", 13, 2, "a zero byte was found: text was expected");
}

static void wholes(void **state)
{
	static const struct wrong wrongs[] = {
		{"", 0, "there is no door: a section [door NAME] was expected"},
		{CONTROLLER, 0, "there is no door: a section [door NAME] was expected"},
		{DOOR, 0, "[controller] lacks space: " NAME " was expected"},
		{DOOR "\n[controller]\nspace = s\n", 4,
			"[controller] lacks controller: " NAME " was expected"},
		{CONTROLLER "[door front]\n", 4,
			"[door front] lacks relay: a line from 0 to 1023 (with ! in front: active "
			"low) was expected"},
		{CONTROLLER DOOR "[reader in]\ndevice = pn532_uart:/x\n", 6,
			"[reader in] lacks door: " NAME " was expected"},
		{CONTROLLER DOOR "[reader in]\ndoor = front\n", 6,
			"[reader in] lacks device: " DEVICE " was expected"},
		{CONTROLLER DOOR "[reader in]\ndoor = fornt\ndevice = pn532_uart:/x\n", 7,
			"door = fornt: there is no [door fornt]; did you mean front?"},
		{CONTROLLER DOOR "[reader in]\ndoor = cellar\ndevice = pn532_uart:/x\n", 7,
			"door = cellar: there is no [door cellar]"},
		{CONTROLLER DOOR READER "[reader out]\ndevice = pn532_uart:/one\ndoor = front\n",
			10, "device = pn532_uart:/one: [reader in] has it already"},
		{CONTROLLER DOOR READER "reset = !17\n", 9,
			"reset = !17: that line is already the relay of [door front]"},
		{CONTROLLER DOOR READER
			"reset = 3\n[reader out]\ndoor = front\ndevice = pn532_uart:/two\n"
			"reset = !3\n",
			13, "reset = !3: that line is already the reset of [reader in]"},
		{CONTROLLER DOOR "led_red = !17\n", 6,
			"led_red = !17: that line is already the relay of [door front]"},
		{CONTROLLER DOOR "rex = 4\ncontact = 4\n", 6,
			"rex = 4: that line is already the contact of [door front]"},
		{CONTROLLER DOOR "fire = !17\n", 6,
			"fire = !17: that line is already the relay of [door front]"},
		{CONTROLLER DOOR "relock_on = close\n", 6,
			"relock_on: [door front] has no contact to see it by: contact or relock_on "
			"= timer was expected"},
		{CONTROLLER DOOR "open_ms = 9000\npre_alarm_ms = 9000\n", 7,
			"pre_alarm_ms = 9000: the door's open time is over by then: a number below "
			"open_ms = 9000 was expected, or 0"},
		{CONTROLLER DOOR "pre_alarm_ms = 60001\n", 6,
			"pre_alarm_ms = 60001: the door's open time is over by then: a number "
			"below open_ms = 60000 was expected, or 0"},
		{CONTROLLER DOOR "[door back]\nrelay = 2\nbuzzer = 17\n", 8,
			"buzzer = 17: that line is already the relay of [door front]"},
		{CONTROLLER DOOR "[door back]\nrelay = 17\nchip = gpiochip0\n", 7,
			"relay = 17: that line is already the relay of [door front]"},
		{CONTROLLER DOOR "chip = /tmp/f\nlines = sim\n" BACK "lines = sim\nchip = /tmp/f\n",
			11,
			"chip = /tmp/f: with lines = sim each door needs a folder of its own, and "
			"[door front] has this one"},
		{CONTROLLER DOOR "[mqtt]\npassword_file = /p\n", 7,
			"password_file is given without username: [mqtt] needs both or neither"},
		{CONTROLLER DOOR "[mqtt]\ncert_file = /c\nca_file = /a\n", 7,
			"cert_file is given without key_file: [mqtt] needs both or neither"},
		{CONTROLLER DOOR "[mqtt]\nkey_file = /k\n", 7,
			"key_file is given without cert_file: [mqtt] needs both or neither"},
		{CONTROLLER DOOR "[mqtt]\nhome_assistant_key = /k\n", 7,
			"home_assistant_key is given without home_assistant = yes: Home Assistant "
			"is told of no door"},
		{CONTROLLER DOOR "[mqtt]\nkey_file = /k\ncert_file = /c\n", 8,
			"cert_file is given without ca_file: [mqtt] needs both or neither"},
		{"[command c]\nallow = door.open, door.mode,door.open\n", 2,
			"allow: door.open stands there twice; once is enough"},
		{CONTROLLER DOOR SIGNER "doors = nowhere\n", 9,
			"doors: there is no [door nowhere]"},
		{CONTROLLER DOOR "[command account-0]\n" SIGNER_KEYS "doors = *\n", 6,
			"[command account-0]: names that begin with account- are those of the "
			"board's own accounts"},
	};
	(void)state;
	EXPECT_ALL(wrongs);
}

static void limits(void **state)
{
	(void)state;
	static char text[LQ_CONFIG_SIZE_MAX + 2];
	memset(text, '\n', sizeof(text) - 1);
	expect(text, LQ_CONFIG_SIZE_MAX + 1, 0, "the file is longer than 65536 bytes");
	expect(text, LQ_CONFIG_SIZE_MAX, 0, "there is no door: a section [door NAME] was expected");
	text[LQ_CONFIG_SIZE_MAX - 1] = 'x';
	expect(text, LQ_CONFIG_SIZE_MAX, LQ_CONFIG_SIZE_MAX,
		"x: [section], key = value or # comment was expected");

	char *at = text;
	for (unsigned i = 0; i <= LQ_DOORS_MAX; i++) {
		at += sprintf(at, "[door d%u]\n", i);
	}
	expect(text, (size_t)(at - text), LQ_DOORS_MAX + 1,
		"[door d8] is one too many: a controller has at most 8 doors");
	at = text;
	for (unsigned i = 0; i <= LQ_READERS_MAX; i++) {
		at += sprintf(at, "[reader r%u]\n", i);
	}
	expect(text, (size_t)(at - text), LQ_READERS_MAX + 1,
		"[reader r16] is one too many: a controller has at most 16 readers");
}

struct wrong_value {
	const char *section;
	const char *key;
	const char *value; /* NULL: ends the table */
	const char *expected;
};

#define LINE      "a line from 0 to 1023 (with ! in front: active low)"
#define LINE_NONE LINE ", or none"
#define ED25519   "an Ed25519 public key: 43 characters of base64url"
#define DOORS     "* or names of doors with commas between them"
#define COMMANDS                                                                                   \
	"one or more, with commas between them, of door.open, journal.replay, door.mode, "         \
	"reader.identify, badge.enrol-next, config.reload, badge.read"
#define PATH_200 "an absolute path of at most 200 bytes, or nothing"
#define FIVE_WRONG(section, key, expected)                                                         \
	{section, key, "", expected}, {section, key, "-1", expected},                              \
		{section, key, "x", expected}, {section, key, "1 2", expected},                    \
		{section, key, "4294967296", expected}, {section, key, "0x10", expected},          \
	{                                                                                          \
		section, key, "99999999999999999999", expected                                     \
	}
#define LINE_WRONG(key, expected)                                                                  \
	FIVE_WRONG("door d", key, expected), {"door d", key, "1024", expected},                    \
		{"door d", key, "!", expected}, {"door d", key, "!none", expected},                \
		{"door d", key, "! 5", expected}, {"door d", key, "!!5", expected},                \
	{                                                                                          \
		"door d", key, "None", expected                                                    \
	}
#define NAME_WRONG(section, key)                                                                   \
	{section, key, "", NAME}, {section, key, "Big", NAME}, {section, key, "a/b", NAME},        \
		{section, key, "a.b", NAME}, {section, key, "\xc3\xa9", NAME},                     \
	{                                                                                          \
		section, key, LONG_NAME, NAME                                                      \
	}

static const struct wrong_value wrong_values[] = {
	NAME_WRONG("controller", "space"),
	NAME_WRONG("controller", "controller"),
	NAME_WRONG("reader r", "door"),
	{"controller", "time_zone", "", "a printable text of 1 to 63 bytes"},
	{"controller", "time_zone", "Europe\tParis", "a printable text of 1 to 63 bytes"},
	{"controller", "time_zone", FIFTY "01234567890123", "a printable text of 1 to 63 bytes"},
	{"controller", "language", "", "one of en, fr"},
	{"controller", "language", "de", "one of en, fr"},
	{"controller", "language", "*en", "one of en, fr"},
	{"controller", "language", "en|fr", "one of en, fr"},
	{"controller", "language", "EN", "one of en, fr"},
	{"controller", "state_dir", "", "an absolute path of at most 90 bytes"},
	{"controller", "state_dir", "var", "an absolute path of at most 90 bytes"},
	{"controller", "state_dir", "/a\x7f", "an absolute path of at most 90 bytes"},
	{"controller", "state_dir", "/" FIFTY TEN TEN TEN TEN,
		"an absolute path of at most 90 bytes"},
	{"controller", "runtime_dir", "", "an absolute path of at most 80 bytes"},
	{"controller", "runtime_dir", "./run", "an absolute path of at most 80 bytes"},
	{"controller", "runtime_dir", "/" FIFTY TEN TEN TEN,
		"an absolute path of at most 80 bytes"},
	FIVE_WRONG("controller", "record_deadline_ms", "a number from 0 to 60000"),
	{"controller", "record_deadline_ms", "60001", "a number from 0 to 60000"},
	{"controller", "clock_trust", "", "one of unset, rtc, synchronised"},
	{"controller", "clock_trust", "synchronized", "one of unset, rtc, synchronised"},
	FIVE_WRONG("controller", "checkpoint_rows", "a number from 1 to 1000000"),
	{"controller", "checkpoint_rows", "0", "a number from 1 to 1000000"},
	{"controller", "checkpoint_rows", "1000001", "a number from 1 to 1000000"},
	{"door d", "lines", "", "one of gpiod, sim"},
	{"door d", "lines", "gpio", "one of gpiod, sim"},
	{"door d", "chip", "", "a printable text of 1 to 96 bytes"},
	{"door d", "chip", FIFTY FIFTY, "a printable text of 1 to 96 bytes"},
	LINE_WRONG("relay", LINE),
	{"door d", "relay", "none", LINE},
	LINE_WRONG("led_green", LINE_NONE),
	LINE_WRONG("led_red", LINE_NONE),
	LINE_WRONG("buzzer", LINE_NONE),
	LINE_WRONG("contact", LINE_NONE),
	LINE_WRONG("rex", LINE_NONE),
	LINE_WRONG("bolt", LINE_NONE),
	LINE_WRONG("fire", LINE_NONE),
	LINE_WRONG("tamper", LINE_NONE),
	FIVE_WRONG("door d", "extended_release_ms", "a number from 100 to 600000"),
	{"door d", "extended_release_ms", "600001", "a number from 100 to 600000"},
	FIVE_WRONG("door d", "relock_delay_ms", "a number from 0 to 60000"),
	{"door d", "relock_delay_ms", "60001", "a number from 0 to 60000"},
	FIVE_WRONG("door d", "open_ms", "a number from 0 to 86400000"),
	{"door d", "open_ms", "86400001", "a number from 0 to 86400000"},
	FIVE_WRONG("door d", "extended_open_ms", "a number from 0 to 86400000"),
	{"door d", "extended_open_ms", "86400001", "a number from 0 to 86400000"},
	FIVE_WRONG("door d", "pre_alarm_ms", "a number from 0 to 86400000"),
	{"door d", "pre_alarm_ms", "86400001", "a number from 0 to 86400000"},
	FIVE_WRONG("door d", "rex_stuck_ms", "a number from 0 to 86400000"),
	{"door d", "rex_stuck_ms", "86400001", "a number from 0 to 86400000"},
	FIVE_WRONG("door d", "bolt_ms", "a number from 0 to 60000"),
	{"door d", "bolt_ms", "60001", "a number from 0 to 60000"},
	FIVE_WRONG("door d", "relock_on", "one of timer, open, close"),
	FIVE_WRONG("door d", "debounce_ms", "a number from 0 to 1000"),
	{"door d", "debounce_ms", "1001", "a number from 0 to 1000"},
	FIVE_WRONG("door d", "release_ms", "a number from 100 to 600000"),
	{"door d", "release_ms", "5s", "a number from 100 to 600000"},
	{"door d", "release_ms", "99", "a number from 100 to 600000"},
	{"door d", "release_ms", "600001", "a number from 100 to 600000"},
	{"reader r", "direction", "", "one of entry, exit"},
	{"reader r", "direction", "in", "one of entry, exit"},
	{"reader r", "device", "", DEVICE},
	{"reader r", "device", "foo:/tty", DEVICE},
	{"reader r", "device", "pn532_uart:tty", DEVICE},
	{"reader r", "device", "pn532_uart:/a:b", DEVICE},
	{"reader r", "device", "pn532_uart:/" FIFTY FIFTY FIFTY TEN TEN TEN "012345678", DEVICE},
	{"reader r", "uid_badges", "", "yes or no"},
	{"reader r", "uid_badges", "true", "yes or no"},
	{"reader r", "uid_badges", "Yes", "yes or no"},
	{"reader r", "uid_badges", "1", "yes or no"},
	{"reader r", "reset", "1024", LINE_NONE},
	{"controller", "maintainers", "maintainers", PATH_200},
	{"controller", "office_key", "nobody",
		"an Ed25519 public key: 43 characters of base64url, or none"},
	{"controller", "office_max_age_h", "8761", "a number from 0 to 8760"},
	{"controller", "day_cut", "24", "a number from 0 to 23"},
	{"controller", "retention_days", "93", "a number from 1 to 92"},
	{"door d", "zone", "Salle", "a name of 1 to 32 characters of a-z, 0-9, _ and -"},
	FIVE_WRONG("door d", "passback", "one of off, soft, hard"),
	{"door d", "passback_reset_s", "604801", "a number from 0 to 604800"},
	{"reader r", "lockout_after", "21", "a number from 0 to 20"},
	FIVE_WRONG("reader r", "lockout_counts", "one of badges, tries"),
	{"reader r", "lockout_s", "0", "a number from 1 to 3600"},
	{"mqtt", "host", "a\x01", "a printable text of 0 to 253 bytes"},
	{"mqtt", "host", FIFTY FIFTY FIFTY FIFTY FIFTY "1234",
		"a printable text of 0 to 253 bytes"},
	FIVE_WRONG("mqtt", "port", "a number from 1 to 65535"),
	{"mqtt", "port", "0", "a number from 1 to 65535"},
	{"mqtt", "port", "65536", "a number from 1 to 65535"},
	{"mqtt", "protocol", "", "one of 5, 3.1.1"},
	{"mqtt", "protocol", "4", "one of 5, 3.1.1"},
	{"mqtt", "username", FIFTY FIFTY "01234567890123456789012345678",
		"a printable text of 0 to 128 bytes"},
	{"mqtt", "password_file", "secret", PATH_200},
	{"mqtt", "password_file", "/" FIFTY FIFTY FIFTY FIFTY, PATH_200},
	{"mqtt", "ca_file", "ca.pem", PATH_200},
	{"mqtt", "cert_file", "cert.pem", PATH_200},
	{"mqtt", "key_file", "key.pem", PATH_200},
	FIVE_WRONG("mqtt", "window", "a number from 1 to 1000"),
	{"mqtt", "window", "0", "a number from 1 to 1000"},
	{"mqtt", "window", "1001", "a number from 1 to 1000"},
	FIVE_WRONG("mqtt", "keepalive_s", "a number from 5 to 3600"),
	{"mqtt", "keepalive_s", "4", "a number from 5 to 3600"},
	{"mqtt", "keepalive_s", "3601", "a number from 5 to 3600"},
	FIVE_WRONG("mqtt", "health_s", "a number from 5 to 86400"),
	{"mqtt", "health_s", "4", "a number from 5 to 86400"},
	{"mqtt", "health_s", "86401", "a number from 5 to 86400"},
	{"mqtt", "home_assistant", "on", "yes or no"},
	{"mqtt", "home_assistant_prefix", "Home/Assistant", NAME},
	{"mqtt", "home_assistant_key", "home.key",
		"an absolute path of at most 200 bytes, or nothing"},
	{"command c", "key", "", ED25519},
	{"command c", "key", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=", ED25519},
	{"command c", "key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo", ED25519},
	{"command c", "key", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp", ED25519},
	{"command c", "key", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR", ED25519},
	{"command c", "allow", "", COMMANDS},
	{"command c", "allow", "open", COMMANDS},
	{"command c", "allow", "door.open,", COMMANDS},
	{"command c", "allow", "door.open journal.replay", COMMANDS},
	{"command c", "doors", "", DOORS},
	{"command c", "doors", "Front", DOORS},
	{"command c", "doors", "front,", DOORS},
	{"command c", "doors", "front, *", DOORS},
	{"office", "listen", "", "a printable text of 1 to 63 bytes"},
	FIVE_WRONG("office", "port", "a number from 0 to 65535"),
	{"office", "port", "65536", "a number from 0 to 65535"},
	{"office", "database", "a\x01", "a printable text of 0 to 200 bytes"},
};

#define WRONG_VALUES (sizeof(wrong_values) / sizeof(wrong_values[0]))

/* How a message shows the value: the table's control characters are escaped, its long values cut.
 */
static const char *shown(const char *value)
{
	static char text[128];
	char *at = text;
	for (size_t i = 0; i < strlen(value); i++) {
		if (i == 60 && strlen(value) > 63) {
			sprintf(at, "...");
			return text;
		}
		unsigned char byte = (unsigned char)value[i];
		at += sprintf(at, byte < 0x20 || byte == 0x7f ? "\\x%02x" : "%c", byte);
	}
	*at = '\0';
	return text;
}

static void values(void **state)
{
	(void)state;
	for (size_t i = 0; i < WRONG_VALUES; i++) {
		const struct wrong_value *wrong = &wrong_values[i];
		char text[512];
		char message[512];
		int length = snprintf(text, sizeof(text), "[%s]\n\n%s = %s\n", wrong->section,
			wrong->key, wrong->value);
		if (wrong->value[0] == '\0') {
			snprintf(message, sizeof(message), "%s is empty: %s was expected",
				wrong->key, wrong->expected);
		} else {
			snprintf(message, sizeof(message), "%s = %s: %s was expected", wrong->key,
				shown(wrong->value), wrong->expected);
		}
		expect(text, (size_t)length, 3, message);
	}
}

/* A new key needs rows above. */
static void every_key_has_a_wrong_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < lq_key_count; i++) {
		size_t rows = 0;
		const char *section = lq_section_name(lq_keys[i].section);
		for (size_t j = 0; j < WRONG_VALUES; j++) {
			bool same = strcmp(wrong_values[j].key, lq_keys[i].name) == 0 &&
				    strncmp(wrong_values[j].section, section, strlen(section)) == 0;
			rows += same ? 1 : 0;
		}
		if (rows == 0) {
			fail_msg("[%s] %s has no wrong value", section, lq_keys[i].name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(wholes),
		cmocka_unit_test(limits),
		cmocka_unit_test(values),
		cmocka_unit_test(every_key_has_a_wrong_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
