/* Requests to the doors and to loquetd as it runs: they change no member, badge, profile, schedule
 * or day. */
#include "firmware/core/err.h"
#include "firmware/door/control_internal.h"
#include "firmware/wire/control_wire.h"

#include <stdlib.h>

/* ---- doors ---- */

static bool take_door(struct lq_control_client *client, json_t *request, uint16_t *ret_door)
{
	const struct lq_site *site = &client->daemon->site;
	*ret_door = lq_control_index_by_name(
		request, "door", site->doors[0], sizeof(site->doors[0]), site->door_count);
	if (*ret_door == LQ_NONE) {
		lq_control_refuse(client, LQ_ERR_NOT_FOUND, "no such door: see loquet status");
		return false;
	}
	return true;
}

void lq_control_door_open(struct lq_control_client *client, json_t *request)
{
	uint16_t door = 0;
	json_t *extended = json_object_get(request, "extended");
	if (!take_door(client, request, &door)) {
		return;
	}
	if (extended != NULL && !json_is_boolean(extended)) {
		lq_control_refuse(client, LQ_ERR_INVALID, "\"extended\" must be true or false");
		return;
	}
	if (lq_doorway_command(client->daemon, door, json_is_true(extended), client->actor) !=
		LQ_OK) {
		lq_control_refuse(client, LQ_ERR_BUSY,
			"the door's mode refuses it (Blocked or LockedDown): see loquet status, "
			"and loquet door mode");
		return;
	}
	lq_control_send(client, json_pack("{s:b}", "ok", 1));
}

void lq_control_door_mode(struct lq_control_client *client, json_t *request)
{
	uint16_t door = 0;
	enum lq_door_mode mode = LQ_MODE_LOCKED;
	const char *word = json_string_value(json_object_get(request, "mode"));
	if (!take_door(client, request, &door)) {
		return;
	}
	if (word == NULL || !lq_door_mode_parse(word, &mode)) {
		lq_control_refuse(client, LQ_ERR_INVALID,
			"\"mode\" must be Locked, Unlocked, Blocked, LockedDown or LockedOpen");
		return;
	}
	lq_doorway_set_mode(client->daemon, door, mode, client->actor);
	lq_control_send(client, json_pack("{s:b}", "ok", 1));
}

void lq_control_door_hours(struct lq_control_client *client, json_t *request)
{
	uint16_t door = 0;
	json_t *first = json_object_get(request, "first_person");
	json_t *schedule = json_object_get(request, "schedule");
	if (!take_door(client, request, &door)) {
		return;
	}
	struct lq_job_change *change = calloc(1, sizeof(*change));
	bool none = schedule == NULL || json_is_null(schedule);
	if (change != NULL && ((!none && !lq_control_take_text(request, "schedule", change->name,
						 LQ_NAME_SIZE)) ||
				      (first != NULL && !json_is_boolean(first)))) {
		free(change);
		lq_control_refuse(client, LQ_ERR_INVALID,
			"\"schedule\" must be a schedule's name, or null for none, and "
			"\"first_person\" true or false");
		return;
	}
	if (change != NULL) {
		change->first_person = json_is_true(first);
	}
	lq_control_submit_at(client, LQ_JOB_DOOR_HOURS, change, LQ_NONE, door);
}

void lq_control_door_prop(struct lq_control_client *client, json_t *request)
{
	uint16_t door = 0;
	json_t *minutes = json_object_get(request, "minutes");
	if (!take_door(client, request, &door)) {
		return;
	}
	if (!json_is_integer(minutes) || json_integer_value(minutes) < 0 ||
		json_integer_value(minutes) > LQ_PROP_MINUTES_MAX) {
		lq_control_refuse(
			client, LQ_ERR_INVALID, "\"minutes\" must be a number from 0 to 1440");
		return;
	}
	lq_doorway_prop(client->daemon, door, (uint32_t)json_integer_value(minutes), client->actor);
	lq_control_send(client, json_pack("{s:b}", "ok", 1));
}

