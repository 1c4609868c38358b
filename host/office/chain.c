/* The chain of hashes, as far as the feed shows it: a number that is missing breaks it off, and the
 * next signed checkpoint, which names the hash before it, takes it up again. */
#include "firmware/core/err.h"
#include "firmware/core/event.h"
#include "firmware/store/hash.h"
#include "firmware/store/keys.h"
#include "host/office/books_internal.h"

#include <stdio.h>
#include <string.h>

static bool column_bytes(struct lq_rows *rows, int column, uint8_t out[32])
{
	struct lq_blob blob = lq_rows_blob(rows, column);
	if (blob.bytes == NULL || blob.length != 32) {
		return false;
	}
	memcpy(out, blob.bytes, 32);
	return true;
}

static int load(struct lq_books *books, const char *controller, struct lq_chain *ret_chain)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(books->db, &rows,
		"SELECT last, hash, public_key, signed, broken FROM controller WHERE name = ?1",
		"t", controller);
	if (r != LQ_OK) {
		return r;
	}
	struct lq_chain chain = {0};
	r = lq_rows_next(rows);
	if (r == 1) {
		chain.begun = true;
		chain.last = (uint64_t)lq_rows_integer(rows, 0);
		chain.known = column_bytes(rows, 1, chain.hash);
		chain.keyed = column_bytes(rows, 2, chain.key);
		chain.signed_to = (uint64_t)lq_rows_integer(rows, 3);
		chain.broken = (uint64_t)lq_rows_integer(rows, 4);
	}
	lq_rows_end(rows);
	if (r < 0) {
		return r;
	}
	bool own = strcmp(controller, books->config->controller) == 0;
	if (!chain.keyed && own) {
		chain.keyed = lq_keys_load_public(books->config->state_dir, chain.key) == LQ_OK;
	}
	*ret_chain = chain;
	return LQ_OK;
}

static int save(struct lq_books *books, const char *controller, const struct lq_chain *chain)
{
	const struct lq_blob hash = {.bytes = chain->known ? chain->hash : NULL, .length = 32};
	const struct lq_blob key = {.bytes = chain->keyed ? chain->key : NULL, .length = 32};
	int64_t r = lq_db_run(books->db,
		"INSERT INTO controller (name, last, hash, public_key, signed, broken, settled) "
		"VALUES (?1, ?2, ?3, ?4, ?5, NULLIF(?6, 0), CASE ?7 WHEN 0 THEN ?2 ELSE 0 END) "
		"ON CONFLICT (name) DO UPDATE SET "
		"last = excluded.last, hash = excluded.hash, public_key = excluded.public_key, "
		"signed = excluded.signed, broken = excluded.broken, "
		"settled = CASE ?7 WHEN 0 THEN excluded.last ELSE controller.settled END",
		"tibbiii", controller, (int64_t)chain->last, &hash, &key, (int64_t)chain->signed_to,
		(int64_t)chain->broken, (int64_t)lq_passages_wait(books));
	return r < 0 ? (int)r : LQ_OK;
}

int lq_books_save_chains(struct lq_books *books)
{
	struct lq_gathered *gathered = &books->gathered;
	int r = LQ_OK;
	for (size_t i = 0; i < gathered->chain_count && r == LQ_OK; i++) {
		r = save(books, gathered->chains[i].controller, &gathered->chains[i].chain);
	}
	gathered->chain_count = r == LQ_OK ? 0 : gathered->chain_count;
	return r;
}

int lq_books_chain_of(struct lq_books *books, const char *controller, struct lq_chain **ret_chain)
{
	struct lq_gathered *gathered = &books->gathered;
	for (size_t i = 0; i < gathered->chain_count; i++) {
		if (strcmp(gathered->chains[i].controller, controller) == 0) {
			*ret_chain = &gathered->chains[i].chain;
			return LQ_OK;
		}
	}
	int r = gathered->chain_count == LQ_GATHERED_CHAINS ? lq_books_save_chains(books) : LQ_OK;
	struct lq_gathered_chain *added = &gathered->chains[gathered->chain_count];
	r = r == LQ_OK ? load(books, controller, &added->chain) : r;
	if (r == LQ_OK) {
		(void)snprintf(added->controller, sizeof(added->controller), "%s", controller);
		gathered->chain_count++;
		*ret_chain = &added->chain;
	}
	return r;
}

