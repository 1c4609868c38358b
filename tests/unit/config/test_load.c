#include "firmware/config/config.h"
#include "firmware/core/err.h"
#include "tests/lib/cmocka.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct lq_speech english = {.language = LQ_LANGUAGE_EN};
static char folder[] = "/tmp/loquet-config-XXXXXX";

static const char *path_of(const char *name)
{
	static char path[64];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *path, const char *text, size_t length)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void expect_in(enum lq_language language, const char *path, int err, const char *message)
{
	struct lq_config config;
	struct lq_config before;
	memset(&config, 0xa5, sizeof(config));
	before = config;
	struct lq_config_error error = {.line = 99};
	struct lq_speech speech = {.language = language};
	assert_int_equal(lq_config_load(path, speech, &config, &error), err);
	assert_string_equal(error.message, message);
	assert_int_equal(error.language, language);
	assert_int_equal(error.line, 0);
	assert_memory_equal(&config, &before, sizeof(config));
}

static void expect_failure(const char *path, int err, const char *message, const char *french)
{
	expect_in(LQ_LANGUAGE_EN, path, err, message);
	expect_in(LQ_LANGUAGE_FR, path, err, french);
}

static void the_example(void **state)
{
	(void)state;
	struct lq_config config;
	struct lq_config_error error = {0};
	if (lq_config_load(LQ_EXAMPLE, english, &config, &error) < 0) {
		fail_msg("line %zu: %s", error.line, error.message);
	}
	assert_int_equal(config.door_count, 2);
	assert_int_equal(config.reader_count, 3);
	assert_string_equal(config.mqtt.host, "broker.example.org");
}

static void missing(void **state)
{
	(void)state;
	expect_failure(path_of("none"), LQ_ERR_NOT_FOUND,
		"it cannot be opened: No such file or directory",
		"ouverture impossible : aucun fichier de ce nom");
	expect_failure("/dev/null/none", LQ_ERR_IO, "it cannot be opened: Not a directory",
		"ouverture impossible : Not a directory");
}

static void not_a_file(void **state)
{
	(void)state;
	expect_failure(
		folder, LQ_ERR_IO, "it is not a regular file", "ce n’est pas un fichier ordinaire");
	const char *fifo = path_of("fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	expect_failure(
		fifo, LQ_ERR_IO, "it is not a regular file", "ce n’est pas un fichier ordinaire");
	assert_int_equal(unlink(fifo), 0);
}

static void not_ours(void **state)
{
	(void)state;
	const uid_t nobody = 65534;
	const char *path = path_of("theirs");
	write_file(path, "", 0);
	assert_int_equal(chmod(path, 0), 0);
	bool root = geteuid() == 0;
	assert_int_equal(root ? seteuid(nobody) : 0, 0);
	expect_failure(path, LQ_ERR_IO, "it cannot be opened: Permission denied",
		"ouverture impossible : accès refusé");
	assert_int_equal(root ? seteuid(0) : 0, 0);
	assert_int_equal(unlink(path), 0);
}

static void not_readable(void **state)
{
	(void)state;
	/* A regular file that begins with what no process has. */
	expect_failure("/proc/self/mem", LQ_ERR_IO, "it cannot be read: Input/output error",
		"lecture impossible : erreur d’entrée-sortie");
}

static void place_is_told(void **state)
{
	(void)state;
	char text[LQ_CONFIG_ERROR_SIZE];
	struct lq_config_error error = {.line = 7, .message = "no such key"};
	lq_config_error_print("a.conf", &error, text, sizeof(text));
	assert_string_equal(text, "a.conf:7: no such key");
	error.line = 0;
	lq_config_error_print("a.conf", &error, text, sizeof(text));
	assert_string_equal(text, "a.conf: no such key");
	lq_config_error_print("a.conf", &error, text, 9);
	assert_string_equal(text, "a.conf: ");
	error.language = LQ_LANGUAGE_FR;
	lq_config_error_print("a.conf", &error, text, sizeof(text));
	assert_string_equal(text, "a.conf : no such key");
	error.line = 7;
	lq_config_error_print("a.conf", &error, text, sizeof(text));
	assert_string_equal(text, "a.conf:7: no such key");
}

static void expect_zone(const char *zone, enum lq_language language, const char *message)
{
	struct lq_config config;
	struct lq_config_error error = {.line = 0};
	struct lq_speech speech = {.language = language};
	char text[256];
	const char *name = strstr(message, "%s");
	const char *path = path_of("zone");
	int length = snprintf(text, sizeof(text),
		"[door d]\nrelay = 1\n[controller]\nspace = s\ncontroller = c\ntime_zone = %s\n",
		zone);
	write_file(path, text, (size_t)length);
	assert_int_equal(lq_config_load(path, speech, &config, &error), LQ_ERR_INVALID);
	assert_int_equal(error.line, 6);
	(void)snprintf(
		text, sizeof(text), "%.*s%s%s", (int)(name - message), message, zone, name + 2);
	assert_string_equal(error.message, text);
	assert_int_equal(unlink(path), 0);
}

/* Parsing is pure: what only the machine knows shows when a file is loaded. */
static void unknown_zone(void **state)
{
	static const char *const zones[] = {"Europe/Nowhere", "../../../etc/passwd", "Europe"};
	static const char *const texts[] = {
		[LQ_LANGUAGE_EN] = "time_zone = %s is not in the time zone database (tzdata)",
		[LQ_LANGUAGE_FR] = "time_zone = %s n’est pas dans la base des fuseaux (tzdata)",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		for (int language = LQ_LANGUAGE_EN; language <= LQ_LANGUAGE_FR; language++) {
			expect_zone(zones[i], (enum lq_language)language, texts[language]);
		}
	}
}

static void too_long(void **state)
{
	(void)state;
	static char text[LQ_CONFIG_SIZE_MAX + 1];
	memset(text, '\n', sizeof(text));
	const char *path = path_of("long");
	write_file(path, text, sizeof(text));
	expect_failure(path, LQ_ERR_FULL, "it is longer than 65536 bytes",
		"le fichier dépasse 65536 octets");
	write_file(path, text, sizeof(text) - 1);
	expect_failure(path, LQ_ERR_INVALID, "there is no door: a section [door NAME] was expected",
		"il n’y a aucune porte : il faut une section [door NAME]");
	assert_int_equal(unlink(path), 0);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example),
		cmocka_unit_test(missing),
		cmocka_unit_test(not_a_file),
		cmocka_unit_test(not_ours),
		cmocka_unit_test(not_readable),
		cmocka_unit_test(place_is_told),
		cmocka_unit_test(unknown_zone),
		cmocka_unit_test(too_long),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
