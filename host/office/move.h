/* `loquet-office move --to DATABASE`: the books from SQLite to PostgreSQL or back. */
#ifndef LQ_OFFICE_MOVE_H
#define LQ_OFFICE_MOVE_H

#include "host/cli/cli.h"

/* Returns an enum lq_exit. */
int lq_office_move(const struct lq_cli *cli);

#endif
