/* How many rows a second reach the disk, one a transaction: the journal, and beside it the barest
 * loop over SQLite with the same table, settings and row size, in turns. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/store/store.h"
#include "hal/linux/linux_entropy.h"
#include "tests/bench/samples.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 240u

static const struct lq_site site = {
	.space = "demo",
	.controller = "front-board",
	.door_count = 1,
	.reader_count = 1,
	.doors = {"front"},
	.readers = {{.name = "front-in"}},
};

/* ---- the journal ---- */

static struct lq_event granted(uint32_t number)
{
	struct lq_wall at = {.unix_ms = 1767225600000 + number, .trust = LQ_TRUST_RTC};
	struct lq_event event = lq_event_make(LQ_EVENT_ACCESS_GRANTED, at);
	event.door = event.access_point = event.reader = 0;
	event.transaction = (struct lq_transaction){.run = 1, .number = number};
	event.credential = event.holder = number;
	return event;
}

static uint64_t time_journal(struct lq_store *store, uint32_t *number, uint32_t rows)
{
	uint64_t began = now_ns();
	for (uint32_t i = 0; i < rows; i++) {
		struct lq_event event = granted(++*number);
		int r = lq_store_append(store, &event, 1, NULL);
		LQ_ASSERT(r == LQ_OK);
	}
	return now_ns() - began;
}

static int take_length(void *ctx, const struct lq_row *row)
{
	*(size_t *)ctx = row->body_length;
	return LQ_OK;
}

/* ---- the bare loop ---- */

struct bare {
	sqlite3 *db;
	sqlite3_stmt *insert;
	sqlite3_int64 seq;
	char body[LQ_EVENT_BODY_MAX];
	size_t body_length;
};

static void open_bare(struct bare *bare, const char *folder)
{
	char path[PATH_SIZE];
	(void)snprintf(path, sizeof(path), "%.200s/bare.db", folder);
	int code = sqlite3_open(path, &bare->db);
	LQ_ASSERT(code == SQLITE_OK);
	code = sqlite3_exec(bare->db,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"CREATE TABLE journal (seq INTEGER PRIMARY KEY, body BLOB, body_hash BLOB, hash "
		"BLOB)",
		NULL, NULL, NULL);
	LQ_ASSERT(code == SQLITE_OK);
	code = sqlite3_prepare_v2(
		bare->db, "INSERT INTO journal VALUES (?1, ?2, ?3, ?4)", -1, &bare->insert, NULL);
	LQ_ASSERT(code == SQLITE_OK);
	memset(bare->body, 'x', sizeof(bare->body));
}

static uint64_t time_bare(struct bare *bare, uint32_t rows)
{
	static const uint8_t hash[LQ_HASH_SIZE] = {1};
	uint64_t began = now_ns();
	for (uint32_t i = 0; i < rows; i++) {
		(void)sqlite3_bind_int64(bare->insert, 1, ++bare->seq);
		(void)sqlite3_bind_blob(
			bare->insert, 2, bare->body, (int)bare->body_length, SQLITE_STATIC);
		(void)sqlite3_bind_blob(bare->insert, 3, hash, sizeof(hash), SQLITE_STATIC);
		(void)sqlite3_bind_blob(bare->insert, 4, hash, sizeof(hash), SQLITE_STATIC);
		int code = sqlite3_step(bare->insert);
		LQ_ASSERT(code == SQLITE_DONE);
		(void)sqlite3_reset(bare->insert);
	}
	return now_ns() - began;
}

/* ---- in turns ---- */

static void print_rates(const char *name, const uint64_t *ns, size_t rounds, uint32_t rows)
{
	(void)printf("\"%s\":[", name);
	for (size_t i = 0; i < rounds; i++) {
		(void)printf("%s%.1f", i > 0 ? "," : "", rows * 1e9 / (double)ns[i]);
	}
	(void)printf("]");
}

static void compete(struct lq_store *store, struct bare *bare, size_t rounds, uint32_t rows)
{
	uint64_t *journal_ns = calloc(rounds, sizeof(*journal_ns));
	uint64_t *bare_ns = calloc(rounds, sizeof(*bare_ns));
	LQ_ASSERT(journal_ns != NULL && bare_ns != NULL);
	uint32_t number = 1;
	for (size_t i = 0; i < rounds; i++) {
		/* Whoever comes first does so every other time. */
		if (i % 2 == 0) {
			journal_ns[i] = time_journal(store, &number, rows);
			bare_ns[i] = time_bare(bare, rows);
		} else {
			bare_ns[i] = time_bare(bare, rows);
			journal_ns[i] = time_journal(store, &number, rows);
		}
	}
	(void)printf("{\"body_bytes\":%zu,", bare->body_length);
	print_rates("journal", journal_ns, rounds, rows);
	(void)printf(",");
	print_rates("bare", bare_ns, rounds, rows);
	(void)printf("}\n");
	free(journal_ns);
	free(bare_ns);
}

int main(int argc, char **argv)
{
	static struct bare bare;
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_store_report report;
	struct lq_store *store = NULL;
	struct lq_keys keys;
	if (argc != 4) {
		(void)fputs("usage: bench_commit FOLDER ROUNDS ROWS\n", stderr);
		return 2;
	}
	if (lq_keys_load(argv[1], &entropy, &keys) != LQ_OK ||
		lq_store_open(argv[1], &site, &keys, granted(0).at, &store, &report) != LQ_OK) {
		(void)fprintf(stderr, "bench_commit: no journal in %s\n", argv[1]);
		return EXIT_FAILURE;
	}
	struct lq_event first = granted(1);
	int r = lq_store_append(store, &first, 1, NULL);
	LQ_ASSERT(r == LQ_OK);
	r = lq_store_read(store, 1, 1, take_length, &bare.body_length);
	LQ_ASSERT(r == LQ_OK);
	open_bare(&bare, argv[1]);
	compete(store, &bare, strtoul(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10));
	(void)sqlite3_finalize(bare.insert);
	(void)sqlite3_close(bare.db);
	lq_store_close(store);
	return 0;
}
