/* However the feeds of several controllers reach the books, what they hold is the same: shuffled,
 * doubled, held back, taken up one by one or many together, or lost and sent again, by books that
 * die in between. */
#include "firmware/core/err.h"
#include "host/office/books_internal.h"
#include "host/office/figures.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"
#include "tests/unit/office/play.h"
#include "tests/unit/office/stub_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS      LQ_RUNS(30)
#define CONTROLLERS 3u
#define ROWS        30u /* of each */
#define ALL         (CONTROLLERS * ROWS)

static struct lq_random chance;

static uint32_t below(uint32_t bound)
{
	return lq_random_below(&chance, bound);
}

struct row {
	const char *controller;
	uint64_t seq;
	const char *type;
	int64_t at_ms;
	char data[192];
};

static struct row any_row(uint32_t controller, uint64_t seq)
{
	static const char *const names[CONTROLLERS] = {"front-board", "back-board", "side-board"};
	static const char *const types[] = {"access.granted", "access.taken", "access.not_taken",
		"access.taken", "door.closed", "presence.frozen", "presence.thawed"};
	uint32_t type = below(20) == 0 ? 5 + below(2) : below(5);
	struct row row = {.controller = names[controller],
		.seq = seq,
		.type = types[type],
		/* Two days, few minutes: many things happen at once. */
		.at_ms = INT64_C(1796112000000) + below(2) * INT64_C(86400000) +
			 below(90) * INT64_C(600000)};
	(void)snprintf(row.data, sizeof(row.data),
		"\"door\":\"front\",\"accessPoint\":\"front/%s\",\"transaction\":\"1-%u\","
		"\"credential\":\"c1\",\"holder\":\"%c%u\"",
		below(3) == 0 ? "exit" : "entry", 1 + below(ROWS / 2), below(4) == 0 ? 'm' : 'p',
		1 + below(3));
	return row;
}

static void take(const struct row *row)
{
	(void)play_row(row->controller, row->seq, row->type, row->at_ms, row->data);
}

static void in_order(const struct row rows[ALL])
{
	for (uint32_t i = 0; i < ALL; i++) {
		take(&rows[i]);
	}
}

static int deaths; /* while something waited to be made visits of */

static void commit(void)
{
	play_commit();
	if (below(3) == 0) {
		deaths += play_books()->passages.count > 0 ? 1 : 0;
		play_dies();
	}
}

/* A few transactions are taken back: their rows come again, as after a crash. */
static void together(const struct row rows[ALL], const uint32_t order[ALL], bool lost[ALL])
{
	uint32_t from = 0;
	while (from < ALL) {
		uint32_t to = from + 1 + below(ALL / 3);
		bool crash = below(4) == 0;
		play_together();
		for (; from < to && from < ALL; from++) {
			for (uint32_t times = 1 + below(2); !lost[order[from]] && times > 0;
				times--) {
				take(&rows[order[from]]);
			}
			lost[order[from]] |= crash;
		}
		if (crash) {
			play_rollback();
		} else {
			commit();
		}
	}
}

/* Every row once at least, some again; those that were lost come by a replay, at the end. */
static void badly(const struct row rows[ALL])
{
	uint32_t order[ALL];
	bool lost[ALL];
	uint32_t reach = below(2) == 0 ? 5 : ALL;
	for (uint32_t i = 0; i < ALL; i++) {
		order[i] = i;
		lost[i] = below(5) == 0;
	}
	for (uint32_t i = 0; i + 1 < ALL; i++) {
		uint32_t other = i + below(ALL - i < reach ? ALL - i : reach);
		uint32_t kept = order[i];
		order[i] = order[other];
		order[other] = kept;
	}
	together(rows, order, lost);
	for (uint32_t i = 0; i < ALL; i++) {
		if (lost[i] || below(3) == 0) {
			take(&rows[i]);
		}
	}
}

/* What the queries answer, as text. */
static void write_answers(const char *const *queries, size_t count, char *out, size_t size)
{
	size_t length = 0;
	for (size_t i = 0; i < count; i++) {
		struct lq_rows *rows = NULL;
		assert_int_equal(lq_db_query(stub.db, &rows, queries[i], ""), LQ_OK);
		while (lq_rows_next(rows) == 1) {
			for (int c = 0; c < lq_rows_columns(rows); c++) {
				length += (size_t)snprintf(
					out + length, size - length, "%s|", lq_rows_text(rows, c));
				assert_true(length < size);
			}
			out[length++] = '\n';
		}
		lq_rows_end(rows);
	}
	out[length] = '\0';
}

