/* Visits anew by other rules: who taps next must not be what the others wait for. */
#include "firmware/core/err.h"
#include "host/office/visits.h"

#include <stdio.h>
#include <stdlib.h>

struct sheet {
	char realm[LQ_NAME_SIZE];
	int64_t holder;
	char zone[LQ_NAME_SIZE];
	struct lq_business_day day;
};

struct sheets {
	struct sheet *all;
	size_t count;
};

static int add(struct sheets *sheets, struct lq_rows *rows)
{
	struct sheet *grown = realloc(sheets->all, (sheets->count + 1) * sizeof(*grown));
	if (grown == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	sheets->all = grown;
	struct sheet *added = &grown[sheets->count++];
	*added = (struct sheet){.holder = lq_rows_integer(rows, 1),
		.day = {.begins_ms = lq_rows_integer(rows, 3),
			.ends_ms = lq_rows_integer(rows, 4)}};
	(void)snprintf(added->realm, sizeof(added->realm), "%s", lq_rows_text(rows, 0));
	(void)snprintf(added->zone, sizeof(added->zone), "%s", lq_rows_text(rows, 2));
	return LQ_OK;
}

/* Passages that made no visit are exits, and make none by any rule. */
static int list(struct lq_db *db, struct sheets *sheets)
{
	struct lq_rows *rows = NULL;
	int added = LQ_OK;
	int r = lq_db_query(db, &rows,
		"SELECT DISTINCT realm, holder, zone, day_begins, day_ends FROM visit "
		"WHERE day_begins >= (SELECT billed FROM ledger)",
		"");
	if (r != LQ_OK) {
		return r;
	}
	while (added == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		added = add(sheets, rows);
	}
	lq_rows_end(rows);
	return added != LQ_OK ? added : r;
}

int lq_visits_remake(struct lq_db *db, const struct lq_visit_settings *settings)
{
	struct sheets sheets = {0};
	int r = list(db, &sheets);
	for (size_t i = 0; i < sheets.count && r == LQ_OK; i++) {
		const struct sheet *sheet = &sheets.all[i];
		const struct lq_visit_owner owner = {
			.realm = sheet->realm, .holder = sheet->holder, .zone = sheet->zone};
		r = lq_visits_derive(db, settings, &owner, &sheet->day);
	}
	free(sheets.all);
	return r;
}
