/* The readers' socket: who is connected, what they saw, how they are. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"
#include "firmware/wire/seqpacket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A flapping reader may not fill the journal. */
#define HEALTH_BURST     20u
#define HEALTH_REFILL_MS 10000u

/* A hostile one may not fill the log. */
#define COMPLAINTS_BURST     20u
#define COMPLAINTS_REFILL_MS 10000u

/* A reader sends its statistics every ten seconds; a stranger has to say who it is. */
#define SILENCE_MS 35000u
#define HELLO_MS   2000u

/* Far more than badges can cause; a reader that floods is heard again a second later. */
#define MESSAGES_A_SECOND 200u

struct lq_reader_peer {
	struct lq_daemon *daemon;
	sd_event_source *source;
	int fd;
	uint16_t reader; /* LQ_NONE until it said who it is */
	struct lq_mono heard;
};

static void report_health(struct lq_daemon *daemon, uint16_t reader, enum lq_event_type type,
	const char *cause, const char *text)
{
	struct lq_reader_unit *unit = &daemon->readers[reader];
	unit->faults += type == LQ_EVENT_READER_FAULT ? 1 : 0;
	lq_health_changed(daemon);
	if (!lq_budget_spend(&unit->health, lq_daemon_mono(daemon))) {
		return;
	}
	struct lq_event event = lq_daemon_event(daemon, type);
	event.reader = reader;
	event.door = daemon->config->readers[reader].door;
	event.count = unit->restarts;
	event.cause = cause;
	lq_event_set_text(&event, text);
	lq_daemon_record(daemon, &event);
}

/* ---- the reset line ---- */

static void tell_reset(struct lq_daemon *daemon, uint16_t reader)
{
	const struct lq_reset *reset = &daemon->readers[reader].reset;
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_READER_RESET);
	event.reader = reader;
	event.door = daemon->config->readers[reader].door;
	event.cause = reset->cause;
	event.count = reset->pulses;
	lq_daemon_record(daemon, &event);
	lq_log("reader %s does not work: its chip is reset (%u)", daemon->site.readers[reader].name,
		reset->pulses);
}

static void drive_reset(struct lq_daemon *daemon, uint16_t reader, enum lq_reset_order order)
{
	struct lq_lines *lines = &daemon->readers[reader].lines;
	if (order == LQ_RESET_NOTHING) {
		return;
	}
	int r = lines->set(lines->ctx, LQ_LINE_RESET, order == LQ_RESET_HOLD);
	if (r != LQ_OK) {
		lq_log("reader %s: the reset line does not obey (%s): check chip and wiring",
			daemon->site.readers[reader].name, lq_err_text(r));
	} else if (order == LQ_RESET_HOLD) {
		tell_reset(daemon, reader);
	}
}

static struct lq_mono tick_reset(struct lq_daemon *daemon, uint16_t reader, struct lq_mono now)
{
	struct lq_reader_unit *unit = &daemon->readers[reader];
	struct lq_mono deadline = LQ_FAR_AWAY;
	if (unit->lines.set == NULL) {
		return LQ_FAR_AWAY;
	}
	drive_reset(daemon, reader, lq_reset_step(&unit->reset, now));
	return lq_reset_deadline(&unit->reset, &deadline) ? deadline : LQ_FAR_AWAY;
}

/* On the chip of its door; the simulated lines of a door fill their folder, so a reader's have one
 * beside it. */
