/* From the journal to the broker, and the cursor. */
#include "firmware/core/err.h"
#include "firmware/core/event.h"
#include "firmware/link/backoff.h"
#include "firmware/link/link_internal.h"
#include "firmware/link/log.h"
#include "firmware/link/random.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SAVE_EVERY_MS 300u
#define SAVE_AGAIN_MS 5000u
#define LOOK_ALONE_MS 1000u  /* when loquetd is not there to tell of new rows */
#define LOOK_TOLD_MS  30000u /* when it is */
#define BODY_MAX      65536u

int lq_pump_open(struct lq_link *link)
{
	struct lq_cursor cursor = {0};
	const char *folder = link->config->state_dir;
	int r = lq_cursor_load(folder, &cursor);
	if (r == LQ_ERR_CORRUPT) {
		lq_link_tell(link, "the cursor file is damaged: set aside, publishing from the "
				   "beginning of the journal");
		r = lq_cursor_set_aside(folder);
	}
	if (r == LQ_ERR_IO) {
		lq_log("%s/%s: %s", folder, LQ_CURSOR_FILE, strerror(errno));
		return r;
	}
	link->saved = cursor;
	lq_outbox_start(&link->outbox, link->config->mqtt.window, cursor.seq);
	return lq_follow_start(folder, &link->follow);
}

/* ---- the journal ---- */

static void journal_failed(struct lq_link *link, int r)
{
	char text[LQ_LINK_TEXT_SIZE];
	const char *words = lq_follow_problem(link->follow);
	link->journal_failures++;
	link->journal_retry_at =
		lq_mono_after_ms(link->now, lq_backoff_ms(link->journal_failures, lq_random()));
	(void)snprintf(text, sizeof(text), "the journal cannot be read: %s%s%.150s", lq_err_text(r),
		words[0] != '\0' ? ": " : "", words);
	lq_link_tell(link, text);
}

static int take_cursor(void *ctx, const struct lq_row *row)
{
	struct lq_cursor *cursor = ctx;
	cursor->seq = row->seq;
	memcpy(cursor->hash, row->hash, LQ_HASH_SIZE);
	return 0;
}

/* A cursor counts for the journal whose chain it was taken from, and for the one that goes on
 * behind a lost journal's numbers. */
static bool cursor_belongs(const struct lq_cursor *cursor, const struct lq_cursor *found)
{
	if (cursor->seq == 0 || found->seq > cursor->seq) {
		return true;
	}
	return found->seq == cursor->seq && memcmp(found->hash, cursor->hash, LQ_HASH_SIZE) == 0;
}

static int meet_journal(struct lq_link *link)
{
	struct lq_cursor found = {0};
	int r = lq_follow_read(link->follow, link->saved.seq, 1, take_cursor, &found);
	if (r != LQ_OK) {
		return r;
	}
	if (!cursor_belongs(&link->saved, &found)) {
		lq_link_tell(link, "the cursor belongs to another journal: set aside, publishing "
				   "from the beginning of this one");
		(void)lq_cursor_set_aside(link->config->state_dir);
		link->saved = (struct lq_cursor){0};
	}
	lq_outbox_start(&link->outbox, link->config->mqtt.window, link->saved.seq);
	return LQ_OK;
}

static bool journal_ready(struct lq_link *link)
{
	uint64_t files = 0;
	if (!lq_mono_due(link->journal_retry_at, link->now)) {
		return false;
	}
	int r = lq_follow_check(link->follow, &files);
	if (r == LQ_OK && files != link->files) {
		r = meet_journal(link);
	}
	if (r != LQ_OK) {
		journal_failed(link, r);
		return false;
	}
	link->files = files;
	return true;
}

/* ---- publishing ---- */

/* A row that tells of a skipped row is not told of itself: that would make another one, for ever.
 */
static bool tells_of_skipping(const struct lq_row *row)
{
	const char *name = lq_event_name(LQ_EVENT_LINK_SKIPPED);
	return memmem(row->body, row->body_length, name, strlen(name)) != NULL;
}