void lq_control_door_fire_confirm(struct lq_control_client *client, json_t *request)
{
	uint16_t door = 0;
	if (!take_door(client, request, &door)) {
		return;
	}
	int r = lq_doorway_confirm_fire(client->daemon, door, client->actor);
	if (r != LQ_OK) {
		lq_control_refuse(client, r,
			r == LQ_ERR_BUSY ? "the fire input is still active"
					 : "no fire waits to be confirmed at this door");
		return;
	}
	lq_control_send(client, json_pack("{s:b}", "ok", 1));
}

/* ---- who is in ---- */

void lq_control_onsite(struct lq_control_client *client, json_t *request)
{
	json_t *after = json_object_get(request, "after");
	json_int_t zone = json_integer_value(json_array_get(after, 0));
	json_int_t member = json_integer_value(json_array_get(after, 1));
	bool frozen = false;
	if (after != NULL &&
		(json_array_size(after) != 2 || !json_is_integer(json_array_get(after, 0)) ||
			!json_is_integer(json_array_get(after, 1)) || zone < 0 ||
			zone >= LQ_DOORS_MAX || member < 0 || member > UINT32_MAX)) {
		lq_control_refuse(
			client, LQ_ERR_INVALID, "\"after\" must be a zone's and a member's number");
		return;
	}
	if (!lq_control_take_flag(request, "frozen", &frozen)) {
		lq_control_refuse(client, LQ_ERR_INVALID, "\"frozen\" must be true or false");
		return;
	}
	json_t *list = lq_attendance_list(client->daemon, frozen, (uint16_t)zone, (uint32_t)member);
	if (list == NULL) {
		lq_control_refuse(client, LQ_ERR_NOT_FOUND,
			"no fire waits to be confirmed: nothing is frozen");
		return;
	}
	lq_control_send(client, list);
}

void lq_control_passback_forgive(struct lq_control_client *client, json_t *request)
{
	uint32_t member = 0;
	if (!lq_control_take_id(request, "member", &member)) {
		lq_control_refuse(client, LQ_ERR_INVALID, "\"member\" must be a member's number");
		return;
	}
	if (lq_attendance_forgive(client->daemon, member, client->actor) != LQ_OK) {
		lq_control_refuse(client, LQ_ERR_NOT_FOUND, "by the badges, this member is not in");
		return;
	}
	lq_control_send(client, json_pack("{s:b}", "ok", 1));
}

/* ---- loquetd ---- */

void lq_control_status(struct lq_control_client *client, json_t *request)
{
	(void)request;
	lq_control_send(client, lq_status(client->daemon));
}

void lq_control_maintainer_read(struct lq_control_client *client, json_t *request)
{
	(void)request;
	int r = lq_maintain_read(client->daemon, client->actor);
	if (r != LQ_OK) {
		lq_control_refuse(
			client, r, "the file of the maintainers cannot be read: see the log");
		return;
	}
	lq_control_send(client, json_pack("{s:b, s:I}", "ok", 1, "badges",
					(json_int_t)client->daemon->maintainers.count));
}

void lq_control_journal_replay(struct lq_control_client *client, json_t *request)
{
	json_t *from = json_object_get(request, "from");
	if (!json_is_integer(from) || json_integer_value(from) < 1) {
		lq_control_refuse(
			client, LQ_ERR_INVALID, "\"from\" must be a row's number, from 1");
		return;
	}
	if ((uint64_t)json_integer_value(from) > client->daemon->head) {
		lq_control_refuse(
			client, LQ_ERR_NOT_FOUND, "the journal does not reach that row yet");
		return;
	}
	if (lq_link_ask_replay(client->daemon, (uint64_t)json_integer_value(from)) != LQ_OK) {
		lq_control_refuse(client, LQ_ERR_NOT_FOUND,
			"loquet-link is not running: start it with systemctl start loquet-link");
		return;
	}
	lq_control_send(client, json_pack("{s:b}", "ok", 1));
}

void lq_control_watch(struct lq_control_client *client, json_t *request)
{
	(void)request;
	client->watching = true;
	lq_control_send(client, json_pack("{s:b, s:b}", "ok", 1, "watching", 1));
}
