#include "host/office/full.h"

#include "firmware/core/err.h"
#include "host/office/visit_row.h"

#include <string.h>

static bool is_legal(const json_t *place)
{
	const char *state = json_string_value(json_object_get(place, "state"));
	return state != NULL && strcmp(state, lq_capacity_text(LQ_CAPACITY_LEGAL)) == 0;
}

static void read_zones(const json_t *occupancy, struct lq_office_full *full)
{
	const json_t *zones = json_object_get(occupancy, "zones");
	for (size_t i = 0; i < json_array_size(zones) && full->zone_count < LQ_OFFICE_FULL_MAX;
		i++) {
		const json_t *zone = json_array_get(zones, i);
		const char *name = json_string_value(json_object_get(zone, "zone"));
		if (is_legal(zone) && name != NULL && strlen(name) < LQ_NAME_SIZE) {
			memcpy(full->zones[full->zone_count++], name, strlen(name) + 1);
		}
	}
}

/* Ends the rows, of numbers. LQ_ERR_FULL: there are more. */
static int read_persons(struct lq_rows *rows, struct lq_office_persons *persons)
{
	int r = LQ_OK;
	int full = LQ_OK;
	while (full == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		if (persons->count < LQ_OFFICE_EXEMPT_MAX) {
			persons->list[persons->count++] = (uint32_t)lq_rows_integer(rows, 0);
		} else {
			full = LQ_ERR_FULL;
		}
	}
	lq_rows_end(rows);
	return r < 0 ? r : full;
}

static int read_staff(struct lq_db *db, struct lq_office_persons *persons)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(db, &rows,
		"SELECT number FROM person WHERE kind = 'staff' AND enabled = 1 ORDER BY number",
		"");
	return r == LQ_OK ? read_persons(rows, persons) : r;
}

/* Those who came are told by the visits that go on. */
static int read_inside(struct lq_db *db, int64_t now_ms, struct lq_office_persons *persons)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(
		db, &rows, LQ_VISIT_ROWS_NOW, "ii", now_ms - LQ_VISIT_DAY_MAX_MS, now_ms);
	if (r != LQ_OK) {
		return r;
	}
	while ((r = lq_rows_next(rows)) == 1) {
		struct lq_visit_row row;
		lq_visit_row_read(rows, &row);
		if (persons->count < LQ_OFFICE_EXEMPT_MAX && *row.realm == '\0' &&
			lq_visit_row_is_open(&row, now_ms)) {
			persons->list[persons->count++] = (uint32_t)row.holder;
		}
	}
	lq_rows_end(rows);
	return r;
}

int lq_full_read(struct lq_db *db, const struct lq_space_rules *rules, const json_t *occupancy,
	int64_t now_ms, struct lq_office_full *ret_full)
{
	struct lq_office_full full = {.space = is_legal(occupancy)};
	int r = LQ_OK;
	read_zones(occupancy, &full);
	if (!rules->deny_entry || !lq_full_anywhere(&full)) {
		*ret_full = (struct lq_office_full){0};
		return LQ_OK;
	}
	r = read_staff(db, &full.exempt);
	if (r == LQ_ERR_FULL) {
		*ret_full = (struct lq_office_full){0};
		return LQ_OK;
	}
	r = r == LQ_OK && full.space ? read_inside(db, now_ms, &full.inside) : r;
	if (r == LQ_OK) {
		*ret_full = full;
	}
	return r;
}

bool lq_full_anywhere(const struct lq_office_full *full)
{
	return full->space || full->zone_count > 0;
}

static bool same_persons(const struct lq_office_persons *one, const struct lq_office_persons *other)
{
	return one->count == other->count &&
	       memcmp(one->list, other->list, one->count * sizeof(one->list[0])) == 0;
}

bool lq_full_same(const struct lq_office_full *one, const struct lq_office_full *other)
{
	bool same = one->space == other->space && one->zone_count == other->zone_count &&
		    same_persons(&one->exempt, &other->exempt) &&
		    same_persons(&one->inside, &other->inside);
	for (uint16_t i = 0; same && i < one->zone_count; i++) {
		same = strcmp(one->zones[i], other->zones[i]) == 0;
	}
	return same;
}

static json_t *persons_json(const struct lq_office_persons *persons)
{
	json_t *list = json_array();
	for (uint16_t i = 0; i < persons->count; i++) {
		(void)json_array_append_new(list, json_integer(persons->list[i]));
	}
	return list;
}

json_t *lq_full_json(const struct lq_office_full *full)
{
	json_t *zones = json_array();
	for (uint16_t i = 0; i < full->zone_count; i++) {
		(void)json_array_append_new(zones, json_string(full->zones[i]));
	}
	return json_pack("{s:b, s:o, s:o, s:o}", "space", (int)full->space, "zones", zones,
		"exempt", persons_json(&full->exempt), "in", persons_json(&full->inside));
}
