#include "firmware/link/peer.h"

#include "firmware/core/err.h"
#include "firmware/core/json.h"
#include "firmware/link/command.h"
#include "firmware/wire/control_wire.h"
#include "firmware/wire/seqpacket.h"

#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#define RETRY_MS     1000u
#define MESSAGES_MAX 64 /* read at one go, so that a flood cannot keep the link from its work */

void lq_peer_start(struct lq_peer *peer, const char *folder)
{
	*peer = (struct lq_peer){.folder = folder, .fd = -1};
}

static void hang_up(struct lq_peer *peer)
{
	if (peer->fd >= 0) {
		(void)close(peer->fd);
	}
	peer->fd = -1;
}

void lq_peer_end(struct lq_peer *peer)
{
	hang_up(peer);
}

struct pollfd lq_peer_pollfd(const struct lq_peer *peer)
{
	return (struct pollfd){.fd = peer->fd, .events = POLLIN};
}

/* ---- telling ---- */

static void keep(struct lq_peer *peer, const char *text, size_t length)
{
	if (peer->waiting_count == LQ_PEER_WAITING_MAX) {
		peer->waiting_first = (uint16_t)((peer->waiting_first + 1u) % LQ_PEER_WAITING_MAX);
		peer->waiting_count--;
	}
	char *slot =
		peer->waiting[(peer->waiting_first + peer->waiting_count) % LQ_PEER_WAITING_MAX];
	memcpy(slot, text, length);
	slot[length] = '\0';
	peer->waiting_count++;
}

static bool send_now(struct lq_peer *peer, const char *text, size_t length)
{
	return peer->fd >= 0 && lq_seqpacket_send(peer->fd, text, length) == LQ_OK;
}

static void send_waiting(struct lq_peer *peer)
{
	while (peer->waiting_count > 0) {
		const char *text = peer->waiting[peer->waiting_first];
		if (!send_now(peer, text, strlen(text))) {
			return;
		}
		peer->waiting_first = (uint16_t)((peer->waiting_first + 1u) % LQ_PEER_WAITING_MAX);
		peer->waiting_count--;
	}
}

static void tell(struct lq_peer *peer, const char *text, size_t length)
{
	send_waiting(peer);
	if (peer->waiting_count > 0 || !send_now(peer, text, length)) {
		keep(peer, text, length);
	}
}

void lq_peer_tell_status(struct lq_peer *peer, bool connected, const char *text)
{
	char out[LQ_PEER_TEXT_MAX - 1];
	size_t length = 0;
	struct lq_json json = lq_json_begin(out, sizeof(out));
	lq_json_open(&json, NULL);
	lq_json_text(&json, "link", connected ? "connected" : "disconnected");
	lq_json_text(&json, "text", text);
	lq_json_close(&json);
	if (lq_json_finish(&json, &length) == LQ_OK) {
		tell(peer, out, length);
	}
}

void lq_peer_tell_skipped(struct lq_peer *peer, uint64_t seq, const char *text)
{
	char out[LQ_PEER_TEXT_MAX - 1];
	size_t length = 0;
	struct lq_json json = lq_json_begin(out, sizeof(out));
	lq_json_open(&json, NULL);
	lq_json_number(&json, "skipped", seq);
	lq_json_text(&json, "text", text);
	lq_json_close(&json);
	if (lq_json_finish(&json, &length) == LQ_OK) {
		tell(peer, out, length);
	}
}

void lq_peer_tell_cursor(struct lq_peer *peer, uint64_t seq)
{
	char out[48];
	size_t length = 0;
	struct lq_json json = lq_json_begin(out, sizeof(out));
	lq_json_open(&json, NULL);
	lq_json_number(&json, "cursor", seq);
	lq_json_close(&json);
	if (lq_json_finish(&json, &length) == LQ_OK) {
		(void)send_now(peer, out, length);
	}
}

