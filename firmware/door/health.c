/* The figures of the health topic that only loquetd has: sent to the link every so often, and soon
 * after something changed. schemas/health.json says what they mean. */
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"
#include "hal/gpiod/gpiod_lines.h"

#include <sys/utsname.h>

#define SLOW_DISK_MS 2000u
#define GAP_MS       1000u /* what changes again and again is told once a second */

static json_t *versions(const struct lq_daemon *daemon)
{
	struct utsname kernel = {.release = ""};
	json_t *versions = json_pack("{s:s, s:s, s:s}", "loquet", LQ_VERSION, "libgpiod",
		lq_gpiod_version(), "sqlite", lq_store_sqlite_version());
	if (uname(&kernel) == 0) {
		(void)json_object_set_new(versions, "kernel", json_string(kernel.release));
	}
	for (uint16_t i = 0; i < daemon->site.reader_count; i++) {
		if (daemon->readers[i].library[0] != '\0') {
			(void)json_object_set_new(
				versions, "libnfc", json_string(daemon->readers[i].library));
		}
	}
	return versions;
}

static json_t *readers(const struct lq_daemon *daemon)
{
	json_t *readers = json_array();
	for (uint16_t i = 0; i < daemon->site.reader_count; i++) {
		const struct lq_reader_unit *unit = &daemon->readers[i];
		const struct lq_site_reader *names = &daemon->site.readers[i];
		(void)json_array_append_new(readers,
			json_pack("{s:s, s:s, s:s, s:I, s:I}", "name", names->name, "door",
				daemon->site.doors[names->door], "state",
				lq_status_reader(unit->state), "restarts",
				(json_int_t)unit->restarts, "faults", (json_int_t)unit->faults));
	}
	return readers;
}

static json_t *journal(struct lq_daemon *daemon)
{
	struct lq_writer_status status = lq_writer_status(daemon->writer);
	return json_pack("{s:s, s:I, s:I, s:I}", "state",
		status.stalled                     ? "stalled"
		: status.waited_ms >= SLOW_DISK_MS ? "slow"
						   : "well",
		"head", (json_int_t)daemon->head, "pending", (json_int_t)status.pending, "lost",
		(json_int_t)status.lost);
}

static json_t *figures(struct lq_daemon *daemon)
{
	char time[LQ_RFC3339_SIZE];
	struct lq_wall wall = lq_daemon_wall(daemon);
	uint64_t up_us = lq_daemon_mono(daemon).us - daemon->health.started.us;
	lq_wall_rfc3339(wall.unix_ms, time);
	json_t *health = json_pack("{s:s, s:I, s:o, s:{s:s}, s:o, s:o, s:o}", "time", time,
		"uptime_s", (json_int_t)(up_us / 1000000u), "versions", versions(daemon), "clock",
		"trust", lq_trust_text(wall.trust), "journal", journal(daemon), "readers",
		readers(daemon), "stages", lq_status_stages(daemon));
	if (lq_config_has_office(daemon->config)) {
		json_t *roster = lq_office_figures(daemon);
		(void)json_object_update(health, roster);
		json_decref(roster);
	}
	return health;
}

void lq_health_start(struct lq_daemon *daemon)
{
	daemon->health = (struct lq_health){.started = lq_daemon_mono(daemon), .next = LQ_FAR_AWAY};
}

static void tell(struct lq_daemon *daemon, struct lq_mono now)
{
	daemon->health.told = now;
	daemon->health.trust = lq_daemon_wall(daemon).trust;
	daemon->health.next = lq_mono_after_ms(now, daemon->config->mqtt.health_s * 1000u);
	if (lq_link_tell(daemon, "health", figures(daemon)) != LQ_OK) {
		daemon->health.next = LQ_FAR_AWAY; /* until a link comes */
	}
}

void lq_health_link_came(struct lq_daemon *daemon)
{
	tell(daemon, lq_daemon_mono(daemon));
	lq_daemon_wake(daemon, daemon->health.next);
}

void lq_health_changed(struct lq_daemon *daemon)
{
	struct lq_mono soon = lq_mono_after_ms(daemon->health.told, GAP_MS);
	struct lq_mono now = lq_daemon_mono(daemon);
	if (soon.us < now.us) {
		soon = now;
	}
	if (daemon->link_peer != NULL && soon.us < daemon->health.next.us) {
		daemon->health.next = soon;
		lq_daemon_wake(daemon, soon);
	}
}

struct lq_mono lq_health_tick(struct lq_daemon *daemon)
{
	struct lq_mono now = lq_daemon_mono(daemon);
	if (lq_daemon_wall(daemon).trust != daemon->health.trust) {
		lq_health_changed(daemon);
	}
	if (lq_mono_due(daemon->health.next, now)) {
		tell(daemon, now);
	}
	return daemon->health.next;
}
