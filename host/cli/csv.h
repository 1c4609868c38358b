/* Rows of CSV as RFC 4180 has them. Any thread. */
#ifndef LQ_CLI_CSV_H
#define LQ_CLI_CSV_H

#include <stddef.h>
#include <stdio.h>

/* Writes one row and its CRLF. Foreign text goes through lq_escape() first, so that neither a line
 * break nor a terminal's command is left in it; what holds a comma, a quote or a blank at an end is
 * quoted. */
void lq_csv_row(FILE *out, const char *const *fields, size_t count);

#endif
