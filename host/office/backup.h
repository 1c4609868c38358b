/* `loquet-office backup FILE` and `restore FILE`: the books, while the office runs. */
#ifndef LQ_OFFICE_BACKUP_H
#define LQ_OFFICE_BACKUP_H

#include "host/cli/cli.h"

/* Return an enum lq_exit. */
int lq_office_backup(const struct lq_cli *cli);
int lq_office_restore(const struct lq_cli *cli);

#endif
