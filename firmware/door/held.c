/* Taps that wait for the office's last word (core/contact.h): whoever would be granted by a roster
 * that the office may have changed while the door could not hear it. */
#include "firmware/door/doorway_internal.h"

/* Whether the newer roster says something else of a badge's holder, or of the rules. */
static bool changes(const struct lq_office *office, uint32_t holder)
{
	return !lq_office_part_same(&office->wanted, &office->kept.manifest, LQ_OFFICE_RULES) ||
	       !lq_office_part_same(
		       &office->wanted, &office->kept.manifest, lq_office_part_of(holder));
}

static bool holds(
	const struct lq_daemon *daemon, uint32_t holder, struct lq_mono since, struct lq_mono now)
{
	const struct lq_office *office = &daemon->office;
	return lq_office_keeps(daemon) &&
	       lq_contact_holds(&office->contact, changes(office, holder), since, now);
}

static struct lq_held *free_place(struct lq_daemon *daemon)
{
	for (size_t i = 0; i < LQ_HELD_MAX; i++) {
		if (!daemon->held[i].waits) {
			return &daemon->held[i];
		}
	}
	return NULL;
}

enum lq_hold lq_held_take(struct lq_daemon *daemon, const struct lq_tap *tap, uint32_t holder)
{
	struct lq_mono now = lq_daemon_mono(daemon);
	if (lq_access_point_direction(tap->event.access_point) == LQ_DIRECTION_EXIT ||
		!holds(daemon, holder, tap->since, now)) {
		return LQ_HOLD_NOT;
	}
	struct lq_held *held = free_place(daemon);
	if (held == NULL) {
		return LQ_HOLD_NO_ROOM;
	}
	*held = (struct lq_held){
		.waits = true, .tap = *tap, .holder = holder, .order = ++daemon->held_count};
	lq_daemon_wake(daemon, lq_contact_until(&daemon->office.contact, tap->since));
	return LQ_HOLD_TAKEN;
}

/* The one that came first of those that wait for nothing any more. */
static struct lq_held *next_to_decide(struct lq_daemon *daemon, struct lq_mono now)
{
	struct lq_held *next = NULL;
	for (size_t i = 0; i < LQ_HELD_MAX; i++) {
		struct lq_held *held = &daemon->held[i];
		if (held->waits && (next == NULL || held->order < next->order) &&
			!holds(daemon, held->holder, held->tap.since, now)) {
			next = held;
		}
	}
	return next;
}

struct lq_mono lq_held_tick(struct lq_daemon *daemon)
{
	struct lq_held *next = NULL;
	while ((next = next_to_decide(daemon, lq_daemon_mono(daemon))) != NULL) {
		struct lq_tap tap = next->tap;
		next->waits = false; /* deciding sets the timer anew, and so comes by here again */
		tap.sighting.age_ms += lq_mono_elapsed_us(tap.since, lq_daemon_mono(daemon)) / 1000;
		tap.event.at = lq_daemon_wall(daemon);
		tap.event.of_office = lq_office_keeps(daemon);
		lq_doorway_decide(daemon, &tap);
	}
	struct lq_mono due = LQ_FAR_AWAY;
	for (size_t i = 0; i < LQ_HELD_MAX; i++) {
		const struct lq_held *held = &daemon->held[i];
		if (held->waits) {
			due = lq_doorway_earlier(
				due, lq_contact_until(&daemon->office.contact, held->tap.since));
		}
	}
	return due;
}
