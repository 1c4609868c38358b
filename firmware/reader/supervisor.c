#include "firmware/reader/supervisor.h"

#include "firmware/core/time.h"
#include "firmware/reader/backoff.h"
#include "firmware/reader/beat.h"
#include "firmware/reader/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#define RESTART_FIRST_MS    50u
#define RESTART_GREATEST_MS 1000u
/* A worker that lived this long was a success. */
#define GOOD_LIFE_MS 10000u
#define STOP_MS      2000u

struct supervisor {
	const struct lq_worker_settings *settings;
	struct lq_worker_past past;
	int signal_fd;
	int beat_fd; /* -1 without a worker */
	pid_t pid;   /* 0 without a worker */
	bool hung;
	bool stopping;
	bool announced; /* READY=1 */
	struct lq_beat shown;
	struct lq_backoff backoff;
	struct lq_mono started;
	struct lq_mono due; /* of a beat, of the next start, of the end */
	struct lq_mono watchdog_at;
	uint32_t watchdog_ms; /* 0: nobody watches */
};

static struct lq_mono mono_now(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct lq_mono){(uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u};
}

static void show(const struct supervisor *supervisor)
{
	(void)sd_notifyf(0, "STATUS=%s; %s; %u restarts",
		supervisor->shown.device_open ? "reader open" : "reader not open",
		supervisor->shown.door_connected ? "connected to loquetd" : "loquetd is away",
		supervisor->past.restarts);
}

_Noreturn static void become_worker(struct supervisor *supervisor, pid_t parent, int beat_fd)
{
	const struct rlimit no_core = {0, 0}; /* it would hold UIDs */
	(void)setrlimit(RLIMIT_CORE, &no_core);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
		_exit(EXIT_FAILURE);
	}
	exit(lq_worker_run(
		supervisor->settings, &supervisor->past, beat_fd, supervisor->signal_fd));
}

static void schedule_start(struct supervisor *supervisor)
{
	supervisor->due =
		lq_mono_after_ms(supervisor->started, lq_backoff_fail(&supervisor->backoff));
}

static void start_worker(struct supervisor *supervisor, struct lq_mono now)
{
	int beat[2];
	supervisor->started = now;
	if (pipe2(beat, O_CLOEXEC | O_NONBLOCK) != 0) {
		lq_reader_log(supervisor->settings->name, "cannot make a pipe: %s; trying again",
			strerror(errno));
		schedule_start(supervisor);
		return;
	}
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		(void)close(beat[0]);
		become_worker(supervisor, parent, beat[1]);
	}
	(void)close(beat[1]);
	if (pid < 0) {
		lq_reader_log(supervisor->settings->name,
			"cannot start a process: %s; trying again", strerror(errno));
		(void)close(beat[0]);
		schedule_start(supervisor);
		return;
	}
	supervisor->pid = pid;
	supervisor->beat_fd = beat[0];
	supervisor->hung = false;
	supervisor->due = lq_mono_after_ms(now, LQ_BEAT_POLL_MS);
}

