/* What the files of this folder share. Nobody else includes it. */
#ifndef LQ_STORE_STORE_INTERNAL_H
#define LQ_STORE_STORE_INTERNAL_H

#include "firmware/store/roster_row.h"
#include "firmware/store/store.h"

#include <sqlite3.h>

enum lq_statement {
	LQ_SQL_BEGIN,
	LQ_SQL_COMMIT,
	LQ_SQL_ROLLBACK,
	LQ_SQL_APPEND,
	LQ_STATEMENT_COUNT
};

/* Badges that wear out while another table of badges is filled. */
#define LQ_SPENT_MAX 64u
struct lq_spent {
	bool watched;
	bool overrun; /* more of them than have room */
	uint32_t count;
	uint32_t badges[LQ_SPENT_MAX];
};

/* How far the journal was emptied of what is too old. */
struct lq_retention {
	bool known;
	bool unclean;     /* the log may still say what is emptied */
	uint64_t first;   /* number of the journal */
	uint64_t reached; /* rows up to here are emptied; in the file, too */
	uint64_t cut;     /* … are too old, */
	uint64_t looked;  /* … were looked at */
};

struct lq_store {
	sqlite3 *db;
	sqlite3_stmt *statements[LQ_STATEMENT_COUNT];
	bool writable;
	bool logged; /* it has a write-ahead log */
	struct lq_site site;
	struct lq_keys keys;
	struct lq_head head; /* of what is committed */
	uint32_t checkpoint_rows;
	uint32_t rows_since_checkpoint;
	int log_pages; /* of SQLite's write-ahead log */
	struct lq_spent spent;
	struct lq_retention retention;
	char error[256];
};

extern const char *const lq_migrations[];
extern const size_t lq_migration_count;

/* Opens a file for writing, creates it when there is none, migrates it forward and looks at what it
 * holds. LQ_ERR_CORRUPT, with the report's `problem`, when it is damaged or not ours. */
int lq_store_open_file(const char *path, const char *journal_mode, const struct lq_site *site,
	const struct lq_keys *keys, struct lq_store **ret_store, struct lq_store_report *report);

/* Opens a file of any version for reading only. LQ_ERR_NOT_FOUND when there is none. */
int lq_store_open_reader(const char *path, struct lq_store **ret_store);

/* Keeps SQLite's words and turns its code into ours. */
int lq_store_fail(struct lq_store *store, int sqlite_code);

/* Keeps our own words for what is wrong with the file; LQ_ERR_CORRUPT. */
int lq_store_object(struct lq_store *store, const char *problem);

/* Runs statements that give no rows. */
int lq_store_execute(struct lq_store *store, const char *sql);

int lq_store_prepare(struct lq_store *store, const char *sql, sqlite3_stmt **ret_statement);

/* SQLITE_ROW: 1, SQLITE_DONE: 0, otherwise an error. */
int lq_store_step(struct lq_store *store, sqlite3_stmt *statement);

/* LQ_OK while what the store writes to is door.db and its log. Otherwise somebody took them away,
 * or put others in their place: everything that the store holds is then written to its place again,
 * what stood there is renamed, and LQ_ERR_CLOSED says that it is to be opened anew. Another error:
 * that could not be done, and is to be tried again. */
int lq_store_keep_place(struct lq_store *store);

/* BEGIN IMMEDIATE, where door.db is still ours; and COMMIT when `r` is LQ_OK, ROLLBACK otherwise.
 * Returns `r` or what COMMIT said. */
int lq_store_begin(struct lq_store *store);
int lq_store_end(struct lq_store *store, int r);

/* lq_store_end(), where a change that succeeded is committed together with the event that tells of
 * it, or not at all. */
int lq_store_end_with(struct lq_store *store, int r, const struct lq_event *event);

/* Appends one event behind `head` inside a transaction that the caller began, and moves `head`.
 * Adds a checkpoint when one is due. */
int lq_journal_append(struct lq_store *store, const struct lq_event *event, struct lq_head *head);

/* Keeps what a door.mode_changed says, inside a transaction that the caller began. */
int lq_door_mode_keep(struct lq_store *store, const struct lq_event *event);

/* Takes from the credential what a granted tap took (lq_credential_spend()), inside a transaction
 * that the caller began. */
int lq_credential_keep(struct lq_store *store, const struct lq_event *event);

/* Fills in the opening hours; the rest of the tables is there. */
int lq_door_hours_load(struct lq_store *store, struct lq_rule_tables *tables);

/* Keeps what the event says of a fire or of propping, inside a transaction that the caller began.
 */
int lq_door_released_keep(struct lq_store *store, const struct lq_event *event);
int lq_door_hold_keep(struct lq_store *store, const struct lq_event *event);

/* Keeps what the event says of who is in, inside a transaction that the caller began. */
int lq_presence_keep(struct lq_store *store, const struct lq_event *event);

/* What was written is copied into the file, and the log is cut to nothing. LQ_ERR_BUSY when a
 * reader needs it; nobody is waited for. */
int lq_store_cut_log(struct lq_store *store);

/* The `time` of a body, or 0. */
int64_t lq_journal_body_time(const struct lq_row *row);

/* The chain's end as the file has it. LQ_ERR_CORRUPT when the last rows do not hold. */
int lq_journal_find_head(struct lq_store *store, struct lq_head *ret_head);

#define LQ_ROW_SQL_SIZE 1024u

/* A SELECT of every column of lq_roster_tables[kind] over the table `from`, which is `m` or `c` in
 * `tail`; and the row that it stands at. */
void lq_roster_row_select(enum lq_roster_kind kind, const char *from, const char *tail,
	char ret_sql[LQ_ROW_SQL_SIZE]);
struct lq_roster_row lq_roster_row_take(enum lq_roster_kind kind, sqlite3_stmt *statement);

/* The tables that a roster is read from. */
struct lq_roster_source {
	const char *members;
	const char *credentials;
};

/* Adds the next `limit` credentials behind the number `*after`, which moves. 1: there may be more;
 * LQ_OK: these were the last. */
int lq_roster_load_some(struct lq_store *store, const struct lq_roster_source *source,
	int64_t *after, uint32_t limit, struct lq_roster *roster);

/* Takes away what an import left that did not come to its end. */
int lq_import_sweep(struct lq_store *store);

/* Removes the damaged files in whose place this journal began, at the row `first_seq`, and which
 * were not written since `before_ms`. */
int lq_store_forget_aside(struct lq_store *store, uint64_t first_seq, int64_t before_ms);

/* What could be saved of a file. */
struct lq_salvaged {
	unsigned badges;
	struct lq_head
		head; /* `seq` is the highest number seen, 0: none; the rest when its end holds */
};

/* Copies what can still be read of the roster in the file at `path` into `store`, inside a
 * transaction that the caller began. What is damaged is left out, and a file that is not there
 * holds nothing; an error is about everything else, such as a full disk, and may pass. */
int lq_salvage(struct lq_store *store, const char *path, struct lq_salvaged *ret_salvaged);

#endif