static int open_reset(struct lq_daemon *daemon, uint16_t reader)
{
	const struct lq_config_reader *config = &daemon->config->readers[reader];
	const struct lq_config_door *door = &daemon->config->doors[config->door];
	struct lq_lines_settings settings = door->wiring;
	char user[sizeof("reader ") + LQ_NAME_SIZE];
	if (config->reset.offset == LQ_LINE_UNUSED) {
		return LQ_OK;
	}
	for (int line = 0; line < LQ_LINE_COUNT; line++) {
		settings.wiring[line].offset = LQ_LINE_UNUSED;
	}
	settings.wiring[LQ_LINE_RESET] = config->reset;
	if (door->lines == LQ_LINES_SIM) {
		(void)snprintf(settings.chip, sizeof(settings.chip), "%.*s-%s",
			(int)(sizeof(settings.chip) - LQ_NAME_SIZE - 1), door->wiring.chip,
			config->name);
	}
	(void)snprintf(user, sizeof(user), "reader %s", config->name);
	return lq_doorway_open_lines(door->lines, &settings, user, &daemon->readers[reader].lines);
}

int lq_readers_open(struct lq_daemon *daemon)
{
	int r = LQ_OK;
	for (uint16_t i = 0; i < daemon->site.reader_count && r == LQ_OK; i++) {
		r = open_reset(daemon, i);
	}
	return r;
}

/* ---- who is connected ---- */

static void free_peer(struct lq_reader_peer *peer)
{
	struct lq_daemon *daemon = peer->daemon;
	for (size_t i = 0; i < LQ_READER_PEERS_MAX; i++) {
		if (daemon->reader_peers[i] == peer) {
			daemon->reader_peers[i] = NULL;
		}
	}
	(void)sd_event_source_disable_unref(peer->source);
	(void)close(peer->fd);
	free(peer);
}

static void drop_peer(struct lq_reader_peer *peer, const char *cause)
{
	struct lq_daemon *daemon = peer->daemon;
	if (peer->reader != LQ_NONE) {
		struct lq_reader_unit *unit = &daemon->readers[peer->reader];
		LQ_ASSERT(unit->peer == peer);
		unit->peer = NULL;
		unit->state = LQ_READER_OFFLINE;
		unit->tap = 0;
		lq_reset_unmanned(&unit->reset, lq_daemon_mono(daemon));
		if (strcmp(cause, "silent") == 0) {
			lq_reset_fault(&unit->reset, cause, lq_daemon_mono(daemon));
		}
		report_health(daemon, peer->reader, LQ_EVENT_READER_OFFLINE, cause, "");
	}
	free_peer(peer);
}

static uint16_t reader_by_name(const struct lq_site *site, const char *name)
{
	for (uint16_t i = 0; i < site->reader_count; i++) {
		if (strcmp(site->readers[i].name, name) == 0) {
			return i;
		}
	}
	return LQ_NONE;
}

/* As a version looks, or not at all. */
static void take_library(struct lq_reader_unit *unit, const struct lq_reader_msg *msg)
{
	size_t length = 0;
	while (length < msg->byte_count && length < sizeof(unit->library) - 1 &&
		msg->bytes[length] > ' ' && msg->bytes[length] < 0x7f) {
		unit->library[length] = (char)msg->bytes[length];
		length++;
	}
	unit->library[length] = '\0';
}

static void complain_of_name(
	struct lq_daemon *daemon, uint16_t reader, const struct lq_reader_msg *msg)
{
	if (lq_daemon_may_complain(daemon)) {
		lq_log("a reader calls itself \"%.*s\" (wire version %u): no such reader in the "
		       "configuration, or another version of the program",
			reader == LQ_NONE ? 0 : (int)sizeof(msg->name), msg->name, msg->version);
	}
}

static int take_hello(struct lq_reader_peer *peer, const struct lq_reader_msg *msg)
{
	struct lq_daemon *daemon = peer->daemon;
	uint16_t reader = reader_by_name(&daemon->site, msg->name);
	if (peer->reader != LQ_NONE) {
		return LQ_ERR_INVALID;
	}
	if (msg->version != LQ_READER_WIRE_VERSION || reader == LQ_NONE) {
		complain_of_name(daemon, reader, msg);
		return LQ_ERR_INVALID;
	}
	struct lq_reader_unit *unit = &daemon->readers[reader];
	if (unit->peer != NULL) {
		drop_peer(unit->peer, "disconnected"); /* its successor is here: it is dead */
	}
	peer->reader = reader;
	unit->peer = peer;
	unit->state = LQ_READER_FAULT;
	unit->restarts = msg->restarts;
	lq_reset_fault(&unit->reset, msg->restarts > 0 ? "restarted" : "device",
		lq_daemon_mono(daemon)); /* until it says that it is ready */
	take_library(unit, msg);
	if (msg->restarts > 0) {
		report_health(daemon, reader, LQ_EVENT_READER_FAULT, "restarted", msg->text);
	}
	return LQ_OK;
}

