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
#define SECTIONS_FR "[controller], [door NAME], [reader NAME], [mqtt], [command NAME] ou [office]"
#define NAME_FR     "un nom de 1 à 32 caractères parmi a-z, 0-9, _ et -"
#define DEVICE_FR                                                                                  \
	"un PN532 tel que pn532_uart:/dev/ttyS0 (ou pn532_spi, pn532_i2c), au chemin sans "        \
	"deux-points, de 200 octets au plus"
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
	const char *french;
};

static void expect_in(enum lq_language language, const char *text, size_t length, size_t line,
	const char *message)
{
	struct lq_config config;
	struct lq_config before;
	memset(&config, 0xa5, sizeof(config));
	before = config;
	struct lq_config_error error = {0};
	struct lq_speech speech = {.language = language, .asked = true};
	int result = lq_config_parse(text, length, speech, &config, &error);
	if (result != LQ_ERR_INVALID || error.line != line || strcmp(error.message, message) != 0) {
		fail_msg("%s\n gave %d, line %zu: %s\n not line %zu: %s", text, result, error.line,
			error.message, line, message);
	}
	assert_int_equal(error.language, language);
	assert_memory_equal(&config, &before, sizeof(config));
}

static void expect(
	const char *text, size_t length, size_t line, const char *message, const char *french)
{
	expect_in(LQ_LANGUAGE_EN, text, length, line, message);
	expect_in(LQ_LANGUAGE_FR, text, length, line, french);
}

static void expect_all(const struct wrong *wrongs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		expect(wrongs[i].text, strlen(wrongs[i].text), wrongs[i].line, wrongs[i].message,
			wrongs[i].french);
	}
}

#define EXPECT_ALL(table) expect_all((table), sizeof(table) / sizeof((table)[0]))

