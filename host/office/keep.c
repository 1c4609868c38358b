#include "firmware/core/err.h"
#include "host/office/books_internal.h"
#include "host/office/business_day.h"
#include "host/office/figures.h"
#include "host/office/guests.h"
#include "host/office/law.h"
#include "host/office/refusals.h"

#define MINUTE_MS    INT64_C(60000)
#define HOUR_MS      (60 * MINUTE_MS)
#define DAY_MS       (24 * HOUR_MS)
#define DAYS_AT_ONCE 8

/* Also when the clock was put back. */
static bool is_due(int64_t *last_ms, int64_t now_ms, int64_t every_ms)
{
	bool due = now_ms - *last_ms >= every_ms || now_ms < *last_ms;
	*last_ms = due ? now_ms : *last_ms;
	return due;
}

static int purge(struct lq_books *books, int64_t retention_days, int64_t now_ms)
{
	struct lq_business_day oldest =
		lq_business_day_at(now_ms - retention_days * DAY_MS, books->config->day_cut);
	int r = lq_law_purge(books->db, &books->settings, oldest.begins_ms);
	if (r == LQ_OK && oldest.begins_ms > books->purged_ms) {
		books->purged_ms = oldest.begins_ms;
	}
	r = r == LQ_OK ? lq_guests_forget(books->db, oldest.begins_ms, now_ms) : r;
	r = r == LQ_OK ? lq_refusals_forget(books->db, oldest.begins_ms) : r;
	r = r == LQ_OK ? lq_db_commit(books->db) : r;
	return r == LQ_OK ? lq_db_scrub(books->db) : r;
}

int lq_books_keep(struct lq_books *books, int64_t retention_days, int64_t now_ms)
{
	if (!is_due(&books->minute_ms, now_ms, MINUTE_MS)) {
		return LQ_OK;
	}
	int r = lq_db_begin(books->db);
	r = r == LQ_OK ? lq_figures_refresh(books->db, DAYS_AT_ONCE) : r;
	r = r == LQ_OK ? lq_law_bill(books->db, &books->settings, now_ms) : r;
	if (r == LQ_OK && is_due(&books->hour_ms, now_ms, HOUR_MS)) {
		return purge(books, retention_days, now_ms);
	}
	return r == LQ_OK ? lq_db_commit(books->db) : r;
}
