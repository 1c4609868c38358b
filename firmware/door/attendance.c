/* Who is in: what passages change, whose entry is judged, what the desk asks for. */
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"
#include "firmware/wire/control_wire.h"

#include <string.h>

static struct lq_day day_of(const struct lq_daemon *daemon)
{
	return (struct lq_day){
		.cut_hour = daemon->config->day_cut, .trust = daemon->config->clock_trust};
}

void lq_attendance_sweep(struct lq_daemon *daemon)
{
	const struct lq_day day = day_of(daemon);
	lq_presence_sweep(&daemon->presence, &day, lq_daemon_wall(daemon));
}

static void keep(struct lq_daemon *daemon, struct lq_event *event, enum lq_keep what)
{
	const struct lq_day day = day_of(daemon);
	event->keep = what;
	event->keep_ms = lq_presence_limit_ms(&day, event->at);
}

/* ---- passages ---- */

static void pass(struct lq_daemon *daemon, struct lq_event *event)
{
	if (event->holder == 0) {
		return;
	}
	uint16_t zone = lq_zone_of(&daemon->site, event->door);
	lq_occupancy_changed(daemon);
	if (lq_access_point_direction(event->access_point) == LQ_DIRECTION_EXIT) {
		lq_presence_leave(&daemon->presence, zone, event->holder);
		keep(daemon, event, LQ_KEEP_LEFT);
		return;
	}
	if (!lq_presence_enter(&daemon->presence, zone, event->holder, event->at.unix_ms)) {
		lq_log("too many are in: somebody is not on the list of who is");
	}
	keep(daemon, event, LQ_KEEP_ENTERED);
}

static bool openings_are_seen(const struct lq_door_unit *unit)
{
	return unit->settings.has_contact && unit->door.contact != LQ_OBSERVED_FAULT;
}

void lq_attendance_note(
	struct lq_daemon *daemon, struct lq_event *event, const struct lq_passage *passage)
{
	if (event->type == LQ_EVENT_ACCESS_TAKEN) {
		pass(daemon, event);
	} else if (event->type == LQ_EVENT_DOOR_RELEASED && passage != NULL &&
		   passage->access_point != LQ_NONE &&
		   !openings_are_seen(&daemon->doors[event->door])) {
		event->access_point = passage->access_point;
		event->holder = passage->holder;
		pass(daemon, event);
	}
}

enum lq_passback_verdict lq_attendance_judge(struct lq_daemon *daemon, const struct lq_event *event)
{
	const struct lq_day day = day_of(daemon);
	uint16_t zone = lq_zone_of(&daemon->site, event->door);
	if (lq_access_point_direction(event->access_point) == LQ_DIRECTION_EXIT ||
		!lq_zone_exit_badged(&daemon->site, zone)) {
		return LQ_PASSBACK_CLEAR;
	}
	return lq_passback_judge(lq_presence_find(&daemon->presence, zone, event->holder),
		&daemon->config->doors[event->door].passback, &day, event->at);
}

/* ---- fire ---- */

/* Who was in when it began. Who ran out without a badge is not blamed for it. */
void lq_attendance_freeze(struct lq_daemon *daemon, uint16_t door)
{
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_PRESENCE_FROZEN);
	if (daemon->frozen_ms != 0) {
		return; /* it began at another door */
	}
	lq_attendance_sweep(daemon);
	lq_presence_forgive_all(&daemon->presence);
	daemon->frozen = daemon->presence;
	daemon->frozen_ms = event.at.unix_ms;
	event.door = door;
	event.count = lq_presence_people(&daemon->presence);
	keep(daemon, &event, LQ_KEEP_FROZEN);
	lq_daemon_record(daemon, &event);
}

void lq_attendance_thaw(struct lq_daemon *daemon, uint16_t door)
{
	for (uint16_t i = 0; i < daemon->site.door_count; i++) {
		if (daemon->doors[i].door.fire_hold) {
			return;
		}
	}
	if (daemon->frozen_ms == 0) {
		return;
	}
	daemon->frozen_ms = 0;
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_PRESENCE_THAWED);
	event.door = door;
	keep(daemon, &event, LQ_KEEP_THAWED);
	lq_daemon_record(daemon, &event);
}

void lq_attendance_settle(struct lq_daemon *daemon)
{
	lq_attendance_sweep(daemon);
	lq_attendance_thaw(daemon, 0);
}

/* ---- the desk ---- */

int lq_attendance_forgive(struct lq_daemon *daemon, uint32_t member, const char *actor)
{
	lq_attendance_sweep(daemon);
	if (!lq_presence_forgive(&daemon->presence, member)) {
		return LQ_ERR_NOT_FOUND;
	}
	struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_PRESENCE_FORGIVEN);
	event.holder = member;
	keep(daemon, &event, LQ_KEEP_FORGIVEN);
	memcpy(event.actor, actor, sizeof(event.actor));
	lq_daemon_record(daemon, &event);
	return LQ_OK;
}

static json_t *zones_json(const struct lq_site *site)
{
	json_t *zones = json_array();
	for (uint16_t i = 0; i < site->door_count; i++) {
		if (lq_zone_of(site, i) == i) {
			(void)json_array_append_new(
				zones, json_pack("{s:I, s:s, s:b}", "number", (json_int_t)i, "zone",
					       site->zones[i], "exits_badged",
					       lq_zone_exit_badged(site, i)));
		}
	}
	return zones;
}

static json_t *time_json(int64_t unix_ms)
{
	char text[LQ_RFC3339_SIZE];
	if (unix_ms == 0) {
		return json_null();
	}
	lq_wall_rfc3339(unix_ms, text);
	return json_string(text);
}

json_t *lq_attendance_list(
	struct lq_daemon *daemon, bool frozen, uint16_t after_zone, uint32_t after_member)
{
	const struct lq_presence *presence = frozen ? &daemon->frozen : &daemon->presence;
	int64_t at_ms = frozen ? daemon->frozen_ms : lq_daemon_wall(daemon).unix_ms;
	if (frozen && daemon->frozen_ms == 0) {
		return NULL;
	}
	json_t *people = json_array();
	lq_attendance_sweep(daemon);
	uint32_t i = lq_presence_behind(presence, after_zone, after_member);
	for (uint32_t n = 0; i < presence->count && n < LQ_ONSITE_PAGE; n++, i++) {
		const struct lq_present *present = &presence->list[i];
		(void)json_array_append_new(people,
			json_pack("[I, I, I]", (json_int_t)present->zone,
				(json_int_t)present->holder, (json_int_t)present->since_ms));
	}
	return json_pack("{s:b, s:o, s:o, s:I, s:o, s:o, s:b}", "ok", 1, "at", time_json(at_ms),
		"frozen_at", time_json(daemon->frozen_ms), "unlisted",
		(json_int_t)presence->unlisted, "zones", zones_json(&daemon->site), "people",
		people, "more", i < presence->count);
}