static const struct wrong wrong_forms[] = {
	{"hello\n", 1, "hello: [section], key = value or # comment was expected",
		"hello : il faut [section], clé = valeur ou # commentaire"},
	{"\n# fine\n  = 5\n", 3, "= 5: [section], key = value or # comment was expected",
		"= 5 : il faut [section], clé = valeur ou # commentaire"},
	{"space = s\n", 1, "space stands before the first section: " SECTIONS,
		"space précède la première section : il faut d’abord " SECTIONS_FR},
	{"[controller\n", 1, "[controller: a section ends with ], and nothing stands behind it",
		"[controller : une section se termine par ], sans rien derrière"},
	{"[controller] # mine\n", 1,
		"[controller] # mine: a section ends with ], and nothing stands behind it",
		"[controller] # mine : une section se termine par ], sans rien derrière"},
	{"[\n", 1, "[: a section ends with ], and nothing stands behind it",
		"[ : une section se termine par ], sans rien derrière"},
	{"[]\n", 1, "[] is not a section: " SECTIONS,
		"[] n’est pas une section : il faut " SECTIONS_FR},
	{"[controler]\n", 1, "[controler] is not a section: " SECTIONS "; did you mean controller?",
		"[controler] n’est pas une section : il faut " SECTIONS_FR
		" ; vouliez-vous dire controller ?"},
	{"[dor front]\n", 1, "[dor] is not a section: " SECTIONS "; did you mean door?",
		"[dor] n’est pas une section : il faut " SECTIONS_FR " ; vouliez-vous dire door ?"},
	{"[Door front]\n", 1, "[Door] is not a section: " SECTIONS "; did you mean door?",
		"[Door] n’est pas une section : il faut " SECTIONS_FR
		" ; vouliez-vous dire door ?"},
	{"[elephants]\n", 1, "[elephants] is not a section: " SECTIONS,
		"[elephants] n’est pas une section : il faut " SECTIONS_FR},
	{"[controller main]\n", 1, "[controller main]: [controller] takes no name",
		"[controller main] : [controller] ne prend pas de nom"},
	{"[mqtt x]\n", 1, "[mqtt x]: [mqtt] takes no name",
		"[mqtt x] : [mqtt] ne prend pas de nom"},
	{"[door]\n", 1, "[door]: " NAME " was expected after door",
		"[door] : il faut " NAME_FR " après door"},
	{"[door Front]\n", 1, "[door Front]: " NAME " was expected after door",
		"[door Front] : il faut " NAME_FR " après door"},
	{"[door a b]\n", 1, "[door a b]: " NAME " was expected after door",
		"[door a b] : il faut " NAME_FR " après door"},
	{"[reader " LONG_NAME "]\n", 1,
		"[reader " LONG_NAME "]: " NAME " was expected after reader",
		"[reader " LONG_NAME "] : il faut " NAME_FR " après reader"},
	{"[mqtt]\n\n[mqtt]\n", 3, "[mqtt] stands already at line 1; it may be written once",
		"[mqtt] figure déjà à la ligne 1 ; cette section ne s’écrit qu’une fois"},
	{CONTROLLER CONTROLLER, 4, "[controller] stands already at line 1; it may be written once",
		"[controller] figure déjà à la ligne 1 ; cette section ne s’écrit qu’une "
		"fois"},
	{DOOR DOOR, 3, "[door front] stands already at line 1; each door needs a name of its own",
		"[door front] figure déjà à la ligne 1 ; chaque section door doit avoir "
		"son propre nom"},
	{READER "[reader in]\n", 4,
		"[reader in] stands already at line 1; each reader needs a name of its "
		"own",
		"[reader in] figure déjà à la ligne 1 ; chaque section reader doit avoir "
		"son propre nom"},
	{DOOR "\nrelay = 18\n", 4,
		"relay stands already at line 2; it may be written once in [door front]",
		"relay figure déjà à la ligne 2 ; cette clé ne s’écrit qu’une fois dans "
		"[door front]"},
	{CONTROLLER "space = t\n", 4,
		"space stands already at line 2; it may be written once in [controller]",
		"space figure déjà à la ligne 2 ; cette clé ne s’écrit qu’une fois dans "
		"[controller]"},
	{DOOR "relase_ms = 5\n", 3,
		"relase_ms is not a key of [door front]; did you mean release_ms?",
		"relase_ms n’est pas une clé de [door front] ; vouliez-vous dire "
		"release_ms ?"},
	{DOOR "rlay = 5\n", 3, "rlay is not a key of [door front]; did you mean relay?",
		"rlay n’est pas une clé de [door front] ; vouliez-vous dire relay ?"},
	{DOOR "RELAY = 5\n", 3, "RELAY is not a key of [door front]",
		"RELAY n’est pas une clé de [door front]"},
	{DOOR "port = 5\n", 3, "port is a key of [mqtt], not of [door front]",
		"port est une clé de [mqtt], pas de [door front]"},
	{"[mqtt]\nrelay = 5\n", 2, "relay is a key of [door NAME], not of [mqtt]",
		"relay est une clé de [door NAME], pas de [mqtt]"},
	{"[mqtt]\nqos = 1\n", 2, "qos is not a key of [mqtt]", "qos n’est pas une clé de [mqtt]"},
	{"[mqtt]\n\x1b[2J = 1\n", 2, "\\x1b[2J is not a key of [mqtt]",
		"\\x1b[2J n’est pas une clé de [mqtt]"},
	{"[mqtt]\n" FIFTY FIFTY " = 1\n", 2, FIFTY TEN "... is not a key of [mqtt]",
		FIFTY TEN "... n’est pas une clé de [mqtt]"},
	{"[mqtt]\nh\xc3\xb4te = x\n", 2, "h\xc3\xb4te is not a key of [mqtt]",
		"hôte n’est pas une clé de [mqtt]"},
	{"[mqtt]\n\xe2\x80\xaetsoh = x\n", 2, "\\xe2\\x80\\xaetsoh is not a key of [mqtt]",
		"\\xe2\\x80\\xaetsoh n’est pas une clé de [mqtt]"},
	{"[mqtt]\nhost = caf\xe9\n", 2, "byte e9 is not UTF-8: save the file as UTF-8",
		"l’octet e9 n’est pas de l’UTF-8 : enregistrer le fichier en UTF-8"},
	{"# \xc0\xaf\n", 1, "byte c0 is not UTF-8: save the file as UTF-8",
		"l’octet c0 n’est pas de l’UTF-8 : enregistrer le fichier en UTF-8"},
	{"# \xed\xa0\x80\n", 1, "byte ed is not UTF-8: save the file as UTF-8",
		"l’octet ed n’est pas de l’UTF-8 : enregistrer le fichier en UTF-8"},
	{"# cut \xe2\x82", 1, "byte e2 is not UTF-8: save the file as UTF-8",
		"l’octet e2 n’est pas de l’UTF-8 : enregistrer le fichier en UTF-8"},
	{"\xef\xbb\xbf\xef\xbb\xbf[mqtt]\n", 1,
		"\\xef\\xbb\\xbf[mqtt]: [section], key = value or # comment was expected",
		"\\xef\\xbb\\xbf[mqtt] : il faut [section], clé = valeur ou # commentaire"},
	{"\xff\xfe[\n", 1, "byte ff is not UTF-8: save the file as UTF-8",
		"l’octet ff n’est pas de l’UTF-8 : enregistrer le fichier en UTF-8"},
	{"[mqtt]\rhost = x\n", 1,
		"[mqtt]\\x0dhost = x: a section ends with ], and nothing stands behind it",
		"[mqtt]\\x0dhost = x : une section se termine par ], sans rien derrière"},
};

