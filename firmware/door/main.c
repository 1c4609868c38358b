/* loquetd: the door's daemon. */
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"
#include "hal/linux/linux_clock.h"
#include "hal/linux/linux_entropy.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

enum exit_code { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char help[] =
	"Usage: loquetd [--config FILE] [-t | -T]\n"
	"\n"
	"The door's daemon: decides on badges, drives the lock, keeps the journal.\n"
	"\n"
	"  -c, --config FILE  configuration (default " LQ_CONFIG_DEFAULT_PATH ")\n"
	"  -t                 check the configuration and end\n"
	"  -T                 print the effective configuration and end\n"
	"  -h, --help         this text\n"
	"  -V, --version      the version\n"
	"\n"
	"Exit status: 0 ended as asked, 1 it could not run (the message says why and what\n"
	"to do), 2 wrong usage or configuration.\n"
	"\n"
	"Example: loquetd --config /etc/loquet/loquet.conf -t\n";

struct options {
	const char *config;
	bool check;
	bool print;
};

/* ---- starting ---- */

static int make_folder(const char *path)
{
	if (mkdir(path, 0750) == 0 || errno == EEXIST) {
		return LQ_OK;
	}
	lq_log("%s cannot be made (%s): create it and give it to the account of loquetd", path,
		strerror(errno));
	return LQ_ERR_IO;
}

/* Two daemons on one journal would give numbers twice. The lock ends with the process; it is the
 * folder's own, for a full disk has no room for a file. */
static int lock_state(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		lq_log("%s cannot be opened (%s): give the folder to the account of loquetd",
			folder, strerror(errno));
		return LQ_ERR_IO;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		lq_log("another loquetd uses %s: stop it first", folder);
		(void)close(fd);
		return LQ_ERR_BUSY;
	}
	return LQ_OK;
}

static const char *lost_keys(const struct lq_keys *keys)
{
	return !keys->stand_in ? "uid.key"
	       : keys->blind   ? "controller.key and uid.key"
			       : "controller.key";
}

static int load_keys(struct lq_daemon *daemon)
{
	struct lq_entropy entropy = lq_linux_entropy();
	int r = lq_keys_load(daemon->config->state_dir, &entropy, &daemon->keys);
	if (r == LQ_ERR_NOT_FOUND || r == LQ_ERR_CORRUPT) {
		const char *why = lq_err_text(r);
		r = lq_keys_load_rest(daemon->config->state_dir, &entropy, &daemon->keys);
		daemon->keys_lost = r == LQ_OK;
		lq_log("the keys in %s cannot be used (%s): restore %s "
		       "from the backup and restart loquetd; %s",
			daemon->config->state_dir, why, lost_keys(&daemon->keys),
			daemon->keys.blind
				? "until then only maintainers' badges open, and without the "
				  "backup every badge has to be enrolled again"
				: "until then what is signed does not hold");
	}
	if (r == LQ_ERR_IO) {
		lq_log("the keys in %s cannot be read or made: give the folder and what is in it "
		       "to the account of loquetd, and make room on its disk",
			daemon->config->state_dir);
	}
	return r;
}

static int start_loop(struct lq_daemon *daemon)
{
	sigset_t signals;
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN); /* a log that went away */
	if (sd_event_default(&daemon->loop) < 0 ||
		sd_event_add_signal(daemon->loop, NULL, SIGTERM, NULL, NULL) < 0 ||
		sd_event_add_signal(daemon->loop, NULL, SIGINT, NULL, NULL) < 0) {
		return LQ_ERR_NO_MEMORY;
	}
	(void)sd_event_set_watchdog(daemon->loop, 1);
	int r = lq_reload_listen(daemon);
	return r == LQ_OK ? lq_daemon_make_timer(daemon) : r;
}

static int listen_all(struct lq_daemon *daemon)
{
	int r = lq_readers_listen(daemon);
	if (r == LQ_OK) {
		r = lq_control_listen(daemon);
	}
	if (r == LQ_OK) {
		r = lq_link_listen(daemon);
	}
	if (r != LQ_OK) {
		lq_log("the sockets in %s cannot be made (%s): is another loquetd running?",
			daemon->config->runtime_dir, lq_err_text(r));
	}
	return r;
}

static int start(struct lq_daemon *daemon)
{
	const struct lq_config *config = daemon->config;
	int r = make_folder(config->state_dir);
	if (r == LQ_OK) {
		r = make_folder(config->runtime_dir);
	}
	if (r == LQ_OK) {
		r = lock_state(config->state_dir);
	}
	if (r == LQ_OK) {
		r = lq_linux_clock_open(config->time_zone, &daemon->clock);
	}
	if (r == LQ_OK) {
		r = load_keys(daemon);
	}
	if (r == LQ_OK) {
		r = start_loop(daemon);
	}
	if (r == LQ_OK) {
		r = lq_recording_start(daemon);
	}
	if (r == LQ_OK) {
		lq_orders_start(daemon);
		(void)lq_maintain_read(daemon, "");
		lq_health_start(daemon);
		lq_occupancy_start(daemon);
	}
	if (r == LQ_OK) {
		r = lq_doorway_open(daemon);
	}
	if (r == LQ_OK) {
		r = lq_readers_open(daemon);
	}
	return r == LQ_OK ? listen_all(daemon) : r;
}

