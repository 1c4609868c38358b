#include "hal/sim/pn532/serve.h"

#include "firmware/core/err.h"
#include "hal/sim/pn532/control.h"
#include "hal/sim/pn532/obey.h"
#include "hal/sim/pn532/port.h"
#include "hal/sim/pn532/sim.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
	POLL_SIGNAL,
	POLL_PORT,
	POLL_CONTROL,
	POLL_COUNT = POLL_CONTROL + LQ_CONTROL_CONNECTIONS + 1
};

struct server {
	struct lq_pn532_sim sim;
	struct lq_port port;
	struct lq_control control;
	struct lq_obey obey;
	bool has_control;
	bool trace;
	size_t sent_len;
	uint8_t sent[LQ_PACE_CAP];
	int signals;
};

static uint64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void trace(
	const struct server *server, const char *direction, const uint8_t *bytes, size_t len)
{
	if (!server->trace || len == 0) {
		return;
	}
	(void)fprintf(stderr, "%12.3f %s", (double)(now_us() - server->obey.started_us) / 1000.0,
		direction);
	for (size_t i = 0; i < len; i++) {
		(void)fprintf(stderr, " %02x", bytes[i]);
	}
	(void)fprintf(stderr, "\n");
}

/* Paced bytes leave one by one and are shown together once the line is empty. */
static void trace_sent(struct server *server, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && server->sent_len < sizeof(server->sent); i++) {
		server->sent[server->sent_len++] = bytes[i];
	}
	if (server->sim.to_host.count == 0) {
		trace(server, "R>", server->sent, server->sent_len);
		server->sent_len = 0;
	}
}

/* Only once the line is empty: what the host writes meanwhile waits in the tty. */
static bool may_read(const struct server *server)
{
	return server->port.fd >= 0 && server->sim.from_host.count == 0;
}

static void read_port(struct server *server)
{
	uint8_t bytes[LQ_PACE_CAP / 2];
	ssize_t got = read(server->port.fd, bytes, sizeof(bytes));

	if (got > 0) {
		trace(server, "H>", bytes, (size_t)got);
		lq_pn532_sim_write(&server->sim, bytes, (size_t)got, now_us());
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		lq_port_unplug(&server->port); /* a given tty went away */
		lq_pn532_sim_power_cycle(&server->sim);
	}
}

/* What the tty does not take is lost, as in a UART that nobody reads. */
static void write_port(struct server *server, uint64_t now)
{
	uint8_t bytes[LQ_PACE_CAP];
	size_t len = lq_pn532_sim_read(&server->sim, now, bytes, sizeof(bytes));

	if (len == 0 || server->port.fd < 0) {
		return;
	}
	trace_sent(server, bytes, len);
	if (write(server->port.fd, bytes, len) < 0) {
		trace(server, "lost", bytes, len);
	}
}

static void take_line(
	struct server *server, struct lq_control_connection *connection, const char *line)
{
	struct lq_pn532_order order;
	char answer[LQ_OBEY_ANSWER_MAX];
	const char *why = lq_pn532_order_parse(line, &order);
	uint64_t now = now_us();

	if (why != NULL) {
		(void)snprintf(answer, sizeof(answer), "error %s", why);
	} else if (order.verb == LQ_PN532_WAIT_POLL) {
		connection->waiting = true;
		connection->wait_polls = server->sim.stats.polls + order.number;
		return;
	} else {
		lq_pn532_sim_run(&server->sim, now);
		lq_obey(&server->obey, &order, now, answer);
	}
	lq_control_answer(connection, answer);
}

/* False while the connection waits for more polls. */
static bool end_wait(const struct server *server, struct lq_control_connection *connection)
{
	uint32_t polls = server->sim.stats.polls;
	char line[LQ_PN532_ORDER_MAX];

	if (!connection->waiting) {
		return true;
	}
	if ((int32_t)(polls - connection->wait_polls) < 0) {
		return false;
	}
	connection->waiting = false;
	(void)snprintf(line, sizeof(line), "ok polls=%" PRIu32, polls);
	lq_control_answer(connection, line);
	return true;
}