static void forms(void **state)
{
	(void)state;
	EXPECT_ALL(wrong_forms);
	expect("[mqtt]\n# a\0b\n", 13, 2, "a zero byte was found: text was expected",
		"un octet nul a été trouvé : il faut du texte");
}

static const struct wrong wrong_wholes[] = {
	{"", 0, "there is no door: a section [door NAME] was expected",
		"il n’y a aucune porte : il faut une section [door NAME]"},
	{CONTROLLER, 0, "there is no door: a section [door NAME] was expected",
		"il n’y a aucune porte : il faut une section [door NAME]"},
	{DOOR, 0, "[controller] lacks space: " NAME " was expected",
		"il manque à [controller] la clé space : il faut " NAME_FR},
	{DOOR "\n[controller]\nspace = s\n", 4,
		"[controller] lacks controller: " NAME " was expected",
		"il manque à [controller] la clé controller : il faut " NAME_FR},
	{CONTROLLER "[door front]\n", 4,
		"[door front] lacks relay: a line from 0 to 1023 (with ! in front: active "
		"low) was expected",
		"il manque à [door front] la clé relay : il faut une ligne de 0 à 1023 "
		"(précédée de ! : active au niveau bas)"},
	{CONTROLLER DOOR "[reader in]\ndevice = pn532_uart:/x\n", 6,
		"[reader in] lacks door: " NAME " was expected",
		"il manque à [reader in] la clé door : il faut " NAME_FR},
	{CONTROLLER DOOR "[reader in]\ndoor = front\n", 6,
		"[reader in] lacks device: " DEVICE " was expected",
		"il manque à [reader in] la clé device : il faut " DEVICE_FR},
	{CONTROLLER DOOR "[reader in]\ndoor = fornt\ndevice = pn532_uart:/x\n", 7,
		"door = fornt: there is no [door fornt]; did you mean front?",
		"door = fornt : il n’y a pas de [door fornt] ; vouliez-vous dire front ?"},
	{CONTROLLER DOOR "[reader in]\ndoor = cellar\ndevice = pn532_uart:/x\n", 7,
		"door = cellar: there is no [door cellar]",
		"door = cellar : il n’y a pas de [door cellar]"},
	{CONTROLLER DOOR READER "[reader out]\ndevice = pn532_uart:/one\ndoor = front\n", 10,
		"device = pn532_uart:/one: [reader in] has it already",
		"device = pn532_uart:/one : [reader in] l’utilise déjà"},
	{CONTROLLER DOOR READER "reset = !17\n", 9,
		"reset = !17: that line is already the relay of [door front]",
		"reset = !17 : cette ligne est déjà la ligne relay de [door front]"},
	{CONTROLLER DOOR READER "reset = 3\n[reader out]\ndoor = front\ndevice = pn532_uart:/two\n"
				"reset = !3\n",
		13, "reset = !3: that line is already the reset of [reader in]",
		"reset = !3 : cette ligne est déjà la ligne reset de [reader in]"},
	{CONTROLLER DOOR "led_red = !17\n", 6,
		"led_red = !17: that line is already the relay of [door front]",
		"led_red = !17 : cette ligne est déjà la ligne relay de [door front]"},
	{CONTROLLER DOOR "rex = 4\ncontact = 4\n", 6,
		"rex = 4: that line is already the contact of [door front]",
		"rex = 4 : cette ligne est déjà la ligne contact de [door front]"},
	{CONTROLLER DOOR "fire = !17\n", 6,
		"fire = !17: that line is already the relay of [door front]",
		"fire = !17 : cette ligne est déjà la ligne relay de [door front]"},
	{CONTROLLER DOOR "relock_on = close\n", 6,
		"relock_on: [door front] has no contact to see it by: contact or relock_on "
		"= timer was expected",
		"relock_on : [door front] n’a pas de contact pour le constater : il faut "
		"contact ou relock_on = timer"},
	{CONTROLLER DOOR "open_ms = 9000\npre_alarm_ms = 9000\n", 7,
		"pre_alarm_ms = 9000: the door's open time is over by then: a number below "
		"open_ms = 9000 was expected, or 0",
		"pre_alarm_ms = 9000 : la durée d’ouverture n’est pas plus longue : il "
		"faut un nombre inférieur à open_ms = 9000, ou 0"},
	{CONTROLLER DOOR "pre_alarm_ms = 60001\n", 6,
		"pre_alarm_ms = 60001: the door's open time is over by then: a number "
		"below open_ms = 60000 was expected, or 0",
		"pre_alarm_ms = 60001 : la durée d’ouverture n’est pas plus longue : il "
		"faut un nombre inférieur à open_ms = 60000, ou 0"},
	{CONTROLLER DOOR "[door back]\nrelay = 2\nbuzzer = 17\n", 8,
		"buzzer = 17: that line is already the relay of [door front]",
		"buzzer = 17 : cette ligne est déjà la ligne relay de [door front]"},
	{CONTROLLER DOOR "[door back]\nrelay = 17\nchip = gpiochip0\n", 7,
		"relay = 17: that line is already the relay of [door front]",
		"relay = 17 : cette ligne est déjà la ligne relay de [door front]"},
	{CONTROLLER DOOR "chip = /tmp/f\nlines = sim\n" BACK "lines = sim\nchip = /tmp/f\n", 11,
		"chip = /tmp/f: with lines = sim each door needs a folder of its own, and "
		"[door front] has this one",
		"chip = /tmp/f : avec lines = sim, chaque porte doit avoir son propre "
		"dossier, et celui-ci est à [door front]"},
	{CONTROLLER DOOR "[mqtt]\npassword_file = /p\n", 7,
		"password_file is given without username: [mqtt] needs both or neither",
		"password_file sans username : dans [mqtt], il faut les deux ou ni l’un ni "
		"l’autre"},
	{CONTROLLER DOOR "[mqtt]\ncert_file = /c\nca_file = /a\n", 7,
		"cert_file is given without key_file: [mqtt] needs both or neither",
		"cert_file sans key_file : dans [mqtt], il faut les deux ou ni l’un ni "
		"l’autre"},
	{CONTROLLER DOOR "[mqtt]\nkey_file = /k\n", 7,
		"key_file is given without cert_file: [mqtt] needs both or neither",
		"key_file sans cert_file : dans [mqtt], il faut les deux ou ni l’un ni "
		"l’autre"},
	{CONTROLLER DOOR "[mqtt]\nhome_assistant_key = /k\n", 7,
		"home_assistant_key is given without home_assistant = yes: Home Assistant "
		"is told of no door",
		"home_assistant_key sans home_assistant = yes : aucune porte n’est "
		"annoncée à Home Assistant"},
	{CONTROLLER DOOR "[mqtt]\nkey_file = /k\ncert_file = /c\n", 8,
		"cert_file is given without ca_file: [mqtt] needs both or neither",
		"cert_file sans ca_file : dans [mqtt], il faut les deux ou ni l’un ni "
		"l’autre"},
	{"[command c]\nallow = door.open, door.mode,door.open\n", 2,
		"allow: door.open stands there twice; once is enough",
		"allow : door.open y figure deux fois ; une seule suffit"},
	{CONTROLLER DOOR SIGNER "doors = nowhere\n", 9, "doors: there is no [door nowhere]",
		"doors : il n’y a pas de [door nowhere]"},
	{CONTROLLER DOOR "[command account-0]\n" SIGNER_KEYS "doors = *\n", 6,
		"[command account-0]: names that begin with account- are those of the "
		"board's own accounts",
		"[command account-0] : les noms qui commencent par account- sont ceux des "
		"comptes de la carte elle-même"},
};

