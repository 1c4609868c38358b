/* The answer to {"do":"status"}: what was commanded and what was observed, apart. */
#include "firmware/core/assert.h"
#include "firmware/core/utf8.h"
#include "firmware/door/daemon.h"

#include <stdio.h>

#define SLOW_DISK_MS 2000u

/* Words that came from a chip, a library or another process; nothing when they are not UTF-8. */
static json_t *foreign_text(const char *text)
{
	json_t *string = json_string(text);
	return string != NULL ? string : json_string("");
}

static const char *contact_text(const struct lq_door_unit *unit)
{
	if (!unit->settings.has_contact) {
		return "none";
	}
	switch (unit->door.contact) {
	case LQ_OBSERVED_UNKNOWN:
		return "unknown";
	case LQ_OBSERVED_CLOSED:
		return "closed";
	case LQ_OBSERVED_OPEN:
		return "open";
	case LQ_OBSERVED_FAULT:
		return "fault";
	}
	LQ_ASSERT(false);
	return "unknown";
}

static const char *lock_text(const struct lq_daemon *daemon, uint16_t door)
{
	if (daemon->config->doors[door].wiring.wiring[LQ_LINE_BOLT].offset == LQ_LINE_UNUSED) {
		return "none";
	}
	switch (daemon->doors[door].door.lock) {
	case LQ_LOCK_UNKNOWN:
		return "unknown";
	case LQ_LOCK_LOCKED:
		return "locked";
	case LQ_LOCK_UNLOCKED:
		return "unlocked";
	case LQ_LOCK_FAULT:
		return "fault";
	}
	LQ_ASSERT(false);
	return "unknown";
}

static json_t *door_alarms(const struct lq_door *door)
{
	json_t *alarms = json_array();
	for (int i = 0; i < LQ_ALARM_COUNT; i++) {
		if (lq_door_alarmed(door, (enum lq_door_alarm)i)) {
			(void)json_array_append_new(
				alarms, json_string(lq_door_alarm_text((enum lq_door_alarm)i)));
		}
	}
	return alarms;
}

const char *lq_status_reader(enum lq_reader_state state)
{
	switch (state) {
	case LQ_READER_OFFLINE:
		return "offline";
	case LQ_READER_FAULT:
		return "fault";
	case LQ_READER_ONLINE:
		return "online";
	}
	LQ_ASSERT(false);
	return "offline";
}

static json_t *doors_status(const struct lq_daemon *daemon)
{
	json_t *doors = json_array();
	for (uint16_t i = 0; i < daemon->site.door_count; i++) {
		const struct lq_door_unit *unit = &daemon->doors[i];
		(void)json_array_append_new(doors,
			json_pack("{s:s, s:s, s:b, s:s, s:s, s:b, s:b, s:o, s:s}", "name",
				daemon->site.doors[i], "mode", lq_door_shown_mode(&unit->door),
				"released", unit->door.released, "contact", contact_text(unit),
				"lock", lock_text(daemon, i), "propped", unit->door.propped,
				"fire_hold", unit->door.fire_hold, "alarms",
				door_alarms(&unit->door), "lines",
				daemon->config->doors[i].lines == LQ_LINES_SIM ? "sim" : "gpiod"));
	}
	return doors;
}

static json_t *readers_status(const struct lq_daemon *daemon)
{
	json_t *readers = json_array();
	struct lq_mono now = lq_daemon_mono(daemon);
	for (uint16_t i = 0; i < daemon->site.reader_count; i++) {
		const struct lq_reader_unit *unit = &daemon->readers[i];
		const struct lq_site_reader *names = &daemon->site.readers[i];
		char access_point[LQ_ACCESS_POINT_NAME_SIZE];
		lq_access_point_name(&daemon->site, lq_access_point(names->door, names->direction),
			access_point);
		json_t *reader = json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I}", "name",
			names->name, "access_point", access_point, "state",
			lq_status_reader(unit->state), "badge_present", unit->tap != 0, "restarts",
			(json_int_t)unit->restarts, "polls", (json_int_t)unit->statistics.polls,
			"poll_us_median", (json_int_t)unit->statistics.poll_us_median,
			"locked_out_s", (json_int_t)lq_lockout_left_s(&unit->lockout, now));
		json_t *text =
			json_string(unit->text); /* NULL when the chip's words are not UTF-8 */
		(void)json_object_set_new(reader, "text", text != NULL ? text : json_string(""));
		(void)json_array_append_new(readers, reader);
	}
	return readers;
}

json_t *lq_status_stages(const struct lq_daemon *daemon)
{
	json_t *stages = json_object();
	for (int i = 0; i < LQ_STAGE_SERIES; i++) {
		struct lq_stage_summary summary = lq_stages_summary(&daemon->stages, i);
		(void)json_object_set_new(stages,
			i == LQ_STAGE_TOTAL ? "total" : lq_stage_text((enum lq_stage)i),
			json_pack("{s:I, s:I, s:I, s:I, s:I}", "count", (json_int_t)summary.count,
				"p50_us", (json_int_t)summary.p50_us, "p95_us",
				(json_int_t)summary.p95_us, "p99_us", (json_int_t)summary.p99_us,
				"max_us", (json_int_t)summary.max_us));
	}
	return stages;
}

static void add_alarm(json_t *alarms, const char *format, const char *detail)
{
	char text[256];
	(void)snprintf(text, sizeof(text), "%s%.*s", format, (int)lq_utf8_fit(detail, 160), detail);
	(void)json_array_append_new(alarms, foreign_text(text));
}