static bool is_signed(
	const struct lq_books *books, const struct lq_feed_event *event, const uint8_t key[32])
{
	struct lq_site site = {0};
	uint8_t message[LQ_CHECKPOINT_MESSAGE_MAX];
	const struct lq_feed_checkpoint *checkpoint = &event->checkpoint;
	(void)snprintf(site.space, sizeof(site.space), "%s", books->config->space);
	(void)snprintf(site.controller, sizeof(site.controller), "%s", event->controller);
	size_t length =
		lq_checkpoint_message(&site, checkpoint->head_seq, checkpoint->head_hash, message);
	return lq_keys_verify(key, message, length, checkpoint->signature) == LQ_OK;
}

bool lq_books_checkpoint_holds(const struct lq_books *books, const struct lq_feed_event *event,
	const struct lq_chain *chain, const uint8_t *hash)
{
	const struct lq_feed_checkpoint *checkpoint = &event->checkpoint;
	const uint8_t *key = chain->keyed ? chain->key : checkpoint->public_key;
	return checkpoint->head_seq == event->seq - 1 && is_signed(books, event, key) &&
	       (hash == NULL || memcmp(hash, checkpoint->head_hash, LQ_HASH_SIZE) == 0);
}

static void break_at(struct lq_chain *chain, uint64_t seq, enum lq_books_finding *finding)
{
	*finding = LQ_BOOKS_BROKEN;
	chain->broken = chain->broken != 0 ? chain->broken : seq;
}

static void note_signature(const struct lq_feed_checkpoint *checkpoint, struct lq_chain *chain)
{
	if (!chain->keyed) {
		memcpy(chain->key, checkpoint->public_key, sizeof(chain->key));
		chain->keyed = true;
	}
	if (checkpoint->head_seq > chain->signed_to) {
		chain->signed_to = checkpoint->head_seq;
	}
}

/* Takes a checkpoint's word for the chain before it where that is not known. */
static bool weigh_checkpoint(
	const struct lq_books *books, const struct lq_feed_event *event, struct lq_chain *chain)
{
	const struct lq_feed_checkpoint *checkpoint = &event->checkpoint;
	if (!lq_books_checkpoint_holds(books, event, chain, chain->known ? chain->hash : NULL)) {
		return false;
	}
	note_signature(checkpoint, chain);
	memcpy(chain->hash, checkpoint->head_hash, LQ_HASH_SIZE);
	chain->known = true;
	return true;
}

/* Rows behind it came before: the chain is followed once it is whole. That the signature is the
 * controller's can be said at once, and whatever is missing before it. */
static int take_late(struct lq_books *books, const struct lq_feed_event *event,
	struct lq_chain *chain, enum lq_books_finding *finding)
{
	if (event->is_checkpoint && lq_books_checkpoint_holds(books, event, chain, NULL)) {
		note_signature(&event->checkpoint, chain);
	} else if (event->is_checkpoint) {
		break_at(chain, event->seq, finding);
	}
	int r = lq_gap_late(books->db, event);
	return r == LQ_OK ? lq_books_rechain(books, event, finding) : r;
}

int lq_books_chain(struct lq_books *books, const struct lq_feed_event *event,
	const uint8_t body_hash[LQ_HASH_SIZE], enum lq_books_finding *finding, bool *ret_late)
{
	struct lq_chain *chain = NULL;
	int r = lq_books_chain_of(books, event->controller, &chain);
	if (r != LQ_OK) {
		return r;
	}
	*ret_late = event->seq <= chain->last;
	if (*ret_late) {
		return take_late(books, event, chain, finding);
	}
	bool first = event->restarts || event->seq == 1;
	bool follows = chain->begun && event->seq == chain->last + 1;
	if (first) {
		memset(chain->hash, 0, sizeof(chain->hash));
	} else if (chain->begun && !follows) {
		*finding = LQ_BOOKS_GAP;
		r = lq_gap_open(books->db, event->controller, chain->last + 1, event->seq - 1);
	}
	chain->known = first || (follows && chain->known);
	if (event->is_checkpoint && !weigh_checkpoint(books, event, chain)) {
		break_at(chain, event->seq, finding);
		chain->known = false;
	}
	if (chain->known) {
		lq_hash_chain(chain->hash, body_hash, chain->hash);
	}
	chain->begun = true;
	chain->last = event->seq;
	return r;
}
