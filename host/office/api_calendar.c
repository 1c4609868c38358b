/* The calendar for other programs, and who may read what of it is not public. */
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/store/hash.h"
#include "host/office/api_events.h"
#include "host/office/body.h"
#include "host/office/calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define TOKEN_BYTES 24u
#define EVENTS_MAX  500u
#define PAST        INT64_C(129600) /* minutes: three months */
#define NAME_SIZE   65u

static int answer_feed(
	const struct lq_request *request, struct lq_answer *answer, struct lq_calendar_feed *feed)
{
	int r = lq_calendar_feed_text(feed, &answer->text);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	answer->text_length = strlen(answer->text);
	answer->type = "text/calendar; charset=utf-8";
	return answer->status = 200;
}

int lq_api_events_ics(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_calendar_event *event = NULL;
	struct lq_calendar_feed *feed = NULL;
	int status = lq_api_event(request, answer, &event);
	if (status != 0) {
		return status;
	}
	int r = lq_calendar_feed_new(request->config->space, request->config->time_zone, &feed);
	r = r == LQ_OK ? lq_calendar_feed_add(feed, event) : r;
	status =
		r == LQ_OK ? answer_feed(request, answer, feed) : lq_problem_db(request, answer, r);
	if (r == LQ_OK) {
		(void)snprintf(answer->filename, sizeof(answer->filename), "event-%" PRId64 ".ics",
			event->id);
	}
	lq_calendar_feed_free(feed);
	free(event);
	return status;
}

static int fill(const struct lq_request *request, bool all, struct lq_calendar_feed *feed)
{
	int64_t ids[EVENTS_MAX];
	size_t count = 0;
	struct lq_calendar_event *event = malloc(sizeof(*event));
	int64_t since = lq_local_minute_of(request->now_ms) - PAST;
	int r = event != NULL ? lq_calendar_list(request->db, 0, since, ids, EVENTS_MAX, &count)
			      : LQ_ERR_NO_MEMORY;
	for (size_t i = 0; i < count && r == LQ_OK; i++) {
		r = lq_calendar_load(request->db, ids[i], event);
		if (r == LQ_OK && (all || event->is_public)) {
			r = lq_calendar_feed_add(feed, event);
		}
	}
	free(event);
	return r;
}

/* 1: the token is one of ours, 0: it is not. */
static int is_known(const struct lq_request *request, const char *token)
{
	uint8_t hash[LQ_HASH_SIZE];
	const struct lq_blob secret = {.bytes = hash, .length = sizeof(hash)};
	int64_t found = 0;
	lq_hash(token, strlen(token), hash);
	int r = lq_db_integer(request->db, &found, 0,
		"SELECT 1 FROM calendar_feed WHERE secret = ?1", "b", &secret);
	return r == LQ_OK ? (int)found : r;
}

int lq_api_calendar(const struct lq_request *request, struct lq_answer *answer)
{
	const char *token = lq_query_value(request->query, "token");
	struct lq_calendar_feed *feed = NULL;
	int known = token != NULL ? is_known(request, token) : 0;
	if (known < 0) {
		return lq_problem_db(request, answer, known);
	}
	if (token != NULL && known == 0) {
		return lq_problem(request, answer, 404, "not_found", "token",
			"there is no calendar at this address",
			"il n’y a pas de calendrier à cette adresse");
	}
	int r = lq_calendar_feed_new(request->config->space, request->config->time_zone, &feed);
	r = r == LQ_OK ? fill(request, known == 1, feed) : r;
	int status =
		r == LQ_OK ? answer_feed(request, answer, feed) : lq_problem_db(request, answer, r);
	lq_calendar_feed_free(feed);
	return status;
}

/* ---- who may read it ---- */

int lq_api_feeds_list(const struct lq_request *request, struct lq_answer *answer)
{
	struct lq_rows *rows = NULL;
	json_t *items = json_array();
	int r = lq_db_query(
		request->db, &rows, "SELECT id, name, made FROM calendar_feed ORDER BY id", "");
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		r = json_array_append_new(
			items, json_pack("{s:o, s:s, s:o}", "feed",
				       json_sprintf("f%" PRId64, lq_rows_integer(rows, 0)), "name",
				       lq_rows_text(rows, 1), "made",
				       lq_json_time(lq_rows_integer(rows, 2))));
	}
	lq_rows_end(rows);
	if (r != LQ_OK) {
		json_decref(items);
		return lq_problem_db(request, answer, r);
	}
	answer->json = json_pack("{s:n, s:o}", "next", "items", items);
	return answer->status = 200;
}

int lq_api_feeds_add(const struct lq_request *request, struct lq_answer *answer)
{
	static const struct lq_field name_field = {
		.key = "name", .type = LQ_FIELD_TEXT, .size = NAME_SIZE};
	char name[NAME_SIZE];
	char object[32];
	uint8_t bytes[TOKEN_BYTES];
	uint8_t hash[LQ_HASH_SIZE];
	char token[LQ_BASE64URL_LENGTH(TOKEN_BYTES) + 1];
	const struct lq_blob secret = {.bytes = hash, .length = sizeof(hash)};
	uint32_t given = 0;
	int64_t id = 0;
	int status = lq_body_read(request, answer, &name_field, 1, name, &given);
	status = status == 0 ? lq_body_need(request, answer, &name_field, 1, 1, given) : status;
	if (status != 0) {
		return status;
	}
	int r = getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes) ? LQ_OK : LQ_ERR_IO;
	lq_base64url_encode(bytes, sizeof(bytes), token);
	lq_hash(token, strlen(token), hash);
	r = r == LQ_OK ? lq_db_integer(request->db, &id, 0,
				 "INSERT INTO calendar_feed (name, secret, made) "
				 "VALUES (?1, ?2, ?3) RETURNING id",
				 "tbi", name, &secret, request->now_ms)
		       : r;
	(void)snprintf(object, sizeof(object), "calendar-feed/%" PRId64, id);
	r = r == LQ_OK ? lq_audit(request, "calendar-feed.add", object, "") : r;
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	answer->json = json_pack("{s:o, s:s, s:o}", "feed", json_sprintf("f%" PRId64, id), "name",
		name, "address", json_sprintf("/api/v1/calendar.ics?token=%s", token));
	return answer->status = 201;
}

int lq_api_feeds_remove(const struct lq_request *request, struct lq_answer *answer)
{
	char object[32];
	int64_t id = lq_parse_id(request->parameters[0], 'f');
	int64_t removed =
		lq_db_run(request->db, "DELETE FROM calendar_feed WHERE id = ?1", "i", id);
	if (removed == 0) {
		return lq_problem(request, answer, 404, "not_found", NULL, "there is no such feed",
			"ce flux n’existe pas");
	}
	(void)snprintf(object, sizeof(object), "calendar-feed/%" PRId64, id);
	int r = removed < 0 ? (int)removed : lq_audit(request, "calendar-feed.remove", object, "");
	return r == LQ_OK ? (answer->status = 204) : lq_problem_db(request, answer, r);
}
