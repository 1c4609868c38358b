#include "host/office/visit_row.h"

static void read_badges(struct lq_rows *rows, struct lq_visit_row *row)
{
	row->realm = lq_rows_text(rows, 0);
	row->holder = lq_rows_integer(rows, 1);
	row->zone = lq_rows_text(rows, 2);
	row->day = (struct lq_business_day){.begins_ms = lq_rows_integer(rows, 3),
		.half_ms = lq_rows_integer(rows, 4),
		.ends_ms = lq_rows_integer(rows, 5)};
	row->badges = (struct lq_visit){.began_ms = lq_rows_integer(rows, 6),
		.seen_ms = lq_rows_integer(rows, 7),
		.left = lq_rows_integer(rows, 8) != 0,
		.assumed = lq_rows_integer(rows, 9) != 0,
		.passages = (uint32_t)lq_rows_integer(rows, 10),
		.absent_ms = lq_rows_integer(rows, 11),
		.trust = (enum lq_trust)lq_rows_integer(rows, 12)};
}

static void read_correction(struct lq_rows *rows, struct lq_visit_row *row)
{
	row->correction = lq_rows_integer(rows, 17);
	row->check_in_ms = lq_rows_integer(rows, 18);
	row->check_out_ms = lq_rows_integer(rows, 19);
	row->half_days = (uint32_t)lq_rows_integer(rows, 20);
	row->is_void = lq_rows_integer(rows, 21) != 0;
	row->author = lq_rows_text(rows, 22);
	row->corrected_ms = lq_rows_integer(rows, 23);
	row->reason = lq_rows_text(rows, 24);
}

static struct lq_visit corrected(const struct lq_visit_row *row)
{
	struct lq_visit visit = row->badges;
	if (row->check_in_ms != 0) {
		visit.began_ms = row->check_in_ms;
	}
	if (row->check_out_ms != 0) {
		visit.seen_ms = row->check_out_ms;
		visit.left = true;
	} else if (visit.seen_ms < visit.began_ms) {
		visit.seen_ms = visit.began_ms;
	}
	return visit;
}

void lq_visit_row_read(struct lq_rows *rows, struct lq_visit_row *ret_row)
{
	struct lq_visit_row row = {.name = lq_rows_text(rows, 13),
		.kind = lq_rows_text(rows, 14),
		.hidden = lq_rows_integer(rows, 15) != 0,
		.board = lq_rows_integer(rows, 16) != 0,
		.exits = lq_rows_integer(rows, 25) != 0,
		.host = lq_rows_integer(rows, 26),
		.host_name = lq_rows_text(rows, 27),
		.host_hidden = lq_rows_integer(rows, 28) != 0};
	read_badges(rows, &row);
	read_correction(rows, &row);
	row.visit = corrected(&row);
	*ret_row = row;
}

bool lq_visit_row_is_open(const struct lq_visit_row *row, int64_t now_ms)
{
	return !row->is_void && lq_visit_state(&row->visit, &row->day, now_ms) == LQ_VISIT_OPEN &&
	       row->visit.began_ms <= now_ms;
}

uint32_t lq_visit_row_half_days(
	const struct lq_visit_row *row, const struct lq_visit_settings *settings)
{
	if (row->is_void) {
		return 0;
	}
	return row->half_days != 0 ? row->half_days
				   : lq_visit_half_days(&row->visit, &row->day, settings);
}
