/* Rows that come late were in no chain when those behind them came: once a stretch between two
 * checkpoints is whole, it is followed from the one to the other after all. */
#include "firmware/core/err.h"
#include "host/office/books_internal.h"

#include <stdio.h>
#include <string.h>

#define ANCHORS                                                                                    \
	"(type = 'org.loquet.journal.checkpoint.v1' OR type = 'org.loquet.journal.restarted.v1' "  \
	"OR seq = 1)"

struct walk {
	const char *controller;
	uint64_t from; /* a checkpoint, or where the chain begins */
	uint64_t to;
	bool complete;   /* every row was there, */
	uint64_t broken; /* … but this one is not what was signed; 0: all are */
	uint8_t hash[LQ_HASH_SIZE];
};

static int number(struct lq_books *books, const char *sql, const struct walk *walk, uint64_t seq,
	uint64_t *ret)
{
	int64_t found = 0;
	int r = lq_db_integer(books->db, &found, 0, sql, "ti", walk->controller, (int64_t)seq);
	if (r == LQ_OK) {
		*ret = (uint64_t)found;
	}
	return r;
}

static int read_row(struct lq_books *books, struct lq_rows *rows, const struct walk *walk,
	struct lq_feed_event *ret_event)
{
	char topic[32 + 2 * LQ_NAME_SIZE];
	const char *type = lq_rows_text(rows, 1);
	struct lq_blob body = lq_rows_blob(rows, 2);
	*ret_event = (struct lq_feed_event){.seq = (uint64_t)lq_rows_integer(rows, 0)};
	if (strncmp(type, "org.loquet.journal.", strlen("org.loquet.journal.")) != 0) {
		return LQ_OK;
	}
	(void)snprintf(topic, sizeof(topic), "loquet/1/%s/%s/events", books->config->space,
		walk->controller);
	return lq_feed_read(books->config->space, topic, body.bytes, body.length, ret_event);
}

/* True when the row goes on with the chain. */
static bool step(struct lq_books *books, struct lq_rows *rows, const struct lq_chain *chain,
	const struct lq_feed_event *event, struct walk *walk)
{
	uint8_t body_hash[LQ_HASH_SIZE];
	struct lq_blob body = lq_rows_blob(rows, 2);
	struct lq_blob kept = lq_rows_blob(rows, 3);
	if (event->restarts) {
		memset(walk->hash, 0, sizeof(walk->hash));
	} else if (event->is_checkpoint && event->seq == walk->from) {
		memcpy(walk->hash, event->checkpoint.head_hash, sizeof(walk->hash));
	} else if (event->is_checkpoint &&
		   !lq_books_checkpoint_holds(books, event, chain, walk->hash)) {
		walk->broken = event->seq;
		return false;
	}
	if (kept.bytes != NULL && kept.length == sizeof(body_hash)) {
		memcpy(body_hash, kept.bytes, sizeof(body_hash));
	} else {
		lq_hash(body.bytes, body.length, body_hash);
	}
	lq_hash_chain(walk->hash, body_hash, walk->hash);
	return true;
}

static int follow(struct lq_books *books, const struct lq_chain *chain, struct walk *walk)
{
	struct lq_rows *rows = NULL;
	struct lq_feed_event event;
	uint64_t expected = walk->from;
	int r = lq_db_query(books->db, &rows,
		"SELECT seq, type, body, hash FROM event WHERE controller = ?1 AND seq >= ?2 "
		"AND seq <= ?3 ORDER BY seq",
		"tii", walk->controller, (int64_t)walk->from, (int64_t)walk->to);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		r = read_row(books, rows, walk, &event);
		if (r != LQ_OK || (event.seq != expected && !event.restarts) ||
			!step(books, rows, chain, &event, walk)) {
			break;
		}
		expected = event.seq + 1;
	}
	lq_rows_end(rows);
	walk->complete = expected == walk->to + 1;
	return r < 0 ? r : LQ_OK;
}

/* From the last anchor before a row to the first checkpoint behind it, or to the last row. */
static int find_stretch(struct lq_books *books, uint64_t seq, uint64_t last, struct walk *walk)
{
	int r = number(books,
		"SELECT coalesce(max(seq), 0) FROM event WHERE controller = ?1 AND seq <= ?2 "
		"AND " ANCHORS,
		walk, seq, &walk->from);
	r = r == LQ_OK ? number(books,
				 "SELECT coalesce(min(seq), 0) FROM event WHERE controller = ?1 "
				 "AND seq > ?2 AND type = 'org.loquet.journal.checkpoint.v1'",
				 walk, seq, &walk->to)
		       : r;
	walk->to = walk->to != 0 ? walk->to : last;
	return r;
}

static int rechain(struct lq_books *books, const char *controller, uint64_t seq,
	enum lq_books_finding *finding)
{
	struct lq_chain *chain = NULL;
	struct walk walk = {.controller = controller};
	int r = lq_books_chain_of(books, controller, &chain);
	struct lq_chain before = r == LQ_OK ? *chain : (struct lq_chain){0};
	r = r == LQ_OK ? find_stretch(books, seq, before.last, &walk) : r;
	if (r == LQ_OK && walk.from != 0) {
		r = follow(books, &before, &walk);
	}
	/* Looking at the database has written the chain down: it is found anew. */
	r = r == LQ_OK ? lq_books_chain_of(books, controller, &chain) : r;
	if (r != LQ_OK) {
		return r;
	}
	if (walk.broken != 0) {
		*finding = LQ_BOOKS_BROKEN;
		chain->broken = chain->broken != 0 ? chain->broken : walk.broken;
	} else if (walk.complete && walk.to == chain->last && !chain->known) {
		memcpy(chain->hash, walk.hash, sizeof(chain->hash));
		chain->known = true;
	}
	return LQ_OK;
}

int lq_books_rechain(
	struct lq_books *books, const struct lq_feed_event *event, enum lq_books_finding *finding)
{
	const struct walk walk = {.controller = event->controller};
	uint64_t neighbours = 0;
	int r = number(books,
		"SELECT count(*) FROM event WHERE controller = ?1 AND seq IN (?2 - 1, ?2 + 1)",
		&walk, event->seq, &neighbours);
	bool ends = event->is_checkpoint || event->restarts || event->seq == 1;
	/* Most rows of a gap have a missing neighbour, and nothing is whole yet. */
	if (r != LQ_OK || (neighbours < 2 && !ends)) {
		return r;
	}
	if (event->is_checkpoint && event->seq > 1) {
		r = rechain(books, event->controller, event->seq - 1, finding);
	}
	return r == LQ_OK ? rechain(books, event->controller, event->seq, finding) : r;
}