static void describe_end(struct supervisor *supervisor, int status)
{
	char *text = supervisor->past.last_end;
	size_t size = sizeof(supervisor->past.last_end);
	if (supervisor->hung) {
		(void)snprintf(text, size, "hung");
	} else if (WIFSIGNALED(status)) {
		(void)snprintf(text, size, "signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	} else {
		(void)snprintf(text, size, "exit status %d", WEXITSTATUS(status));
	}
}

static void reap_worker(struct supervisor *supervisor, struct lq_mono now)
{
	int status = 0;
	if (supervisor->pid == 0 || waitpid(supervisor->pid, &status, WNOHANG) != supervisor->pid) {
		return;
	}
	(void)close(supervisor->beat_fd);
	supervisor->beat_fd = -1;
	supervisor->pid = 0;
	if (supervisor->stopping) {
		return;
	}
	describe_end(supervisor, status);
	supervisor->past.restarts++;
	if (lq_mono_due(lq_mono_after_ms(supervisor->started, GOOD_LIFE_MS), now)) {
		lq_backoff_succeed(&supervisor->backoff);
	}
	schedule_start(supervisor);
	supervisor->shown = (struct lq_beat){0};
	show(supervisor);
	lq_reader_log(supervisor->settings->name,
		"the process that holds %s ended (%s); starting it again, restart %u",
		supervisor->settings->device, supervisor->past.last_end, supervisor->past.restarts);
}

static void hear_beats(struct supervisor *supervisor, struct lq_mono now)
{
	struct lq_beat beat;
	while (read(supervisor->beat_fd, &beat, sizeof(beat)) == (ssize_t)sizeof(beat)) {
		uint32_t silence_ms =
			beat.silence_ms < LQ_BEAT_MAX_MS ? beat.silence_ms : LQ_BEAT_MAX_MS;
		if (!supervisor->hung && !supervisor->stopping) {
			supervisor->due = lq_mono_after_ms(now, silence_ms);
		}
		if (beat.device_open != supervisor->shown.device_open ||
			beat.door_connected != supervisor->shown.door_connected) {
			supervisor->shown = beat;
			show(supervisor);
		}
	}
	if (!supervisor->announced) {
		supervisor->announced = true;
		(void)sd_notify(0, "READY=1");
	}
}

static void hear_signals(struct supervisor *supervisor, struct lq_mono now)
{
	struct signalfd_siginfo info;
	while (read(supervisor->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD || supervisor->stopping) {
			continue;
		}
		supervisor->stopping = true;
		supervisor->due = lq_mono_after_ms(now, STOP_MS);
		(void)sd_notify(0, "STOPPING=1");
		if (supervisor->pid != 0) {
			(void)kill(supervisor->pid, SIGTERM);
		}
	}
	reap_worker(supervisor, now);
}

static void be_due(struct supervisor *supervisor, struct lq_mono now)
{
	if (!lq_mono_due(supervisor->due, now)) {
		return;
	}
	if (supervisor->pid == 0) {
		if (!supervisor->stopping) {
			start_worker(supervisor, now);
		}
		return;
	}
	supervisor->hung = true;
	(void)kill(supervisor->pid, SIGKILL);
	supervisor->due = lq_mono_after_ms(now, STOP_MS);
}

static void feed_watchdog(struct supervisor *supervisor, struct lq_mono now)
{
	if (supervisor->watchdog_ms != 0 && lq_mono_due(supervisor->watchdog_at, now)) {
		(void)sd_notify(0, "WATCHDOG=1");
		supervisor->watchdog_at = lq_mono_after_ms(now, supervisor->watchdog_ms / 2);
	}
}

static int timeout_ms(const struct supervisor *supervisor, struct lq_mono now)
{
	struct lq_mono next = supervisor->due;
	if (supervisor->watchdog_ms != 0 && lq_mono_due(supervisor->watchdog_at, next)) {
		next = supervisor->watchdog_at;
	}
	return (int)(lq_mono_elapsed_us(now, next) / 1000u) + 1;
}

static void run(struct supervisor *supervisor)
{
	while (!supervisor->stopping || supervisor->pid != 0) {
		struct pollfd fds[] = {
			{.fd = supervisor->signal_fd, .events = POLLIN},
			{.fd = supervisor->beat_fd, .events = POLLIN},
		};
		int ready = poll(fds, 2, timeout_ms(supervisor, mono_now()));
		struct lq_mono now = mono_now();
		if (ready > 0 && (fds[1].revents & POLLIN) != 0) {
			hear_beats(supervisor, now);
		}
		if (ready > 0 && fds[0].revents != 0) {
			hear_signals(supervisor, now);
		}
		be_due(supervisor, now);
		feed_watchdog(supervisor, now);
	}
}

static int open_signals(void)
{
	sigset_t signals;
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) {
		return -1;
	}
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int lq_supervise(const struct lq_worker_settings *settings)
{
	uint64_t watchdog_us = 0;
	struct supervisor supervisor = {
		.settings = settings,
		.signal_fd = open_signals(),
		.beat_fd = -1,
		.backoff = {.first_ms = RESTART_FIRST_MS, .greatest_ms = RESTART_GREATEST_MS},
	};
	if (supervisor.signal_fd < 0) {
		lq_reader_log(settings->name, "cannot receive signals: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	if (sd_watchdog_enabled(0, &watchdog_us) > 0) {
		supervisor.watchdog_ms = (uint32_t)(watchdog_us / 1000u);
	}
	start_worker(&supervisor, mono_now());
	run(&supervisor);
	(void)close(supervisor.signal_fd);
	return EXIT_SUCCESS;
}
