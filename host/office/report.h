/* What the books say, for people and for programs. Each returns an enum lq_exit. One thread. */
#ifndef LQ_OFFICE_REPORT_H
#define LQ_OFFICE_REPORT_H

#include "host/cli/cli.h"

/* The visits of a business day: --day, or the one that it is. */
int lq_report_visits(const struct lq_cli *cli);

/* Who is in. */
int lq_report_now(const struct lq_cli *cli);

/* Whether all events came, and as they were signed: LQ_EXIT_REFUSED when not. */
int lq_report_check(const struct lq_cli *cli);

#endif