static void skip(struct lq_link *link, const struct lq_row *row, const char *why)
{
	lq_log("row %" PRIu64 " is skipped: %s", row->seq, why);
	if (!tells_of_skipping(row)) {
		lq_peer_tell_skipped(&link->peer, row->seq, why);
	}
	lq_outbox_passed(&link->outbox, row->seq);
}

static void tell_gap(struct lq_link *link, uint64_t seq)
{
	struct lq_outbox_gap gap = lq_outbox_gap_before(&link->outbox, seq);
	char text[LQ_LINK_TEXT_SIZE];
	if (gap.from != 0) {
		(void)snprintf(text, sizeof(text),
			"rows %" PRIu64 " to %" PRIu64 " are missing from the journal", gap.from,
			gap.to);
		lq_link_tell(link, text);
	}
}

struct batch {
	struct lq_link *link;
	size_t taken;
};

static int publish_row(void *ctx, const struct lq_row *row)
{
	struct batch *batch = ctx;
	struct lq_link *link = batch->link;
	uint16_t mid = 0;
	tell_gap(link, row->seq);
	if (row->body_length == 0) {
		lq_outbox_passed(&link->outbox, row->seq);
	} else if (row->body_length > BODY_MAX) {
		skip(link, row, "its body is too long");
	} else if (!lq_follow_sound(link->follow, row)) {
		skip(link, row, "its body does not match its hash");
	} else {
		int r = lq_broker_publish(link->broker,
			&(struct lq_broker_publication){
				.topic = link->topics.events,
				.body = row->body,
				.length = row->body_length,
				.content = LQ_BROKER_CLOUDEVENT,
			},
			&mid);
		if (r == LQ_ERR_CLOSED) {
			return 1;
		}
		if (r == LQ_OK) {
			lq_outbox_sent(&link->outbox, row->seq, mid);
		} else {
			skip(link, row,
				r == LQ_ERR_FULL ? "the broker takes no message of this size"
						 : "it is not a valid message");
		}
	}
	batch->taken++;
	return 0;
}

void lq_pump_run(struct lq_link *link)
{
	if (lq_mono_due(link->look_at, link->now)) {
		link->look_at = lq_mono_after_ms(
			link->now, link->peer.fd >= 0 ? LOOK_TOLD_MS : LOOK_ALONE_MS);
		link->more = true;
	}
	/* Half a window at a time: one query serves many rows. */
	size_t room = lq_outbox_room(&link->outbox);
	if (!link->more || room * 2 < link->config->mqtt.window || !lq_session_up(link) ||
		!journal_ready(link)) {
		return;
	}
	struct batch batch = {.link = link};
	room = lq_outbox_room(&link->outbox);
	int r = lq_follow_read(link->follow, link->outbox.next, room, publish_row, &batch);
	if (r < 0) {
		journal_failed(link, r);
		return;
	}
	link->journal_failures = 0;
	if (r == LQ_OK && batch.taken < room) {
		link->more = false;
		lq_outbox_caught_up(&link->outbox);
	}
}

/* ---- the cursor ---- */

void lq_pump_save(struct lq_link *link, bool now_or_never)
{
	struct lq_cursor cursor = {0};
	if (link->outbox.cursor <= link->saved.seq ||
		(!now_or_never && !lq_mono_due(link->save_at, link->now))) {
		return;
	}
	link->save_at = lq_mono_after_ms(link->now, SAVE_EVERY_MS);
	int r = lq_follow_read(link->follow, link->outbox.cursor, 1, take_cursor, &cursor);
	if (r != LQ_OK || cursor.seq != link->outbox.cursor) {
		return; /* the journal's failure is told where rows are read */
	}
	if (lq_cursor_save(link->config->state_dir, &cursor) != LQ_OK) {
		char text[LQ_LINK_TEXT_SIZE];
		link->save_at = lq_mono_after_ms(link->now, SAVE_AGAIN_MS);
		(void)snprintf(
			text, sizeof(text), "the cursor cannot be saved: %s", strerror(errno));
		lq_link_tell(link, text);
		return;
	}
	link->saved = cursor;
	lq_peer_tell_cursor(&link->peer, cursor.seq);
}
