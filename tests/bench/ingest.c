/* How many events a second the office takes up: read, kept once, chain and signatures checked,
 * visits made, webhooks asked for, of which there are none; and beside it the barest loop of
 * prepared inserts of the same bytes into the same table, with the same settings and as many rows a
 * transaction, in turns.
 *     bench_ingest FOLDER ROUNDS EVENTS PEOPLE BATCH */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/store/store.h"
#include "hal/linux/linux_entropy.h"
#include "host/office/books.h"
#include "tests/bench/samples.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 240u
#define TOPIC     "loquet/1/demo/front-board/events"
#define BEGINS_MS INT64_C(1767254400000) /* in the morning: a day of a space, not its night */

static const struct lq_site site = {
	.space = "demo",
	.controller = "front-board",
	.door_count = 1,
	.reader_count = 1,
	.doors = {"front"},
	.readers = {{.name = "front-in"}},
};

struct feed {
	struct row {
		uint64_t seq;
		char *body;
		size_t length;
	} * rows;
	size_t count;
	size_t capacity;
};

/* ---- what a real journal holds: the events of one tap after another ---- */

static const enum lq_event_type of_a_tap[] = {
	LQ_EVENT_ACCESS_GRANTED,
	LQ_EVENT_DOOR_RELEASED,
	LQ_EVENT_DOOR_OPENED,
	LQ_EVENT_ACCESS_TAKEN,
	LQ_EVENT_DOOR_CLOSED,
	LQ_EVENT_DOOR_RELOCKED,
};

#define OF_A_TAP (sizeof(of_a_tap) / sizeof(of_a_tap[0]))

static struct lq_event nth(uint32_t number, uint32_t people)
{
	uint32_t tap = number / OF_A_TAP;
	struct lq_wall at = {
		.unix_ms = BEGINS_MS + (int64_t)tap * 2000 + (int64_t)(number % OF_A_TAP),
		.trust = LQ_TRUST_SYNCHRONISED};
	struct lq_event event = lq_event_make(of_a_tap[number % OF_A_TAP], at);
	event.door = event.access_point = event.reader = 0;
	event.transaction = (struct lq_transaction){.run = 1, .number = tap + 1};
	event.credential = event.holder = 1 + (tap * 7919u) % people;
	return event;
}

static int take_row(void *ctx, const struct lq_row *row)
{
	struct feed *feed = ctx;
	if (feed->count == feed->capacity) {
		return LQ_ERR_FULL;
	}
	struct row *own = &feed->rows[feed->count++];
	*own = (struct row){.seq = row->seq, .length = row->body_length};
	own->body = malloc(row->body_length);
	LQ_ASSERT(own->body != NULL);
	memcpy(own->body, row->body, row->body_length);
	return LQ_OK;
}

static int journal_of(const char *folder, size_t events, uint32_t people, struct feed *ret_feed)
{
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_store_report report;
	struct lq_store *store = NULL;
	struct lq_keys keys;
	struct feed feed = {.capacity = events, .rows = calloc(events, sizeof(struct row))};
	LQ_ASSERT(feed.rows != NULL);
	if (lq_keys_load(folder, &entropy, &keys) != LQ_OK ||
		lq_store_open(folder, &site, &keys, nth(0, people).at, &store, &report) != LQ_OK) {
		free(feed.rows);
		return LQ_ERR_IO;
	}
	struct lq_event batch[50];
	uint32_t number = 0;
	int r = LQ_OK;
	while (number < events && r == LQ_OK) {
		size_t size = sizeof(batch) / sizeof(batch[0]);
		for (size_t i = 0; i < size; i++) {
			batch[i] = nth(number++, people);
		}
		r = lq_store_append(store, batch, size, NULL);
	}
	if (r == LQ_OK) {
		(void)lq_store_read(store, 1, events, take_row, &feed);
	}
	lq_store_close(store);
	*ret_feed = feed;
	return r;
}

/* ---- the two ---- */

static int take_up(struct lq_books *books, const struct row *row)
{
	enum lq_books_finding finding = LQ_BOOKS_KNOWN;
	struct lq_feed_event event;
	int r = lq_feed_read("demo", TOPIC, row->body, row->length, &event);
	r = r == LQ_OK ? lq_books_begin(books) : r;
	r = r == LQ_OK ? lq_books_take(books, &event, row->body, row->length, &finding) : r;
	r = r == LQ_OK ? lq_books_tell(books, &event, BEGINS_MS) : r;
	return r == LQ_OK && finding != LQ_BOOKS_NEW ? LQ_ERR_EXISTS : r;
}

/* Whoever looks finds them made, of every event that came. */
static void look_at_visits(struct lq_books *books)
{
	int64_t visits = 0;
	int r = lq_db_integer(lq_books_db(books), &visits, 0, "SELECT count(*) FROM visit", "");
	LQ_ASSERT(r == LQ_OK && visits > 0);
}

static uint64_t time_office(
	struct lq_books *books, const struct feed *feed, size_t from, size_t to, size_t batch)
{
	int r = LQ_OK;
	uint64_t began = now_ns();
	for (size_t i = from; i < to && r == LQ_OK; i++) {
		r = take_up(books, &feed->rows[i]);
		if (r == LQ_OK && ((i + 1) % batch == 0 || i + 1 == to)) {
			r = lq_books_commit(books);
		}
	}
	LQ_ASSERT(r == LQ_OK);
	look_at_visits(books);
	return now_ns() - began;
}

