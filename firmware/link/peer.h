/* The link's end of link.sock: loquetd's words are read, the link's news are told. When nobody
 * listens, news wait (the newest LQ_PEER_WAITING_MAX of them) and connecting is tried again. One
 * thread; nothing blocks. */
#ifndef LQ_LINK_PEER_H
#define LQ_LINK_PEER_H

#include "firmware/core/time.h"

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_PEER_WAITING_MAX 16u
#define LQ_PEER_TEXT_MAX    512u

struct lq_peer {
	const char *folder; /* borrowed */
	int fd;             /* -1: nobody listens */
	struct lq_mono retry_at;
	uint16_t waiting_first;
	uint16_t waiting_count;
	char waiting[LQ_PEER_WAITING_MAX][LQ_PEER_TEXT_MAX];
};

/* What loquetd said; 0: not said. */
struct lq_peer_words {
	uint64_t head;
	uint64_t replay;
};

void lq_peer_start(struct lq_peer *peer, const char *folder);
void lq_peer_end(struct lq_peer *peer);

/* Connects when it is time to try. Returns true when the connection is new. */
bool lq_peer_connect(struct lq_peer *peer, struct lq_mono now);

struct pollfd lq_peer_pollfd(const struct lq_peer *peer);

/* loquetd's answer to the signed command `id`; borrowed for the length of the call. */
struct lq_peer_handler {
	void *ctx;
	void (*answer)(void *ctx, uint64_t id, json_t *answer);
	/* How things are; borrowed too. */
	void (*health)(void *ctx, json_t *figures);
	/* Which parts of the office's roster it misses; borrowed too. */
	void (*roster)(void *ctx, json_t *words);
	/* How many are in; borrowed too. */
	void (*occupancy)(void *ctx, json_t *counts);
};

/* Reads everything that waits, sums it up (the highest head, the lowest replay) and drops what it
 * does not understand. */
struct lq_peer_words lq_peer_receive(
	struct lq_peer *peer, struct lq_mono now, const struct lq_peer_handler *handler);

/* {"link":"connected"|"disconnected","text":…} */
void lq_peer_tell_status(struct lq_peer *peer, bool connected, const char *text);
/* {"skipped":seq,"text":…} */
void lq_peer_tell_skipped(struct lq_peer *peer, uint64_t seq, const char *text);
/* {"id":id,"order":…}; false when nobody listens: it is not kept. */
bool lq_peer_tell_order(struct lq_peer *peer, uint64_t id, const char *order);
/* {"refused":word,"count":count}; false when it was not taken: it is not kept. */
bool lq_peer_tell_refused(struct lq_peer *peer, const char *word, uint32_t count);
/* {"roster":what} with a memory file, which stays the caller's; not kept when nobody listens. */
void lq_peer_tell_roster(struct lq_peer *peer, const char *what, bool current, int fd);
/* {"cursor":seq}; not kept when nobody listens. */
void lq_peer_tell_cursor(struct lq_peer *peer, uint64_t seq);

#endif
