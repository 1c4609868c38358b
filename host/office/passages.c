/* Between the events and the tables of passages and visits. */
#include "firmware/core/err.h"
#include "host/office/books_internal.h"
#include "host/office/business_day.h"
#include "host/office/figures.h"
#include "host/office/law.h"
#include "host/office/visits.h"
#include "host/office/webhook_queue.h"
#include "host/office/webhook_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fewer at a time are what doors tell as it happens. */
#define BACKLOG 16u
#define WAIT_MS 250

struct lq_waiting {
	char controller[LQ_NAME_SIZE];
	char zone[LQ_NAME_SIZE];
	uint64_t seq;
	uint32_t holder;
	bool of_office;
	struct lq_visit_event event;
};

static const char *const tables[] = {"passage", "visit", "zone", "figure_due", NULL};

/* The event's own word makes it the same whatever came first. Where an earlier version wrote it, a
 * door of this configuration leads where that says, any other to the zone that doors lead to by
 * default. */
const char *lq_books_zone(const struct lq_books *books, const struct lq_feed_event *event)
{
	const struct lq_config *config = books->config;
	if (event->zone[0] != '\0') {
		return event->zone;
	}
	bool own = strcmp(event->controller, config->controller) == 0;
	for (uint16_t i = 0; i < config->door_count && own; i++) {
		if (strcmp(config->doors[i].name, event->door) == 0) {
			return config->doors[i].zone;
		}
	}
	return "space";
}

static struct lq_visit_owner person_of(const struct lq_waiting *passage)
{
	return (struct lq_visit_owner){
		.realm = passage->of_office ? LQ_REALM_OFFICE : passage->controller,
		.holder = passage->holder,
		.zone = passage->zone};
}

/* ---- in the order of the tables: what stands together is written together ---- */

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare_persons(const struct lq_waiting *a, const struct lq_waiting *b)
{
	int by = strcmp(person_of(a).realm, person_of(b).realm);
	return by != 0 ? by : order(a->holder, b->holder);
}

/* That of the table but for zones, which are few, and days of somebody in a zone go together. */
static int compare(const void *left, const void *right)
{
	const struct lq_waiting *a = left;
	const struct lq_waiting *b = right;
	int by = compare_persons(a, b);
	by = by != 0 ? by : strcmp(a->zone, b->zone);
	by = by != 0 ? by : order(a->event.at_ms, b->event.at_ms);
	by = by != 0 ? by : strcmp(a->controller, b->controller);
	return by != 0 ? by : order((int64_t)a->seq, (int64_t)b->seq);
}

/* One that was found in the events again may be there. */
static int keep_passage(struct lq_db *db, const struct lq_waiting *passage)
{
	const struct lq_visit_event *event = &passage->event;
	const struct lq_visit_owner person = person_of(passage);
	int64_t r = lq_db_run(db,
		"INSERT INTO passage (controller, seq, holder, zone, epoch, number, direction, "
		"evidence, at, trust, realm) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
		"ON CONFLICT (realm, holder, at, controller, seq) DO NOTHING",
		"tiitiiiiiit", passage->controller, (int64_t)passage->seq, person.holder,
		person.zone, (int64_t)event->epoch, (int64_t)event->number,
		(int64_t)event->direction, (int64_t)event->evidence, event->at_ms,
		(int64_t)event->trust, person.realm);
	return r < 0 ? (int)r : LQ_OK;
}

static int keep_passages(struct lq_db *db, struct lq_passages *passages)
{
	int r = LQ_OK;
	qsort(passages->waiting, passages->count, sizeof(*passages->waiting), compare);
	for (size_t i = 0; i < passages->count && r == LQ_OK; i++) {
		r = keep_passage(db, &passages->waiting[i]);
	}
	return r;
}

/* ---- visits ---- */

/* What the passages before had to do with. */
struct course {
	const struct lq_waiting *last;
	bool exits;         /* of the last one's zone: it is kept that they are badged */
	int64_t derived_ms; /* the last one's days are made up to this one */
	int64_t figured_ms;
	int64_t corrected_ms; /* the last day that somebody corrected */
	int64_t billed_ms;    /* days up to here are billed */
	bool told;            /* webhooks want to hear of visits */
};

static int keep_zone(struct lq_db *db, const struct lq_waiting *passage, struct course *course)
{
	bool exits = passage->event.direction == LQ_DIRECTION_EXIT;
	bool same = course->last != NULL && strcmp(course->last->zone, passage->zone) == 0;
	if (same && (course->exits || !exits)) {
		return LQ_OK;
	}
	course->exits = exits;
	return lq_visits_keep_zone(db, passage->zone, exits);
}

