/* The link's socket (firmware/wire/control_wire.h): it hears of new rows, tells how it fares and
 * carries signed commands. It can ask for nothing itself. */
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "firmware/door/daemon.h"
#include "firmware/wire/control_wire.h"
#include "firmware/wire/seqpacket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A link that was taken over may not fill the journal, nor keep the loop busy. */
#define SKIPPED_BURST     100u
#define SKIPPED_REFILL_MS 1000u
#define MESSAGES_A_SECOND 200u
#define HEARD_MAX         8 /* at one tap */

struct lq_link_peer {
	struct lq_daemon *daemon;
	sd_event_source *source;
	int fd;
};

static void drop_peer(struct lq_link_peer *peer)
{
	struct lq_daemon *daemon = peer->daemon;
	if (daemon->link_peer == peer) {
		daemon->link_peer = NULL;
		daemon->link.connected = false;
		lq_office_contact(daemon, false);
	}
	(void)sd_event_source_disable_unref(peer->source);
	(void)close(peer->fd);
	free(peer);
}

static int send_number(struct lq_daemon *daemon, const char *key, uint64_t number)
{
	char text[64];
	if (daemon->link_peer == NULL) {
		return LQ_ERR_NOT_FOUND;
	}
	int length = snprintf(text, sizeof(text), "{\"%s\":%llu}", key, (unsigned long long)number);
	return lq_seqpacket_send(daemon->link_peer->fd, text, (size_t)length);
}

void lq_link_tell_head(struct lq_daemon *daemon)
{
	/* A lost nudge costs a second: the link looks by itself. */
	(void)send_number(daemon, "head", daemon->head);
}

int lq_link_ask_replay(struct lq_daemon *daemon, uint64_t from)
{
	return send_number(daemon, "replay", from);
}

void lq_link_answer(struct lq_daemon *daemon, uint64_t id, json_t *answer)
{
	char text[LQ_CONTROL_MESSAGE_MAX];
	json_t *message = json_pack("{s:I, s:o}", "id", (json_int_t)id, "answer", answer);
	size_t length = message == NULL ? 0 : json_dumpb(message, text, sizeof(text), JSON_COMPACT);
	if (length > 0 && length <= sizeof(text) && daemon->link_peer != NULL) {
		(void)lq_seqpacket_send(daemon->link_peer->fd, text, length);
	}
	json_decref(message);
}

int lq_link_tell(struct lq_daemon *daemon, const char *key, json_t *what)
{
	char text[LQ_CONTROL_MESSAGE_MAX];
	json_t *message = json_pack("{s:o}", key, what);
	size_t length = message == NULL ? 0 : json_dumpb(message, text, sizeof(text), JSON_COMPACT);
	json_decref(message);
	if (daemon->link_peer == NULL) {
		return LQ_ERR_NOT_FOUND;
	}
	if (length > 0 && length <= sizeof(text)) {
		(void)lq_seqpacket_send(daemon->link_peer->fd, text, length);
	}
	return LQ_OK;
}

static void take_order(struct lq_daemon *daemon, json_t *message)
{
	json_t *order = json_object_get(message, "order");
	json_t *id = json_object_get(message, "id");
	if (json_is_string(order) && json_is_integer(id) && json_integer_value(id) > 0) {
		lq_orders_take(daemon, (uint64_t)json_integer_value(id), json_string_value(order),
			json_string_length(order));
	}
}

static void take_refused(struct lq_daemon *daemon, json_t *message)
{
	json_t *word = json_object_get(message, "refused");
	json_int_t count = json_integer_value(json_object_get(message, "count"));
	if (json_is_string(word) && count >= 1 && count <= UINT32_MAX) {
		lq_orders_refused_by_link(daemon, json_string_value(word), (uint32_t)count);
	}
}

static void take_roster(struct lq_daemon *daemon, json_t *message, int fd)
{
	const char *what = json_string_value(json_object_get(message, "roster"));
	if (what != NULL && strcmp(what, "manifest") == 0) {
		lq_office_take_manifest(
			daemon, fd, json_is_true(json_object_get(message, "current")));
	} else if (what != NULL && strcmp(what, "parts") == 0) {
		lq_office_take_parts(daemon, fd);
	}
}