static int take_message(
	struct lq_reader_peer *peer, const struct lq_reader_msg *msg, struct lq_mono now)
{
	struct lq_daemon *daemon = peer->daemon;
	if (msg->type == LQ_MSG_HELLO) {
		return take_hello(peer, msg);
	}
	if (peer->reader == LQ_NONE) {
		return LQ_ERR_INVALID;
	}
	struct lq_reader_unit *unit = &daemon->readers[peer->reader];
	switch ((enum lq_reader_msg_type)msg->type) {
	case LQ_MSG_PRESENT:
		unit->tap = msg->tap;
		lq_doorway_tap(daemon, peer->reader, msg, now);
		return LQ_OK;
	case LQ_MSG_READY:
		unit->state = LQ_READER_ONLINE;
		lq_reset_works(&unit->reset, now);
		memcpy(unit->text, msg->text, sizeof(unit->text));
		report_health(daemon, peer->reader, LQ_EVENT_READER_ONLINE, NULL, msg->text);
		return LQ_OK;
	case LQ_MSG_FAULT:
		unit->state = LQ_READER_FAULT;
		unit->tap = 0; /* nobody can tell */
		lq_reset_fault(&unit->reset, "device", now);
		memcpy(unit->text, msg->text, sizeof(unit->text));
		report_health(daemon, peer->reader, LQ_EVENT_READER_FAULT, "device", msg->text);
		return LQ_OK;
	case LQ_MSG_STATISTICS:
		unit->statistics = msg->statistics;
		return LQ_OK;
	case LQ_MSG_GONE:
		unit->tap = msg->tap == unit->tap ? 0 : unit->tap;
		return LQ_OK;
	case LQ_MSG_APDU_ANSWER:
		return LQ_OK; /* nothing waits for it yet */
	case LQ_MSG_HELLO:
	case LQ_MSG_APDU:
	case LQ_MSG_TYPE_END:
		break;
	}
	return LQ_ERR_INVALID;
}

static int on_peer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct lq_reader_peer *peer = userdata;
	struct lq_daemon *daemon = peer->daemon;
	unsigned char packet[sizeof(struct lq_reader_msg) + 1];
	struct lq_reader_msg msg;
	struct lq_mono now = lq_daemon_mono(daemon);
	(void)source;
	(void)events;
	int length = lq_seqpacket_receive(fd, packet, sizeof(packet));
	if (length == 0) {
		return 0;
	}
	int r = length < 0 ? length : lq_reader_msg_decode(packet, (size_t)length, &msg);
	if (r == LQ_OK) {
		peer->heard = now;
		r = take_message(peer, &msg, now);
	}
	if (r != LQ_OK) {
		if (r != LQ_ERR_CLOSED && lq_daemon_may_complain(daemon)) {
			lq_log("a reader sent what is no message (%s): disconnected",
				lq_err_text(r));
		}
		drop_peer(peer, "disconnected");
	}
	lq_daemon_rearm(daemon);
	return 0;
}

static struct lq_reader_peer *make_peer(struct lq_daemon *daemon, int fd)
{
	for (size_t i = 0; i < LQ_READER_PEERS_MAX; i++) {
		if (daemon->reader_peers[i] != NULL) {
			continue;
		}
		struct lq_reader_peer *peer = calloc(1, sizeof(*peer));
		if (peer != NULL) {
			*peer = (struct lq_reader_peer){.daemon = daemon,
				.fd = fd,
				.reader = LQ_NONE,
				.heard = lq_daemon_mono(daemon)};
			daemon->reader_peers[i] = peer;
		}
		return peer;
	}
	return NULL;
}

