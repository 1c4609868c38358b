/* How many are in, for the occupancy topic: counts alone, and when the link is told of them.
 * schemas/occupancy.json says what they mean. */
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"

#define GAP_MS  1000u  /* what changes again and again is told once a second */
#define LOOK_MS 60000u /* nobody tells that the day was cut */

static struct lq_occupancy_counts count(struct lq_daemon *daemon)
{
	const struct lq_presence *presence = &daemon->presence;
	struct lq_occupancy_counts counts = {.incomplete = presence->unlisted > 0};
	lq_attendance_sweep(daemon);
	for (uint32_t i = 0; i < presence->count; i++) {
		counts.zones[presence->list[i].zone]++;
	}
	counts.total = lq_presence_people(presence);
	return counts;
}

static json_t *zones(const struct lq_site *site, const struct lq_occupancy_counts *counts)
{
	json_t *zones = json_array();
	for (uint16_t i = 0; i < site->door_count; i++) {
		if (lq_zone_of(site, i) == i) {
			(void)json_array_append_new(zones,
				json_pack("{s:s, s:I, s:b}", "zone", site->zones[i], "count",
					(json_int_t)counts->zones[i], "at_least",
					counts->incomplete || !lq_zone_exit_badged(site, i)));
		}
	}
	return zones;
}

static bool same(const struct lq_occupancy_counts *a, const struct lq_occupancy_counts *b)
{
	bool same = a->total == b->total && a->incomplete == b->incomplete;
	for (uint16_t i = 0; i < LQ_DOORS_MAX; i++) {
		same = same && a->zones[i] == b->zones[i];
	}
	return same;
}

static void tell(struct lq_daemon *daemon, const struct lq_occupancy_counts *counts)
{
	char time[LQ_RFC3339_SIZE];
	struct lq_occupancy *occupancy = &daemon->occupancy;
	lq_wall_rfc3339(lq_daemon_wall(daemon).unix_ms, time);
	int r = lq_link_tell(daemon, "occupancy",
		json_pack("{s:s, s:o, s:I}", "time", time, "zones", zones(&daemon->site, counts),
			"total", (json_int_t)counts->total));
	if (r == LQ_ERR_NOT_FOUND) {
		occupancy->next = LQ_FAR_AWAY; /* until a link comes */
		return;
	}
	occupancy->told = *counts;
	occupancy->told_at = lq_daemon_mono(daemon);
}

void lq_occupancy_start(struct lq_daemon *daemon)
{
	daemon->occupancy = (struct lq_occupancy){.next = LQ_FAR_AWAY};
}

void lq_occupancy_link_came(struct lq_daemon *daemon)
{
	struct lq_occupancy_counts counts = count(daemon);
	daemon->occupancy.next = lq_mono_after_ms(lq_daemon_mono(daemon), LOOK_MS);
	tell(daemon, &counts);
	lq_daemon_wake(daemon, daemon->occupancy.next);
}

void lq_occupancy_changed(struct lq_daemon *daemon)
{
	struct lq_mono soon = lq_mono_after_ms(daemon->occupancy.told_at, GAP_MS);
	struct lq_mono now = lq_daemon_mono(daemon);
	if (soon.us < now.us) {
		soon = now;
	}
	if (daemon->link_peer != NULL && soon.us < daemon->occupancy.next.us) {
		daemon->occupancy.next = soon;
		lq_daemon_wake(daemon, soon);
	}
}

struct lq_mono lq_occupancy_tick(struct lq_daemon *daemon)
{
	struct lq_mono now = lq_daemon_mono(daemon);
	if (lq_mono_due(daemon->occupancy.next, now)) {
		struct lq_occupancy_counts counts = count(daemon);
		daemon->occupancy.next = lq_mono_after_ms(now, LOOK_MS);
		if (!same(&counts, &daemon->occupancy.told)) {
			tell(daemon, &counts);
		}
	}
	return daemon->occupancy.next;
}
