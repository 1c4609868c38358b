/* Visits are derived from the passages that are kept, never counted up: so it does not matter which
 * of them came first, or how often. */
#include "firmware/core/err.h"
#include "host/office/books_internal.h"
#include "host/office/business_day.h"

#include <string.h>

/* The events of one tap are never further apart: a release time is ten minutes at the most. */
#define TAP_MS (INT64_C(3600) * 1000)

struct person {
	const char *realm; /* whose number it is: a controller's, or LQ_REALM_OFFICE */
	uint32_t holder;
	const char *zone;
};

/* Doors of other controllers are not in this configuration: they lead to the zone that doors lead
 * to by default. */
static const char *zone_of(const struct lq_config *config, const struct lq_feed_event *event)
{
	bool own = strcmp(event->controller, config->controller) == 0;
	for (uint16_t i = 0; i < config->door_count && own; i++) {
		if (strcmp(config->doors[i].name, event->door) == 0) {
			return config->doors[i].zone;
		}
	}
	return "space";
}

static int keep_passage(
	struct lq_books *books, const struct lq_feed_event *event, const struct person *person)
{
	const struct lq_visit_event *passage = &event->passage;
	int64_t r = lq_db_run(books->db,
		"INSERT INTO passage (controller, seq, holder, zone, epoch, number, direction, "
		"evidence, at, trust, realm) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
		"tiitiiiiiit", event->controller, (int64_t)event->seq, (int64_t)person->holder,
		person->zone, (int64_t)passage->epoch, (int64_t)passage->number,
		(int64_t)passage->direction, (int64_t)passage->evidence, passage->at_ms,
		(int64_t)passage->trust, person->realm);
	return r < 0 ? (int)r : LQ_OK;
}

static int fill_sheet(struct lq_books *books, const struct person *person,
	const struct lq_business_day *day, struct lq_visit_sheet *sheet)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(books->db, &rows,
		"SELECT epoch, number, direction, evidence, at, trust FROM passage "
		"WHERE realm = ?1 AND holder = ?2 AND zone = ?3 AND at >= ?4 AND at < ?5",
		"titii", person->realm, (int64_t)person->holder, person->zone,
		day->begins_ms - TAP_MS, day->ends_ms + TAP_MS);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		struct lq_visit_event event = {.epoch = (uint64_t)lq_rows_integer(rows, 0),
			.number = (uint64_t)lq_rows_integer(rows, 1),
			.direction = (enum lq_direction)lq_rows_integer(rows, 2),
			.evidence = (enum lq_evidence)lq_rows_integer(rows, 3),
			.at_ms = lq_rows_integer(rows, 4),
			.trust = (enum lq_trust)lq_rows_integer(rows, 5)};
		(void)lq_visit_note(sheet, &event);
	}
	lq_rows_end(rows);
	return r;
}

static int forget_day(
	struct lq_books *books, const struct person *person, const struct lq_business_day *day)
{
	int64_t r = lq_db_run(books->db,
		"DELETE FROM visit WHERE realm = ?1 AND holder = ?2 AND zone = ?3 "
		"AND began >= ?4 AND began < ?5",
		"titii", person->realm, (int64_t)person->holder, person->zone, day->begins_ms,
		day->ends_ms);
	return r < 0 ? (int)r : LQ_OK;
}

static int keep_visit(struct lq_books *books, const struct person *person,
	const struct lq_business_day *day, const struct lq_visit *visit)
{
	int64_t r = lq_db_run(books->db,
		"INSERT INTO visit (realm, holder, zone, day_begins, day_half, day_ends, "
		"began, seen, left_it, assumed, passages, absent, trust) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
		"titiiiiiiiiii", person->realm, (int64_t)person->holder, person->zone,
		day->begins_ms, day->half_ms, day->ends_ms, visit->began_ms, visit->seen_ms,
		(int64_t)visit->left, (int64_t)visit->assumed, (int64_t)visit->passages,
		visit->absent_ms, (int64_t)visit->trust);
	return r < 0 ? (int)r : LQ_OK;
}

static int derive(
	struct lq_books *books, const struct person *person, const struct lq_business_day *day)
{
	static struct lq_visit_sheet sheet;
	static struct lq_visit visits[LQ_VISITS_MAX];
	const struct lq_visit_settings settings = lq_visit_settings_usual();
	uint32_t strays = 0;
	memset(&sheet, 0, sizeof(sheet));
	int r = fill_sheet(books, person, day, &sheet);
	r = r == LQ_OK ? forget_day(books, person, day) : r;
	uint32_t count = lq_visit_derive(&sheet, day, &settings, visits, &strays);
	for (uint32_t i = 0; i < count && r == LQ_OK; i++) {
		r = keep_visit(books, person, day, &visits[i]);
	}
	return r;
}

int lq_books_visits(struct lq_books *books, const struct lq_feed_event *event)
{
	const struct person person = {
		.realm = event->of_office ? LQ_REALM_OFFICE : event->controller,
		.holder = event->holder,
		.zone = zone_of(books->config, event)};
	int64_t at_ms = event->passage.at_ms;
	int64_t done_ms = INT64_MIN;
	int r = keep_passage(books, event, &person);
	/* The grant and what came of it may lie on two sides of a cut-off. */
	for (int64_t ms = at_ms - TAP_MS; ms <= at_ms + TAP_MS && r == LQ_OK; ms += TAP_MS) {
		struct lq_business_day day = lq_business_day_at(ms, books->config->day_cut);
		if (day.begins_ms != done_ms) {
			r = derive(books, &person, &day);
			done_ms = day.begins_ms;
		}
	}
	return r;
}