static void add_door_alarms(json_t *alarms, const struct lq_daemon *daemon, uint16_t index)
{
	static const char *const sentences[LQ_ALARM_COUNT] = {
		[LQ_ALARM_FORCED_OPEN] = "a door was forced open: ",
		[LQ_ALARM_PRE_ALARM] = "a door will have stood open too long soon: ",
		[LQ_ALARM_HELD_OPEN] = "a door stands open too long: ",
		[LQ_ALARM_REX_STUCK] = "an exit button is stuck: ",
		[LQ_ALARM_TAMPER] = "tampering at a door: ",
		[LQ_ALARM_FIRE] = "fire at a door: ",
		[LQ_ALARM_AJAR] = "a door is ajar, its bolt is not home: ",
		[LQ_ALARM_MISMATCH] = "a lock does not follow its command: ",
	};
	const struct lq_door *door = &daemon->doors[index].door;
	for (int i = 0; i < LQ_ALARM_COUNT; i++) {
		if (lq_door_alarmed(door, (enum lq_door_alarm)i)) {
			add_alarm(alarms, sentences[i], daemon->site.doors[index]);
		}
	}
	if (door->fire_hold && !door->fire) {
		add_alarm(alarms,
			"the fire input has cleared; nothing relocks before somebody says so with "
			"loquet door fire-confirm ",
			daemon->site.doors[index]);
	}
}

static json_t *alarms_status(struct lq_daemon *daemon, const struct lq_writer_status *journal)
{
	json_t *alarms = json_array();
	struct lq_mono now = lq_daemon_mono(daemon);
	if (journal->stalled) {
		add_alarm(alarms, "the journal cannot be written: ", journal->text);
	}
	if (journal->waited_ms >= SLOW_DISK_MS) {
		add_alarm(alarms, "the disk does not answer: it was last asked some time ago", "");
	}
	if (journal->lost > 0) {
		add_alarm(alarms, "events were lost while the journal could not be written", "");
	}
	if (atomic_load(&daemon->begun_anew)) {
		add_alarm(alarms,
			"door.db was lost or damaged and begun anew: compare the badges, or "
			"restore it from the backup",
			"");
	}
	if (daemon->keys_lost) {
		add_alarm(alarms,
			"the controller's keys are lost or damaged: restore them from the backup "
			"and restart loquetd",
			"");
	}
	if (daemon->maintainers_bad) {
		add_alarm(alarms,
			"not every maintainer's badge can be read: ", daemon->config->maintainers);
	}
	if (daemon->maintainer_used[0] != '\0') {
		add_alarm(alarms,
			"a maintainer's badge was used since the start: ", daemon->maintainer_used);
	}
	if (lq_office_keeps(daemon) && daemon->config->office_max_age_h != 0 &&
		lq_office_age_s(daemon, lq_daemon_wall(daemon)) >
			daemon->config->office_max_age_h * INT64_C(3600)) {
		add_alarm(alarms,
			"the office has not confirmed the roster for too long: nobody comes in by "
			"it",
			"");
	}
	for (uint16_t i = 0; i < daemon->site.door_count; i++) {
		if (daemon->doors[i].relay_retry.us != UINT64_MAX) {
			add_alarm(alarms, "a relay does not obey: ", daemon->site.doors[i]);
		}
		add_door_alarms(alarms, daemon, i);
	}
	for (uint16_t i = 0; i < daemon->site.reader_count; i++) {
		if (daemon->readers[i].state != LQ_READER_ONLINE) {
			add_alarm(alarms, "a reader does not work: ", daemon->site.readers[i].name);
		}
		if (lq_lockout_refuses(&daemon->readers[i].lockout, now)) {
			add_alarm(alarms,
				"too many wrong badges, a reader refuses everybody for a moment: ",
				daemon->site.readers[i].name);
		}
	}
	return alarms;
}

json_t *lq_status(struct lq_daemon *daemon)
{
	char time[LQ_RFC3339_SIZE];
	struct lq_wall wall = lq_daemon_wall(daemon);
	struct lq_writer_status journal = lq_writer_status(daemon->writer);
	lq_wall_rfc3339(wall.unix_ms, time);
	json_t *link = json_pack("{s:s, s:I, s:o}", "state",
		daemon->link_peer == NULL ? "absent"
		: daemon->link.connected  ? "connected"
					  : "disconnected",
		"cursor", (json_int_t)daemon->link.cursor, "text", foreign_text(daemon->link.text));
	bool office = lq_config_has_office(daemon->config);
	json_t *roster = office ? lq_office_figures(daemon) : json_object();
	(void)json_object_set_new(
		roster, "credentials", json_integer((json_int_t)lq_roster_count(daemon->roster)));
	return json_pack(
		"{s:b, s:s, s:s, s:s, s:{s:s, s:s}, s:{s:I, s:I, s:b, s:I}, s:o, s:o, s:o, "
		"s:o, s:o, s:o}",
		"ok", 1, "version", LQ_VERSION, "space", daemon->site.space, "controller",
		daemon->site.controller, "clock", "trust", lq_trust_text(wall.trust), "time", time,
		"journal", "head", (json_int_t)journal.head, "pending", (json_int_t)journal.pending,
		"stalled", journal.stalled, "lost", (json_int_t)journal.lost, "roster", roster,
		"doors", doors_status(daemon), "readers", readers_status(daemon), "link", link,
		"stages", lq_status_stages(daemon), "alarms", alarms_status(daemon, &journal));
}
