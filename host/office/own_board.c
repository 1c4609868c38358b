#include "host/office/own_board.h"

#include "firmware/core/err.h"
#include "firmware/store/store.h"
#include "host/office/clock.h"

#define LOOK_MS 1000
#define AT_ONCE 500u

struct reading {
	lq_own_board_take *take;
	void *ctx;
	size_t count;
	int failure; /* of who takes it */
};

/* What was emptied is too old. */
static int take_row(void *ctx, const struct lq_row *row)
{
	struct reading *reading = ctx;
	reading->count++;
	reading->failure = row->body_length > 0
				   ? reading->take(reading->ctx, row->body, row->body_length)
				   : LQ_OK;
	return reading->failure;
}

/* A file that cannot be read is the door's concern: the office goes on without. */
static void read_behind(const struct lq_config *config, int64_t last, struct reading *reading)
{
	struct lq_store *store = NULL;
	if (lq_store_open_readonly(config->state_dir, &store) == LQ_OK) {
		(void)lq_store_read(store, (uint64_t)last + 1, AT_ONCE, take_row, reading);
		lq_store_close(store);
	}
}

int lq_own_board_turn(struct lq_own_board *own, const struct lq_config *config, struct lq_db *db,
	lq_own_board_take *take, void *ctx)
{
	struct reading reading = {.take = take, .ctx = ctx};
	int64_t now_ms = lq_office_mono_ms();
	int64_t last = 0;
	if (!own->more && own->looked_ms != 0 && now_ms - own->looked_ms < LOOK_MS) {
		return LQ_OK;
	}
	own->looked_ms = now_ms;
	own->more = false;
	int r = lq_db_integer(db, &last, 0, "SELECT max(seq) FROM event WHERE controller = ?1", "t",
		config->controller);
	if (r != LQ_OK) {
		return r;
	}
	read_behind(config, last, &reading);
	own->more = reading.count == AT_ONCE;
	return reading.failure;
}
