#include "host/office/api_doors.h"

#include "firmware/core/err.h"
#include "host/office/body.h"
#include "host/office/doors.h"
#include "host/office/names.h"
#include "host/office/office.h"

#include <stdio.h>
#include <string.h>

#define REASON_SIZE 201u

static const struct lq_office *office_of(const struct lq_request *request)
{
	return request->office;
}

/* ---- the list ---- */

static json_t *alarms_of(const json_t *state)
{
	static const char *const words[] = {"forced_open", "pre_alarm", "held_open", "rex_stuck",
		"tamper", "fire", "ajar", "mismatch"};
	const json_t *alarms = json_object_get(state, "alarms");
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (json_is_true(json_object_get(alarms, words[i]))) {
			(void)json_array_append_new(list, json_string(words[i]));
		}
	}
	return list;
}

static json_t *readers_of(const json_t *health, const char *door)
{
	json_t *list = json_array();
	json_t *readers = json_object_get(health, "readers");
	for (size_t i = 0; i < json_array_size(readers); i++) {
		json_t *reader = json_array_get(readers, i);
		const char *at = json_string_value(json_object_get(reader, "door"));
		if (at != NULL && strcmp(at, door) == 0) {
			(void)json_array_append(list, reader);
		}
	}
	return list;
}

/* As its controller says, or the configuration, which knows the doors of one. */
static json_t *zone_of(const struct lq_config *config, const struct lq_door_seen *seen)
{
	json_t *zone = json_object_get(seen->state, "zone");
	if (json_is_string(zone) && lq_is_name(json_string_value(zone))) {
		return json_incref(zone);
	}
	if (strcmp(config->controller, seen->controller) != 0) {
		return json_null();
	}
	for (size_t i = 0; i < config->door_count; i++) {
		if (strcmp(config->doors[i].name, seen->door) == 0) {
			return lq_json_label(config->doors[i].zone);
		}
	}
	return json_null();
}

/* When the row was written that told of the door last. */
static int read_last(
	const struct lq_request *request, const struct lq_door_seen *seen, json_t **ret_last)
{
	struct lq_rows *rows = NULL;
	json_int_t seq = json_integer_value(json_object_get(seen->state, "seq"));
	*ret_last = json_null();
	int r = lq_db_query(request->db, &rows,
		"SELECT body FROM event WHERE controller = ?1 AND seq = ?2", "ti", seen->controller,
		(int64_t)seq);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_rows_next(rows);
	if (r == 1) {
		struct lq_blob body = lq_rows_blob(rows, 0);
		json_t *event = json_loadb(body.bytes, body.length, 0, NULL);
		const json_t *time = json_object_get(event, "time");
		*ret_last =
			json_is_string(time) ? json_string(json_string_value(time)) : json_null();
		json_decref(event);
	}
	lq_rows_end(rows);
	return r < 0 ? r : LQ_OK;
}

/* A broker carries what anybody said who may write there: what is no such word is `otherwise`. */
static void copy_word(json_t *item, const char *key, const json_t *value, const char *const *words,
	const char *otherwise)
{
	const char *text = json_string_value(value);
	while (text != NULL && *words != NULL && strcmp(*words, text) != 0) {
		words++;
	}
	text = text != NULL && *words != NULL ? *words : otherwise;
	(void)json_object_set_new(item, key, text != NULL ? json_string(text) : json_null());
}

/* Likewise, what is of another kind is not told. */
static void copy_member(json_t *item, const json_t *health, const char *key, json_type type)
{
	json_t *value = json_object_get(health, key);
	bool fits = value != NULL && json_typeof(value) == type &&
		    (type != JSON_INTEGER || json_integer_value(value) >= 0);
	(void)json_object_set(item, key, fits ? value : json_null());
}

static void add_state(const json_t *state, json_t *item)
{
	static const char *const modes[] = {"Locked", "Accessed", "Unlocked", "Blocked",
		"LockedDown", "LockedOpen", "unknown", NULL};
	static const char *const contacts[] = {"open", "closed", "unknown", NULL};
	copy_word(item, "mode", json_object_get(state, "mode"), modes, "unknown");
	copy_word(item, "physical", json_object_get(state, "contact"), contacts, "unknown");
}

