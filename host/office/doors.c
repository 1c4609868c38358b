#include "host/office/doors.h"

#include "firmware/core/err.h"
#include "host/office/names.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX 65536u

struct controller {
	char name[LQ_NAME_SIZE];
	bool online;
	json_t *health;
};

struct lq_doors {
	size_t count;
	size_t controller_count;
	struct lq_door_seen seen[LQ_DOORS_SEEN_MAX];
	struct controller controllers[LQ_DOORS_SEEN_MAX];
};

int lq_doors_new(struct lq_doors **ret_doors)
{
	struct lq_doors *doors = calloc(1, sizeof(*doors));
	if (doors == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	*ret_doors = doors;
	return LQ_OK;
}

void lq_doors_free(struct lq_doors *doors)
{
	if (doors == NULL) {
		return;
	}
	for (size_t i = 0; i < doors->count; i++) {
		json_decref(doors->seen[i].state);
	}
	for (size_t i = 0; i < doors->controller_count; i++) {
		json_decref(doors->controllers[i].health);
	}
	free(doors);
}

/* `controller_count` when there is none. */
static size_t place_of(const struct lq_doors *doors, const char *name)
{
	size_t at = 0;
	while (at < doors->controller_count && strcmp(doors->controllers[at].name, name) != 0) {
		at++;
	}
	return at;
}

static const struct controller *find_controller(const struct lq_doors *doors, const char *name)
{
	size_t at = place_of(doors, name);
	return at < doors->controller_count ? &doors->controllers[at] : NULL;
}

static struct controller *make_controller(struct lq_doors *doors, const char *name)
{
	size_t at = place_of(doors, name);
	if (at == LQ_DOORS_SEEN_MAX) {
		return NULL;
	}
	if (at == doors->controller_count) {
		memcpy(doors->controllers[at].name, name, strlen(name) + 1);
		doors->controller_count++;
	}
	return &doors->controllers[at];
}

static int compare(const struct lq_door_seen *one, const char *controller, const char *door)
{
	int order = strcmp(one->controller, controller);
	return order != 0 ? order : strcmp(one->door, door);
}

static enum lq_doors_heard compare_states(const json_t *before, const json_t *now)
{
	if (before == now || json_equal(before, now)) {
		return LQ_DOORS_AS_BEFORE;
	}
	json_t *had = json_object_get(before, "alarms");
	json_t *has = json_object_get(now, "alarms");
	bool same = had == has || json_equal(had, has);
	return same ? LQ_DOORS_CHANGED : LQ_DOORS_ALARMED;
}

/* Takes over `state`; NULL takes the door away. */
static enum lq_doors_heard set_door(
	struct lq_doors *doors, const char *controller, const char *door, json_t *state)
{
	size_t at = 0;
	while (at < doors->count && compare(&doors->seen[at], controller, door) < 0) {
		at++;
	}
	struct lq_door_seen *place = &doors->seen[at];
	size_t behind = doors->count - at;
	bool there = behind > 0 && compare(place, controller, door) == 0;
	enum lq_doors_heard heard = compare_states(there ? place->state : NULL, state);
	if (there) {
		json_decref(place->state);
		place->state = state;
	}
	if (there && state == NULL) {
		memmove(place, place + 1, (behind - 1) * sizeof(*place));
		doors->count--;
	} else if (!there && state != NULL && doors->count < LQ_DOORS_SEEN_MAX) {
		memmove(place + 1, place, behind * sizeof(*place));
		*place = (struct lq_door_seen){.state = state};
		memcpy(place->controller, controller, strlen(controller) + 1);
		memcpy(place->door, door, strlen(door) + 1);
		doors->count++;
	} else if (!there) {
		json_decref(state);
		heard = LQ_DOORS_AS_BEFORE;
	}
	return heard;
}

/* "doors/<door>/state" */
static bool read_door(const char *end, char ret_door[LQ_NAME_SIZE])
{
	if (strncmp(end, "doors/", 6) != 0) {
		return false;
	}
	size_t length = strcspn(end + 6, "/");
	if (length >= LQ_NAME_SIZE || strcmp(end + 6 + length, "/state") != 0) {
		return false;
	}
	memcpy(ret_door, end + 6, length);
	ret_door[length] = '\0';
	return lq_is_name(ret_door);
}

static enum lq_doors_heard set_controller(
	struct lq_doors *doors, const char *name, const char *end, json_t *message)
{
	struct controller *controller = make_controller(doors, name);
	if (controller == NULL) {
		json_decref(message);
		return LQ_DOORS_AS_BEFORE;
	}
	if (strcmp(end, "health") == 0) {
		bool same =
			controller->health == message || json_equal(controller->health, message);
		json_decref(controller->health);
		controller->health = message;
		return same ? LQ_DOORS_AS_BEFORE : LQ_DOORS_CHANGED;
	}
	bool was_online = controller->online;
	const char *state = json_string_value(json_object_get(message, "state"));
	controller->online = state != NULL && strcmp(state, "online") == 0;
	json_decref(message);
	return controller->online == was_online ? LQ_DOORS_AS_BEFORE : LQ_DOORS_CHANGED;
}

enum lq_doors_heard lq_doors_take(struct lq_doors *doors, const char *controller, const char *end,
	const char *body, size_t length)
{
	char door[LQ_NAME_SIZE];
	bool is_door = read_door(end, door);
	bool is_controller = strcmp(end, "state") == 0 || strcmp(end, "health") == 0;
	json_t *message = length > 0 && length <= BODY_MAX
				  ? json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL)
				  : NULL;
	if (!lq_is_name(controller) || (!is_door && !is_controller) ||
		(length > 0 && !json_is_object(message))) {
		json_decref(message);
		return LQ_DOORS_STRANGE;
	}
	return is_door ? set_door(doors, controller, door, message)
		       : set_controller(doors, controller, end, message);
}

bool lq_doors_lose(struct lq_doors *doors)
{
	bool changed = false;
	for (size_t i = 0; i < doors->controller_count; i++) {
		changed |= doors->controllers[i].online;
		doors->controllers[i].online = false;
	}
	return changed;
}

size_t lq_doors_count(const struct lq_doors *doors)
{
	return doors->count;
}

const struct lq_door_seen *lq_doors_at(const struct lq_doors *doors, size_t index)
{
	return &doors->seen[index];
}

const struct lq_door_seen *lq_doors_find(
	const struct lq_doors *doors, const char *controller, const char *door)
{
	const struct lq_door_seen *found = NULL;
	for (size_t i = 0; i < doors->count; i++) {
		const struct lq_door_seen *seen = &doors->seen[i];
		if (strcmp(seen->door, door) != 0 ||
			(controller != NULL && strcmp(seen->controller, controller) != 0)) {
			continue;
		}
		if (found != NULL) {
			return NULL;
		}
		found = seen;
	}
	return found;
}

const json_t *lq_doors_health(const struct lq_doors *doors, const char *controller)
{
	const struct controller *found = find_controller(doors, controller);
	return found != NULL ? found->health : NULL;
}

bool lq_doors_online(const struct lq_doors *doors, const char *controller)
{
	const struct controller *found = find_controller(doors, controller);
	return found != NULL && found->online;
}
