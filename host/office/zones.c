#include "host/office/zones.h"

#include "firmware/core/err.h"
#include "host/office/names.h"

#include <string.h>

static void add(json_t *names, const char *name)
{
	size_t at = 0;
	int order = 1;
	for (; at < json_array_size(names) && order > 0; at++) {
		order = strcmp(name, json_string_value(json_array_get(names, at)));
	}
	if (order != 0) {
		(void)json_array_insert_new(names, at - (order < 0 ? 1 : 0), json_string(name));
	}
}

static int add_kept(struct lq_db *db, json_t *names)
{
	struct lq_rows *rows = NULL;
	int r = lq_db_query(
		db, &rows, "SELECT name FROM zone UNION SELECT zone FROM zone_limit", "");
	while (r == LQ_OK && (r = lq_rows_next(rows)) == 1) {
		add(names, lq_rows_text(rows, 0));
		r = LQ_OK;
	}
	lq_rows_end(rows);
	return r;
}

int lq_zones_list(struct lq_db *db, const struct lq_config *config, const struct lq_doors *doors,
	json_t **ret_names)
{
	json_t *names = json_array();
	int r = names != NULL ? add_kept(db, names) : LQ_ERR_NO_MEMORY;
	for (uint16_t i = 0; i < config->door_count; i++) {
		add(names, config->doors[i].zone);
	}
	for (size_t i = 0; doors != NULL && i < lq_doors_count(doors); i++) {
		const json_t *state = lq_doors_at(doors, i)->state;
		const char *zone = json_string_value(json_object_get(state, "zone"));
		if (zone != NULL && lq_is_name(zone)) {
			add(names, zone);
		}
	}
	if (r != LQ_OK) {
		json_decref(names);
		return r;
	}
	*ret_names = names;
	return LQ_OK;
}
