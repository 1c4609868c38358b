/* Stretches of rows that are missing, cut down row by row as they come after all. */
#include "firmware/core/err.h"
#include "host/office/books_internal.h"

#include <string.h>

int lq_gap_open(struct lq_db *db, const char *controller, uint64_t first, uint64_t last)
{
	int64_t r = lq_db_run(db,
		"INSERT INTO gap (controller, first, last) VALUES (?1, ?2, ?3) "
		"ON CONFLICT (controller, first) DO UPDATE SET last = excluded.last",
		"tii", controller, (int64_t)first, (int64_t)last);
	return r < 0 ? (int)r : LQ_OK;
}

struct stretch {
	uint64_t first;
	uint64_t last;
};

/* The one that has the number in it. 1: there is one, 0: there is none. */
static int find(struct lq_db *db, const char *controller, uint64_t seq, struct stretch *ret_stretch)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT first, last FROM gap WHERE controller = ?1 AND first <= ?2 "
		"ORDER BY first DESC LIMIT 1",
		"ti", controller, (int64_t)seq);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		*ret_stretch = (struct stretch){.first = (uint64_t)lq_rows_integer(rows, 0),
			.last = (uint64_t)lq_rows_integer(rows, 1)};
		r = seq <= ret_stretch->last;
	}
	lq_rows_end(rows);
	return r;
}

/* Takes the number out of the stretch, and with it, as told, whatever is before it. */
static int cut(struct lq_db *db, const char *controller, const struct stretch *stretch,
	uint64_t seq, bool with_before)
{
	int r = (int)lq_db_run(db, "DELETE FROM gap WHERE controller = ?1 AND first = ?2", "ti",
		controller, (int64_t)stretch->first);
	if (r >= 0 && stretch->first < seq && !with_before) {
		r = lq_gap_open(db, controller, stretch->first, seq - 1);
	}
	if (r >= 0 && seq < stretch->last) {
		r = lq_gap_open(db, controller, seq + 1, stretch->last);
	}
	return r < 0 ? r : LQ_OK;
}

int lq_gap_fill(struct lq_db *db, const char *controller, uint64_t seq)
{
	struct stretch stretch = {0};
	int r = find(db, controller, seq, &stretch);
	return r == 1 ? cut(db, controller, &stretch, seq, false) : r;
}

/* The rows that are kept on both sides of a number; 0: none. */
struct neighbours {
	uint64_t before;
	uint64_t behind;
	bool begins_anew; /* the one behind */
};

static int find_neighbours(
	struct lq_db *db, const char *controller, uint64_t seq, struct neighbours *ret_neighbours)
{
	struct lq_rows *rows = NULL;
	struct neighbours found = {0};
	int64_t before = 0;
	int r = lq_db_integer(db, &before, 0,
		"SELECT max(seq) FROM event WHERE controller = ?1 AND seq < ?2", "ti", controller,
		(int64_t)seq);
	if (r == LQ_OK) {
		r = lq_db_query(db, &rows,
			"SELECT seq, type FROM event WHERE controller = ?1 AND seq > ?2 "
			"ORDER BY seq LIMIT 1",
			"ti", controller, (int64_t)seq);
	}
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		found.behind = (uint64_t)lq_rows_integer(rows, 0);
		found.begins_anew =
			strcmp(lq_rows_text(rows, 1), "org.loquet.journal.restarted.v1") == 0;
	}
	lq_rows_end(rows);
	found.before = (uint64_t)before;
	*ret_neighbours = found;
	return r < 0 ? r : LQ_OK;
}

/* Before the first row that came nothing was missed, and neither between the end of a journal and
 * its successor: of such a row it is said only now what is missing beside it. */
static int open_beside(struct lq_db *db, const struct lq_feed_event *event)
{
	struct neighbours beside = {0};
	uint64_t seq = event->seq;
	int r = find_neighbours(db, event->controller, seq, &beside);
	if (r == LQ_OK && beside.before != 0 && beside.before + 1 < seq && beside.begins_anew &&
		!event->restarts) {
		r = lq_gap_open(db, event->controller, beside.before + 1, seq - 1);
	}
	if (r == LQ_OK && beside.before == 0 && seq + 1 < beside.behind && !beside.begins_anew) {
		r = lq_gap_open(db, event->controller, seq + 1, beside.behind - 1);
	}
	return r;
}

int lq_gap_late(struct lq_db *db, const struct lq_feed_event *event)
{
	struct stretch stretch = {0};
	int r = find(db, event->controller, event->seq, &stretch);
	if (r == 1) {
		return cut(db, event->controller, &stretch, event->seq, event->restarts);
	}
	return r == 0 ? open_beside(db, event) : r;
}
