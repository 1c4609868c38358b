#include "host/office/replay.h"

#include "firmware/core/err.h"

#include <stdio.h>
#include <string.h>

#define LOOK_MS 1000

/* NULL: there is no room for another controller. */
static struct lq_replay_wish *wish_of(struct lq_replay *replay, const char *controller)
{
	for (size_t i = 0; i < replay->count; i++) {
		if (strcmp(replay->wishes[i].controller, controller) == 0) {
			return &replay->wishes[i];
		}
	}
	if (replay->count == LQ_REPLAY_CONTROLLERS_MAX) {
		return NULL;
	}
	struct lq_replay_wish *wish = &replay->wishes[replay->count++];
	*wish = (struct lq_replay_wish){0};
	(void)snprintf(wish->controller, sizeof(wish->controller), "%s", controller);
	return wish;
}

static int64_t pause_after(unsigned times)
{
	int64_t pause_ms = LQ_REPLAY_FIRST_MS << times;
	return pause_ms < LQ_REPLAY_MOST_MS ? pause_ms : LQ_REPLAY_MOST_MS;
}

/* Whatever changed at the gaps shows that rows come, or that others are missing now. */
static void note_gap(struct lq_replay_wish *wish, int64_t from, int64_t to, int64_t now_ms)
{
	if (wish->from != from || wish->to != to) {
		wish->from = from;
		wish->to = to;
		wish->times = 0;
		wish->due_ms = now_ms + LQ_REPLAY_FIRST_MS;
	}
}

static void ask(struct lq_replay_wish *wish, struct lq_post *post, int64_t now_ms)
{
	const struct lq_sending *sending = NULL;
	if (wish->times == LQ_REPLAY_TIMES_MAX || now_ms < wish->due_ms) {
		return;
	}
	const struct lq_sending_wish order = {.controller = wish->controller,
		.kind = LQ_ORDER_JOURNAL_REPLAY,
		.arguments = json_pack("{s:I}", "from", (json_int_t)wish->from),
		.by = "office"};
	if (lq_post_send(post, &order, now_ms, &sending) == LQ_OK) {
		wish->times++;
		wish->due_ms = now_ms + pause_after(wish->times);
	}
}

int lq_replay_turn(struct lq_replay *replay, struct lq_db *db, struct lq_post *post, int64_t now_ms)
{
	struct lq_rows *rows = NULL;
	/* A clock that was put back must not silence it. */
	if (now_ms < replay->next_ms && replay->next_ms - now_ms <= LOOK_MS) {
		return LQ_OK;
	}
	replay->next_ms = now_ms + LOOK_MS;
	int r = lq_db_query(db, &rows,
		"SELECT controller, min(first), max(last) FROM gap GROUP BY controller", "");
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		struct lq_replay_wish *wish = wish_of(replay, lq_rows_text(rows, 0));
		if (wish != NULL) {
			note_gap(wish, lq_rows_integer(rows, 1), lq_rows_integer(rows, 2), now_ms);
			ask(wish, post, now_ms);
		}
	}
	lq_rows_end(rows);
	return r;
}