static void add_health(const json_t *health, json_t *item)
{
	static const char *const trusts[] = {"unset", "rtc", "synchronised", NULL};
	static const char *const journals[] = {"well", "slow", "stalled", NULL};
	copy_member(item, health, "rosterAge", JSON_INTEGER);
	copy_member(item, health, "rosterVersion", JSON_INTEGER);
	copy_member(item, health, "rosterRefused", JSON_OBJECT);
	copy_member(item, health, "versions", JSON_OBJECT);
	copy_member(item, health, "stages", JSON_OBJECT);
	copy_word(item, "clock", json_object_get(json_object_get(health, "clock"), "trust"), trusts,
		NULL);
	copy_word(item, "journal", json_object_get(json_object_get(health, "journal"), "state"),
		journals, NULL);
}

/* What the office holds of the controller's journal: whether it is whole, and what was signed. */
static int add_journal(const struct lq_request *request, const char *controller, json_t *item)
{
	int64_t broken = 0;
	int64_t missing = 0;
	int r = lq_db_integer(request->db, &broken, 0,
		"SELECT coalesce(broken, 0) FROM controller WHERE name = ?1", "t", controller);
	r = r == LQ_OK ? lq_db_integer(request->db, &missing, 0,
				 "SELECT coalesce(sum(last - first + 1), 0) FROM gap "
				 "WHERE controller = ?1",
				 "t", controller)
		       : r;
	(void)json_object_set_new(
		item, "chainBroken", broken != 0 ? json_integer(broken) : json_null());
	(void)json_object_set_new(item, "missing", json_integer(missing));
	return r;
}

static int door_json(
	const struct lq_request *request, const struct lq_door_seen *seen, json_t **ret_item)
{
	const struct lq_doors *doors = office_of(request)->doors;
	const json_t *health = lq_doors_health(doors, seen->controller);
	json_t *last = NULL;
	int r = read_last(request, seen, &last);
	if (r != LQ_OK) {
		return r;
	}
	json_t *item = json_pack("{s:s, s:s, s:o, s:o, s:o, s:b, s:o}", "controller",
		seen->controller, "door", seen->door, "zone", zone_of(request->config, seen),
		"alarms", alarms_of(seen->state), "reader", readers_of(health, seen->door),
		"online", lq_doors_online(doors, seen->controller), "lastEvent", last);
	add_state(seen->state, item);
	add_health(health, item);
	*ret_item = item;
	return add_journal(request, seen->controller, item);
}

int lq_api_doors_list(const struct lq_request *request, struct lq_answer *answer)
{
	const struct lq_doors *doors = office_of(request)->doors;
	json_t *items = json_array();
	for (size_t i = 0; i < lq_doors_count(doors); i++) {
		json_t *item = NULL;
		int r = door_json(request, lq_doors_at(doors, i), &item);
		(void)json_array_append_new(items, item);
		if (r != LQ_OK) {
			json_decref(items);
			return lq_problem_db(request, answer, r);
		}
	}
	const struct lq_post *post = office_of(request)->post;
	answer->json = json_pack("{s:o, s:n, s:b}", "items", items, "next", "broker",
		post != NULL && lq_post_is_up(post));
	return answer->status = 200;
}

/* ---- commands ---- */

static json_t *sending_json(const struct lq_sending *sending)
{
	static const char *const states[] = {
		[LQ_SENDING_WAITING] = "waiting",
		[LQ_SENDING_TAKEN] = "taken",
		[LQ_SENDING_DONE] = "done",
		[LQ_SENDING_REFUSED] = "refused",
		[LQ_SENDING_SILENT] = "silent",
	};
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o}", "id", sending->id, "command",
		lq_order_word(sending->kind), "controller", sending->controller, "door",
		lq_json_label(sending->door), "state", states[sending->state], "reason",
		lq_json_label(sending->reason), "text", lq_json_label(sending->text));
}

int lq_api_send(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_sending_wish *wish)
{
	const struct lq_sending *sending = NULL;
	int r = lq_post_send(office_of(request)->post, wish, request->now_ms, &sending);
	if (r == LQ_ERR_CLOSED) {
		return lq_problem(request, answer, 503, "no_broker", NULL,
			"the broker is away, so no door hears of it: try again later",
			"le courtier est absent, aucune porte ne l’entendrait : réessayer plus "
			"tard");
	}
	if (r != LQ_OK) {
		return lq_problem(request, answer, 503, "busy", NULL,
			"the command could not be signed and sent",
			"la commande n’a pu être signée et envoyée");
	}
	(void)snprintf(
		answer->location, sizeof(answer->location), "/api/v1/commands/%s", sending->id);
	answer->json = sending_json(sending);
	return answer->status = 202;
}

