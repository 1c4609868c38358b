/* Stretches of rows that are missing, cut down row by row as they come after all. */
#include "firmware/core/err.h"
#include "host/office/books_internal.h"

int lq_gap_open(struct lq_db *db, const char *controller, uint64_t first, uint64_t last)
{
	int64_t r = lq_db_run(db,
		"INSERT INTO gap (controller, first, last) VALUES (?1, ?2, ?3) "
		"ON CONFLICT (controller, first) DO UPDATE SET last = excluded.last",
		"tii", controller, (int64_t)first, (int64_t)last);
	return r < 0 ? (int)r : LQ_OK;
}

int lq_gap_fill(struct lq_db *db, const char *controller, uint64_t seq)
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
	uint64_t first = r == 1 ? (uint64_t)lq_rows_integer(rows, 0) : 0;
	uint64_t last = r == 1 ? (uint64_t)lq_rows_integer(rows, 1) : 0;
	lq_rows_end(rows);
	if (r < 1 || seq > last) {
		return r < 0 ? r : LQ_OK;
	}
	r = (int)lq_db_run(db, "DELETE FROM gap WHERE controller = ?1 AND first = ?2", "ti",
		controller, (int64_t)first);
	if (r >= 0 && first < seq) {
		r = lq_gap_open(db, controller, first, seq - 1);
	}
	if (r >= 0 && seq < last) {
		r = lq_gap_open(db, controller, seq + 1, last);
	}
	return r < 0 ? r : LQ_OK;
}