static void unlink_socket(const struct lq_daemon *daemon, int *fd, const char *name)
{
	char path[128];
	if (*fd < 0) {
		return;
	}
	(void)close(*fd);
	*fd = -1;
	(void)snprintf(path, sizeof(path), "%s/%s", daemon->config->runtime_dir, name);
	(void)unlink(path);
}

static void stop(struct lq_daemon *daemon)
{
	lq_readers_close(daemon);
	lq_doorway_close(daemon);
	lq_control_close(daemon);
	lq_link_close(daemon);
	lq_recording_stop(daemon);
	lq_office_stop(daemon);
	unlink_socket(daemon, &daemon->reader_fd, "reader.sock");
	unlink_socket(daemon, &daemon->control_fd, "control.sock");
	unlink_socket(daemon, &daemon->link_fd, "link.sock");
	lq_roster_free(daemon->roster);
	lq_rule_tables_free(daemon->rules);
	lq_keys_wipe(&daemon->keys);
}

static int run(struct lq_config *config, const char *path)
{
	static struct lq_daemon daemon; /* large, and one a process */
	const struct rlimit no_core = {0, 0};
	(void)setrlimit(RLIMIT_CORE, &no_core); /* a core would hold the keys */
	daemon = (struct lq_daemon){.config = config,
		.config_path = path,
		.site = lq_config_site(config),
		.reader_fd = -1,
		.control_fd = -1,
		.link_fd = -1};
	int r = start(&daemon);
	if (r == LQ_OK) {
		(void)sd_notify(0, "READY=1");
		r = sd_event_loop(daemon.loop) < 0 ? LQ_ERR_IO : LQ_OK;
		(void)sd_notify(0, "STOPPING=1");
	}
	stop(&daemon);
	return r == LQ_OK ? EXIT_OK : EXIT_FAILED;
}

/* ---- command line ---- */

static bool parse_options(int argc, char **argv, struct options *ret_options, int *ret_exit)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	struct options options = {.config = LQ_CONFIG_DEFAULT_PATH};
	int option = 0;
	static char program[] = "loquetd";
	*ret_exit = EXIT_OK;
	argv[0] = argc > 0 ? program : NULL; /* getopt's messages begin with it */
	// NOLINTNEXTLINE(concurrency-mt-unsafe): no thread runs yet
	while ((option = getopt_long(argc, argv, "c:tThV", longs, NULL)) != -1) {
		switch (option) {
		case 'c':
			options.config = optarg;
			break;
		case 't':
			options.check = true;
			break;
		case 'T':
			options.print = true;
			break;
		case 'h':
			(void)fputs(help, stdout);
			return false;
		case 'V':
			(void)puts("loquetd " LQ_VERSION);
			return false;
		default:
			(void)fputs("loquetd: see loquetd --help\n", stderr);
			*ret_exit = EXIT_USAGE;
			return false;
		}
	}
	if (optind != argc) {
		(void)fprintf(
			stderr, "loquetd: %s is not an option: see loquetd --help\n", argv[optind]);
		*ret_exit = EXIT_USAGE;
		return false;
	}
	*ret_options = options;
	return true;
}

/* A roster that is given up goes back to the system at once, however many there were before: glibc
 * would otherwise keep what it has seen freed. */
#define WHOLE_PAGES_FROM (256 * 1024)

int main(int argc, char **argv)
{
	static struct lq_config config;
	struct lq_config_error error;
	struct options options;
	int code = EXIT_OK;
	(void)mallopt(M_MMAP_THRESHOLD, WHOLE_PAGES_FROM);
	(void)umask(umask(0) | 0027); /* names are in door.db */
	if (!parse_options(argc, argv, &options, &code)) {
		return code;
	}
	if (lq_config_load(options.config, lq_speech_usual(), &config, &error) != LQ_OK) {
		char text[LQ_CONFIG_ERROR_SIZE];
		lq_config_error_print(options.config, &error, text, sizeof(text));
		(void)fprintf(stderr, "loquetd: %s\n", text);
		return EXIT_USAGE;
	}
	if (options.print) {
		return lq_config_print(&config, stdout) == LQ_OK ? EXIT_OK : EXIT_FAILED;
	}
	if (options.check) {
		(void)printf(
			lq_in(config.language, "%s: correct\n", "%s : correct\n"), options.config);
		return EXIT_OK;
	}
	return run(&config, options.config);
}
