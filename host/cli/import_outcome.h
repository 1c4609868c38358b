/* What an import would do, as a person or a program reads it. One thread. */
#ifndef LQ_CLI_IMPORT_OUTCOME_H
#define LQ_CLI_IMPORT_OUTCOME_H

#include "host/cli/roster_file.h"

/* Prints the outcomes that loquetd wrote to `fd` (firmware/store/import.h), one a line. Returns an
 * enum lq_exit. */
int lq_import_outcome_print(const struct lq_roster_file *file, int fd);

#endif