static void wholes(void **state)
{
	(void)state;
	EXPECT_ALL(wrong_wholes);
}

static void limits(void **state)
{
	(void)state;
	static char text[LQ_CONFIG_SIZE_MAX + 2];
	memset(text, '\n', sizeof(text) - 1);
	expect(text, LQ_CONFIG_SIZE_MAX + 1, 0, "the file is longer than 65536 bytes",
		"le fichier dépasse 65536 octets");
	expect(text, LQ_CONFIG_SIZE_MAX, 0, "there is no door: a section [door NAME] was expected",
		"il n’y a aucune porte : il faut une section [door NAME]");
	text[LQ_CONFIG_SIZE_MAX - 1] = 'x';
	expect(text, LQ_CONFIG_SIZE_MAX, LQ_CONFIG_SIZE_MAX,
		"x: [section], key = value or # comment was expected",
		"x : il faut [section], clé = valeur ou # commentaire");

	char *at = text;
	for (unsigned i = 0; i <= LQ_DOORS_MAX; i++) {
		at += sprintf(at, "[door d%u]\n", i);
	}
	expect(text, (size_t)(at - text), LQ_DOORS_MAX + 1,
		"[door d8] is one too many: a controller has at most 8 doors",
		"[door d8] est de trop : un contrôleur a au plus 8 sections door");
	at = text;
	for (unsigned i = 0; i <= LQ_READERS_MAX; i++) {
		at += sprintf(at, "[reader r%u]\n", i);
	}
	expect(text, (size_t)(at - text), LQ_READERS_MAX + 1,
		"[reader r16] is one too many: a controller has at most 16 readers",
		"[reader r16] est de trop : un contrôleur a au plus 16 sections reader");
}

