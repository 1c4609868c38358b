#include "host/office/roster_publish.h"

#include "firmware/core/err.h"
#include "host/office/event_rights.h"
#include "host/office/full.h"
#include "host/office/recurrence.h"
#include "host/office/roster_limits.h"
#include "host/office/roster_manifest.h"
#include "host/office/roster_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD_MAX_MS (INT64_C(24) * 3600 * 1000) /* of a clock that was put back since */

struct lq_publisher {
	struct lq_db *db;
	struct lq_post *post;
	char space[LQ_NAME_SIZE];
	struct lq_manifest manifest; /* version 0: none was made yet */
	uint8_t digest[LQ_HASH_SIZE];
	bool all;        /* every part is to be read and published */
	bool events;     /* the parts have something of them */
	size_t left_out; /* events that had no room */
	int64_t day;     /* local, up to which events were looked for; 0: never */
	int64_t told_ms; /* 0: the broker has no manifest of ours */
	int64_t heard;   /* the newest version that a door has */
	int64_t outrun_ms;
};

int lq_publisher_new(struct lq_db *db, struct lq_post *post, const char *space,
	struct lq_publisher **ret_publisher)
{
	struct lq_publisher *publisher = calloc(1, sizeof(*publisher));
	if (publisher == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	publisher->db = db;
	publisher->post = post;
	publisher->all = true;
	(void)snprintf(publisher->space, sizeof(publisher->space), "%s", space);
	*ret_publisher = publisher;
	return LQ_OK;
}

void lq_publisher_free(struct lq_publisher *publisher)
{
	free(publisher);
}

void lq_publisher_up(struct lq_publisher *publisher)
{
	publisher->all = true;
	publisher->told_ms = 0;
}

static int read_due(struct lq_publisher *publisher, bool due[LQ_ROSTER_PARTS])
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(publisher->db, &rows, "SELECT part FROM roster_due", "");
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		int64_t part = lq_rows_integer(rows, 0);
		if (part >= 0 && part < (int64_t)LQ_ROSTER_PARTS) {
			due[part] = true;
		}
	}
	lq_rows_end(rows);
	return r;
}

/* Another process may have added to them since they were read. */
static int forget_due(struct lq_publisher *publisher, const bool due[LQ_ROSTER_PARTS])
{
	int64_t r = 0;
	for (int64_t i = 0; i < (int64_t)LQ_ROSTER_PARTS && r >= 0; i++) {
		r = !due[i] ? 0
			    : lq_db_run(publisher->db, "DELETE FROM roster_due WHERE part = ?1",
				      "i", i);
	}
	return r < 0 ? (int)r : LQ_OK;
}

static int publish_part(struct lq_publisher *publisher, unsigned index, const struct lq_part *part)
{
	char topic[LQ_PARCEL_TOPIC_MAX];
	(void)snprintf(topic, sizeof(topic), "loquet/1/%s/roster/part/%u", publisher->space, index);
	return lq_office_publish(publisher->post, topic, part->text, part->length, true);
}

/* An empty part that the broker may hold something of is taken away from it by an empty message. */
static int read_part(struct lq_publisher *publisher, struct lq_event_rights *events, unsigned index)
{
	struct lq_manifest *manifest = &publisher->manifest;
	struct lq_part part = {0};
	uint8_t hash[LQ_HASH_SIZE];
	int r = lq_roster_read(publisher->db, events, index, &part);
	if (r == LQ_OK) {
		bool filled = part.length > 0;
		lq_hash(part.text != NULL ? part.text : "", part.length, hash);
		bool same = filled == manifest->filled[index] &&
			    (!filled || memcmp(hash, manifest->hashes[index], LQ_HASH_SIZE) == 0);
		r = same && !publisher->all ? LQ_OK : publish_part(publisher, index, &part);
		manifest->filled[index] = filled;
		memcpy(manifest->hashes[index], hash, LQ_HASH_SIZE);
	}
	lq_part_free(&part);
	return r;
}

