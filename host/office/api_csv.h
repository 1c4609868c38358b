/* The space's people and badges as a spreadsheet writes and reads them. */
#ifndef LQ_OFFICE_API_CSV_H
#define LQ_OFFICE_API_CSV_H

#include "host/office/api.h"

extern const struct lq_route lq_routes_csv[];
extern const size_t lq_routes_csv_count;

/* GET people.csv: a row each, the columns as they are read again. */
int lq_api_csv_get(const struct lq_request *request, struct lq_answer *answer);

/* POST people.csv?dryRun=: adds and changes, all rows or none. A row is found again by its person
 * or its external_id; one that neither finds is a new person. A column that the file lacks stays as
 * it is. Answers with counts and, for the first rows, what changes; a dry run keeps nothing. */
int lq_api_csv_post(const struct lq_request *request, struct lq_answer *answer);

/* The same of badges, GET and POST badges.csv: one is found again by its number or by its UID,
 * which is hashed and never given out; its holder by person or external_id. */
int lq_api_badge_csv_get(const struct lq_request *request, struct lq_answer *answer);
int lq_api_badge_csv_post(const struct lq_request *request, struct lq_answer *answer);

#endif