int lq_api_commands_get(const struct lq_request *request, struct lq_answer *answer)
{
	const struct lq_sending *sending =
		lq_post_sending(office_of(request)->post, request->parameters[0]);
	if (sending == NULL) {
		return lq_problem(request, answer, 404, "not_found", NULL,
			"no such command is remembered", "cette commande n’est plus connue");
	}
	answer->json = sending_json(sending);
	return answer->status = 200;
}

struct wish {
	char reason[REASON_SIZE];
	int mode;
	bool extended;
};

/* By enum lq_door_mode; Accessed passes by itself and cannot be wanted. */
static const char *const mode_words[] = {
	"Locked", "Unlocked", "Blocked", "LockedDown", "LockedOpen", NULL};

enum { REASON, MODE };

static const struct lq_field open_fields[] = {
	[REASON] = {.key = "reason",
		.type = LQ_FIELD_TEXT,
		.offset = offsetof(struct wish, reason),
		.size = REASON_SIZE},
	{.key = "extended", .type = LQ_FIELD_BOOL, .offset = offsetof(struct wish, extended)},
};

static const struct lq_field mode_fields[] = {
	[REASON] = {.key = "reason",
		.type = LQ_FIELD_TEXT,
		.offset = offsetof(struct wish, reason),
		.size = REASON_SIZE},
	[MODE] = {.key = "mode",
		.type = LQ_FIELD_WORD,
		.offset = offsetof(struct wish, mode),
		.words = mode_words},
};

static int order(const struct lq_request *request, struct lq_answer *answer, const char *act,
	const struct wish *wish, struct lq_sending_wish *sending)
{
	char object[8 + 2 * LQ_NAME_SIZE];
	const struct lq_door_seen *seen = lq_doors_find(
		office_of(request)->doors, request->parameters[0], request->parameters[1]);
	int r = LQ_ERR_NOT_FOUND;
	if (seen != NULL) {
		(void)snprintf(object, sizeof(object), "door/%s/%s", seen->controller, seen->door);
		r = lq_audit(request, act, object, wish->reason);
	}
	if (r != LQ_OK) {
		json_decref(sending->arguments);
		return r == LQ_ERR_NOT_FOUND ? lq_problem(request, answer, 404, "not_found", NULL,
						       "no controller tells of such a door",
						       "aucun contrôleur ne parle de cette porte")
					     : lq_problem_db(request, answer, r);
	}
	sending->controller = seen->controller;
	sending->door = seen->door;
	sending->by = request->caller.name;
	return lq_api_send(request, answer, sending);
}

int lq_api_doors_open(const struct lq_request *request, struct lq_answer *answer)
{
	struct wish wish = {.mode = 0};
	uint32_t given = 0;
	int status = lq_body_read(request, answer, open_fields,
		sizeof(open_fields) / sizeof(open_fields[0]), &wish, &given);
	status = status == 0 ? lq_body_need(request, answer, open_fields, 1, 1u << REASON, given)
			     : status;
	if (status != 0) {
		return status;
	}
	struct lq_sending_wish sending = {.kind = LQ_ORDER_DOOR_OPEN};
	if (wish.extended) {
		sending.arguments =
			json_pack("{s:b}", lq_argument_word(LQ_ARGUMENT_INDEX_EXTENDED), 1);
	}
	return order(request, answer, "door.open", &wish, &sending);
}

int lq_api_doors_mode(const struct lq_request *request, struct lq_answer *answer)
{
	struct wish wish = {.mode = 0};
	uint32_t given = 0;
	int status = lq_body_read(request, answer, mode_fields, 2, &wish, &given);
	status = status == 0 ? lq_body_need(request, answer, mode_fields, 2,
				       1u << REASON | 1u << MODE, given)
			     : status;
	if (status != 0) {
		return status;
	}
	struct lq_sending_wish sending = {
		.kind = LQ_ORDER_DOOR_MODE,
		.arguments = json_pack(
			"{s:s}", lq_argument_word(LQ_ARGUMENT_INDEX_MODE), mode_words[wish.mode]),
	};
	return order(request, answer, "door.mode", &wish, &sending);
}

const struct lq_route lq_routes_doors[] = {
	{"GET", "/doors", LQ_SCOPE_NOW, lq_api_doors_list},
	{"POST", "/doors/{controller}/{door}/open", LQ_SCOPE_DOORS, lq_api_doors_open},
	{"POST", "/doors/{controller}/{door}/mode", LQ_SCOPE_DOORS, lq_api_doors_mode},
	{"GET", "/commands/{id}", LQ_SCOPE_NOW, lq_api_commands_get},
};

const size_t lq_routes_doors_count = sizeof(lq_routes_doors) / sizeof(lq_routes_doors[0]);
