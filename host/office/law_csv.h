/* What is kept of somebody as one sheet, for programs and for tables: a line for each value. */
#ifndef LQ_OFFICE_LAW_CSV_H
#define LQ_OFFICE_LAW_CSV_H

#include <jansson.h>
#include <stddef.h>

/* `tables` as of lq_law_export(). The columns are table, row (from 1), column and value; times are
 * moments in UTC. NULL: no memory. To be freed. */
char *lq_law_csv(json_t *tables, size_t *ret_length);

#endif