void lq_peer_tell_roster(struct lq_peer *peer, const char *what, bool current, int fd)
{
	char out[48];
	size_t length = 0;
	struct lq_json json = lq_json_begin(out, sizeof(out));
	lq_json_open(&json, NULL);
	lq_json_text(&json, "roster", what);
	if (current) {
		lq_json_bool(&json, "current", true);
	}
	lq_json_close(&json);
	if (peer->fd >= 0 && lq_json_finish(&json, &length) == LQ_OK) {
		(void)lq_seqpacket_send_with(peer->fd, out, length, &fd, 1);
	}
}

bool lq_peer_tell_order(struct lq_peer *peer, uint64_t id, const char *order)
{
	char out[LQ_COMMAND_ORDER_MAX + 64];
	size_t length = 0;
	struct lq_json json = lq_json_begin(out, sizeof(out));
	lq_json_open(&json, NULL);
	lq_json_number(&json, "id", id);
	lq_json_text(&json, "order", order);
	lq_json_close(&json);
	return lq_json_finish(&json, &length) == LQ_OK && send_now(peer, out, length);
}

bool lq_peer_tell_refused(struct lq_peer *peer, const char *word, uint32_t count)
{
	char out[96];
	size_t length = 0;
	struct lq_json json = lq_json_begin(out, sizeof(out));
	lq_json_open(&json, NULL);
	lq_json_text(&json, "refused", word);
	lq_json_number(&json, "count", count);
	lq_json_close(&json);
	return lq_json_finish(&json, &length) == LQ_OK && send_now(peer, out, length);
}

/* ---- listening ---- */

bool lq_peer_connect(struct lq_peer *peer, struct lq_mono now)
{
	if (peer->fd >= 0 || !lq_mono_due(peer->retry_at, now)) {
		return false;
	}
	peer->retry_at = lq_mono_after_ms(now, RETRY_MS);
	if (lq_seqpacket_connect(peer->folder, LQ_LINK_SOCKET, &peer->fd) != LQ_OK) {
		return false;
	}
	int flags = fcntl(peer->fd, F_GETFL);
	if (flags < 0 || fcntl(peer->fd, F_SETFL, flags | O_NONBLOCK) != 0) {
		hang_up(peer);
		return false;
	}
	send_waiting(peer);
	return true;
}

static uint64_t positive(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));
	return value > 0 ? (uint64_t)value : 0;
}

static void understand(const char *text, size_t length, const struct lq_peer_handler *handler,
	struct lq_peer_words *words)
{
	json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	uint64_t head = positive(object, "head");
	uint64_t replay = positive(object, "replay");
	words->head = head > words->head ? head : words->head;
	if (replay != 0 && (words->replay == 0 || replay < words->replay)) {
		words->replay = replay;
	}
	json_t *answer = json_object_get(object, "answer");
	if (json_is_object(answer)) {
		handler->answer(handler->ctx, positive(object, "id"), answer);
	}
	json_t *figures = json_object_get(object, "health");
	if (json_is_object(figures)) {
		handler->health(handler->ctx, figures);
	}
	json_t *counts = json_object_get(object, "occupancy");
	if (json_is_object(counts)) {
		handler->occupancy(handler->ctx, counts);
	}
	json_t *roster = json_object_get(object, "roster");
	if (json_is_object(roster)) {
		handler->roster(handler->ctx, roster);
	}
	json_decref(object);
}

struct lq_peer_words lq_peer_receive(
	struct lq_peer *peer, struct lq_mono now, const struct lq_peer_handler *handler)
{
	struct lq_peer_words words = {0};
	char buffer[LQ_CONTROL_MESSAGE_MAX];
	for (int i = 0; i < MESSAGES_MAX && peer->fd >= 0; i++) {
		int length = lq_seqpacket_receive(peer->fd, buffer, sizeof(buffer));
		if (length == 0) {
			break;
		}
		if (length > 0) {
			understand(buffer, (size_t)length, handler, &words);
		} else if (length != LQ_ERR_FULL) {
			hang_up(peer);
			peer->retry_at = lq_mono_after_ms(now, RETRY_MS);
		}
	}
	return words;
}
