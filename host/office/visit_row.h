/* A visit as it is to be shown: what the badges made of it, unless somebody said otherwise. */
#ifndef LQ_OFFICE_VISIT_ROW_H
#define LQ_OFFICE_VISIT_ROW_H

#include "firmware/core/visit.h"
#include "host/office/db.h"

/* What lq_visit_row_read() reads, in this order. */
#define LQ_VISIT_ROWS                                                                              \
	"SELECT v.realm, v.holder, v.zone, v.day_begins, v.day_half, v.day_ends, v.began, "        \
	"v.seen, v.left_it, v.assumed, v.passages, v.absent, v.trust, coalesce(p.name, b.name), "  \
	"coalesce(p.kind, 'member'), coalesce(p.hidden, 0), coalesce(p.board, 0), c.id, "          \
	"c.check_in, c.check_out, c.half_days, c.void, c.author, c.at, c.reason, z.exits, "        \
	"o.host, h.name, coalesce(h.hidden, 0) "                                                   \
	"FROM visit v LEFT JOIN person p ON v.realm = '' AND p.number = v.holder "                 \
	"LEFT JOIN board_member b ON b.realm = v.realm AND b.holder = v.holder "                   \
	"LEFT JOIN visitor o ON o.person = p.number "                                              \
	"LEFT JOIN person h ON h.number = o.host "                                                 \
	"LEFT JOIN visit_correction c ON c.id = v.correction "                                     \
	"LEFT JOIN zone z ON z.name = v.zone "

/* Those that may be open: of the business days that are not over. ?1: 48 hours ago, ?2: now. No day
 * is longer than that, so that old days are not looked at. */
#define LQ_VISIT_ROWS_NOW                                                                          \
	LQ_VISIT_ROWS "WHERE v.day_begins > ?1 AND v.day_ends > ?2 "                               \
		      "ORDER BY v.zone, v.began, v.realm, v.holder"

#define LQ_VISIT_DAY_MAX_MS (INT64_C(48) * 3600 * 1000)

/* Texts are borrowed until the next row. */
struct lq_visit_row {
	const char *realm;
	int64_t holder;
	const char *zone;
	struct lq_business_day day;
	struct lq_visit badges; /* what they made of it */
	struct lq_visit visit;  /* what holds */
	const char *name;       /* NULL: the office does not know them */
	const char *kind;       /* "member", "guest" or "staff" */
	bool hidden;
	bool board;
	int64_t host;          /* whose guest they are, a person of the office; 0: nobody's */
	const char *host_name; /* NULL: nobody's */
	bool host_hidden;
	bool exits;         /* of its zone: somebody badged out once */
	int64_t correction; /* 0: nobody said anything, and the next ones say nothing */
	int64_t check_in_ms;
	int64_t check_out_ms; /* 0: as the badges have it, like check_in_ms and half_days */
	uint32_t half_days;
	bool is_void;
	const char *author;
	int64_t corrected_ms;
	const char *reason;
};

void lq_visit_row_read(struct lq_rows *rows, struct lq_visit_row *ret_row);

/* Somebody is in by it. */
bool lq_visit_row_is_open(const struct lq_visit_row *row, int64_t now_ms);

/* 0 for one that was none, otherwise 1 or 2. */
uint32_t lq_visit_row_half_days(
	const struct lq_visit_row *row, const struct lq_visit_settings *settings);

#endif
