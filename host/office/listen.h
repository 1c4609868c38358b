/* The guaranteed feed of every controller of the space, into the books. */
#ifndef LQ_OFFICE_LISTEN_H
#define LQ_OFFICE_LISTEN_H

#include "host/cli/cli.h"

/* Listens until `stop_fd` is readable. Returns an enum lq_exit. */
int lq_office_listen(const struct lq_cli *cli, int stop_fd);

#endif
