/* loquet-office account add: a way in for whoever has the machine. */
#ifndef LQ_OFFICE_ACCOUNT_COMMAND_H
#define LQ_OFFICE_ACCOUNT_COMMAND_H

#include "host/cli/cli.h"

/* Reads the password from the first line of stdin, unseen at a terminal. Returns an enum lq_exit.
 */
int lq_account_command_add(const struct lq_cli *cli);

#endif
