/* What the calls about rules share. */
#ifndef LQ_OFFICE_RULES_H
#define LQ_OFFICE_RULES_H

#include "host/office/api.h"

/* Begins every name that the office makes for what takes place in the space. */
#define LQ_RULES_RESERVED "event-"

/* 0, or the status of the problem: the path's name is none that can be given. */
int lq_rules_name(const struct lq_request *request, struct lq_answer *answer);

/* 404. */
int lq_rules_unknown(const struct lq_request *request, struct lq_answer *answer);

/* Once the rules are written: 0, or a problem where they are more than a door takes. */
int lq_rules_fit(const struct lq_request *request, struct lq_answer *answer);

/* Tells doors, pages and the audit. LQ_OK or an error of the database. */
int lq_rules_changed(const struct lq_request *request, const char *act);

/* One statement about the path's name: LQ_OK or an error. `sql` is a literal. */
int lq_rules_run(const struct lq_request *request, const char *sql);

/* Whether there is a row: `sql` selects 1 for the name. */
int lq_rules_there(
	const struct lq_request *request, const char *sql, const char *name, bool *ret_there);

/* Answers a list, of the one name or, for "", of all; for one that is not there 404. `read` appends
 * the items of the rows to the array. */
typedef int lq_rules_reader(struct lq_db *db, const char *name, json_t *items);
int lq_rules_list(
	const struct lq_request *request, struct lq_answer *answer, lq_rules_reader *read);
int lq_rules_get(const struct lq_request *request, struct lq_answer *answer, lq_rules_reader *read);

/* Removes what nothing uses: `used` selects 1 when something does. 204, or a problem. */
struct lq_rules_removal {
	const char *there;
	const char *used;
	const char *remove;
	const char *act;
};
int lq_rules_delete(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_rules_removal *removal);

/* The last item when it has this name under `key`; otherwise a new one behind it, which has arrays
 * under the two other keys (NULL: none). */
json_t *lq_rules_item(json_t *items, const char *key, const char *name, const char *one_list,
	const char *other_list);

#endif
