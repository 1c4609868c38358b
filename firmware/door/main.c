/* loquetd: the door's daemon. */
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"
#include "hal/linux/linux_clock.h"
#include "hal/linux/linux_entropy.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
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

#define STOP_PATIENCE_MS 3000u
#define TIMER_SLACK_US   500u

static const char help[] =
	"Usage: loquetd [--config FILE] [-t | -T]\n"
	"\n"
	"The door's daemon: decides on badges, drives the lock, keeps the journal.\n"
	"\n"
	"  -c, --config FILE  configuration (default " LQ_CONFIG_DEFAULT_PATH ")\n"
	"  -t                 check the configuration and end\n"
	"  -T                 print the effective configuration and end\n"
	"      --help         this text\n"
	"      --version      the version\n"
	"\n"
	"Exit codes: 0 ended as asked, 1 it could not run (the message says why and what\n"
	"to do), 2 wrong usage or configuration.\n"
	"\n"
	"Example: loquetd --config /etc/loquet/loquet.conf -t\n";

struct options {
	const char *config;
	bool check;
	bool print;
};

/* ---- what comes back from the journal ---- */

static void report_journal(struct lq_daemon *daemon)
{
	struct lq_writer_status status = lq_writer_status(daemon->writer);
	if (status.stalled && !daemon->reported_stalled) {
		daemon->reported_stalled = true;
		lq_log("the journal cannot be written (%s): the door goes on, events wait in "
		       "memory; "
		       "check the disk of %s",
			status.text, daemon->config->state_dir);
		struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_JOURNAL_STALLED);
		event.cause = lq_err_text(status.error);
		event.count = (uint32_t)status.pending;
		lq_event_set_text(&event, status.text);
		lq_daemon_record(daemon, &event);
	} else if (!status.stalled && daemon->reported_stalled) {
		daemon->reported_stalled = false;
		struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_JOURNAL_RESUMED);
		event.count = (uint32_t)status.pending;
		event.lost = (uint32_t)(status.lost - daemon->reported_lost);
		daemon->reported_lost = status.lost;
		lq_log("the journal is written again, %u events were lost", event.lost);
		lq_daemon_record(daemon, &event);
	}
	if (status.head != daemon->head) {
		daemon->head = status.head;
		lq_link_tell_head(daemon);
	}
}

static int on_writer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct lq_daemon *daemon = userdata;
	struct lq_job job;
	(void)source;
	(void)fd;
	(void)events;
	while (lq_writer_take(daemon->writer, &job)) {
		if (job.kind != LQ_JOB_EVENT) {
			lq_control_changed(daemon, &job);
		} else if (job.token != 0) {
			lq_doorway_recorded(daemon, job.token);
		}
		if (job.error == LQ_OK) {
			lq_control_publish(daemon, &job);
		}
	}
	report_journal(daemon);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t at_us, void *userdata)
{
	(void)source;
	(void)at_us;
	lq_daemon_rearm(userdata);
	return 0;
}

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

/* Two daemons on one journal would give numbers twice. The lock ends with the process. */
static int lock_state(const char *folder)
{
	char path[128];
	int length = snprintf(path, sizeof(path), "%s/lock", folder);
	if (length < 0 || (size_t)length >= sizeof(path)) {
		return LQ_ERR_INVALID;
	}
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0) {
		lq_log("%s cannot be written (%s): give the folder to the account of loquetd", path,
			strerror(errno));
		return LQ_ERR_IO;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		lq_log("another loquetd uses %s: stop it first", folder);
		(void)close(fd);
		return LQ_ERR_BUSY;
	}
	return LQ_OK;
}

static void log_report(const struct lq_daemon *daemon, const struct lq_store_report *report, int r)
{
	const char *folder = daemon->config->state_dir;
	if (report->set_aside[0] != '\0') {
		lq_log("%s/%s was damaged (%s) and set aside as %s; %u badges could be carried "
		       "over. "
		       "To go back to a backup: stop loquetd, copy the backup to %s/%s, start "
		       "loquetd",
			folder, LQ_STORE_FILE, report->problem, report->set_aside, report->salvaged,
			folder, LQ_STORE_FILE);
	}
	if (r != LQ_OK) {
		lq_log("%s/%s cannot be used (%s): %s", folder, LQ_STORE_FILE, lq_err_text(r),
			report->problem);
	}
}

static int open_store(struct lq_daemon *daemon, struct lq_store **ret_store)
{
	struct lq_store_report report;
	int r = lq_store_open(
		daemon->config->state_dir, &daemon->site, &daemon->keys, ret_store, &report);
	log_report(daemon, &report, r);
	if (r == LQ_OK) {
		lq_store_set_checkpoint_rows(*ret_store, daemon->config->checkpoint_rows);
	}
	return r;
}

/* Called on the writer's thread; reads only what never changes after start. */
static int reopen_store(void *ctx, struct lq_store **ret_store)
{
	return open_store(ctx, ret_store);
}

