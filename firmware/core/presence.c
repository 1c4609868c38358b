#include "firmware/core/presence.h"

#include "firmware/core/assert.h"

#include <string.h>

#define DAY_MS  (INT64_C(24) * 3600 * 1000)
#define HOUR_MS (INT64_C(3600) * 1000)

static bool comes_before(const struct lq_present *present, uint16_t zone, uint32_t holder)
{
	return present->zone < zone || (present->zone == zone && present->holder < holder);
}

/* Where the pair stands, or would. */
static uint32_t place_of(const struct lq_presence *presence, uint16_t zone, uint32_t holder)
{
	uint32_t low = 0;
	uint32_t high = presence->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (comes_before(&presence->list[middle], zone, holder)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static bool is_at(
	const struct lq_presence *presence, uint32_t place, uint16_t zone, uint32_t holder)
{
	return place < presence->count && presence->list[place].zone == zone &&
	       presence->list[place].holder == holder;
}

const struct lq_present *lq_presence_find(
	const struct lq_presence *presence, uint16_t zone, uint32_t holder)
{
	uint32_t place = place_of(presence, zone, holder);
	return is_at(presence, place, zone, holder) ? &presence->list[place] : NULL;
}

uint32_t lq_presence_behind(const struct lq_presence *presence, uint16_t zone, uint32_t holder)
{
	uint32_t place = place_of(presence, zone, holder);
	return is_at(presence, place, zone, holder) ? place + 1 : place;
}

bool lq_presence_enter(
	struct lq_presence *presence, uint16_t zone, uint32_t holder, int64_t since_ms)
{
	uint32_t place = place_of(presence, zone, holder);
	LQ_ASSERT(holder != 0);
	if (!is_at(presence, place, zone, holder)) {
		if (presence->count == LQ_PRESENT_MAX) {
			presence->unlisted++;
			return false;
		}
		memmove(&presence->list[place + 1], &presence->list[place],
			(presence->count - place) * sizeof(presence->list[0]));
		presence->count++;
	}
	presence->list[place] =
		(struct lq_present){.zone = zone, .holder = holder, .since_ms = since_ms};
	return true;
}

static void remove_at(struct lq_presence *presence, uint32_t place)
{
	presence->count--;
	memmove(&presence->list[place], &presence->list[place + 1],
		(presence->count - place) * sizeof(presence->list[0]));
}

void lq_presence_leave(struct lq_presence *presence, uint16_t zone, uint32_t holder)
{
	uint32_t place = place_of(presence, zone, holder);
	if (is_at(presence, place, zone, holder)) {
		remove_at(presence, place);
	}
}

bool lq_presence_forgive(struct lq_presence *presence, uint32_t holder)
{
	bool found = false;
	for (uint32_t i = 0; i < presence->count; i++) {
		if (presence->list[i].holder == holder) {
			presence->list[i].forgiven = true;
			found = true;
		}
	}
	return found;
}

void lq_presence_forgive_all(struct lq_presence *presence)
{
	for (uint32_t i = 0; i < presence->count; i++) {
		presence->list[i].forgiven = true;
	}
}

uint32_t lq_presence_people(const struct lq_presence *presence)
{
	uint32_t people = 0;
	for (uint32_t i = 0; i < presence->count; i++) {
		const struct lq_present *present = &presence->list[i];
		bool counted = false; /* in a zone before this one */
		for (uint16_t zone = 0; zone < present->zone && !counted; zone++) {
			counted = lq_presence_find(presence, zone, present->holder) != NULL;
		}
		people += counted ? 0 : 1;
	}
	return people;
}

/* The last time that the day was cut, by today's offset from UTC. */
static int64_t last_cut_ms(uint32_t cut_hour, struct lq_wall now)
{
	int64_t local_ms = now.unix_ms + now.utc_offset_s * INT64_C(1000);
	int64_t since_cut_ms = (local_ms - (int64_t)cut_hour * HOUR_MS) % DAY_MS;
	return now.unix_ms - (since_cut_ms < 0 ? since_cut_ms + DAY_MS : since_cut_ms);
}

int64_t lq_presence_limit_ms(const struct lq_day *day, struct lq_wall now)
{
	return now.trust >= day->trust ? last_cut_ms(day->cut_hour, now) - LQ_PRESENCE_LEAST_MS
				       : INT64_MIN;
}

bool lq_presence_over(int64_t since_ms, const struct lq_day *day, struct lq_wall now)
{
	return now.trust >= day->trust && since_ms <= lq_presence_limit_ms(day, now);
}

void lq_presence_sweep(struct lq_presence *presence, const struct lq_day *day, struct lq_wall now)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < presence->count; i++) {
		if (!lq_presence_over(presence->list[i].since_ms, day, now)) {
			presence->list[kept++] = presence->list[i];
		}
	}
	presence->count = kept;
}

enum lq_passback_verdict lq_passback_judge(const struct lq_present *present,
	const struct lq_passback_settings *settings, const struct lq_day *day, struct lq_wall now)
{
	if (present == NULL || present->forgiven || lq_presence_over(present->since_ms, day, now)) {
		return LQ_PASSBACK_CLEAR;
	}
	bool trusted = now.trust >= day->trust;
	bool reset = settings->reset_s != 0 &&
		     now.unix_ms - present->since_ms >= (int64_t)settings->reset_s * 1000;
	if (trusted && reset) {
		return LQ_PASSBACK_CLEAR;
	}
	switch (settings->rule) {
	case LQ_PASSBACK_OFF:
		return LQ_PASSBACK_CLEAR;
	case LQ_PASSBACK_SOFT:
		return LQ_PASSBACK_FLAG;
	case LQ_PASSBACK_HARD:
		return trusted ? LQ_PASSBACK_DENY : LQ_PASSBACK_FLAG;
	}
	LQ_ASSERT(false);
	return LQ_PASSBACK_DENY;
}
