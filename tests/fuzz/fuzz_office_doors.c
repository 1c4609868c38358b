/* Any messages in the place of what controllers tell of their doors, a line each ("front-board
 * doors/front/state {…}"): the list stays sorted and bounded, has what was said last, and the call
 * that shows it answers with what the interface's description allows. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "host/office/api_doors.h"
#include "host/office/books_internal.h"
#include "host/office/doors.h"
#include "host/office/names.h"
#include "host/office/office.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static struct lq_db *db;
static struct lq_config config;

static void begin(void)
{
	if (db == NULL) {
		LQ_ASSERT(lq_db_open_sqlite(":memory:", LQ_DB_KEEP, &db) == LQ_OK);
		LQ_ASSERT(lq_db_migrate(db, lq_office_migrations, lq_office_migration_count) ==
			  LQ_OK);
	}
}

static bool in_order(const struct lq_door_seen *one, const struct lq_door_seen *other)
{
	int order = strcmp(one->controller, other->controller);
	return order < 0 || (order == 0 && strcmp(one->door, other->door) < 0);
}

static void check_sorted(const struct lq_doors *doors)
{
	LQ_ASSERT(lq_doors_count(doors) <= LQ_DOORS_SEEN_MAX);
	for (size_t i = 0; i < lq_doors_count(doors); i++) {
		const struct lq_door_seen *seen = lq_doors_at(doors, i);
		bool named = lq_is_name(seen->controller) && lq_is_name(seen->door);
		LQ_ASSERT(named && json_is_object(seen->state));
		LQ_ASSERT(lq_doors_find(doors, seen->controller, seen->door) == seen);
		LQ_ASSERT(i == 0 || in_order(lq_doors_at(doors, i - 1), seen));
	}
}

static bool text_or_null(const json_t *item, const char *key)
{
	const json_t *value = json_object_get(item, key);
	return json_is_string(value) || json_is_null(value);
}

static bool one_of(const json_t *item, const char *key, const char *const *words)
{
	const char *text = json_string_value(json_object_get(item, key));
	if (json_is_null(json_object_get(item, key))) {
		return true;
	}
	for (; text != NULL && *words != NULL; words++) {
		if (strcmp(text, *words) == 0) {
			return true;
		}
	}
	return false;
}

static void check_item(const json_t *item)
{
	static const char *const modes[] = {"Locked", "Accessed", "Unlocked", "Blocked",
		"LockedDown", "LockedOpen", "unknown", NULL};
	static const char *const contacts[] = {"open", "closed", "unknown", NULL};
	LQ_ASSERT(json_is_array(json_object_get(item, "alarms")));
	LQ_ASSERT(json_is_array(json_object_get(item, "reader")));
	LQ_ASSERT(json_is_boolean(json_object_get(item, "online")));
	LQ_ASSERT(text_or_null(item, "zone") && text_or_null(item, "lastEvent"));
	LQ_ASSERT(one_of(item, "mode", modes) && one_of(item, "physical", contacts));
}

static void show(struct lq_doors *doors)
{
	static struct lq_office office;
	struct lq_answer answer = {0};
	office.doors = doors;
	struct lq_request request = {.db = db, .config = &config, .office = &office};
	LQ_ASSERT(lq_api_doors_list(&request, &answer) == 200);
	json_t *items = json_object_get(answer.json, "items");
	LQ_ASSERT(json_array_size(items) == lq_doors_count(doors));
	for (size_t i = 0; i < json_array_size(items); i++) {
		check_item(json_array_get(items, i));
	}
	json_decref(answer.json);
}

static void take(struct lq_doors *doors, char *line, size_t length)
{
	char *end = memchr(line, ' ', length);
	char *body = end != NULL ? memchr(end + 1, ' ', length - (size_t)(end + 1 - line)) : NULL;
	if (body == NULL) {
		return;
	}
	*end++ = '\0';
	*body++ = '\0';
	size_t before = lq_doors_count(doors);
	size_t said = length - (size_t)(body - line);
	enum lq_doors_heard heard = lq_doors_take(doors, line, end, body, said);
	size_t after = lq_doors_count(doors);
	LQ_ASSERT(after <= before + 1 && before <= after + 1);
	LQ_ASSERT(after == before || heard == LQ_DOORS_CHANGED || heard == LQ_DOORS_ALARMED);
	/* The same once more is nothing new. */
	enum lq_doors_heard again = lq_doors_take(doors, line, end, body, said);
	LQ_ASSERT(heard == LQ_DOORS_STRANGE ? again == LQ_DOORS_STRANGE
					    : again == LQ_DOORS_AS_BEFORE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct lq_doors *doors = NULL;
	char *text = malloc(length + 1);
	begin();
	LQ_ASSERT(text != NULL && lq_doors_new(&doors) == LQ_OK);
	(void)(length > 0 ? memcpy(text, bytes, length) : NULL);
	text[length] = '\n';
	for (size_t at = 0; at < length;) {
		size_t line =
			(size_t)((char *)memchr(text + at, '\n', length + 1 - at) - text) - at;
		take(doors, text + at, line);
		at += line + 1;
	}
	check_sorted(doors);
	show(doors);
	(void)lq_doors_lose(doors);
	LQ_ASSERT(!lq_doors_lose(doors));
	show(doors);
	lq_doors_free(doors);
	free(text);
	return 0;
}
