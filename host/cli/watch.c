#include "firmware/core/err.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/event_line.h"

#include <unistd.h>

/* Watching works where door.db cannot be read: then without names. */
static struct lq_store *open_names(const struct lq_cli *cli)
{
	struct lq_store *store = NULL;
	bool wanted = !cli->line.json;
	return wanted && lq_store_open_readonly(cli->config.state_dir, &store) == LQ_OK ? store
											: NULL;
}

static int show(const struct lq_cli *cli, struct lq_store *store, json_t *message)
{
	const json_t *seq = json_object_get(message, "seq");
	const json_t *event = json_object_get(message, "event");
	if (cli->line.json) {
		return lq_print_json(cli, message);
	}
	if (json_is_integer(seq) && json_is_object(event)) {
		lq_event_line_print(cli, store, (uint64_t)json_integer_value(seq), event);
	}
	json_decref(message);
	return LQ_EXIT_OK;
}

static int follow(const struct lq_cli *cli, struct lq_store *store, int fd)
{
	int r = LQ_EXIT_OK;
	while (r == LQ_EXIT_OK && fflush(stdout) == 0) {
		json_t *message = NULL;
		r = lq_control_receive(cli, fd, LQ_CONTROL_NO_TIMEOUT, &message);
		if (r == LQ_EXIT_OK) {
			r = show(cli, store, message);
		}
	}
	return r;
}

int lq_run_watch(const struct lq_cli *cli)
{
	int fd = -1;
	json_t *answer = NULL;
	int r = lq_control_open(cli, &fd);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	r = lq_control_send(cli, fd, json_pack("{s:s}", "do", "watch"));
	if (r == LQ_EXIT_OK) {
		r = lq_control_receive_answer(cli, fd, LQ_CONTROL_ANSWER_MS, &answer);
	}
	if (r == LQ_EXIT_OK && cli->line.json) {
		/* A program can wait for this line: no event behind it is missed. */
		r = lq_print_json(cli, json_incref(answer));
	}
	json_decref(answer);
	if (r == LQ_EXIT_OK) {
		struct lq_store *store = open_names(cli);
		r = follow(cli, store, fd);
		lq_store_close(store);
	}
	(void)close(fd);
	return r;
}
