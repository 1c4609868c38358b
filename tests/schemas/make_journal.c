/* Makes the same small journal every time: make_journal FOLDER. Its keys are no secret, so that
 * anybody can check another verifier against schemas/examples/journal.jsonl. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/store/store.h"

#include <stdio.h>
#include <string.h>

#define START_MS        INT64_C(1767261600000) /* 2026-01-01T10:00:00Z */
#define CHECKPOINT_ROWS 5u

static const struct lq_site site = {
	.space = "example-space",
	.controller = "front-board",
	.door_count = 1,
	.reader_count = 1,
	.doors = {"front"},
	.zones = {"space"},
	.readers = {{.name = "front-in", .door = 0, .direction = LQ_DIRECTION_ENTRY}},
};

/* The same bytes for every key, whichever is made first. */
static int count_up(void *ctx, uint8_t *out, size_t count)
{
	(void)ctx;
	for (size_t i = 0; i < count; i++) {
		out[i] = (uint8_t)i;
	}
	return LQ_OK;
}

static struct lq_event event_of(enum lq_event_type type)
{
	static int64_t now_ms = START_MS;
	now_ms += 1000;
	struct lq_event event = lq_event_make(
		type, (struct lq_wall){.unix_ms = now_ms, .trust = LQ_TRUST_SYNCHRONISED});
	event.door = type == LQ_EVENT_ROSTER_CHANGED ? LQ_NONE : 0;
	event.access_point = 0;
	event.reader = 0;
	(void)snprintf(event.actor, sizeof(event.actor), "account-1000");
	return event;
}

static void append(struct lq_store *store, const struct lq_event *event)
{
	LQ_ASSERT(lq_store_append(store, event, 1, NULL) == LQ_OK);
}

static void enrol(struct lq_store *store, uint8_t number)
{
	uint32_t member = 0;
	struct lq_credential stored;
	struct lq_event added = event_of(LQ_EVENT_ROSTER_CHANGED);
	struct lq_event enrolled = event_of(LQ_EVENT_ROSTER_CHANGED);
	added.reader = added.access_point = LQ_NONE;
	LQ_ASSERT(lq_member_add(store, "Ada Example", "always", &added, &member) == LQ_OK);
	struct lq_credential wanted = {
		.key = {number}, .holder = member, .valid_to_s = LQ_VALID_FOREVER};
	LQ_ASSERT(lq_badge_enrol(store, &wanted, &enrolled, &stored) == LQ_OK);
}

static struct lq_event event_of_tap(enum lq_event_type type, uint32_t number)
{
	struct lq_event event = event_of(type);
	event.transaction = (struct lq_transaction){.run = 0, .number = number};
	event.stages_us[LQ_STAGE_DETECT] = 14000 + number;
	event.stages_us[LQ_STAGE_DECIDE] = 9;
	event.credential = 1;
	event.holder = 1;
	return event;
}

static void tap(struct lq_store *store, uint32_t number)
{
	struct lq_event granted = event_of_tap(LQ_EVENT_ACCESS_GRANTED, number);
	struct lq_event released = event_of_tap(LQ_EVENT_DOOR_RELEASED, number);
	struct lq_event relocked = event_of_tap(LQ_EVENT_DOOR_RELOCKED, number);
	granted.reason = LQ_REASON_GRANTED;
	released.cause = "access";
	released.recorded = true;
	released.stages_us[LQ_STAGE_RECORD] = 3100;
	released.stages_us[LQ_STAGE_RELAY] = 20;
	relocked.cause = "release_time";
	append(store, &granted);
	append(store, &released);
	append(store, &relocked);
}

static void fail(struct lq_store *store)
{
	struct lq_event fault = event_of(LQ_EVENT_READER_FAULT);
	fault.cause = "restarted";
	/* Escapes and letters beyond ASCII: what is hashed are the bytes of the body. */
	lq_event_set_text(&fault, "\"signal 11\" \\ d\xc3\xa9"
				  "faut \xf0\x9f\x9a\xaa\n");
	append(store, &fault);
}

int main(int argc, char **argv)
{
	struct lq_entropy entropy = {.fill = count_up};
	struct lq_keys keys;
	struct lq_store *store = NULL;
	struct lq_store_report report;
	if (argc != 2) {
		(void)fputs("usage: make_journal FOLDER\n", stderr);
		return 2;
	}
	LQ_ASSERT(lq_keys_load(argv[1], &entropy, &keys) == LQ_OK);
	const struct lq_wall now = {.unix_ms = START_MS, .trust = LQ_TRUST_SYNCHRONISED};
	LQ_ASSERT(lq_store_open(argv[1], &site, &keys, now, &store, &report) == LQ_OK);
	lq_store_set_checkpoint_rows(store, CHECKPOINT_ROWS);
	/* No event that tells the version: another version writes the same journal. */
	struct lq_event online = event_of(LQ_EVENT_READER_ONLINE);
	struct lq_event checkpoint = event_of(LQ_EVENT_JOURNAL_CHECKPOINT);
	append(store, &online);
	append(store, &checkpoint);
	enrol(store, 1);
	tap(store, 1);
	fail(store);
	tap(store, 2);
	tap(store, 3);
	lq_store_close(store);
	return 0;
}