struct wrong_value {
	const char *section;
	const char *key;
	const char *value; /* NULL: ends the table */
	const char *expected;
	const char *french;
};

/* What was expected, in English and in French. */
#define NAMED        NAME, NAME_FR
#define DEVICES      DEVICE, DEVICE_FR
#define NUMBER(a, b) "a number from " a " to " b, "un nombre de " a " à " b
#define TEXT(a, b)                                                                                 \
	"a printable text of " a " to " b " bytes", "un texte imprimable de " a " à " b " octets"
#define PATH(a)                                                                                    \
	"an absolute path of at most " a " bytes", "un chemin absolu de " a " octets au plus"
#define PATH_200                                                                                   \
	"an absolute path of at most 200 bytes, or nothing",                                       \
		"un chemin absolu de 200 octets au plus, ou rien"
#define ONE_OF(words) "one of " words, "l’une des valeurs " words
#define YES_NO        "yes or no", "yes ou no"
#define LINE_EN       "a line from 0 to 1023 (with ! in front: active low)"
#define LINE_FR       "une ligne de 0 à 1023 (précédée de ! : active au niveau bas)"
#define LINE          LINE_EN, LINE_FR
#define LINE_NONE     LINE_EN ", or none", LINE_FR ", ou none"
#define ED25519_EN    "an Ed25519 public key: 43 characters of base64url"
#define ED25519_FR    "une clé publique Ed25519 : 43 caractères de base64url"
#define ED25519       ED25519_EN, ED25519_FR
#define ED25519_NONE  ED25519_EN ", or none", ED25519_FR ", ou none"
#define DOORS                                                                                      \
	"* or names of doors with commas between them",                                            \
		"* ou des noms de portes séparés par des virgules"
#define COMMAND_WORDS                                                                              \
	"door.open, journal.replay, door.mode, reader.identify, badge.enrol-next, config.reload, " \
	"badge.read"
#define COMMANDS                                                                                   \
	"one or more, with commas between them, of " COMMAND_WORDS,                                \
		"une ou plusieurs commandes, séparées par des virgules, parmi " COMMAND_WORDS
#define FIVE_WRONG(section, key, ...)                                                              \
	{section, key, "", __VA_ARGS__}, {section, key, "-1", __VA_ARGS__},                        \
		{section, key, "x", __VA_ARGS__}, {section, key, "1 2", __VA_ARGS__},              \
		{section, key, "4294967296", __VA_ARGS__}, {section, key, "0x10", __VA_ARGS__},    \
	{                                                                                          \
		section, key, "99999999999999999999", __VA_ARGS__                                  \
	}
