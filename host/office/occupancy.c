#include "host/office/occupancy.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/realm.h"
#include "host/office/visit_row.h"

#include <string.h>

struct counts {
	int64_t members;
	int64_t guests;
	int64_t staff;
};

struct zone {
	json_t *json; /* borrowed from the list */
	struct counts counts;
};

/* The whole space: somebody who is in several zones is one. */
struct total {
	struct counts counts;
	json_t *seen; /* a key for each person */
};

static void count(struct counts *counts, const char *kind)
{
	if (strcmp(kind, "guest") == 0) {
		counts->guests++;
	} else if (strcmp(kind, "staff") == 0) {
		counts->staff++;
	} else {
		counts->members++;
	}
}

static json_t *limit_json(int64_t limit)
{
	return limit > 0 ? json_integer(limit) : json_null();
}

static void set_counts(json_t *json, const struct counts *counts, const struct lq_limits *limits)
{
	json_int_t all = counts->members + counts->guests + counts->staff;
	enum lq_capacity state =
		lq_capacity_state(limits, counts->members + counts->guests, counts->staff);
	json_t *counted = json_pack("{s:I, s:I, s:I, s:I, s:{s:o, s:o, s:s}}", "count", all,
		"members", (json_int_t)counts->members, "guests", (json_int_t)counts->guests,
		"staff", (json_int_t)counts->staff, "capacity", "soft", limit_json(limits->soft),
		"legal", limit_json(limits->legal), "state", lq_capacity_text(state));
	(void)json_object_update(json, counted);
	json_decref(counted);
}

/* Its limits stand in it already. */
static void finish_zone(const struct lq_space_rules *rules, const struct zone *zone)
{
	const json_t *capacity = json_object_get(zone->json, "capacity");
	const struct lq_limits limits = {
		.soft = json_integer_value(json_object_get(capacity, "soft")),
		.legal = json_integer_value(json_object_get(capacity, "legal")),
		.staff_counted = rules->capacity.staff_counted};
	if (zone->json != NULL) {
		set_counts(zone->json, &zone->counts, &limits);
	}
}

static json_t *host_json(const struct lq_visit_row *row)
{
	char host[LQ_PERSON_TEXT_SIZE];
	lq_person_text(LQ_REALM_OFFICE, row->host, host);
	return json_string(host);
}

static json_t *present_json(const struct lq_visit_row *row, enum lq_naming naming)
{
	char person[LQ_PERSON_TEXT_SIZE];
	bool named = naming == LQ_NAMES_EVERYBODY || !row->hidden;
	bool host_named = row->host != 0 && (naming == LQ_NAMES_EVERYBODY || !row->host_hidden);
	lq_person_text(row->realm, row->holder, person);
	return json_pack("{s:o, s:o, s:s, s:o, s:b, s:o, s:o}", "person",
		named ? json_string(person) : json_null(), "name",
		named && row->name != NULL ? json_string(row->name) : json_null(), "kind",
		row->kind, "since", lq_json_time(row->visit.began_ms), "hidden", (int)row->hidden,
		"host", host_named ? host_json(row) : json_null(), "hostName",
		host_named && row->host_name != NULL ? json_string(row->host_name) : json_null());
}

static void add_present(struct zone *zone, const struct lq_visit_row *row, enum lq_naming naming)
{
	json_t *present = json_object_get(zone->json, "present");
	bool on_board = row->board && !row->hidden && row->name != NULL;
	count(&zone->counts, row->kind);
	switch (naming) {
	case LQ_NAMES_NONE:
		break;
	case LQ_NAMES_BOARD:
		if (on_board) {
			(void)json_array_append_new(present, json_string(row->name));
		}
		break;
	case LQ_NAMES_SHOWN:
	case LQ_NAMES_EVERYBODY:
		(void)json_array_append_new(present, present_json(row, naming));
		break;
	}
}

static int list_zones(
	struct lq_db *db, const struct lq_space_rules *rules, enum lq_naming naming, json_t *zones)
{
	static const struct counts nobody;
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT z.name, z.exits, coalesce(l.soft, 0), coalesce(l.legal, 0) FROM zone z "
		"LEFT JOIN zone_limit l ON l.zone = z.name ORDER BY z.name",
		"");
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		const struct lq_limits limits = {.soft = lq_rows_integer(rows, 2),
			.legal = lq_rows_integer(rows, 3),
			.staff_counted = rules->capacity.staff_counted};
		json_t *zone = json_pack("{s:s, s:b}", "zone", lq_rows_text(rows, 0), "atLeast",
			(int)lq_space_at_least(rules, lq_rows_integer(rows, 1) != 0));
		(void)json_array_append_new(zones, zone);
		set_counts(zone, &nobody, &limits);
		if (naming != LQ_NAMES_NONE) {
			(void)json_object_set_new(zone, "present", json_array());
		}
	}
	lq_rows_end(rows);
	return r;
}

