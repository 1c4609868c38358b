/* The readers' socket: who is connected, what they saw, how they are. */
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"
#include "firmware/wire/seqpacket.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEERS_MAX        32u
#define HEALTH_BURST     20u
#define HEALTH_REFILL_MS 10000u

struct lq_reader_peer {
	struct lq_daemon *daemon;
	sd_event_source *source;
	int fd;
	uint16_t reader; /* LQ_NONE until it said who it is */
};

/* A flapping reader may not fill the journal: a burst, then one event in ten seconds. */
static bool may_report(struct lq_reader_unit *unit, struct lq_mono now)
{
	if (lq_mono_due(unit->health_refill, now)) {
		unit->health_refill = lq_mono_after_ms(now, HEALTH_REFILL_MS);
		unit->health_budget += unit->health_budget < HEALTH_BURST ? 1 : 0;
	}
	if (unit->health_budget == 0) {
		return false;
	}
	unit->health_budget--;
	return true;
}

static void report_health(struct lq_daemon *daemon, uint16_t reader, enum lq_event_type type,
	const char *cause, const char *text)
{
	struct lq_reader_unit *unit = &daemon->readers[reader];
	if (!may_report(unit, lq_daemon_mono(daemon))) {
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

static void drop_peer(struct lq_reader_peer *peer)
{
	struct lq_daemon *daemon = peer->daemon;
	if (peer->reader != LQ_NONE && daemon->readers[peer->reader].peer == peer) {
		struct lq_reader_unit *unit = &daemon->readers[peer->reader];
		unit->peer = NULL;
		unit->state = LQ_READER_OFFLINE;
		report_health(daemon, peer->reader, LQ_EVENT_READER_OFFLINE, "disconnected", "");
	}
	(void)sd_event_source_disable_unref(peer->source);
	(void)close(peer->fd);
	free(peer);
	daemon->reader_peers--;
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

static int take_hello(struct lq_reader_peer *peer, const struct lq_reader_msg *msg)
{
	struct lq_daemon *daemon = peer->daemon;
	uint16_t reader = reader_by_name(&daemon->site, msg->name);
	if (msg->version != LQ_READER_WIRE_VERSION || reader == LQ_NONE) {
		lq_log("a reader calls itself \"%.*s\" (wire version %u): no such reader in the "
		       "configuration, or another version of the program",
			reader == LQ_NONE ? 0 : (int)sizeof(msg->name), msg->name, msg->version);
		return LQ_ERR_INVALID;
	}
	struct lq_reader_unit *unit = &daemon->readers[reader];
	if (unit->peer != NULL && unit->peer != peer) {
		drop_peer(unit->peer); /* its successor is here: the old one is dead */
	}
	peer->reader = reader;
	unit->peer = peer;
	unit->state = LQ_READER_FAULT;
	unit->restarts = msg->restarts;
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
		lq_doorway_tap(daemon, peer->reader, msg, now);
		return LQ_OK;
	case LQ_MSG_READY:
		unit->state = LQ_READER_ONLINE;
		memcpy(unit->text, msg->text, sizeof(unit->text));
		report_health(daemon, peer->reader, LQ_EVENT_READER_ONLINE, NULL, msg->text);
		return LQ_OK;
	case LQ_MSG_FAULT:
		unit->state = LQ_READER_FAULT;
		memcpy(unit->text, msg->text, sizeof(unit->text));
		report_health(daemon, peer->reader, LQ_EVENT_READER_FAULT, "device", msg->text);
		return LQ_OK;
	case LQ_MSG_STATISTICS:
		unit->statistics = msg->statistics;
		return LQ_OK;
	case LQ_MSG_GONE:
	case LQ_MSG_APDU_ANSWER:
		return LQ_OK; /* nothing waits for them yet */
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
	unsigned char packet[sizeof(struct lq_reader_msg) + 1];
	struct lq_reader_msg msg;
	struct lq_mono now = lq_daemon_mono(peer->daemon);
	(void)source;
	(void)events;
	int length = lq_seqpacket_receive(fd, packet, sizeof(packet));
	if (length == 0) {
		return 0;
	}
	int r = length < 0 ? length : lq_reader_msg_decode(packet, (size_t)length, &msg);
	if (r == LQ_OK) {
		r = take_message(peer, &msg, now);
	}
	if (r != LQ_OK) {
		if (r != LQ_ERR_CLOSED) {
			lq_log("a reader sent what is no message (%s): disconnected",
				lq_err_text(r));
		}
		drop_peer(peer);
	}
	return 0;
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
	struct lq_reader_peer *peer =
		daemon->reader_peers < PEERS_MAX ? calloc(1, sizeof(*peer)) : NULL;
	if (peer == NULL) {
		(void)close(peer_fd);
		return 0;
	}
	daemon->reader_peers++;
	*peer = (struct lq_reader_peer){.daemon = daemon, .fd = peer_fd, .reader = LQ_NONE};
	/* A tap goes before everything else that may be ready. */
	if (sd_event_add_io(daemon->loop, &peer->source, peer_fd, EPOLLIN, on_peer, peer) < 0 ||
		sd_event_source_set_priority(peer->source, SD_EVENT_PRIORITY_IMPORTANT) < 0) {
		drop_peer(peer);
	}
	return 0;
}

int lq_readers_listen(struct lq_daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->site.reader_count; i++) {
		daemon->readers[i].health_budget = HEALTH_BURST;
	}
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
		if (daemon->readers[i].peer != NULL) {
			struct lq_reader_peer *peer = daemon->readers[i].peer;
			daemon->readers[i].peer = NULL;
			drop_peer(peer);
		}
	}
}
