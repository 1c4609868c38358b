/* door.db: the journal and the roster, over SQLite. A store belongs to one thread; several stores
 * may be open on one file (one writer, any number of readers: WAL). */
#ifndef LQ_STORE_STORE_H
#define LQ_STORE_STORE_H

#include "firmware/core/event.h"
#include "firmware/core/order.h"
#include "firmware/core/presence.h"
#include "firmware/store/hash.h"
#include "firmware/store/keys.h"
#include "firmware/store/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lq_store;

#define LQ_STORE_FILE "door.db"

/* The end of the chain. An empty journal has seq 0 and a zero hash. */
struct lq_head {
	uint64_t seq;
	uint8_t hash[LQ_HASH_SIZE];
	int64_t unix_ms; /* `time` of the last event, the floor of the next; 0: none */
};

/* What opening found out. */
struct lq_store_report {
	char set_aside[256];  /* where a damaged file was moved, or empty */
	uint32_t schema_from; /* version found, before migration */
	unsigned salvaged;    /* badges carried over from the damaged file */
	bool lost;            /* it was missing or empty, though the controller had one */
	bool foreign;         /* what was set aside is another program's database */
	char problem[161];    /* SQLite's words when something was wrong */
};

/* Opens <folder>/door.db for writing, creates it when there is none and migrates it forward. A file
 * that is damaged, or another program's, is renamed, never overwritten, once another stands ready
 * that has what can still be read of its roster; the numbers of the new journal go on behind those
 * of the old one, and its first row is of the time `now`. A power cut leaves the old file or the
 * new one. LQ_ERR_UNSUPPORTED when a newer version wrote it. `keys` is copied. Closes with
 * lq_store_close().
 */
int lq_store_open(const char *folder, const struct lq_site *site, const struct lq_keys *keys,
	struct lq_wall now, struct lq_store **ret_store, struct lq_store_report *ret_report);

/* As lq_store_open() of a file that showed damage while it was in use: it is replaced, whatever it
 * looks like now. */
int lq_store_replace(const char *folder, const struct lq_site *site, const struct lq_keys *keys,
	struct lq_wall now, struct lq_store **ret_store, struct lq_store_report *ret_report);

/* The roster as far as it can be read, and the head, in memory: what a door can go on with when
 * lq_store_open() fails because the disk takes nothing. What is written to this store is lost. */
int lq_store_open_frozen(
	const char *folder, const struct lq_site *site, struct lq_store **ret_store);

/* Opens the file for reading only; it needs no more than the right to read it, whether loquetd runs
 * or has ended in order. LQ_ERR_NOT_FOUND when there is none, LQ_ERR_UNSUPPORTED when another
 * version wrote it, newer or older. */
int lq_store_open_readonly(const char *folder, struct lq_store **ret_store);

/* Accepts NULL. */
void lq_store_close(struct lq_store *store);

/* SQLite's words for the last failure. Valid until the next call. */
const char *lq_store_error(const struct lq_store *store);

int lq_store_head(struct lq_store *store, struct lq_head *ret_head);

/* Appends the events in order as one transaction and waits until the disk has it (fsync). Adds a
 * signed checkpoint whenever `checkpoint_rows` rows have come since the last. `ret_seqs` (may be
 * NULL) gets each event's number. On failure nothing of it is stored: LQ_ERR_FULL when the disk is,
 * LQ_ERR_CORRUPT when the file is, LQ_ERR_CLOSED when somebody took it away or replaced it (it
 * stands there again, and the store has to be opened anew), LQ_ERR_IO otherwise. */
int lq_store_append(
	struct lq_store *store, const struct lq_event *events, size_t count, uint64_t *ret_seqs);

/* Appends `event` and remembers the nonce of the command that it tells of, or neither. Forgets
 * those that had expired at `event->at`. LQ_ERR_EXISTS when it is known; otherwise as
 * lq_store_append().
 */
int lq_store_spend_nonce(
	struct lq_store *store, const struct lq_nonce *nonce, const struct lq_event *event);

/* The nonces that are remembered, those that expire last first. */
int lq_store_load_nonces(struct lq_store *store, struct lq_nonces *ret_nonces);

/* SQLite's log grows with each append and has to be copied into the file, which takes longer than
 * an append. Due once the log is long; to be done when nobody waits for the store. An append does
 * it itself only when the log has become far too long. */
bool lq_store_tidy_due(const struct lq_store *store);
void lq_store_tidy(struct lq_store *store);

void lq_store_set_checkpoint_rows(struct lq_store *store, uint32_t rows);

/* What was wanted of a door, and what its opening hours remember. */
struct lq_door_kept {
	enum lq_door_mode mode;
	struct lq_hours hours;
};

/* As the newest door.mode_changed of each door of the site said; Locked where there is none, or one
 * that cannot be right. */
int lq_door_modes_load(struct lq_store *store, const struct lq_site *site,
	struct lq_door_kept ret_kept[LQ_DOORS_MAX]);

/* What held at a door besides its mode. */
struct lq_door_hold {
	bool fire;     /* one that nobody has confirmed the end of, */
	bool released; /* … and the door stood released in it */
	int64_t propped_until_ms;
};

int lq_door_holds_load(struct lq_store *store, const struct lq_site *site,
	struct lq_door_hold ret_holds[LQ_DOORS_MAX]);

/* Who is in, as the newest passages said; whatever cannot be right is left out. */
int lq_presence_load(
	struct lq_store *store, const struct lq_site *site, struct lq_presence *ret_presence);

/* The same as of `ret_at_ms`, when a fire began; 0: no fire waits to be confirmed. */
int lq_presence_load_frozen(struct lq_store *store, const struct lq_site *site,
	struct lq_presence *ret_presence, int64_t *ret_at_ms);

/* One row as it stands. `body` is empty (length 0) where it was purged; borrowed until the next
 * call on this store. */
struct lq_row {
	uint64_t seq;
	const char *body;
	size_t body_length;
	uint8_t body_hash[LQ_HASH_SIZE];
	uint8_t hash[LQ_HASH_SIZE];
};

/* Calls `each` for every row with seq >= `from`, in order, until it returns non-zero (which is then
 * returned) or `limit` rows were given (0: no limit). */
int lq_store_read(struct lq_store *store, uint64_t from, size_t limit,
	int (*each)(void *ctx, const struct lq_row *row), void *ctx);

/* What verification found. */
struct lq_verdict {
	uint64_t rows;
	uint64_t first_seq;
	uint64_t last_seq;
	uint64_t checkpoints; /* with a valid signature */
	uint64_t signed_seq;  /* everything up to here is covered by a signature */
	uint64_t bad_seq;     /* 0: none; otherwise the first row that does not hold */
	char problem[128];    /* empty, or what is wrong with it */
};

/* Recomputes the chain and checks every checkpoint's signature. `public_key` is the controller's.
 * LQ_ERR_CORRUPT when something does not hold; `ret_verdict` is filled then too. */
int lq_store_verify(struct lq_store *store, const struct lq_site *site,
	const uint8_t public_key[32], struct lq_verdict *ret_verdict);

/* Of SQLite, as it runs. Static. */
const char *lq_store_sqlite_version(void);

#endif
