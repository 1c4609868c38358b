/* What the parts of the books share. */
#ifndef LQ_OFFICE_BOOKS_INTERNAL_H
#define LQ_OFFICE_BOOKS_INTERNAL_H

#include "firmware/store/hash.h"
#include "host/office/books.h"
#include "host/office/realm.h"

struct lq_chain {
	bool begun; /* something came before */
	uint64_t last;
	bool known; /* `hash` is that of `last` */
	uint8_t hash[LQ_HASH_SIZE];
	bool keyed;
	uint8_t key[32];
	uint64_t signed_to;
	uint64_t broken; /* 0: nowhere */
};

#define LQ_GATHERED_CHAINS 16u

/* What one transaction has read and still has to write, so that a hundred rows of a controller cost
 * it once. The list is emptied when it is full, and everything before others look at the database
 * (struct lq_db_late) and with the transaction: so nothing in it can be stale. */
struct lq_gathered {
	struct lq_gathered_chain {
		char controller[LQ_NAME_SIZE];
		struct lq_chain chain;
	} chains[LQ_GATHERED_CHAINS];
	size_t chain_count;
	bool wanted_is_known;
	int64_t wanted; /* by webhooks: lq_webhook_wanted() */
};

#define LQ_PASSAGES_MAX 8192u

/* Passages whose events are kept, and that visits are not yet made of. Each of them costs two pages
 * somewhere in the tables, so that many at a time are much less than one by one: while a backlog
 * comes, they wait here over the ends of transactions, until somebody looks. What is lost with the
 * program is found in the events again, from controller.settled on. */
struct lq_passages {
	struct lq_waiting *waiting; /* LQ_PASSAGES_MAX of them; NULL: the books are read only */
	size_t count;
	bool touched; /* since the last lq_books_commit(): what is taken back may have to do with it
		       */
	bool lost;    /* some are to be found in the events */
	size_t taken; /* events of this transaction, whatever they tell */
	int64_t since_ms;           /* when lq_books_keep() saw the first of them; 0: not yet */
	struct lq_business_day day; /* the last one that was asked for */
};

struct lq_books {
	struct lq_db *db;
	const struct lq_config *config; /* borrowed */
	struct lq_visit_settings settings;
	int64_t purged_ms; /* of persons, nothing older is kept */
	int64_t minute_ms; /* when lq_books_keep() last did what it does each minute, */
	int64_t hour_ms;   /* … and each hour */
	int64_t second_ms; /* … and each second, while `purging`: there is more that is too old */
	int64_t retention_days; /* as they were then */
	bool purging;
	bool late; /* something came of a day that ended before `final_ms`, or may have */
	unsigned late_minutes; /* in a row */
	int64_t final_ms;      /* what ended before is final */
	struct lq_gathered gathered;
	struct lq_passages passages;
	struct lq_db_behind behind;
};

extern const char *const lq_office_migrations[];
extern const size_t lq_office_migration_count;

/* Opens the office's database that a `[office] database` names, office.db for "". As
 * lq_db_open_sqlite() and lq_db_open_postgres(). */
int lq_books_database(const struct lq_config *config, const char *database, enum lq_db_use use,
	struct lq_db **ret_db);

/* Follows the chain of hashes to this event, whose body has `body_hash`. Changes `finding` for the
 * worse only. `ret_late`: rows behind it came before. */
int lq_books_chain(struct lq_books *books, const struct lq_feed_event *event,
	const uint8_t body_hash[LQ_HASH_SIZE], enum lq_books_finding *finding, bool *ret_late);

/* The chain as this transaction has it; until the database is looked at. */
int lq_books_chain_of(struct lq_books *books, const char *controller, struct lq_chain **ret_chain);

/* Whether a checkpoint is signed by the controller, and for the chain before it that has this hash;
 * `hash` NULL: that is not known. */
bool lq_books_checkpoint_holds(const struct lq_books *books, const struct lq_feed_event *event,
	const struct lq_chain *chain, const uint8_t *hash);

/* After a row that came late was kept: follows the chain where that has made it whole. Changes
 * `finding` for the worse only. */
int lq_books_rechain(
	struct lq_books *books, const struct lq_feed_event *event, enum lq_books_finding *finding);

/* Writes what was gathered of chains, and forgets it. */
int lq_books_save_chains(struct lq_books *books);

/* Rows that did not come. Filling what is no gap changes nothing. */
int lq_gap_open(struct lq_db *db, const char *controller, uint64_t first, uint64_t last);
int lq_gap_fill(struct lq_db *db, const char *controller, uint64_t seq);

/* After a row was kept that came behind later ones: the stretches are those that its coming in its
 * turn would have left. */
int lq_gap_late(struct lq_db *db, const struct lq_feed_event *event);

/* Notes where an evacuation begins or ends. */
int lq_books_muster(struct lq_books *books, const struct lq_feed_event *event);

/* LQ_ERR_NO_MEMORY, or LQ_OK: tables may stay behind from now on. */
int lq_passages_begin(struct lq_books *books);

/* Makes visits of what waits. Before the database is closed. */
void lq_passages_end(struct lq_books *books);

/* The passage of a new event waits. */
int lq_passages_add(struct lq_books *books, const struct lq_feed_event *event);

/* Whether any wait, or are to be found again. */
bool lq_passages_wait(const struct lq_books *books);

/* Before a commit: nothing waits any longer unless a backlog comes. */
int lq_passages_commit(struct lq_books *books);

/* Nothing waits for long. No transaction is open before or after. */
int lq_passages_keep(struct lq_books *books, int64_t now_ms);

#endif
