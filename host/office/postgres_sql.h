/* The office's SQL in PostgreSQL's dialect. Pure but for the heap; any thread. Texts in quotes stay
 * as they are. The caller frees what is returned; NULL: out of memory. */
#ifndef LQ_OFFICE_POSTGRES_SQL_H
#define LQ_OFFICE_POSTGRES_SQL_H

#include "host/office/db.h"

#include <stdio.h>

/* ?1 becomes $1. */
char *lq_postgres_query(const char *sql);

/* Of a migration: BLOB is BYTEA, INTEGER is BIGINT, an INTEGER PRIMARY KEY numbers by itself; what
 * follows a table for SQLite alone (STRICT, WITHOUT ROWID) goes, and comments do. */
char *lq_postgres_schema(const char *sql);

/* One row as COPY … FROM STDIN reads it in its text format, with the newline behind it. */
void lq_postgres_put_row(FILE *out, const struct lq_value *values, size_t count);

#endif