#define LINE_WRONG(key, ...)                                                                       \
	FIVE_WRONG("door d", key, __VA_ARGS__), {"door d", key, "1024", __VA_ARGS__},              \
		{"door d", key, "!", __VA_ARGS__}, {"door d", key, "!none", __VA_ARGS__},          \
		{"door d", key, "! 5", __VA_ARGS__}, {"door d", key, "!!5", __VA_ARGS__},          \
	{                                                                                          \
		"door d", key, "None", __VA_ARGS__                                                 \
	}
#define NAME_WRONG(section, key)                                                                   \
	{section, key, "", NAMED}, {section, key, "Big", NAMED}, {section, key, "a/b", NAMED},     \
		{section, key, "a.b", NAMED}, {section, key, "\xc3\xa9", NAMED},                   \
	{                                                                                          \
		section, key, LONG_NAME, NAMED                                                     \
	}

static const struct wrong_value wrong_values[] = {
	NAME_WRONG("controller", "space"),
	NAME_WRONG("controller", "controller"),
	NAME_WRONG("reader r", "door"),
	{"controller", "time_zone", "", TEXT("1", "63")},
	{"controller", "time_zone", "Europe\tParis", TEXT("1", "63")},
	{"controller", "time_zone", FIFTY "01234567890123", TEXT("1", "63")},
	{"controller", "language", "", ONE_OF("en, fr")},
	{"controller", "language", "de", ONE_OF("en, fr")},
	{"controller", "language", "*en", ONE_OF("en, fr")},
	{"controller", "language", "en|fr", ONE_OF("en, fr")},
	{"controller", "language", "EN", ONE_OF("en, fr")},
	{"controller", "state_dir", "", PATH("90")},
	{"controller", "state_dir", "var", PATH("90")},
	{"controller", "state_dir", "/a\x7f", PATH("90")},
	{"controller", "state_dir", "/" FIFTY TEN TEN TEN TEN, PATH("90")},
	{"controller", "runtime_dir", "", PATH("80")},
	{"controller", "runtime_dir", "./run", PATH("80")},
	{"controller", "runtime_dir", "/" FIFTY TEN TEN TEN, PATH("80")},
	FIVE_WRONG("controller", "record_deadline_ms", NUMBER("0", "60000")),
	{"controller", "record_deadline_ms", "60001", NUMBER("0", "60000")},
	{"controller", "clock_trust", "", ONE_OF("unset, rtc, synchronised")},
	{"controller", "clock_trust", "synchronized", ONE_OF("unset, rtc, synchronised")},
	FIVE_WRONG("controller", "checkpoint_rows", NUMBER("1", "1000000")),
	{"controller", "checkpoint_rows", "0", NUMBER("1", "1000000")},
	{"controller", "checkpoint_rows", "1000001", NUMBER("1", "1000000")},
	{"door d", "lines", "", ONE_OF("gpiod, sim")},
	{"door d", "lines", "gpio", ONE_OF("gpiod, sim")},
	{"door d", "chip", "", TEXT("1", "96")},
	{"door d", "chip", FIFTY FIFTY, TEXT("1", "96")},
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
	FIVE_WRONG("door d", "extended_release_ms", NUMBER("100", "600000")),
	{"door d", "extended_release_ms", "600001", NUMBER("100", "600000")},
	FIVE_WRONG("door d", "relock_delay_ms", NUMBER("0", "60000")),
	{"door d", "relock_delay_ms", "60001", NUMBER("0", "60000")},
	FIVE_WRONG("door d", "open_ms", NUMBER("0", "86400000")),
	{"door d", "open_ms", "86400001", NUMBER("0", "86400000")},
	FIVE_WRONG("door d", "extended_open_ms", NUMBER("0", "86400000")),
	{"door d", "extended_open_ms", "86400001", NUMBER("0", "86400000")},
	FIVE_WRONG("door d", "pre_alarm_ms", NUMBER("0", "86400000")),
	{"door d", "pre_alarm_ms", "86400001", NUMBER("0", "86400000")},
	FIVE_WRONG("door d", "rex_stuck_ms", NUMBER("0", "86400000")),
	{"door d", "rex_stuck_ms", "86400001", NUMBER("0", "86400000")},
	FIVE_WRONG("door d", "bolt_ms", NUMBER("0", "60000")),
	{"door d", "bolt_ms", "60001", NUMBER("0", "60000")},
	FIVE_WRONG("door d", "relock_on", ONE_OF("timer, open, close")),
	FIVE_WRONG("door d", "debounce_ms", NUMBER("0", "1000")),
	{"door d", "debounce_ms", "1001", NUMBER("0", "1000")},
	FIVE_WRONG("door d", "release_ms", NUMBER("100", "600000")),
	{"door d", "release_ms", "5s", NUMBER("100", "600000")},
	{"door d", "release_ms", "99", NUMBER("100", "600000")},
	{"door d", "release_ms", "600001", NUMBER("100", "600000")},
	{"reader r", "direction", "", ONE_OF("entry, exit")},
	{"reader r", "direction", "in", ONE_OF("entry, exit")},
	{"reader r", "device", "", DEVICES},
	{"reader r", "device", "foo:/tty", DEVICES},
	{"reader r", "device", "pn532_uart:tty", DEVICES},
	{"reader r", "device", "pn532_uart:/a:b", DEVICES},
	{"reader r", "device", "pn532_uart:/" FIFTY FIFTY FIFTY TEN TEN TEN "012345678", DEVICES},
	{"reader r", "uid_badges", "", YES_NO},
	{"reader r", "uid_badges", "true", YES_NO},
	{"reader r", "uid_badges", "Yes", YES_NO},
	{"reader r", "uid_badges", "1", YES_NO},
	{"reader r", "reset", "1024", LINE_NONE},
	{"controller", "maintainers", "maintainers", PATH_200},
	{"controller", "office_key", "nobody", ED25519_NONE},
	{"controller", "office_max_age_h", "8761", NUMBER("0", "8760")},
	{"controller", "day_cut", "24", NUMBER("0", "23")},
	{"controller", "retention_days", "93", NUMBER("1", "92")},
	{"door d", "zone", "Salle", NAMED},
	FIVE_WRONG("door d", "passback", ONE_OF("off, soft, hard")),
	{"door d", "passback_reset_s", "604801", NUMBER("0", "604800")},
	{"reader r", "lockout_after", "21", NUMBER("0", "20")},
	FIVE_WRONG("reader r", "lockout_counts", ONE_OF("badges, tries")),
	{"reader r", "lockout_s", "0", NUMBER("1", "3600")},
	{"mqtt", "host", "a\x01", TEXT("0", "253")},
	{"mqtt", "host", FIFTY FIFTY FIFTY FIFTY FIFTY "1234", TEXT("0", "253")},
	FIVE_WRONG("mqtt", "port", NUMBER("1", "65535")),
	{"mqtt", "port", "0", NUMBER("1", "65535")},
	{"mqtt", "port", "65536", NUMBER("1", "65535")},
	{"mqtt", "protocol", "", ONE_OF("5, 3.1.1")},
	{"mqtt", "protocol", "4", ONE_OF("5, 3.1.1")},
	{"mqtt", "username", FIFTY FIFTY "01234567890123456789012345678", TEXT("0", "128")},
	{"mqtt", "password_file", "secret", PATH_200},
	{"mqtt", "password_file", "/" FIFTY FIFTY FIFTY FIFTY, PATH_200},
	{"mqtt", "ca_file", "ca.pem", PATH_200},
	{"mqtt", "cert_file", "cert.pem", PATH_200},
	{"mqtt", "key_file", "key.pem", PATH_200},
	FIVE_WRONG("mqtt", "window", NUMBER("1", "1000")),
	{"mqtt", "window", "0", NUMBER("1", "1000")},
	{"mqtt", "window", "1001", NUMBER("1", "1000")},
	FIVE_WRONG("mqtt", "keepalive_s", NUMBER("5", "3600")),
	{"mqtt", "keepalive_s", "4", NUMBER("5", "3600")},
	{"mqtt", "keepalive_s", "3601", NUMBER("5", "3600")},
	FIVE_WRONG("mqtt", "health_s", NUMBER("5", "86400")),
	{"mqtt", "health_s", "4", NUMBER("5", "86400")},
	{"mqtt", "health_s", "86401", NUMBER("5", "86400")},
	{"mqtt", "home_assistant", "on", YES_NO},
	{"mqtt", "home_assistant_prefix", "Home/Assistant", NAMED},
	{"mqtt", "home_assistant_key", "home.key", PATH_200},
	{"command c", "key", "", ED25519},
	{"command c", "key", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=", ED25519},
	{"command c", "key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo", ED25519},
	{"command c", "key", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp", ED25519},
	{"command c", "key", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR", ED25519},
	{"command c", "allow", "", COMMANDS},
	{"command c", "allow", "open", COMMANDS},
	{"command c", "allow", FIFTY TEN "0123", COMMANDS}, /* the longest there is */
	{"command c", "allow", "door.open,", COMMANDS},
	{"command c", "allow", "door.open journal.replay", COMMANDS},
	{"command c", "doors", "", DOORS},
	{"command c", "doors", "Front", DOORS},
	{"command c", "doors", "front,", DOORS},
	{"command c", "doors", "front, *", DOORS},
	{"office", "listen", "", TEXT("1", "63")},
	FIVE_WRONG("office", "port", NUMBER("0", "65535")),
	{"office", "port", "65536", NUMBER("0", "65535")},
	{"office", "database", "a\x01", TEXT("0", "200")},
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
		char french[512];
		int length = snprintf(text, sizeof(text), "[%s]\n\n%s = %s\n", wrong->section,
			wrong->key, wrong->value);
		if (wrong->value[0] == '\0') {
			snprintf(message, sizeof(message), "%s is empty: %s was expected",
				wrong->key, wrong->expected);
			snprintf(french, sizeof(french), "%s est vide : il faut %s", wrong->key,
				wrong->french);
		} else {
			snprintf(message, sizeof(message), "%s = %s: %s was expected", wrong->key,
				shown(wrong->value), wrong->expected);
			snprintf(french, sizeof(french), "%s = %s : il faut %s", wrong->key,
				shown(wrong->value), wrong->french);
		}
		expect(text, (size_t)length, 3, message, french);
	}
}

static void expect_language(
	const char *text, struct lq_speech speech, enum lq_language language, const char *message)
{
	struct lq_config config;
	struct lq_config_error error = {.language = LQ_LANGUAGE_EN};
	assert_int_equal(
		lq_config_parse(text, strlen(text), speech, &config, &error), LQ_ERR_INVALID);
	assert_string_equal(error.message, message);
	assert_int_equal(error.language, language);
}

/* Asked for; else named above the error; else the usual one. */
static void languages(void **state)
{
	static const char en[] = "qos is not a key of [mqtt]";
	static const char fr[] = "qos n’est pas une clé de [mqtt]";
	static const char none[] = "[mqtt]\nqos = 1\n";
	static const char named_fr[] = "[controller]\nlanguage = fr\n[mqtt]\nqos = 1\n";
	static const char named_en[] = "[controller]\nlanguage = en\n[mqtt]\nqos = 1\n";
	static const char below[] = "[mqtt]\nqos = 1\n[controller]\nlanguage = fr\n";
	const struct lq_speech usual_en = {.language = LQ_LANGUAGE_EN};
	const struct lq_speech usual_fr = {.language = LQ_LANGUAGE_FR};
	const struct lq_speech asked_en = {.language = LQ_LANGUAGE_EN, .asked = true};
	const struct lq_speech asked_fr = {.language = LQ_LANGUAGE_FR, .asked = true};
	(void)state;
	expect_language(none, usual_en, LQ_LANGUAGE_EN, en);
	expect_language(none, usual_fr, LQ_LANGUAGE_FR, fr);
	expect_language(named_fr, usual_en, LQ_LANGUAGE_FR, fr);
	expect_language(named_en, usual_fr, LQ_LANGUAGE_EN, en);
	expect_language(below, usual_en, LQ_LANGUAGE_EN, en);
	expect_language(below, usual_fr, LQ_LANGUAGE_FR, fr);
	expect_language(named_fr, asked_en, LQ_LANGUAGE_EN, en);
	expect_language(named_en, asked_fr, LQ_LANGUAGE_FR, fr);
	/* Of the whole, too; a language that is none does not count. */
	expect_language("[controller]\nlanguage = fr\n", usual_en, LQ_LANGUAGE_FR,
		"il n’y a aucune porte : il faut une section [door NAME]");
	expect_language("[controller]\nlanguage = de\n", usual_fr, LQ_LANGUAGE_FR,
		"language = de : il faut l’une des valeurs en, fr");
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
		cmocka_unit_test(languages),
		cmocka_unit_test(every_key_has_a_wrong_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
