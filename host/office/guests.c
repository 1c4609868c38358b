#include "host/office/guests.h"

#include "firmware/core/err.h"
#include "host/office/law.h"
#include "host/office/people.h"

#define AT_ONCE 64u

/* Whoever is registered for what is to come is expected, whatever that is told of them. */
#define OVER                                                                                       \
	"SELECT p.number FROM person p LEFT JOIN visitor o ON o.person = p.number "                \
	"WHERE p.kind = 'guest' AND p.erased = 0 AND coalesce(o.to_at, p.changed) < ?1 AND "       \
	"NOT EXISTS (SELECT 1 FROM visit v WHERE v.realm = '' AND v.holder = p.number) AND "       \
	"(o.person IS NOT NULL OR (NOT EXISTS (SELECT 1 FROM badge b WHERE b.person = p.number) "  \
	"AND NOT EXISTS (SELECT 1 FROM calendar_event_person r JOIN calendar_event e "             \
	"ON e.id = r.event WHERE r.person = p.number AND (e.rule <> '' OR e.ends > ?2)))) "        \
	"ORDER BY p.number LIMIT ?3"

static int list_over(struct lq_db *db, int64_t before_ms, int64_t numbers[AT_ONCE], size_t *count)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows, OVER, "iii", before_ms, before_ms / 60000, (int64_t)AT_ONCE);
	*count = 0;
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		numbers[(*count)++] = lq_rows_integer(rows, 0);
		r = LQ_OK;
	}
	lq_rows_end(rows);
	return r;
}

static int forget_guest(struct lq_db *db, int64_t number, int64_t now_ms)
{
	int64_t r = lq_db_run(db,
		"UPDATE badge SET person = NULL, valid_from = 0, valid_to = 0, changed = ?2 "
		"WHERE person = ?1",
		"ii", number, now_ms);
	int forgotten = r < 0 ? (int)r : lq_law_forget(db, number, now_ms);
	return forgotten == LQ_OK ? lq_roster_due_person(db, number) : forgotten;
}

static int forget_stays(struct lq_db *db, int64_t before_ms)
{
	int64_t r = lq_db_run(db,
		"UPDATE audit SET reason = '' WHERE act LIKE 'visitor.%' AND reason <> '' AND "
		"object IN (SELECT 'person/' || o.person FROM visitor o JOIN person p "
		"ON p.number = o.person WHERE o.to_at < ?1 AND p.kind <> 'guest')",
		"i", before_ms);
	r = r < 0 ? r
		  : lq_db_run(db,
			    "DELETE FROM visitor WHERE to_at < ?1 AND person IN "
			    "(SELECT number FROM person WHERE kind <> 'guest')",
			    "i", before_ms);
	return r < 0 ? (int)r : LQ_OK;
}

int lq_guests_forget(struct lq_db *db, int64_t before_ms, int64_t now_ms)
{
	int64_t numbers[AT_ONCE];
	size_t count = AT_ONCE;
	int r = forget_stays(db, before_ms);
	while (r == LQ_OK && count == AT_ONCE) {
		r = list_over(db, before_ms, numbers, &count);
		for (size_t i = 0; i < count && r == LQ_OK; i++) {
			r = forget_guest(db, numbers[i], now_ms);
		}
	}
	return r;
}