/* A tap goes before everything but what the door itself has to do. */
static int watch_peer(struct lq_reader_peer *peer)
{
	int r = sd_event_add_io(
		peer->daemon->loop, &peer->source, peer->fd, EPOLLIN, on_peer, peer);
	if (r >= 0) {
		r = sd_event_source_set_priority(peer->source, LQ_PRIORITY_READER);
	}
	if (r >= 0) {
		r = sd_event_source_set_ratelimit(peer->source, 1000000, MESSAGES_A_SECOND);
	}
	return r < 0 ? LQ_ERR_NO_MEMORY : LQ_OK;
}

static int on_connect(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct lq_daemon *daemon = userdata;
	(void)source;
	(void)events;
	int peer_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (peer_fd < 0) {
		return 0;
	}
	struct lq_reader_peer *peer = make_peer(daemon, peer_fd);
	if (peer == NULL) {
		(void)close(peer_fd);
		return 0;
	}
	if (watch_peer(peer) != LQ_OK) {
		drop_peer(peer, "disconnected");
	}
	lq_daemon_rearm(daemon);
	return 0;
}

struct lq_mono lq_readers_tick(struct lq_daemon *daemon)
{
	struct lq_mono now = lq_daemon_mono(daemon);
	struct lq_mono next = LQ_FAR_AWAY;
	for (size_t i = 0; i < LQ_READER_PEERS_MAX; i++) {
		struct lq_reader_peer *peer = daemon->reader_peers[i];
		if (peer == NULL) {
			continue;
		}
		struct lq_mono limit = lq_mono_after_ms(
			peer->heard, peer->reader == LQ_NONE ? HELLO_MS : SILENCE_MS);
		if (!lq_mono_due(limit, now)) {
			next = limit.us < next.us ? limit : next;
			continue;
		}
		if (peer->reader != LQ_NONE && lq_daemon_may_complain(daemon)) {
			lq_log("reader %s says nothing any more: disconnected",
				daemon->site.readers[peer->reader].name);
		}
		drop_peer(peer, "silent");
	}
	for (uint16_t i = 0; i < daemon->site.reader_count; i++) {
		struct lq_mono due = tick_reset(daemon, i, now);
		next = due.us < next.us ? due : next;
	}
	return next;
}

int lq_readers_listen(struct lq_daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->site.reader_count; i++) {
		daemon->readers[i].health =
			lq_budget_make(HEALTH_BURST, HEALTH_REFILL_MS, lq_daemon_mono(daemon));
	}
	daemon->complaints =
		lq_budget_make(COMPLAINTS_BURST, COMPLAINTS_REFILL_MS, lq_daemon_mono(daemon));
	int r = lq_seqpacket_listen(
		daemon->config->runtime_dir, LQ_READER_SOCKET, 0660, &daemon->reader_fd);
	if (r != LQ_OK) {
		return r;
	}
	return sd_event_add_io(daemon->loop, NULL, daemon->reader_fd, EPOLLIN, on_connect, daemon) <
			       0
		       ? LQ_ERR_NO_MEMORY
		       : LQ_OK;
}

void lq_readers_close(struct lq_daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->site.reader_count; i++) {
		struct lq_lines *lines = &daemon->readers[i].lines;
		daemon->readers[i].peer = NULL;
		if (lines->close != NULL) {
			lines->close(lines->ctx);
			*lines = (struct lq_lines){0};
		}
	}
	for (size_t i = 0; i < LQ_READER_PEERS_MAX; i++) {
		if (daemon->reader_peers[i] != NULL) {
			free_peer(daemon->reader_peers[i]);
		}
	}
}
