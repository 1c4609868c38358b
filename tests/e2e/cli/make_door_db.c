/* Makes a state folder for the tests: make_door_db FOLDER CONFIG. Three members (two of one name),
 * two badges, events of every kind that a test looks for, signed checkpoints. */
#include "firmware/config/config.h"
#include "firmware/core/err.h"
#include "firmware/store/store.h"
#include "hal/linux/linux_entropy.h"

#include <stdio.h>
#include <stdlib.h>

/* 2026-07-01T06:00:00Z */
#define MORNING_MS INT64_C(1782885600000)

static void must(int r, const char *what)
{
	if (r != LQ_OK) {
		fprintf(stderr, "%s: %s\n", what, lq_err_text(r));
		exit(1);
	}
}

static struct lq_event event_of(enum lq_event_type type)
{
	static int64_t now_ms = MORNING_MS;
	now_ms += 1500;
	return lq_event_make(type, (struct lq_wall){.unix_ms = now_ms, .trust = LQ_TRUST_RTC});
}

static uint32_t add_member(struct lq_store *store, const char *name)
{
	uint32_t id = 0;
	struct lq_event event = event_of(LQ_EVENT_ROSTER_CHANGED);
	must(lq_member_add(store, name, "always", &event, &id), "member");
	return id;
}

static uint32_t add_badge(struct lq_store *store, uint32_t holder, uint8_t key, uint32_t valid_to_s)
{
	struct lq_event event = event_of(LQ_EVENT_ROSTER_CHANGED);
	struct lq_credential stored;
	struct lq_credential wanted = {.key = {key}, .holder = holder, .valid_to_s = valid_to_s};
	must(lq_badge_enrol(store, &wanted, &event, &stored), "badge");
	return stored.id;
}

static void append(struct lq_store *store, struct lq_event event)
{
	must(lq_store_append(store, &event, 1, NULL), "append");
}

static void append_tap(struct lq_store *store, uint32_t holder, uint32_t badge)
{
	struct lq_event granted = event_of(LQ_EVENT_ACCESS_GRANTED);
	granted.door = 0;
	granted.access_point = lq_access_point(0, LQ_DIRECTION_ENTRY);
	granted.reader = 0;
	granted.reason = LQ_REASON_GRANTED;
	granted.holder = holder;
	granted.credential = badge;
	granted.transaction = (struct lq_transaction){.run = 1, .number = 1};
	granted.stages_us[LQ_STAGE_DETECT] = 9100;
	granted.stages_us[LQ_STAGE_DECIDE] = 200;
	append(store, granted);

	struct lq_event denied = event_of(LQ_EVENT_ACCESS_DENIED);
	denied.door = 0;
	denied.access_point = granted.access_point;
	denied.reason = LQ_REASON_CREDENTIAL_NOT_FOUND;
	append(store, denied);

	struct lq_event opened = event_of(LQ_EVENT_DOOR_OPENED);
	opened.door = 0;
	append(store, opened);

	struct lq_event fault = event_of(LQ_EVENT_READER_FAULT);
	fault.reader = 0;
	lq_event_set_text(&fault, "line\nbreak \x1b[31m");
	append(store, fault);
}

int main(int argc, char *argv[])
{
	static struct lq_config config;
	struct lq_config_error error;
	struct lq_store_report report;
	struct lq_store *store = NULL;
	struct lq_keys keys;
	struct lq_entropy entropy = lq_linux_entropy();
	if (argc != 3) {
		return 2;
	}
	must(lq_config_load(argv[2], lq_speech_usual(), &config, &error), "config");
	struct lq_site site = lq_config_site(&config);
	must(lq_keys_load(argv[1], &entropy, &keys), "keys");
	const struct lq_wall now = {.unix_ms = MORNING_MS, .trust = LQ_TRUST_RTC};
	must(lq_store_open(argv[1], &site, &keys, now, &store, &report), "store");
	lq_store_set_checkpoint_rows(store, 6);
	uint32_t ada = add_member(store, "Ada Example");
	(void)add_member(store, "Sam Sample");
	(void)add_member(store, "Sam Sample");
	uint32_t badge = add_badge(store, ada, 1, LQ_VALID_FOREVER);
	(void)add_badge(store, ada, 2, 1798758000); /* 2027-01-01 00:00 in Paris */
	append_tap(store, ada, badge);
	lq_store_close(store);
	return 0;
}
