/* From the journal to the broker, and the cursor. */
#include "firmware/core/assert.h"
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

#define UNREADABLE    "the journal cannot be read: "
#define SAVE_EVERY_MS 300u
#define SAVE_AGAIN_MS 5000u
#define BODY_MAX      65536u
#define ROWS_AT_ONCE  1024 /* so that a journal of purged rows does not keep signals waiting */

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

static const char *journal_problem(const struct lq_link *link, int r)
{
	const char *words = lq_follow_problem(link->follow);
	switch (r) {
	case LQ_ERR_NOT_FOUND:
		return "it is not there yet";
	case LQ_ERR_UNSUPPORTED:
		return "it is of another version; loquetd brings an older one up to date";
	default:
		return words[0] != '\0' ? words : lq_err_text(r);
	}
}

void lq_pump_journal_failed(struct lq_link *link, int r)
{
	char text[LQ_LINK_TEXT_SIZE];
	link->journal_failures++;
	link->journal_retry_at =
		lq_mono_after_ms(link->now, lq_backoff_ms(link->journal_failures, lq_random()));
	(void)snprintf(text, sizeof(text), UNREADABLE "%.190s", journal_problem(link, r));
	lq_link_tell(link, text);
}

static void journal_works(struct lq_link *link)
{
	link->journal_failures = 0;
	if (strncmp(link->status, UNREADABLE, sizeof(UNREADABLE) - 1) == 0) {
		lq_link_tell(link, lq_session_up(link) ? "connected" : "the journal can be read");
	}
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
	lq_shelf_clear(&link->shelf);
	lq_view_forget(link);
	return LQ_OK;
}

bool lq_pump_journal_ready(struct lq_link *link)
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
		lq_pump_journal_failed(link, r);
		return false;
	}
	link->files = files;
	return true;
}

/* ---- reading ahead ---- */

static int shelve_row(void *ctx, const struct lq_row *row)
{
	struct lq_link *link = ctx;
	struct lq_shelf_row shelved = {.seq = row->seq};
	size_t length = row->body_length;
	if (length > BODY_MAX) {
		shelved.fault = LQ_SHELF_TOO_LONG;
	} else if (length > 0 && !lq_follow_sound(link->follow, row)) {
		shelved.fault = LQ_SHELF_DAMAGED;
	}
	if (shelved.fault != LQ_SHELF_SOUND) {
		length = 0;
	}
	return lq_shelf_put(&link->shelf, &shelved, row->body, length) ? 0 : 1;
}

/* Returns false when there is nothing to publish now. */
static bool shelve(struct lq_link *link)
{
	if (lq_shelf_front(&link->shelf) != NULL) {
		return true;
	}
	if (!link->more || !lq_pump_journal_ready(link)) {
		return false;
	}
	int r = lq_follow_read(link->follow, link->outbox.next, LQ_SHELF_ROWS, shelve_row, link);
	if (r < 0) {
		lq_shelf_clear(&link->shelf);
		lq_pump_journal_failed(link, r);
		return false;
	}
	journal_works(link);
	if (lq_shelf_front(&link->shelf) == NULL) {
		link->more = false;
		lq_outbox_caught_up(&link->outbox);
		return false;
	}
	return true;
}

/* ---- publishing ---- */

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

static int note_kind(void *ctx, const struct lq_row *row)
{
	const char *name = lq_event_name(LQ_EVENT_LINK_SKIPPED);
	*(bool *)ctx = row->body_length > 0 &&
		       memmem(row->body, row->body_length, name, strlen(name)) != NULL;
	return 0;
}

void lq_pump_tell_skipped(struct lq_link *link, uint64_t seq, const char *why)
{
	bool about_skipping = false;
	link->health.skipped++;
	lq_health_changed(link);
	lq_log("row %" PRIu64 " is skipped: %s", seq, why);
	(void)lq_follow_read(link->follow, seq, 1, note_kind, &about_skipping);
	if (!about_skipping) {
		lq_peer_tell_skipped(&link->peer, seq, why);
	}
}