static void take_message(struct lq_daemon *daemon, json_t *message)
{
	const char *state = json_string_value(json_object_get(message, "link"));
	const char *text = json_string_value(json_object_get(message, "text"));
	json_t *cursor = json_object_get(message, "cursor");
	json_t *skipped = json_object_get(message, "skipped");
	if (state != NULL) {
		daemon->link.connected = strcmp(state, "connected") == 0;
		lq_office_contact(daemon, daemon->link.connected);
		(void)snprintf(daemon->link.text, sizeof(daemon->link.text), "%.*s",
			(int)lq_utf8_fit(text == NULL ? "" : text, sizeof(daemon->link.text) - 1),
			text == NULL ? "" : text);
	}
	if (json_is_integer(cursor) && json_integer_value(cursor) >= 0) {
		daemon->link.cursor = (uint64_t)json_integer_value(cursor);
	}
	if (json_is_integer(skipped) && json_integer_value(skipped) >= 1 &&
		lq_budget_spend(&daemon->link.skipped, lq_daemon_mono(daemon))) {
		struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_LINK_SKIPPED);
		event.seq = (uint64_t)json_integer_value(skipped);
		lq_event_set_text(&event, text == NULL ? "" : text);
		lq_daemon_record(daemon, &event);
	}
}

/* False when there was none: nothing was waiting, or the link is gone, and so is `peer`. */
static bool take_next(struct lq_link_peer *peer)
{
	char text[LQ_CONTROL_MESSAGE_MAX];
	int fds[LQ_SEQPACKET_FDS_MAX];
	size_t fd_count = 0;
	int length = lq_seqpacket_receive_with(peer->fd, text, sizeof(text), fds, &fd_count);
	json_t *message =
		length < 0 ? NULL : json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
	if (message != NULL) {
		take_message(peer->daemon, message);
		take_order(peer->daemon, message);
		take_refused(peer->daemon, message);
	}
	if (message != NULL && fd_count == 1) {
		take_roster(peer->daemon, message, fds[0]);
	}
	json_decref(message);
	while (fd_count > 0) {
		(void)close(fds[--fd_count]);
	}
	if (length < 0) {
		drop_peer(peer);
	}
	return length > 0;
}

static int on_peer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	(void)take_next(userdata);
	return 0;
}

/* Readers are served first: without this a tap that came behind the link's word would be decided
 * before it. */
void lq_link_hear(struct lq_daemon *daemon)
{
	for (int i = 0; i < HEARD_MAX && daemon->link_peer != NULL && !daemon->link.connected;
		i++) {
		if (!take_next(daemon->link_peer)) {
			return;
		}
	}
}

static int on_connect(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct lq_daemon *daemon = userdata;
	(void)source;
	(void)events;
	int peer_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct lq_link_peer *peer = peer_fd < 0 ? NULL : calloc(1, sizeof(*peer));
	if (peer == NULL) {
		if (peer_fd >= 0) {
			(void)close(peer_fd);
		}
		return 0;
	}
	*peer = (struct lq_link_peer){.daemon = daemon, .fd = peer_fd};
	if (daemon->link_peer != NULL) {
		drop_peer(daemon->link_peer); /* one link: the newest */
	}
	if (sd_event_add_io(daemon->loop, &peer->source, peer_fd, EPOLLIN, on_peer, peer) < 0 ||
		sd_event_source_set_ratelimit(peer->source, 1000000, MESSAGES_A_SECOND) < 0) {
		drop_peer(peer);
		return 0;
	}
	daemon->link_peer = peer;
	lq_link_tell_head(daemon);
	lq_health_link_came(daemon);
	lq_occupancy_link_came(daemon);
	return 0;
}

int lq_link_listen(struct lq_daemon *daemon)
{
	daemon->link.skipped =
		lq_budget_make(SKIPPED_BURST, SKIPPED_REFILL_MS, lq_daemon_mono(daemon));
	int r = lq_seqpacket_listen(
		daemon->config->runtime_dir, LQ_LINK_SOCKET, 0660, &daemon->link_fd);
	if (r != LQ_OK) {
		return r;
	}
	return sd_event_add_io(daemon->loop, NULL, daemon->link_fd, EPOLLIN, on_connect, daemon) < 0
		       ? LQ_ERR_NO_MEMORY
		       : LQ_OK;
}

void lq_link_close(struct lq_daemon *daemon)
{
	if (daemon->link_peer != NULL) {
		drop_peer(daemon->link_peer);
	}
}
