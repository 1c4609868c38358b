/* What is kept of somebody, to be read and printed by them: the same rows as lq_law_export(), in
 * words, with the time that the space's clocks show. One thread (TZ). */
#ifndef LQ_OFFICE_LAW_PAGE_H
#define LQ_OFFICE_LAW_PAGE_H

#include "host/cli/cli.h"

#include <jansson.h>
#include <stdint.h>

struct lq_law_page {
	const char *space;
	const char *time_zone;
	const char *person; /* "p77" */
	int64_t at_ms;      /* when it was read */
	const json_t *tables;
};

/* HTML, malloc'ed; NULL: memory ran out. A table or column that has no words here stands there
 * under its own name, as it is. */
char *lq_law_page(const struct lq_law_page *page, enum lq_language language);

#endif