static int load_keys(struct lq_daemon *daemon)
{
	struct lq_entropy entropy = lq_linux_entropy();
	int r = lq_keys_load(daemon->config->state_dir, &entropy, &daemon->keys);
	if (r != LQ_OK) {
		lq_log("the keys in %s cannot be used (%s): restore controller.key and uid.key "
		       "from "
		       "the backup; without them every badge has to be enrolled again",
			daemon->config->state_dir, lq_err_text(r));
	}
	return r;
}

static int start_journal(struct lq_daemon *daemon)
{
	struct lq_store *store = NULL;
	struct lq_head head;
	int r = open_store(daemon, &store);
	if (r == LQ_OK) {
		r = lq_store_head(store, &head);
	}
	if (r == LQ_OK) {
		r = lq_roster_load(store, &daemon->roster);
	}
	if (r == LQ_OK) {
		r = lq_rule_tables_load(store, &daemon->rules);
	}
	if (r == LQ_OK) {
		r = lq_writer_start(store, reopen_store, daemon, &daemon->writer);
	}
	if (r != LQ_OK) {
		lq_store_close(store);
		return r;
	}
	daemon->head = head.seq;
	daemon->run = head.seq;
	daemon->floor = (struct lq_floor){.unix_ms = head.unix_ms, .at = lq_daemon_mono(daemon)};
	return LQ_OK;
}

static int start_loop(struct lq_daemon *daemon)
{
	sigset_t signals;
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	if (sd_event_default(&daemon->loop) < 0 ||
		sd_event_add_signal(daemon->loop, NULL, SIGTERM, NULL, NULL) < 0 ||
		sd_event_add_signal(daemon->loop, NULL, SIGINT, NULL, NULL) < 0 ||
		sd_event_add_time(daemon->loop, &daemon->timer, CLOCK_MONOTONIC, 0, TIMER_SLACK_US,
			on_timer, daemon) < 0) {
		return LQ_ERR_NO_MEMORY;
	}
	(void)sd_event_source_set_enabled(daemon->timer, SD_EVENT_OFF);
	(void)sd_event_set_watchdog(daemon->loop, 1);
	return LQ_OK;
}

static void record_start(struct lq_daemon *daemon)
{
	struct lq_event started = lq_daemon_event(daemon, LQ_EVENT_CONTROLLER_STARTED);
	struct lq_event checkpoint = lq_daemon_event(daemon, LQ_EVENT_JOURNAL_CHECKPOINT);
	lq_daemon_record(daemon, &started);
	lq_daemon_record(daemon, &checkpoint);
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
		if (r != LQ_OK) {
			lq_log("time zone %s is not known: install tzdata or correct time_zone",
				config->time_zone);
		}
	}
	if (r == LQ_OK) {
		r = load_keys(daemon);
	}
	if (r == LQ_OK) {
		r = start_loop(daemon);
	}
	if (r == LQ_OK) {
		r = start_journal(daemon);
	}
	if (r == LQ_OK && sd_event_add_io(daemon->loop, NULL, lq_writer_fd(daemon->writer), EPOLLIN,
				  on_writer, daemon) < 0) {
		r = LQ_ERR_NO_MEMORY;
	}
	if (r == LQ_OK) {
		record_start(daemon);
		r = lq_doorway_open(daemon);
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
	if (daemon->writer != NULL) {
		struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_CONTROLLER_STOPPED);
		event.cause = "signal";
		lq_daemon_record(daemon, &event);
		size_t lost = lq_writer_stop(daemon->writer, STOP_PATIENCE_MS);
		if (lost > 0) {
			lq_log("%zu events could not be written before the end", lost);
		}
	}
	unlink_socket(daemon, &daemon->reader_fd, "reader.sock");
	unlink_socket(daemon, &daemon->control_fd, "control.sock");
	unlink_socket(daemon, &daemon->link_fd, "link.sock");
	lq_roster_free(daemon->roster);
	lq_rule_tables_free(daemon->rules);
	lq_keys_wipe(&daemon->keys);
}

static int run(const struct lq_config *config)
{
	static struct lq_daemon daemon; /* large, and one a process */
	const struct rlimit no_core = {0, 0};
	(void)setrlimit(RLIMIT_CORE, &no_core); /* a core would hold the keys */
	daemon = (struct lq_daemon){.config = config,
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
	*ret_exit = EXIT_OK;
	// NOLINTNEXTLINE(concurrency-mt-unsafe): no thread runs yet
	while ((option = getopt_long(argc, argv, "c:tTh", longs, NULL)) != -1) {
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

int main(int argc, char **argv)
{
	static struct lq_config config;
	struct lq_config_error error;
	struct options options;
	int code = EXIT_OK;
	if (!parse_options(argc, argv, &options, &code)) {
		return code;
	}
	if (lq_config_load(options.config, &config, &error) != LQ_OK) {
		(void)fprintf(
			stderr, "loquetd: %s:%zu: %s\n", options.config, error.line, error.message);
		return EXIT_USAGE;
	}
	if (options.print) {
		return lq_config_print(&config, stdout) == LQ_OK ? EXIT_OK : EXIT_FAILED;
	}
	if (options.check) {
		(void)printf("%s: correct\n", options.config);
		return EXIT_OK;
	}
	return run(&config);
}
