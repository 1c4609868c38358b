/* The client's end of control.sock (firmware/wire/control_wire.h). Functions return an enum lq_exit
 * and have said on stderr what went wrong when it is not LQ_EXIT_OK. One thread. */
#ifndef LQ_CLI_CONTROL_H
#define LQ_CLI_CONTROL_H

#include "host/cli/cli.h"

#define LQ_CONTROL_ANSWER_MS  10000
#define LQ_CONTROL_NO_TIMEOUT (-1)

/* Connects; the descriptor is the caller's. */
int lq_control_open(const struct lq_cli *cli, int *ret_fd);

/* Sends `request`, which is released whatever happens; NULL: out of memory. */
int lq_control_send(const struct lq_cli *cli, int fd, json_t *request);

/* The same, with descriptors that loquetd gets its own of. */
int lq_control_send_with(
	const struct lq_cli *cli, int fd, json_t *request, const int *fds, size_t count);

/* One message, an object; the caller releases it. */
int lq_control_receive(const struct lq_cli *cli, int fd, int timeout_ms, json_t **ret_message);

/* As lq_control_receive(), and a refusal is told and becomes its exit code. */
int lq_control_receive_answer(
	const struct lq_cli *cli, int fd, int timeout_ms, json_t **ret_answer);

/* Whether an answer says that it was done; a refusal is told and becomes its exit code. */
int lq_control_judge(const struct lq_cli *cli, const json_t *answer);

/* One request and its answer over a connection of their own. */
int lq_control_call(const struct lq_cli *cli, json_t *request, json_t **ret_answer);

/* The same for an answer that holds nothing but "ok": prints it, or the first operand,
 * `between`, a blank and `done`. */
int lq_control_do(const struct lq_cli *cli, json_t *request, const char *between, const char *done);

#endif
