#include "host/office/occupancy.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/realm.h"
#include "host/office/visit_row.h"

#include <string.h>

struct zone {
	json_t *json; /* borrowed from the list */
	int64_t members;
	int64_t guests;
	int64_t staff;
};

static int64_t *counter_of(struct zone *zone, const char *kind)
{
	if (strcmp(kind, "guest") == 0) {
		return &zone->guests;
	}
	return strcmp(kind, "staff") == 0 ? &zone->staff : &zone->members;
}

static json_t *capacity_json(const struct lq_space_rules *rules, const struct zone *zone)
{
	enum lq_capacity state =
		lq_capacity_state(rules, zone->members + zone->guests, zone->staff);
	return json_pack("{s:o, s:o, s:s}", "soft",
		rules->capacity_soft > 0 ? json_integer(rules->capacity_soft) : json_null(),
		"legal",
		rules->capacity_legal > 0 ? json_integer(rules->capacity_legal) : json_null(),
		"state", lq_capacity_text(state));
}

static void set_counts(const struct lq_space_rules *rules, struct zone *zone)
{
	json_int_t count = zone->members + zone->guests + zone->staff;
	json_t *counts = json_pack("{s:I, s:I, s:I, s:I, s:o}", "count", count, "members",
		(json_int_t)zone->members, "guests", (json_int_t)zone->guests, "staff",
		(json_int_t)zone->staff, "capacity", capacity_json(rules, zone));
	(void)json_object_update(zone->json, counts);
	json_decref(counts);
}

static json_t *present_json(const struct lq_visit_row *row, enum lq_naming naming)
{
	char person[LQ_PERSON_TEXT_SIZE];
	bool named = naming == LQ_NAMES_EVERYBODY || !row->hidden;
	lq_person_text(row->realm, row->holder, person);
	return json_pack("{s:o, s:o, s:s, s:o, s:b}", "person",
		named ? json_string(person) : json_null(), "name",
		named && row->name != NULL ? json_string(row->name) : json_null(), "kind",
		row->kind, "since", lq_json_time(row->visit.began_ms), "hidden", (int)row->hidden);
}

static void add_present(struct zone *zone, const struct lq_visit_row *row, enum lq_naming naming)
{
	json_t *present = json_object_get(zone->json, "present");
	bool on_board = row->board && !row->hidden && row->name != NULL;
	++*counter_of(zone, row->kind);
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
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows, "SELECT name, exits FROM zone ORDER BY name", "");
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		struct zone zone = {
			.json = json_pack("{s:s, s:b}", "zone", lq_rows_text(rows, 0), "atLeast",
				(int)lq_space_at_least(rules, lq_rows_integer(rows, 1) != 0))};
		(void)json_array_append_new(zones, zone.json);
		set_counts(rules, &zone);
		if (naming != LQ_NAMES_NONE) {
			(void)json_object_set_new(zone.json, "present", json_array());
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

static int count_present(struct lq_db *db, const struct lq_space_rules *rules,
	enum lq_naming naming, int64_t now_ms, json_t *zones)
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
		zone = json == zone.json ? zone : (struct zone){.json = json};
		add_present(&zone, &row, naming);
		set_counts(rules, &zone);
	}
	lq_rows_end(rows);
	return r;
}

int lq_occupancy_zones(struct lq_db *db, const struct lq_space_rules *rules, enum lq_naming naming,
	int64_t now_ms, json_t **ret_zones)
{
	json_t *zones = json_array();
	if (zones == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	int r = list_zones(db, rules, naming, zones);
	r = r == LQ_OK ? count_present(db, rules, naming, now_ms, zones) : r;
	if (r != LQ_OK) {
		json_decref(zones);
		return r;
	}
	*ret_zones = zones;
	return LQ_OK;
}

int lq_occupancy_message(
	struct lq_db *db, const struct lq_space_rules *rules, int64_t now_ms, json_t **ret_message)
{
	json_t *zones = NULL;
	size_t i = 0;
	json_t *zone = NULL;
	json_int_t total = 0;
	int r = lq_occupancy_zones(db, rules, LQ_NAMES_NONE, now_ms, &zones);
	if (r != LQ_OK) {
		return r;
	}
	json_array_foreach(zones, i, zone)
	{
		json_t *at_least = json_incref(json_object_get(zone, "atLeast"));
		json_t *capacity = json_object_get(zone, "capacity");
		(void)json_object_set(zone, "state", json_object_get(capacity, "state"));
		(void)json_object_del(zone, "capacity");
		(void)json_object_del(zone, "atLeast");
		(void)json_object_set_new(zone, "at_least", at_least);
		total += json_integer_value(json_object_get(zone, "count"));
	}
	*ret_message = json_pack("{s:o, s:I}", "zones", zones, "total", total);
	return *ret_message != NULL ? LQ_OK : LQ_ERR_NO_MEMORY;
}