struct bare {
	sqlite3 *db;
	sqlite3_stmt *insert;
};

static void open_bare(struct bare *bare, const char *folder)
{
	char path[PATH_SIZE];
	(void)snprintf(path, sizeof(path), "%.200s/bare.db", folder);
	int code = sqlite3_open(path, &bare->db);
	LQ_ASSERT(code == SQLITE_OK);
	code = sqlite3_exec(bare->db,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = "
		"4000;"
		"CREATE TABLE event (controller TEXT NOT NULL, seq INTEGER NOT NULL, "
		"type TEXT NOT NULL, body BLOB NOT NULL, at INTEGER NOT NULL, hash BLOB, "
		"personal INTEGER NOT NULL, PRIMARY KEY (controller, seq)) STRICT, WITHOUT ROWID",
		NULL, NULL, NULL);
	LQ_ASSERT(code == SQLITE_OK);
	code = sqlite3_prepare_v2(bare->db,
		"INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, NULL, 1)", -1, &bare->insert, NULL);
	LQ_ASSERT(code == SQLITE_OK);
}

static int insert(struct bare *bare, const struct row *row)
{
	if (sqlite3_get_autocommit(bare->db) != 0) {
		(void)sqlite3_exec(bare->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	}
	(void)sqlite3_bind_text(bare->insert, 1, "front-board", -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(bare->insert, 2, (sqlite3_int64)row->seq);
	(void)sqlite3_bind_text(bare->insert, 3, "org.loquet.access.granted.v1", -1, SQLITE_STATIC);
	(void)sqlite3_bind_blob(bare->insert, 4, row->body, (int)row->length, SQLITE_STATIC);
	(void)sqlite3_bind_int64(bare->insert, 5, BEGINS_MS + (sqlite3_int64)row->seq);
	int code = sqlite3_step(bare->insert);
	(void)sqlite3_reset(bare->insert);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static uint64_t time_bare(
	struct bare *bare, const struct feed *feed, size_t from, size_t to, size_t batch)
{
	int code = SQLITE_OK;
	uint64_t began = now_ns();
	for (size_t i = from; i < to && code == SQLITE_OK; i++) {
		code = insert(bare, &feed->rows[i]);
		if (code == SQLITE_OK && ((i + 1) % batch == 0 || i + 1 == to)) {
			code = sqlite3_exec(bare->db, "COMMIT", NULL, NULL, NULL);
		}
	}
	LQ_ASSERT(code == SQLITE_OK);
	return now_ns() - began;
}

static void print_rates(const char *name, const uint64_t *ns, size_t rounds, size_t rows)
{
	(void)printf("\"%s\":[", name);
	for (size_t i = 0; i < rounds; i++) {
		(void)printf("%s%.1f", i > 0 ? "," : "", (double)rows * 1e9 / (double)ns[i]);
	}
	(void)printf("]");
}

static void compete(struct lq_books *books, struct bare *bare, const struct feed *feed,
	size_t rounds, size_t batch)
{
	uint64_t *office_ns = calloc(rounds, sizeof(*office_ns));
	uint64_t *bare_ns = calloc(rounds, sizeof(*bare_ns));
	size_t rows = feed->count / rounds;
	LQ_ASSERT(office_ns != NULL && bare_ns != NULL);
	for (size_t i = 0; i < rounds; i++) {
		size_t from = i * rows;
		/* Whoever comes first does so every other time. */
		if (i % 2 == 1) {
			bare_ns[i] = time_bare(bare, feed, from, from + rows, batch);
		}
		office_ns[i] = time_office(books, feed, from, from + rows, batch);
		if (i % 2 == 0) {
			bare_ns[i] = time_bare(bare, feed, from, from + rows, batch);
		}
	}
	(void)printf("{");
	print_rates("office", office_ns, rounds, rows);
	(void)printf(",");
	print_rates("bare", bare_ns, rounds, rows);
	(void)printf("}\n");
	free(office_ns);
	free(bare_ns);
}

int main(int argc, char **argv)
{
	static struct lq_config config;
	static struct bare bare;
	struct lq_books *books = NULL;
	struct feed feed;
	if (argc != 6) {
		(void)fputs("usage: bench_ingest FOLDER ROUNDS EVENTS PEOPLE BATCH\n", stderr);
		return 2;
	}
	size_t rounds = strtoul(argv[2], NULL, 10);
	(void)snprintf(config.space, sizeof(config.space), "demo");
	(void)snprintf(config.controller, sizeof(config.controller), "front-board");
	(void)snprintf(config.state_dir, sizeof(config.state_dir), "%s", argv[1]);
	config.day_cut = 4;
	if (journal_of(argv[1], strtoul(argv[3], NULL, 10), (uint32_t)strtoul(argv[4], NULL, 10),
		    &feed) != LQ_OK ||
		lq_books_open(&config, LQ_DB_KEEP, &books) != LQ_OK) {
		(void)fprintf(stderr, "bench_ingest: no journal or books in %s\n", argv[1]);
		return EXIT_FAILURE;
	}
	open_bare(&bare, argv[1]);
	compete(books, &bare, &feed, rounds, strtoul(argv[5], NULL, 10));
	(void)sqlite3_finalize(bare.insert);
	(void)sqlite3_close(bare.db);
	lq_books_close(books);
	for (size_t i = 0; i < feed.count; i++) {
		free(feed.rows[i].body);
	}
	free(feed.rows);
	return 0;
}