/* The version that goes with what the parts are now: the kept one while they are the same. */
static int settle_version(struct lq_publisher *publisher, int64_t now_ms)
{
	uint8_t digest[LQ_HASH_SIZE];
	const struct lq_blob blob = {.bytes = digest, .length = sizeof(digest)};
	int64_t kept = 0;
	lq_manifest_digest(&publisher->manifest, digest);
	int r = lq_db_integer(publisher->db, &kept, 0,
		"SELECT version FROM roster_version WHERE id = 1 AND digest = ?1", "b", &blob);
	if (r != LQ_OK || kept != 0) {
		publisher->manifest.version = kept;
		return r;
	}
	r = lq_db_integer(
		publisher->db, &kept, 0, "SELECT version FROM roster_version WHERE id = 1", "");
	if (r != LQ_OK) {
		return r;
	}
	publisher->manifest.version = kept >= now_ms ? kept + 1 : now_ms;
	publisher->told_ms = 0;
	int64_t changed = lq_db_run(publisher->db,
		"INSERT INTO roster_version (id, version, digest) VALUES (1, ?1, ?2) "
		"ON CONFLICT (id) DO UPDATE SET version = excluded.version, "
		"digest = excluded.digest",
		"ib", publisher->manifest.version, &blob);
	return changed < 0 ? (int)changed : LQ_OK;
}

static int64_t local_day(int64_t now_ms)
{
	return lq_local_minute_of(now_ms) / (int64_t)LQ_DAY_MINUTES;
}

/* Whether a door takes the rules with what events add to them. */
static int fits(struct lq_publisher *publisher, struct lq_event_rights *events, bool *ret_fits)
{
	struct lq_part part = {0};
	int r = lq_event_rights_empty(events) ? LQ_OK
					      : lq_roster_read(publisher->db, events, 0, &part);
	*ret_fits = r == LQ_OK && lq_roster_fits(&part);
	lq_part_free(&part);
	return r == LQ_ERR_FULL ? LQ_OK : r;
}

static int try_events(struct lq_publisher *publisher, int64_t now_ms, size_t most,
	struct lq_event_rights **events, bool *ret_fits)
{
	lq_event_rights_free(*events);
	*events = NULL;
	int r = lq_event_rights_read(publisher->db, now_ms, most, events);
	return r == LQ_OK ? fits(publisher, *events, ret_fits) : r;
}

/* As many of the nearest events as a door takes beside the space's own rules, which come first. */
static int read_events(
	struct lq_publisher *publisher, int64_t now_ms, struct lq_event_rights **ret_events)
{
	struct lq_event_rights *events = NULL;
	bool fitting = false;
	size_t fit = 0;
	int r = try_events(publisher, now_ms, LQ_EVENTS_AT_ONCE, &events, &fitting);
	size_t beyond = r == LQ_OK && !fitting ? lq_event_rights_count(events) : 0;
	while (r == LQ_OK && beyond > fit + 1) {
		size_t most = fit + (beyond - fit) / 2;
		r = try_events(publisher, now_ms, most, &events, &fitting);
		fit = fitting ? most : fit;
		beyond = fitting ? beyond : most;
	}
	r = r == LQ_OK && beyond > 0 ? try_events(publisher, now_ms, fit, &events, &fitting) : r;
	if (r != LQ_OK) {
		lq_event_rights_free(events);
		return r;
	}
	*ret_events = events;
	return LQ_OK;
}

static int read_parts(struct lq_publisher *publisher, int64_t now_ms)
{
	bool due[LQ_ROSTER_PARTS] = {false};
	struct lq_event_rights *events = NULL;
	int64_t day = local_day(now_ms);
	int r = read_due(publisher, due);
	r = r == LQ_OK ? read_events(publisher, now_ms, &events) : r;
	if (r != LQ_OK) {
		return r;
	}
	publisher->left_out = lq_event_rights_left_out(events);
	/* What an event allows stands in the rules and with persons, of any part. */
	bool some = !lq_event_rights_empty(events);
	bool every = publisher->all ||
		     ((some || publisher->events) && (due[0] || day != publisher->day));
	for (unsigned i = 0; i < LQ_ROSTER_PARTS && r == LQ_OK; i++) {
		bool read = due[i] || every || (i == 0 && some);
		r = read ? read_part(publisher, events, i) : LQ_OK;
	}
	lq_event_rights_free(events);
	if (r == LQ_OK) {
		publisher->events = some;
		publisher->day = day;
	}
	r = r == LQ_OK ? settle_version(publisher, now_ms) : r;
	return r == LQ_OK ? forget_due(publisher, due) : r;
}