static void skip(struct lq_link *link, const struct lq_shelf_row *row, const char *why)
{
	lq_pump_tell_skipped(link, row->seq, why);
	lq_outbox_passed(&link->outbox, row->seq);
}

/* Returns false when the connection takes no more. */
static bool send_row(struct lq_link *link, const struct lq_shelf_row *row)
{
	uint16_t mid = 0;
	int r = lq_broker_publish(link->broker,
		&(struct lq_broker_publication){
			.topic = link->topics.events,
			.body = lq_shelf_body(&link->shelf, row),
			.length = row->length,
			.content = LQ_BROKER_CLOUDEVENT,
		},
		&mid);
	if (r == LQ_ERR_CLOSED) {
		return false;
	}
	if (r == LQ_OK) {
		lq_outbox_sent(&link->outbox, row->seq, mid);
	} else {
		skip(link, row,
			r == LQ_ERR_FULL ? "the broker takes no message of this size"
					 : "it is not a valid message");
	}
	return true;
}

static bool send_or_skip(struct lq_link *link, const struct lq_shelf_row *row)
{
	switch (lq_outbox_judge(&link->outbox, row->seq)) {
	case LQ_OUTBOX_SEND:
		return send_row(link, row);
	case LQ_OUTBOX_SKIP_AND_TELL:
		skip(link, row, "the broker hangs up on it, and on no other");
		return true;
	case LQ_OUTBOX_SKIP:
		lq_outbox_passed(&link->outbox, row->seq);
		return true;
	}
	LQ_ASSERT(false);
	return false;
}

static bool publish_row(struct lq_link *link, const struct lq_shelf_row *row)
{
	tell_gap(link, row->seq);
	switch (row->fault) {
	case LQ_SHELF_SOUND:
		if (row->length != 0) {
			return send_or_skip(link, row);
		}
		lq_outbox_passed(&link->outbox, row->seq);
		return true;
	case LQ_SHELF_TOO_LONG:
		skip(link, row, "its body is too long");
		return true;
	case LQ_SHELF_DAMAGED:
		skip(link, row, "its body does not match its hash");
		return true;
	}
	LQ_ASSERT(false);
	return false;
}

static bool may_publish(struct lq_link *link)
{
	return lq_session_up(link) && lq_outbox_room(&link->outbox) > 0 && shelve(link);
}

void lq_pump_run(struct lq_link *link)
{
	for (int i = 0; i < ROWS_AT_ONCE && may_publish(link); i++) {
		if (!publish_row(link, lq_shelf_front(&link->shelf))) {
			return;
		}
		lq_shelf_pop(&link->shelf);
	}
}

bool lq_pump_busy(const struct lq_link *link)
{
	return lq_session_up(link) && lq_outbox_room(&link->outbox) > 0 &&
	       (link->more || lq_shelf_front(&link->shelf) != NULL) &&
	       lq_mono_due(link->journal_retry_at, link->now);
}

void lq_pump_rewind(struct lq_link *link)
{
	lq_outbox_rewind(&link->outbox);
	lq_shelf_clear(&link->shelf);
	link->more = true;
}

int lq_pump_replay(struct lq_link *link, uint64_t from)
{
	bool found = false;
	if (from == 0) {
		return LQ_ERR_INVALID;
	}
	if (!lq_pump_journal_ready(link)) {
		return LQ_ERR_IO;
	}
	int r = lq_follow_reaches(link->follow, from, &found);
	if (r != LQ_OK) {
		lq_pump_journal_failed(link, r);
		return LQ_ERR_IO;
	}
	r = found ? lq_outbox_replay(&link->outbox, from) : LQ_ERR_NOT_FOUND;
	if (r == LQ_OK) {
		lq_log("publishing again from row %" PRIu64 " on", from);
		lq_shelf_clear(&link->shelf);
		lq_link_look(link);
	}
	return r;
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
