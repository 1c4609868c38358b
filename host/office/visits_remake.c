/* Visits anew by other rules: who taps next must not be what the others wait for. */
#include "firmware/core/err.h"
#include "host/office/business_day.h"
#include "host/office/figures.h"
#include "host/office/visits.h"

#include <stdio.h>
#include <stdlib.h>

#define DAYS_MAX 128 /* more are not left unbilled */

struct sheet {
	char realm[LQ_NAME_SIZE];
	int64_t holder;
	char zone[LQ_NAME_SIZE];
	struct lq_business_day day;
};

struct remaking {
	struct lq_db *db;
	const struct lq_visit_settings *settings;
	uint32_t cut_hour;
};

/* Does something with the visits of somebody on a day, as they are; LQ_OK or an error. */
typedef int remaker(const struct remaking *remaking, const struct sheet *sheet);

/* The last day before the one given that has visits and is not billed. 1: there is one. */
static int day_before(struct lq_db *db, struct lq_business_day *day)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT day_begins, day_ends FROM visit WHERE day_begins < ?1 AND "
		"day_begins >= (SELECT billed FROM ledger) ORDER BY day_begins DESC LIMIT 1",
		"i", day->begins_ms);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		*day = (struct lq_business_day){
			.begins_ms = lq_rows_integer(rows, 0), .ends_ms = lq_rows_integer(rows, 1)};
	}
	lq_rows_end(rows);
	return r;
}

