#include "firmware/config/config.h"
#include "firmware/core/err.h"
#include "firmware/reader/device_lock.h"
#include "firmware/reader/log.h"
#include "firmware/reader/supervisor.h"
#include "hal/libnfc/libnfc_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum exit_status {
	EXIT_DONE = 0,
	EXIT_CANNOT_START = 1,
	EXIT_USAGE = 2,
	EXIT_CONFIGURATION = 3,
};

struct options {
	const char *config;
	const char *reader;
};

_Static_assert(LQ_WORKER_CHIP_SIZE == LQ_CHIP_TEXT_SIZE, "the chip's name has room");

static void print_help(void)
{
	(void)printf(
		"Usage: loquet-reader --reader NAME [--config FILE]\n"
		"Finds badges at one reader and tells loquetd.\n"
		"\n"
		"  -c, --config FILE  the configuration (default " LQ_CONFIG_DEFAULT_PATH ")\n"
		"  -r, --reader NAME  which [reader NAME] of it this is\n"
		"  -h, --help         this text\n"
		"  -V, --version      the version\n"
		"\n"
		"Runs until SIGTERM. A reader that is unplugged, fails or crashes the NFC library\n"
		"is opened again for as long as it takes; so is the connection to loquetd.\n"
		"\n"
		"Exit status: 0 ended by a signal, 1 cannot start (the device is in use),\n"
		"2 wrong arguments, 3 wrong configuration.\n"
		"\n"
		"Example:\n"
		"  loquet-reader --config " LQ_CONFIG_DEFAULT_PATH " --reader front-in\n");
}

/* Returns -1 to go on, or an exit status. */
static int parse_options(int argc, char **argv, struct options *ret_options)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"reader", required_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	struct options options = {.config = LQ_CONFIG_DEFAULT_PATH};
	static char program[] = "loquet-reader";
	argv[0] = argc > 0 ? program : NULL; /* getopt's messages begin with it */
	for (;;) {
		switch (getopt_long(argc, argv, "c:r:hV", known, NULL)) {
		case 'c':
			options.config = optarg;
			continue;
		case 'r':
			options.reader = optarg;
			continue;
		case 'h':
			print_help();
			return EXIT_DONE;
		case 'V':
			(void)printf("loquet-reader %s\n", LQ_VERSION);
			return EXIT_DONE;
		case -1:
			break;
		default:
			lq_reader_log(NULL, "see loquet-reader --help");
			return EXIT_USAGE;
		}
		break;
	}
	if (optind < argc) {
		lq_reader_log(NULL, "unexpected argument '%.80s'; see loquet-reader --help",
			argv[optind]);
		return EXIT_USAGE;
	}
	if (options.reader == NULL) {
		lq_reader_log(NULL, "--reader NAME is missing; see loquet-reader --help");
		return EXIT_USAGE;
	}
	*ret_options = options;
	return -1;
}

static const struct lq_config_reader *find_reader(const struct lq_config *config, const char *name)
{
	for (uint16_t i = 0; i < config->reader_count; i++) {
		if (strcmp(config->readers[i].name, name) == 0) {
			return &config->readers[i];
		}
	}
	return NULL;
}

/* Returns -1 to go on, or an exit status. */
static int load_settings(const struct options *options, struct lq_worker_settings *ret_settings)
{
	struct lq_config config;
	struct lq_config_error error;
	if (lq_config_load(options->config, lq_speech_usual(), &config, &error) != LQ_OK) {
		char text[LQ_CONFIG_ERROR_SIZE];
		lq_config_error_print(options->config, &error, text, sizeof(text));
		lq_reader_log(NULL, "%s", text);
		return EXIT_CONFIGURATION;
	}
	const struct lq_config_reader *reader = find_reader(&config, options->reader);
	if (reader == NULL) {
		lq_reader_log(NULL,
			lq_in(config.language,
				"%s has no [reader %.32s]; add it, or correct --reader",
				"%s n’a pas de [reader %.32s] : l’ajouter, ou corriger --reader"),
			options->config, options->reader);
		return EXIT_CONFIGURATION;
	}
	struct lq_worker_settings settings = {
		.open = lq_libnfc_reader_open, .library = lq_libnfc_version()};
	(void)snprintf(settings.name, sizeof(settings.name), "%s", reader->name);
	(void)snprintf(settings.device, sizeof(settings.device), "%s", reader->device);
	(void)snprintf(
		settings.runtime_dir, sizeof(settings.runtime_dir), "%s", config.runtime_dir);
	*ret_settings = settings;
	return -1;
}

/* libnfc takes descriptor 0 for its own when it is free. */
static bool open_standard_descriptors(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) {
			return false;
		}
	}
	return true;
}

static int lock_device(const struct lq_worker_settings *settings)
{
	int fd = -1;
	int r = lq_device_lock(settings->runtime_dir, settings->device, &fd);
	if (r == LQ_ERR_BUSY) {
		lq_reader_log(settings->name, "another loquet-reader holds %s; stop it first",
			settings->device);
		return EXIT_CANNOT_START;
	}
	if (r != LQ_OK) {
		lq_reader_log(settings->name, "cannot make a lock file in %s: %s; make that folder",
			settings->runtime_dir, strerror(errno));
		return EXIT_CANNOT_START;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct options options;
	struct lq_worker_settings settings;
	if (!open_standard_descriptors()) {
		return EXIT_CANNOT_START;
	}
	int status = parse_options(argc, argv, &options);
	if (status < 0) {
		status = load_settings(&options, &settings);
	}
	if (status < 0) {
		status = lock_device(&settings);
	}
	return status < 0 ? lq_supervise(&settings) : status;
}