static int publish_manifest(struct lq_publisher *publisher, int64_t now_ms)
{
	char topic[LQ_PARCEL_TOPIC_MAX];
	char *token = lq_manifest_sign(&publisher->manifest, lq_post_key(publisher->post),
		publisher->space, now_ms / 1000);
	(void)snprintf(topic, sizeof(topic), "loquet/1/%s/roster/manifest", publisher->space);
	int r = token != NULL
			? lq_office_publish(publisher->post, topic, token, strlen(token), true)
			: LQ_ERR_NO_MEMORY;
	free(token);
	if (r == LQ_OK) {
		publisher->told_ms = now_ms;
	}
	return r;
}

static int outrun(struct lq_publisher *publisher, int64_t now_ms)
{
	int64_t version = publisher->heard >= now_ms ? publisher->heard + 1 : now_ms;
	int r = lq_db_begin(publisher->db);
	int64_t changed = r == LQ_OK ? lq_db_run(publisher->db,
					       "UPDATE roster_version SET version = ?1 "
					       "WHERE id = 1",
					       "i", version)
				     : r;
	r = changed < 0 ? (int)changed : lq_db_commit(publisher->db);
	if (r != LQ_OK) {
		lq_db_rollback(publisher->db);
		return r;
	}
	publisher->manifest.version = version;
	publisher->outrun_ms = now_ms;
	publisher->told_ms = 0;
	return LQ_OK;
}

/* Not more often than a manifest is signed: whoever tells of versions is not vouched for. */
static bool is_behind(const struct lq_publisher *publisher, int64_t now_ms)
{
	return publisher->heard > publisher->manifest.version &&
	       (publisher->outrun_ms == 0 || now_ms < publisher->outrun_ms ||
		       now_ms - publisher->outrun_ms >= LQ_MANIFEST_EVERY_MS);
}

static int take_changes(struct lq_publisher *publisher, int64_t now_ms)
{
	int64_t any = publisher->all || local_day(now_ms) != publisher->day;
	int r = any ? LQ_OK
		    : lq_db_integer(publisher->db, &any, 0, "SELECT 1 FROM roster_due LIMIT 1", "");
	if (r != LQ_OK || any == 0) {
		return r;
	}
	r = lq_db_begin(publisher->db);
	r = r == LQ_OK ? read_parts(publisher, now_ms) : r;
	r = r == LQ_OK ? lq_db_commit(publisher->db) : r;
	if (r != LQ_OK) {
		lq_db_rollback(publisher->db);
		publisher->all = true; /* what was queued goes out again with its manifest */
		return r;
	}
	publisher->all = false;
	return LQ_OK;
}

void lq_publisher_heard(struct lq_publisher *publisher, int64_t version, int64_t now_ms)
{
	if (version > publisher->heard && version <= now_ms + AHEAD_MAX_MS) {
		publisher->heard = version;
	}
}

void lq_publisher_full(struct lq_publisher *publisher, const struct lq_office_full *full)
{
	struct lq_office_full *said = &publisher->manifest.full;
	if (!lq_full_same(said, full)) {
		*said = *full;
		publisher->told_ms = 0;
	}
}

int64_t lq_publisher_version(const struct lq_publisher *publisher)
{
	return publisher->manifest.version;
}

size_t lq_publisher_left_out(const struct lq_publisher *publisher)
{
	return publisher->left_out;
}

int lq_publisher_turn(struct lq_publisher *publisher, int64_t now_ms)
{
	if (!lq_post_is_up(publisher->post)) {
		return LQ_OK;
	}
	int r = take_changes(publisher, now_ms);
	r = r == LQ_OK && is_behind(publisher, now_ms) ? outrun(publisher, now_ms) : r;
	bool stale = publisher->told_ms == 0 || now_ms < publisher->told_ms ||
		     now_ms - publisher->told_ms >= LQ_MANIFEST_EVERY_MS;
	return r == LQ_OK && stale ? publish_manifest(publisher, now_ms) : r;
}
