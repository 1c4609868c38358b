/* loquet-link: publishes the journal to an MQTT broker. */
#include "firmware/config/config.h"
#include "firmware/core/err.h"
#include "firmware/link/link.h"
#include "firmware/link/log.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum exit_code {
	EXIT_STOPPED = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_CONFIG = 3,
};

#define PASSWORD_SIZE 256u

static const char help[] =
	"Usage: loquet-link [--config FILE]\n"
	"\n"
	"Publishes the journal of this controller to the MQTT broker of the space.\n"
	"\n"
	"  -c, --config FILE  the configuration (default " LQ_CONFIG_DEFAULT_PATH ")\n"
	"  -h, --help         this text\n"
	"  -V, --version      the version\n"
	"\n"
	"Exit status: 0 stopped by a signal, 1 failed, 2 wrong usage, 3 wrong configuration.\n"
	"\n"
	"Example: loquet-link --config /etc/loquet/loquet.conf\n";

/* The first line of the file. */
static int read_password(
	const char *path, enum lq_language language, char ret_password[PASSWORD_SIZE])
{
	char line[PASSWORD_SIZE];
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		lq_log("%s: %s", path, strerror(errno));
		return LQ_ERR_IO;
	}
	bool got = fgets(line, sizeof(line), file) != NULL;
	(void)fclose(file);
	size_t length = got ? strcspn(line, "\r\n") : 0;
	if (length == 0 || length == sizeof(line) - 1) {
		lq_log(lq_in(language, "%s: the first line must be a password of at most %zu bytes",
			       "%s : la première ligne doit être un mot de passe de %zu octets au "
			       "plus"),
			path, sizeof(line) - 2);
		return LQ_ERR_INVALID;
	}
	line[length] = '\0';
	memcpy(ret_password, line, length + 1);
	explicit_bzero(line, sizeof(line));
	return LQ_OK;
}

/* SIGTERM and SIGINT become readable on a descriptor. */
static int open_signals(void)
{
	sigset_t set;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run(const struct lq_config *config, const char *password)
{
	struct lq_link *link = NULL;
	int stop_fd = open_signals();
	if (stop_fd < 0) {
		lq_log("signalfd: %s", strerror(errno));
		return EXIT_FAILED;
	}
	int r = lq_link_open(config, password, &link);
	if (r == LQ_OK) {
		r = lq_link_run(link, stop_fd);
		if (!lq_link_close(link)) {
			_exit(r == LQ_OK ? EXIT_STOPPED : EXIT_FAILED);
		}
	}
	(void)close(stop_fd);
	if (r == LQ_ERR_INVALID) {
		return EXIT_CONFIG;
	}
	return r == LQ_OK ? EXIT_STOPPED : EXIT_FAILED;
}

static int load_and_run(const char *path)
{
	static struct lq_config config;
	char password[PASSWORD_SIZE] = "";
	struct lq_config_error error;
	if (lq_config_load(path, lq_speech_usual(), &config, &error) != LQ_OK) {
		char text[LQ_CONFIG_ERROR_SIZE];
		lq_config_error_print(path, &error, text, sizeof(text));
		lq_log("%s", text);
		return EXIT_CONFIG;
	}
	if (config.mqtt.password_file[0] != '\0' &&
		read_password(config.mqtt.password_file, config.language, password) != LQ_OK) {
		return EXIT_CONFIG;
	}
	int code = run(&config, password);
	explicit_bzero(password, sizeof(password));
	return code;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	const char *path = LQ_CONFIG_DEFAULT_PATH;
	int option = 0;
	static char program[] = "loquet-link";
	argv[0] = argc > 0 ? program : NULL; /* getopt's messages begin with it */
	// NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet
	while ((option = getopt_long(argc, argv, "c:hV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'h':
			(void)fputs(help, stdout);
			return EXIT_STOPPED;
		case 'V':
			(void)puts("loquet-link " LQ_VERSION);
			return EXIT_STOPPED;
		default:
			lq_log("see loquet-link --help");
			return EXIT_USAGE;
		}
	}
	if (optind != argc) {
		lq_log("unexpected argument '%.80s'; see loquet-link --help", argv[optind]);
		return EXIT_USAGE;
	}
	return load_and_run(path);
}