/* Everything that follows from the events. */
static void picture(char *out, size_t size)
{
	static const char *const queries[] = {
		"SELECT controller, seq, type, at FROM event ORDER BY controller, seq",
		"SELECT controller, seq, realm, holder, at FROM passage ORDER BY controller, seq",
		("SELECT realm, holder, zone, began, seen, left_it, assumed, passages, absent, "
		 "trust "
		 "FROM visit ORDER BY realm, holder, zone, began"),
		"SELECT name, exits FROM zone ORDER BY name",
		"SELECT controller, at, begins FROM muster ORDER BY controller, at, begins",
		"SELECT at, most, visits, members FROM figure ORDER BY at",
		"SELECT controller, first, last FROM gap ORDER BY controller, first"};
	write_answers(queries, sizeof(queries) / sizeof(queries[0]), out, size);
}

static void play(void (*deliver)(const struct row rows[ALL]), const struct row rows[ALL], char *out,
	size_t size)
{
	void *state = NULL;
	assert_int_equal(play_begin(&state), 0);
	deliver(rows);
	assert_int_equal(lq_figures_refresh(stub.db, INT64_MAX), LQ_OK);
	picture(out, size);
	assert_int_equal(play_end(&state), 0);
}

static void no_delivery_changes_the_books(void **state)
{
	static struct row rows[ALL];
	static char pictures[2][65536];
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		for (uint32_t i = 0; i < ALL; i++) {
			rows[i] = any_row(i / ROWS, i % ROWS + 1);
		}
		play(in_order, rows, pictures[0], sizeof(pictures[0]));
		play(badly, rows, pictures[1], sizeof(pictures[1]));
		assert_string_equal(pictures[1], pictures[0]);
		assert_null(strstr(pictures[0], "(null)"));
	}
	assert_true(deaths > 0 || ROUNDS < 30); /* fewer may see none */
}

/* ---- what never comes ---- */

#define NUMBERS 40u

/* Some of a controller's numbers, in their order; now and then its journal began anew. */
static uint32_t any_numbers(struct row rows[NUMBERS])
{
	uint32_t count = 0;
	for (uint64_t seq = 1; seq <= NUMBERS; seq++) {
		if (below(3) != 0) {
			rows[count++] = (struct row){.controller = "front-board",
				.seq = seq,
				.type = below(8) == 0 ? "journal.restarted" : "door.closed",
				.at_ms = INT64_C(1796112000000),
				.data = "\"door\":\"front\""};
		}
	}
	return count;
}

/* From the definition: between two rows that follow each other, unless the second begins anew. */
static void name_what_is_missing(const struct row *rows, uint32_t count, char *out, size_t size)
{
	size_t length = 0;
	out[0] = '\0';
	for (uint32_t i = 1; i < count; i++) {
		if (rows[i].seq > rows[i - 1].seq + 1 &&
			strcmp(rows[i].type, "journal.restarted") != 0) {
			length += (size_t)snprintf(out + length, size - length,
				"front-board|%" PRIu64 "|%" PRIu64 "|\n", rows[i - 1].seq + 1,
				rows[i].seq - 1);
			assert_true(length < size);
		}
	}
}

static void what_is_missing_is_the_same_from_every_order(void **state)
{
	static const char *const gaps[] = {
		"SELECT controller, first, last FROM gap ORDER BY first"};
	(void)state;
	for (int round = 0; round < ROUNDS * 4; round++) {
		struct row rows[NUMBERS];
		char expected[2048];
		char found[2048];
		void *books = NULL;
		uint32_t count = any_numbers(rows);
		name_what_is_missing(rows, count, expected, sizeof(expected));
		for (uint32_t i = 0; i + 1 < count && round > 0; i++) {
			uint32_t other = i + below(count - i);
			struct row kept = rows[i];
			rows[i] = rows[other];
			rows[other] = kept;
		}
		assert_int_equal(play_begin(&books), 0);
		for (uint32_t i = 0; i < count; i++) {
			take(&rows[i]);
		}
		write_answers(gaps, 1, found, sizeof(found));
		assert_int_equal(play_end(&books), 0);
		assert_string_equal(found, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_delivery_changes_the_books),
		cmocka_unit_test(what_is_missing_is_the_same_from_every_order),
	};
	chance = lq_random_begin("books");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