static int add(struct lq_rows *rows, const struct lq_business_day *day, struct sheet **sheets,
	size_t *count)
{
	struct sheet *grown = realloc(*sheets, (*count + 1) * sizeof(*grown));
	if (grown == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	*sheets = grown;
	struct sheet *added = &grown[(*count)++];
	*added = (struct sheet){.holder = lq_rows_integer(rows, 1), .day = *day};
	(void)snprintf(added->realm, sizeof(added->realm), "%s", lq_rows_text(rows, 0));
	(void)snprintf(added->zone, sizeof(added->zone), "%s", lq_rows_text(rows, 2));
	return LQ_OK;
}

/* Passages that made no visit are exits, and make none by any rule. */
static int list(struct lq_db *db, const struct lq_business_day *day, struct sheet **sheets,
	size_t *ret_count)
{
	struct lq_rows *rows = NULL;
	size_t count = 0;
	int added = LQ_OK;
	int r = lq_db_query(db, &rows,
		"SELECT DISTINCT realm, holder, zone FROM visit WHERE day_begins = ?1", "i",
		day->begins_ms);
	if (r != LQ_OK) {
		return r;
	}
	while (added == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		added = add(rows, day, sheets, &count);
	}
	lq_rows_end(rows);
	*ret_count = count;
	return added != LQ_OK ? added : r;
}

static int remake_day(
	const struct remaking *remaking, const struct lq_business_day *day, remaker *remake)
{
	struct sheet *sheets = NULL;
	size_t count = 0;
	int r = list(remaking->db, day, &sheets, &count);
	for (size_t i = 0; i < count && r == LQ_OK; i++) {
		r = remake(remaking, &sheets[i]);
	}
	free(sheets);
	return r;
}

static struct lq_visit_owner owner_of(const struct sheet *sheet)
{
	return (struct lq_visit_owner){
		.realm = sheet->realm, .holder = sheet->holder, .zone = sheet->zone};
}

static int derive(const struct remaking *remaking, const struct sheet *sheet)
{
	const struct lq_visit_owner owner = owner_of(sheet);
	return lq_visits_derive(remaking->db, remaking->settings, &owner, &sheet->day);
}

int lq_visits_remake(struct lq_db *db, const struct lq_visit_settings *settings)
{
	const struct remaking remaking = {.db = db, .settings = settings};
	struct lq_business_day day = {.begins_ms = INT64_MAX};
	int r = 1;
	for (int i = 0; i < DAYS_MAX && r == 1 && (r = day_before(db, &day)) == 1; i++) {
		int made = remake_day(&remaking, &day, derive);
		r = made == LQ_OK ? 1 : made;
	}
	return r < 0 ? r : LQ_OK;
}

/* ---- another cut-off ---- */

static bool is_cut_so(const struct lq_business_day *day, uint32_t cut_hour)
{
	struct lq_business_day now = lq_business_day_at(day->begins_ms, cut_hour);
	return now.begins_ms == day->begins_ms && now.ends_ms == day->ends_ms;
}

/* The first of theirs on that day that was said of a visit later than `after_ms`; INT64_MAX: none.
 */
static int next_said(
	struct lq_db *db, const struct sheet *sheet, int64_t after_ms, int64_t *ret_began_ms)
{
	return lq_db_integer(db, ret_began_ms, INT64_MAX,
		"SELECT min(began) FROM visit_correction WHERE realm = ?1 AND holder = ?2 "
		"AND zone = ?3 AND day_begins = ?4 AND began > ?5",
		"titii", sheet->realm, sheet->holder, sheet->zone, sheet->day.begins_ms, after_ms);
}

static int cut_corrections(struct lq_db *db, const struct sheet *sheet, uint32_t cut_hour)
{
	int64_t began_ms = INT64_MIN;
	int64_t changed = 0;
	int r = next_said(db, sheet, began_ms, &began_ms);
	while (r == LQ_OK && changed >= 0 && began_ms != INT64_MAX) {
		changed = lq_db_run(db,
			"UPDATE visit_correction SET day_begins = ?5 WHERE realm = ?1 AND "
			"holder = ?2 AND zone = ?3 AND day_begins = ?4 AND began = ?6",
			"titiii", sheet->realm, sheet->holder, sheet->zone, sheet->day.begins_ms,
			lq_business_day_at(began_ms, cut_hour).begins_ms, began_ms);
		r = next_said(db, sheet, began_ms, &began_ms);
	}
	return changed < 0 ? (int)changed : r;
}

/* Those who listen to visits were told of them once. */
static int make(const struct remaking *remaking, const struct sheet *sheet, int64_t at_ms)
{
	const struct lq_visit_owner owner = owner_of(sheet);
	const struct lq_business_day day = lq_business_day_at(at_ms, remaking->cut_hour);
	int r = lq_visits_make(remaking->db, remaking->settings, &owner, &day, true, false);
	return r == LQ_OK ? lq_figures_due(remaking->db, &day) : r;
}

/* A day lies within two of another cut-off; what stands there of it is replaced. */
static int cut(const struct remaking *remaking, const struct sheet *sheet)
{
	int r = cut_corrections(remaking->db, sheet, remaking->cut_hour);
	r = r == LQ_OK ? lq_figures_due(remaking->db, &sheet->day) : r;
	r = r == LQ_OK ? make(remaking, sheet, sheet->day.begins_ms) : r;
	return r == LQ_OK ? make(remaking, sheet, sheet->day.ends_ms - 1) : r;
}

/* Bills go by whole days: one that began before is among those to come. */
static int cut_bills(struct lq_db *db, uint32_t cut_hour)
{
	int64_t billed_ms = 0;
	int r = lq_db_integer(db, &billed_ms, 0, "SELECT billed FROM ledger", "");
	int64_t begins_ms = lq_business_day_at(billed_ms, cut_hour).begins_ms;
	if (r != LQ_OK || billed_ms == 0 || begins_ms == billed_ms) {
		return r;
	}
	int64_t changed = lq_db_run(db, "UPDATE ledger SET billed = ?1", "i", begins_ms);
	return changed < 0 ? (int)changed : LQ_OK;
}

int lq_visits_cut(struct lq_db *db, const struct lq_visit_settings *settings, uint32_t cut_hour)
{
	const struct remaking remaking = {.db = db, .settings = settings, .cut_hour = cut_hour};
	struct lq_business_day day = {.begins_ms = INT64_MAX};
	int r = 1;
	for (int i = 0; i < DAYS_MAX && r == 1 && (r = day_before(db, &day)) == 1; i++) {
		int made = is_cut_so(&day, cut_hour) ? LQ_OK : remake_day(&remaking, &day, cut);
		r = made == LQ_OK ? 1 : made;
	}
	return r < 0 ? r : cut_bills(db, cut_hour);
}
