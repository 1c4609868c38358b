/* Evacuations are kept as moments alone, so that these may come in any order. */
#include "firmware/core/err.h"
#include "host/office/books_internal.h"

int lq_books_muster(struct lq_books *books, const struct lq_feed_event *event)
{
	int64_t r = lq_db_run(books->db,
		"INSERT INTO muster (controller, at, begins) VALUES (?1, ?2, ?3) "
		"ON CONFLICT (controller, at, begins) DO NOTHING",
		"tii", event->controller, event->at_ms, (int64_t)event->freezes);
	return r < 0 ? (int)r : LQ_OK;
}