/* Most passages are of the day that the one before was of, and to ask the C library takes long. */
static const struct lq_business_day *day_at(struct lq_books *books, int64_t at_ms)
{
	struct lq_business_day *day = &books->passages.day;
	if (at_ms < day->begins_ms || at_ms >= day->ends_ms) {
		*day = lq_business_day_at(at_ms, books->config->day_cut);
	}
	return day;
}

static int note_late(
	struct lq_books *books, const struct lq_business_day *day, struct course *course)
{
	books->late = books->late || day->ends_ms <= books->final_ms;
	if (day->begins_ms >= course->billed_ms) {
		return LQ_OK;
	}
	course->billed_ms = day->begins_ms;
	return lq_law_bill_again(books->db, day->begins_ms);
}

static int make_day(struct lq_books *books, const struct lq_visit_owner *person,
	const struct lq_business_day *day, struct course *course)
{
	int r = lq_visits_make(books->db, &books->settings, person, day,
		day->begins_ms <= course->corrected_ms, course->told);
	if (r == LQ_OK && day->begins_ms != course->figured_ms) {
		r = lq_figures_due(books->db, day);
		course->figured_ms = day->begins_ms;
	}
	course->derived_ms = day->begins_ms;
	return r == LQ_OK ? note_late(books, day, course) : r;
}

/* The grant and what came of it may lie on two sides of a cut-off. */
static int make_around(
	struct lq_books *books, const struct lq_waiting *passage, struct course *course)
{
	const struct lq_visit_owner person = person_of(passage);
	int64_t at_ms = passage->event.at_ms;
	int r = LQ_OK;
	for (int64_t ms = at_ms - LQ_VISITS_TAP_MS; ms <= at_ms + LQ_VISITS_TAP_MS && r == LQ_OK;
		ms += LQ_VISITS_TAP_MS) {
		const struct lq_business_day *day = day_at(books, ms);
		if (day->begins_ms > course->derived_ms) {
			r = make_day(books, &person, day, course);
		}
	}
	return r;
}

static int make_visits(struct lq_books *books)
{
	struct lq_passages *passages = &books->passages;
	struct course course = {.figured_ms = INT64_MIN};
	int64_t wanted = 0;
	int r = lq_webhook_wanted(books->db, &wanted);
	course.told = (wanted & LQ_WEBHOOK_VISITS) != 0;
	r = r == LQ_OK ? lq_visits_corrected(books->db, &course.corrected_ms) : r;
	r = r == LQ_OK ? lq_db_integer(
				 books->db, &course.billed_ms, 0, "SELECT billed FROM ledger", "")
		       : r;
	for (size_t i = 0; i < passages->count && r == LQ_OK; i++) {
		const struct lq_waiting *passage = &passages->waiting[i];
		if (course.last == NULL || compare_persons(course.last, passage) != 0 ||
			strcmp(course.last->zone, passage->zone) != 0) {
			course.derived_ms = INT64_MIN;
		}
		r = keep_zone(books->db, passage, &course);
		r = r == LQ_OK ? make_around(books, passage, &course) : r;
		course.last = passage;
	}
	return r;
}

static int work_up(struct lq_books *books)
{
	int r = keep_passages(books->db, &books->passages);
	r = r == LQ_OK ? make_visits(books) : r;
	books->passages.count = r == LQ_OK ? 0 : books->passages.count;
	return r;
}

/* ---- waiting ---- */

static int add(struct lq_books *books, const struct lq_feed_event *event)
{
	struct lq_passages *passages = &books->passages;
	int r = passages->count == LQ_PASSAGES_MAX ? work_up(books) : LQ_OK;
	if (r != LQ_OK) {
		return r;
	}
	struct lq_waiting *added = &passages->waiting[passages->count++];
	*added = (struct lq_waiting){.seq = event->seq,
		.holder = event->holder,
		.of_office = event->of_office,
		.event = event->passage};
	(void)snprintf(added->controller, sizeof(added->controller), "%s", event->controller);
	(void)snprintf(added->zone, sizeof(added->zone), "%s", lq_books_zone(books, event));
	return LQ_OK;
}

int lq_passages_add(struct lq_books *books, const struct lq_feed_event *event)
{
	books->passages.touched = true;
	int r = add(books, event);
	if (r == LQ_OK) {
		lq_db_fall_behind(books->db);
	}
	return r;
}

