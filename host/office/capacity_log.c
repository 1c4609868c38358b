#include "host/office/capacity_log.h"

#include "firmware/core/err.h"
#include "firmware/core/site.h"

#include <stdio.h>
#include <string.h>

#define AUTHOR "loquet-office"

static int note(
	struct lq_db *db, const char *zone, const char *state, json_int_t count, int64_t now_ms)
{
	char act[32];
	char object[8 + LQ_NAME_SIZE] = "space";
	char text[32];
	(void)snprintf(act, sizeof(act), "capacity.%s", state);
	(void)snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, count);
	if (*zone != '\0') {
		(void)snprintf(object, sizeof(object), "zone/%s", zone);
	}
	int64_t r = lq_db_run(db,
		"INSERT INTO audit (at, author, act, object, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
		"itttt", now_ms, AUTHOR, act, object, text);
	return r < 0 ? (int)r : LQ_OK;
}

struct sight {
	const char *zone; /* "" is the space */
	json_t *state;
	json_int_t count;
};

/* A zone that was not there before stood below every limit. */
static int see(const struct lq_capacity_log *log, struct lq_db *db, json_t *states,
	const struct sight *sight, int64_t now_ms)
{
	const char *now = json_string_value(sight->state);
	const char *before = json_string_value(json_object_get(log->states, sight->zone));
	(void)json_object_set(states, sight->zone, sight->state);
	before = before != NULL ? before : "ok";
	return log->states == NULL || strcmp(before, now) == 0
		       ? LQ_OK
		       : note(db, sight->zone, now, sight->count, now_ms);
}

static int see_all(const struct lq_capacity_log *log, struct lq_db *db, const json_t *message,
	json_t *states, int64_t now_ms)
{
	const json_t *zones = json_object_get(message, "zones");
	const struct sight space = {.zone = "",
		.state = json_object_get(message, "state"),
		.count = json_integer_value(json_object_get(message, "total"))};
	int r = see(log, db, states, &space, now_ms);
	for (size_t i = 0; r == LQ_OK && i < json_array_size(zones); i++) {
		const json_t *zone = json_array_get(zones, i);
		const struct sight sight = {
			.zone = json_string_value(json_object_get(zone, "zone")),
			.state = json_object_get(zone, "state"),
			.count = json_integer_value(json_object_get(zone, "count"))};
		r = see(log, db, states, &sight, now_ms);
	}
	return r;
}

int lq_capacity_log_note(
	struct lq_capacity_log *log, struct lq_db *db, const json_t *message, int64_t now_ms)
{
	json_t *states = json_object();
	int r = states != NULL ? lq_db_begin(db) : LQ_ERR_NO_MEMORY;
	if (r == LQ_OK) {
		r = see_all(log, db, message, states, now_ms);
		r = r == LQ_OK ? lq_db_commit(db) : r;
	}
	if (r != LQ_OK) {
		lq_db_rollback(db);
		json_decref(states);
		return r;
	}
	json_decref(log->states);
	log->states = states;
	return LQ_OK;
}

void lq_capacity_log_end(struct lq_capacity_log *log)
{
	json_decref(log->states);
	log->states = NULL;
}
