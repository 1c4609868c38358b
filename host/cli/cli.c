#include "host/cli/cli.h"

#include "firmware/core/err.h"
#include "hal/linux/linux_clock.h"
#include "host/cli/escape.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *lq_tr(const struct lq_cli *cli, const char *en, const char *fr)
{
	return lq_in(cli->language, en, fr);
}

static char *format_text(const char *format, va_list arguments)
	__attribute__((format(printf, 1, 0)));

static char *format_text(const char *format, va_list arguments)
{
	char *text = NULL;
	return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

void lq_say(FILE *out, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = format_text(format, arguments);
	va_end(arguments);
	if (text != NULL) {
		lq_escape_print(out, text);
		(void)fputc('\n', out);
	}
	free(text);
}

static void print_failure_json(enum lq_exit code, const char *error, const char *text)
{
	json_t *failure = json_pack("{s:b, s:s, s:i, s:o}", "ok", 0, "error", error, "exit",
		(int)code, "text", lq_json_foreign(text));
	if (failure != NULL) {
		(void)json_dumpf(failure, stderr, JSON_COMPACT);
		(void)fputc('\n', stderr);
	}
	json_decref(failure);
}

int lq_fail(const struct lq_cli *cli, enum lq_exit code, const char *error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = format_text(format, arguments);
	va_end(arguments);
	(void)fflush(stdout);
	if (cli->line.json) {
		print_failure_json(code, error, text != NULL ? text : error);
	} else {
		lq_say(stderr, "loquet: %s", text != NULL ? text : error);
	}
	free(text);
	return (int)code;
}

static struct lq_speech choose_speech(const char *asked)
{
	if (asked != NULL) {
		return (struct lq_speech){.language = lq_language_of(asked), .asked = true};
	}
	return lq_speech_usual();
}

static enum lq_language choose_language(const struct lq_cli *cli)
{
	if (cli->speech.asked) {
		return cli->speech.language;
	}
	return cli->config_result == LQ_OK ? cli->config.language : cli->config_error.language;
}

void lq_cli_configure(struct lq_cli *cli)
{
	const char *path = cli->line.config != NULL ? cli->line.config : getenv("LOQUET_CONFIG");
	cli->config_path = path != NULL && *path != '\0' ? path : LQ_CONFIG_DEFAULT_PATH;
	cli->speech = choose_speech(cli->line.language);
	cli->config_result =
		lq_config_load(cli->config_path, cli->speech, &cli->config, &cli->config_error);
	cli->language = choose_language(cli);
}

int lq_cli_check_language(const struct lq_cli *cli)
{
	const char *language = cli->line.language;
	if (language == NULL || strcmp(language, "en") == 0 || strcmp(language, "fr") == 0) {
		return LQ_EXIT_OK;
	}
	return lq_fail(cli, LQ_EXIT_USAGE, "usage",
		lq_tr(cli, "--lang: '%s' is neither en nor fr",
			"--lang : « %s » n’est ni en ni fr"),
		language);
}

int lq_cli_finish(const struct lq_cli *cli, int code)
{
	errno = 0;
	if ((fflush(stdout) == 0 && ferror(stdout) == 0) || code != LQ_EXIT_OK) {
		return code;
	}
	return lq_fail(cli, LQ_EXIT_IO, "io",
		lq_tr(cli, "cannot write the answer: %s", "impossible d’écrire la réponse : %s"),
		strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
}

int lq_cli_need_config(const struct lq_cli *cli)
{
	if (cli->config_result == LQ_OK) {
		return LQ_EXIT_OK;
	}
	char text[LQ_CONFIG_ERROR_SIZE];
	lq_config_error_print(cli->config_path, &cli->config_error, text, sizeof(text));
	return lq_fail(cli, LQ_EXIT_USAGE, "config", "%s", text);
}

int lq_cli_use_zone(const struct lq_cli *cli)
{
	if (lq_linux_set_time_zone(cli->config.time_zone) == LQ_OK) {
		return LQ_EXIT_OK;
	}
	return lq_fail(cli, LQ_EXIT_USAGE, "config",
		lq_tr(cli, "%s: time_zone = %s is not in the time zone database (tzdata)",
			"%s : time_zone = %s n’est pas dans la base des fuseaux (tzdata)"),
		cli->config_path, cli->config.time_zone);
}

int lq_print_json(const struct lq_cli *cli, json_t *value)
{
	int r = value == NULL ? -1 : json_dumpf(value, stdout, JSON_COMPACT);
	bool out_of_memory = value == NULL;
	json_decref(value);
	if (out_of_memory) {
		return lq_fail(
			cli, LQ_EXIT_IO, "io", lq_tr(cli, "out of memory", "mémoire insuffisante"));
	}
	/* A stream that failed is noticed once, at the end of main(). */
	if (r == 0) {
		(void)fputc('\n', stdout);
	}
	return LQ_EXIT_OK;
}

FILE *lq_page_begin(const struct lq_cli *cli, struct lq_page *page)
{
	*page = (struct lq_page){.out = stdout};
	if (cli->line.json) {
		page->out = open_memstream(&page->text, &page->length);
	}
	return page->out;
}

int lq_page_end(const struct lq_cli *cli, struct lq_page *page)
{
	if (!cli->line.json) {
		return LQ_EXIT_OK;
	}
	bool whole = page->out != NULL && fclose(page->out) == 0;
	json_t *text = whole ? lq_json_foreign(page->text) : NULL;
	free(page->text);
	return lq_print_json(cli, json_pack("{s:b, s:o}", "ok", 1, "text", text));
}

json_t *lq_json_foreign(const char *text)
{
	char *valid = lq_escape_utf8(text);
	json_t *value = valid != NULL ? json_string(valid) : NULL;
	free(valid);
	return value;
}

struct lq_number_text lq_number_text(const json_t *object, const char *key)
{
	struct lq_number_text number = {"?"};
	const json_t *value = json_object_get(object, key);
	if (json_is_integer(value)) {
		(void)snprintf(number.text, sizeof(number.text), "%" JSON_INTEGER_FORMAT,
			json_integer_value(value));
	}
	return number;
}

struct lq_ms_text lq_ms_text(const struct lq_cli *cli, json_int_t us, int decimals)
{
	struct lq_ms_text ms = {""};
	(void)snprintf(ms.text, sizeof(ms.text), "%.*f ms", decimals, (double)us / 1000.0);
	char *point = strchr(ms.text, '.');
	if (cli->language == LQ_LANGUAGE_FR && point != NULL) {
		*point = ',';
	}
	return ms;
}
