#include "firmware/core/err.h"
#include "host/office/books_internal.h"
#include "host/office/business_day.h"
#include "host/office/figures.h"
#include "host/office/guests.h"
#include "host/office/law.h"
#include "host/office/leftovers.h"
#include "host/office/refusals.h"

#define SECOND_MS      INT64_C(1000)
#define MINUTE_MS      (60 * SECOND_MS)
#define HOUR_MS        (60 * MINUTE_MS)
#define DAY_MS         (24 * HOUR_MS)
#define DAYS_AT_ONCE   8    /* of figures */
#define EVENTS_AT_ONCE 1000 /* to be emptied */

#define LATE_MINUTES_MAX 60

/* Also when the clock was put back. */
static bool is_due(int64_t *last_ms, int64_t now_ms, int64_t every_ms)
{
	bool due = now_ms - *last_ms >= every_ms || now_ms < *last_ms;
	*last_ms = due ? now_ms : *last_ms;
	return due;
}

/* The end of the oldest day that something is left of, or `before_ms`, where that is earlier. */
static int next_step(struct lq_books *books, int64_t before_ms, int64_t *ret_step_ms)
{
	int64_t oldest_ms = 0;
	int r = lq_law_oldest(books->db, &oldest_ms);
	if (r != LQ_OK) {
		return r;
	}
	*ret_step_ms = before_ms;
	if (oldest_ms < before_ms) {
		int64_t end_ms = lq_business_day_at(oldest_ms, books->config->day_cut).ends_ms;
		*ret_step_ms = end_ms < before_ms ? end_ms : before_ms;
	}
	return LQ_OK;
}

/* Whole days, so many that the loop does not wait for long; what is left follows a second later. */
static int purge_some(struct lq_books *books, int64_t before_ms)
{
	int64_t step_ms = INT64_MIN;
	int64_t emptied = 0;
	int r = LQ_OK;
	while (r == LQ_OK && step_ms < before_ms && emptied < EVENTS_AT_ONCE) {
		r = next_step(books, before_ms, &step_ms);
		int64_t more = r == LQ_OK ? lq_law_purge(books->db, &books->settings, step_ms) : r;
		r = more < 0 ? (int)more : LQ_OK;
		emptied += more;
	}
	if (r == LQ_OK) {
		books->purged_ms = step_ms > books->purged_ms ? step_ms : books->purged_ms;
		books->purging = step_ms < before_ms;
	}
	return r;
}

static int purge(struct lq_books *books, int64_t retention_days, int64_t now_ms)
{
	struct lq_business_day oldest =
		lq_business_day_at(now_ms - retention_days * DAY_MS, books->config->day_cut);
	int r = purge_some(books, oldest.begins_ms);
	books->second_ms = now_ms;
	if (!books->purging) {
		lq_leftovers_forget(books->config->state_dir, oldest.begins_ms);
		r = r == LQ_OK ? lq_guests_forget(books->db, oldest.begins_ms, now_ms) : r;
		r = r == LQ_OK ? lq_refusals_forget(books->db, oldest.begins_ms) : r;
	}
	r = r == LQ_OK ? lq_db_commit(books->db) : r;
	return r == LQ_OK ? lq_db_scrub(books->db) : r;
}

/* A bill is entered once. So it waits for a minute in which nothing came of days that are final: a
 * door that was away, or this office, has more to tell. Whose clock is wrong for ever holds
 * nobody's bills up for more than an hour. */
static bool is_told_all(struct lq_books *books, int64_t now_ms)
{
	bool more = books->late && books->late_minutes < LATE_MINUTES_MAX;
	books->late_minutes = more ? books->late_minutes + 1 : 0;
	books->late = false;
	books->final_ms = now_ms - DAY_MS;
	return !more;
}

static int keep_figures(struct lq_books *books, int64_t now_ms)
{
	int r = lq_figures_refresh(books->db, DAYS_AT_ONCE);
	bool told = is_told_all(books, now_ms);
	return r == LQ_OK && told ? lq_law_bill(books->db, &books->settings, now_ms) : r;
}

int lq_books_keep(struct lq_books *books, int64_t retention_days, int64_t now_ms)
{
	bool minute = is_due(&books->minute_ms, now_ms, MINUTE_MS);
	bool going_on = books->purging && is_due(&books->second_ms, now_ms, SECOND_MS);
	bool shorter = retention_days < books->retention_days;
	int r = lq_passages_keep(books, now_ms);
	books->retention_days = retention_days;
	books->hour_ms = shorter ? 0 : books->hour_ms; /* whoever sets less means from now on */
	if (r != LQ_OK || (!minute && !going_on && !shorter)) {
		return r;
	}
	r = lq_db_begin(books->db);
	r = r == LQ_OK && minute ? keep_figures(books, now_ms) : r;
	if (r == LQ_OK && (going_on || is_due(&books->hour_ms, now_ms, HOUR_MS))) {
		return purge(books, retention_days, now_ms);
	}
	return r == LQ_OK ? lq_db_commit(books->db) : r;
}
