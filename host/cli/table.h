/* Aligned columns on a terminal. One thread. */
#ifndef LQ_CLI_TABLE_H
#define LQ_CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

#define LQ_TABLE_COLUMNS_MAX 8u

/* Zero is an empty table; set `columns` and, where numbers stand, `right` (a bit for each column).
 */
struct lq_table {
	size_t columns;
	unsigned right;
	size_t count;
	size_t capacity;
	char **cells; /* NULL where memory ran out */
};

/* Adds the next cell, row after row. What a terminal would obey is escaped. */
void lq_table_add(struct lq_table *table, const char *text);
void lq_table_addf(struct lq_table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints every row, each behind `indent`. */
void lq_table_print(const struct lq_table *table, const char *indent, FILE *out);

/* Releases the cells. */
void lq_table_free(struct lq_table *table);

#endif
