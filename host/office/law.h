/* What the law wants of the books: what tells of a person is gone after a time, what is billed
 * stays without any time of the day, and whoever asks gets what is kept of them, or is forgotten.
 */
#ifndef LQ_OFFICE_LAW_H
#define LQ_OFFICE_LAW_H

#include "host/office/db.h"
#include "host/office/realm.h"
#include "host/office/space_rules.h"

#include <jansson.h>

/* Enters the visits of days that became final into the bills: at most two half-days a person and
 * day, and one for everything within the same half. Once: what is told later changes no bill. */
int lq_law_bill(struct lq_db *db, const struct lq_visit_settings *settings, int64_t now_ms);

/* Something is told only now of a day that was billed: whoever has no bill of it yet gets one with
 * the next days. */
int lq_law_bill_again(struct lq_db *db, int64_t day_begins_ms);

/* Empties what is older than `before_ms`, the beginning of a business day, and tells of persons:
 * the bodies of events, of which the hash stays for the chain; passages, visits and what was said
 * of them, in the audit too. Bills and figures are made first. To be followed by a commit and
 * lq_db_scrub(). Returns how many events it emptied, or an error. */
int64_t lq_law_purge(struct lq_db *db, const struct lq_visit_settings *settings, int64_t before_ms);

/* The oldest moment that something is kept of which tells of persons; INT64_MAX: there is none. */
int lq_law_oldest(struct lq_db *db, int64_t *ret_ms);

/* Everything that is kept of somebody, by table. New reference. */
int lq_law_export(struct lq_db *db, const struct lq_somebody *who, json_t **ret_tables);

/* Forgets somebody of the office but for the bills, under a number that names nobody any more. To
 * be followed like lq_law_purge(), and by lq_roster_due_person(). LQ_ERR_NOT_FOUND. */
int lq_law_erase(struct lq_db *db, int64_t person, int64_t now_ms);

/* The same without the bills and the events: of somebody of whom there is nothing to be billed, and
 * whose events are emptied by their age. LQ_ERR_NOT_FOUND. */
int lq_law_forget(struct lq_db *db, int64_t person, int64_t now_ms);

#endif