static json_t *find_zone(json_t *zones, const char *name)
{
	size_t i = 0;
	json_t *zone = NULL;
	json_array_foreach(zones, i, zone)
	{
		if (strcmp(json_string_value(json_object_get(zone, "zone")), name) == 0) {
			return zone;
		}
	}
	return NULL;
}

static void add_to_total(struct total *total, const struct lq_visit_row *row)
{
	char person[LQ_PERSON_TEXT_SIZE];
	lq_person_text(row->realm, row->holder, person);
	if (json_object_get(total->seen, person) == NULL) {
		(void)json_object_set_new(total->seen, person, json_true());
		count(&total->counts, row->kind);
	}
}

/* The rows come by zone. */
static int count_present(struct lq_db *db, const struct lq_space_rules *rules,
	enum lq_naming naming, int64_t now_ms, json_t *zones, struct total *total)
{
	struct lq_rows *rows = NULL;
	struct zone zone = {0};
	int r = lq_db_query(
		db, &rows, LQ_VISIT_ROWS_NOW, "ii", now_ms - LQ_VISIT_DAY_MAX_MS, now_ms);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		struct lq_visit_row row;
		lq_visit_row_read(rows, &row);
		json_t *json = find_zone(zones, row.zone);
		if (json == NULL || !lq_visit_row_is_open(&row, now_ms)) {
			continue;
		}
		if (json != zone.json) {
			finish_zone(rules, &zone);
			zone = (struct zone){.json = json};
		}
		add_present(&zone, &row, naming);
		add_to_total(total, &row);
	}
	finish_zone(rules, &zone);
	lq_rows_end(rows);
	return r;
}

/* Guests whose hosts are in no zone any more; of a hidden host nothing is said. */
static void find_hosts(json_t *zones, const json_t *seen)
{
	size_t i = 0;
	json_t *zone = NULL;
	json_array_foreach(zones, i, zone)
	{
		size_t j = 0;
		json_t *present = NULL;
		json_array_foreach(json_object_get(zone, "present"), j, present)
		{
			const char *host = json_string_value(json_object_get(present, "host"));
			bool left = host != NULL && json_object_get(seen, host) == NULL;
			if (json_is_object(present)) {
				(void)json_object_set_new(present, "hostLeft", json_boolean(left));
			}
		}
	}
}

static json_t *total_json(
	const struct lq_space_rules *rules, const struct total *total, const json_t *zones)
{
	bool at_least = false;
	for (size_t i = 0; i < json_array_size(zones); i++) {
		at_least |= json_is_true(json_object_get(json_array_get(zones, i), "atLeast"));
	}
	json_t *json = json_pack("{s:b}", "atLeast", (int)at_least);
	set_counts(json, &total->counts, &rules->capacity);
	return json;
}

int lq_occupancy(struct lq_db *db, const struct lq_space_rules *rules, enum lq_naming naming,
	int64_t now_ms, json_t **ret_occupancy)
{
	struct total total = {.seen = json_object()};
	json_t *zones = json_array();
	int r = zones != NULL && total.seen != NULL ? LQ_OK : LQ_ERR_NO_MEMORY;
	r = r == LQ_OK ? list_zones(db, rules, naming, zones) : r;
	r = r == LQ_OK ? count_present(db, rules, naming, now_ms, zones, &total) : r;
	find_hosts(zones, total.seen);
	json_decref(total.seen);
	if (r != LQ_OK) {
		json_decref(zones);
		return r;
	}
	json_t *in_all = total_json(rules, &total, zones);
	*ret_occupancy = json_pack("{s:o, s:o}", "zones", zones, "total", in_all);
	return *ret_occupancy != NULL ? LQ_OK : LQ_ERR_NO_MEMORY;
}

static void narrow_zone(json_t *zone)
{
	json_t *at_least = json_incref(json_object_get(zone, "atLeast"));
	json_t *capacity = json_object_get(zone, "capacity");
	(void)json_object_set(zone, "state", json_object_get(capacity, "state"));
	(void)json_object_del(zone, "capacity");
	(void)json_object_del(zone, "atLeast");
	(void)json_object_set_new(zone, "at_least", at_least);
}

int lq_occupancy_message(
	struct lq_db *db, const struct lq_space_rules *rules, int64_t now_ms, json_t **ret_message)
{
	json_t *message = NULL;
	size_t i = 0;
	json_t *zone = NULL;
	int r = lq_occupancy(db, rules, LQ_NAMES_NONE, now_ms, &message);
	if (r != LQ_OK) {
		return r;
	}
	json_array_foreach(json_object_get(message, "zones"), i, zone)
	{
		narrow_zone(zone);
	}
	const json_t *total = json_object_get(message, "total");
	const json_t *capacity = json_object_get(total, "capacity");
	(void)json_object_set(message, "state", json_object_get(capacity, "state"));
	(void)json_object_set(message, "total", json_object_get(total, "count"));
	*ret_message = message;
	return LQ_OK;
}