/* ---- catching up ---- */

static int find_of(struct lq_books *books, const char *controller)
{
	char topic[32 + 2 * LQ_NAME_SIZE];
	struct lq_feed_event event;
	struct lq_rows *rows = NULL;
	int added = LQ_OK;
	(void)snprintf(
		topic, sizeof(topic), "loquet/1/%s/%s/events", books->config->space, controller);
	int r = lq_db_query(books->db, &rows,
		"SELECT body FROM event WHERE controller = ?1 AND hash IS NULL AND seq > "
		"(SELECT settled FROM controller WHERE name = ?1) ORDER BY seq",
		"t", controller);
	if (r != LQ_OK) {
		return r;
	}
	while (added == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		struct lq_blob body = lq_rows_blob(rows, 0);
		if (lq_feed_read(books->config->space, topic, body.bytes, body.length, &event) ==
				LQ_OK &&
			event.is_passage) {
			added = add(books, &event);
		}
	}
	lq_rows_end(rows);
	return r < 0 ? r : added;
}

static int next_behind(struct lq_books *books, char controller[LQ_NAME_SIZE])
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(books->db, &rows,
		"SELECT name FROM controller WHERE settled < last AND name > ?1 "
		"ORDER BY name LIMIT 1",
		"t", controller);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		(void)snprintf(controller, LQ_NAME_SIZE, "%s", lq_rows_text(rows, 0));
	}
	lq_rows_end(rows);
	return r;
}

/* One controller after the other: asked for all at once, a database may begin with its events. */
static int find_again(struct lq_books *books)
{
	char controller[LQ_NAME_SIZE] = "";
	int r = LQ_OK;
	while (r == LQ_OK && (r = next_behind(books, controller)) == 1) {
		r = find_of(books, controller);
	}
	return r;
}

static int catch_up(void *ctx)
{
	struct lq_books *books = ctx;
	struct lq_passages *passages = &books->passages;
	if (!lq_passages_wait(books)) {
		return LQ_OK;
	}
	passages->touched = true;
	int r = passages->lost ? find_again(books) : LQ_OK;
	r = r == LQ_OK ? work_up(books) : r;
	int64_t settled = r == LQ_OK ? lq_db_run(books->db,
					       "UPDATE controller SET settled = last "
					       "WHERE settled < last",
					       "")
				     : r;
	if (settled < 0) {
		return (int)settled;
	}
	passages->lost = false;
	passages->since_ms = 0;
	return LQ_OK;
}

static void lose(void *ctx)
{
	struct lq_passages *passages = &((struct lq_books *)ctx)->passages;
	if (passages->touched) {
		passages->count = passages->taken = 0;
		passages->lost = true;
	}
}

int lq_passages_begin(struct lq_books *books)
{
	struct lq_waiting *waiting = calloc(LQ_PASSAGES_MAX, sizeof(*waiting));
	if (waiting == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	books->passages = (struct lq_passages){.waiting = waiting, .lost = true};
	books->behind = (struct lq_db_behind){
		.tables = tables, .catch_up = catch_up, .lose = lose, .ctx = books};
	lq_db_may_fall_behind(books->db, &books->behind);
	lq_db_fall_behind(books->db);
	return LQ_OK;
}

/* What was lost is left to whoever starts next: commands that open the books for a moment do not
 * know the space's rules. */
void lq_passages_end(struct lq_books *books)
{
	if (books->passages.count > 0) {
		(void)lq_db_catch_up(books->db);
	}
	free(books->passages.waiting);
	books->passages = (struct lq_passages){0};
}

bool lq_passages_wait(const struct lq_books *books)
{
	return books->passages.count > 0 || books->passages.lost;
}

int lq_passages_commit(struct lq_books *books)
{
	struct lq_passages *passages = &books->passages;
	bool due = passages->taken > 0 && passages->taken < BACKLOG;
	passages->taken = 0;
	return due ? lq_db_catch_up(books->db) : LQ_OK;
}

int lq_passages_keep(struct lq_books *books, int64_t now_ms)
{
	struct lq_passages *passages = &books->passages;
	if (!lq_passages_wait(books)) {
		return LQ_OK;
	}
	if (passages->since_ms == 0) {
		passages->since_ms = now_ms;
	}
	bool waits = now_ms >= passages->since_ms && now_ms - passages->since_ms < WAIT_MS;
	return waits ? LQ_OK : lq_db_catch_up(books->db);
}