static void serve_connection(struct server *server, struct lq_control_connection *connection)
{
	char line[LQ_PN532_ORDER_MAX];

	while (end_wait(server, connection) && lq_control_line(connection, line)) {
		take_line(server, connection, line);
	}
}

static struct timespec until(uint64_t due_us, uint64_t now)
{
	uint64_t us = due_us > now ? due_us - now : 0;

	return (struct timespec){
		.tv_sec = (time_t)(us / 1000000u), .tv_nsec = (long)(us % 1000000u) * 1000};
}

static int wait_for_something(struct server *server, struct pollfd poll_fds[POLL_COUNT])
{
	uint64_t due = lq_pn532_sim_due(&server->sim);
	struct timespec timeout = until(due, now_us());

	for (size_t i = 0; i < POLL_COUNT; i++) {
		poll_fds[i] = (struct pollfd){.fd = -1};
	}
	poll_fds[POLL_SIGNAL] = (struct pollfd){.fd = server->signals, .events = POLLIN};
	poll_fds[POLL_PORT] =
		(struct pollfd){.fd = may_read(server) ? server->port.fd : -1, .events = POLLIN};
	if (server->has_control) {
		lq_control_fill(&server->control, poll_fds + POLL_CONTROL);
	}
	if (ppoll(poll_fds, POLL_COUNT, due == LQ_PN532_NEVER ? NULL : &timeout, NULL) < 0) {
		return errno == EINTR ? LQ_OK : LQ_ERR_IO;
	}
	return LQ_OK;
}

static int turn(struct server *server)
{
	struct pollfd poll_fds[POLL_COUNT];
	int err = wait_for_something(server, poll_fds);
	uint64_t now = 0;

	if (err != LQ_OK) {
		return err;
	}
	if (poll_fds[POLL_SIGNAL].revents != 0) {
		server->obey.quit = true;
	}
	if (poll_fds[POLL_PORT].revents != 0) {
		read_port(server);
	}
	now = now_us();
	lq_pn532_sim_run(&server->sim, now);
	write_port(server, now);
	if (server->has_control) {
		lq_control_ready(&server->control, poll_fds + POLL_CONTROL);
		for (size_t i = 0; i < LQ_CONTROL_CONNECTIONS; i++) {
			serve_connection(server, &server->control.connection[i]);
		}
	}
	return LQ_OK;
}

static int open_signals(struct server *server)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
		return LQ_ERR_IO;
	}
	server->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return server->signals < 0 ? LQ_ERR_IO : LQ_OK;
}

static int start(struct server *server, const struct lq_serve_options *options)
{
	int err = open_signals(server);

	if (err == LQ_OK && options->control != NULL) {
		err = lq_control_open(&server->control, options->control);
		server->has_control = err == LQ_OK;
	}
	if (err == LQ_OK) {
		err = lq_port_plug(&server->port);
	}
	return err;
}

static void stop(struct server *server)
{
	lq_port_unplug(&server->port);
	if (server->has_control) {
		lq_control_close(&server->control);
	}
	if (server->signals >= 0) {
		(void)close(server->signals);
	}
}

int lq_serve(const struct lq_serve_options *options)
{
	static struct server server;
	int err = LQ_OK;

	lq_pn532_sim_init(&server.sim, options->seed);
	lq_pn532_sim_pace(&server.sim, options->baud);
	server.sim.chip.air = options->air;
	server.port = (struct lq_port){options->tty, options->link, -1, -1, ""};
	server.obey = (struct lq_obey){&server.sim, &server.port, now_us(), false};
	server.trace = options->trace;
	server.signals = -1;
	(void)prctl(PR_SET_TIMERSLACK, 1UL);
	err = start(&server, options);
	if (err == LQ_OK) {
		(void)printf("ready %s\n", server.port.name);
		(void)fflush(stdout);
	}
	while (err == LQ_OK && !server.obey.quit) {
		err = turn(&server);
	}
	stop(&server);
	return err;
}
