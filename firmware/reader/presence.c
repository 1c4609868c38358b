#include "firmware/reader/presence.h"

#include <string.h>

static struct lq_presence_identity identify(const struct lq_sighting *sighting)
{
	struct lq_presence_identity identity = {.kind = LQ_PRESENCE_UNREADABLE};
	enum lq_reason objection = lq_sighting_objection(sighting);
	if (objection == LQ_REASON_NOT_DECIDED) {
		identity.kind = LQ_PRESENCE_BADGE;
		identity.uid_len = sighting->uid_len;
		memcpy(identity.uid, sighting->uid, sighting->uid_len);
	} else if (objection == LQ_REASON_RANDOM_IDENTIFIER) {
		identity.kind = LQ_PRESENCE_RANDOM;
	} else if (objection == LQ_REASON_SEVERAL_CARDS) {
		identity.kind = LQ_PRESENCE_SEVERAL;
	}
	return identity;
}

static bool same(const struct lq_presence_identity *a, const struct lq_presence_identity *b)
{
	return a->kind == b->kind && a->uid_len == b->uid_len &&
	       memcmp(a->uid, b->uid, a->uid_len) == 0;
}

/* Each of several badges in the field may be one that was shown before. */
static bool may_be_there(
	const struct lq_presence_identity *shown, const struct lq_presence_identity *seen)
{
	if (seen == NULL) {
		return false;
	}
	return same(shown, seen) ||
	       (seen->kind == LQ_PRESENCE_SEVERAL &&
		       (shown->kind == LQ_PRESENCE_BADGE || shown->kind == LQ_PRESENCE_RANDOM));
}

static bool has_left(struct lq_presence_shown *shown, const struct lq_presence_identity *seen,
	struct lq_mono now)
{
	if (may_be_there(&shown->identity, seen)) {
		shown->away = false;
		return false;
	}
	if (!shown->away) {
		shown->away = true;
		shown->away_since = now;
	}
	return lq_mono_due(lq_mono_after_ms(shown->away_since, LQ_PRESENCE_GRACE_MS), now);
}

static void forget(struct lq_presence *presence, uint8_t index)
{
	presence->shown_count--;
	presence->shown[index] = presence->shown[presence->shown_count];
}

static bool is_shown(const struct lq_presence *presence, const struct lq_presence_identity *seen)
{
	for (uint8_t i = 0; i < presence->shown_count; i++) {
		if (same(&presence->shown[i].identity, seen)) {
			return true;
		}
	}
	return false;
}

static uint8_t longest_away(const struct lq_presence *presence)
{
	uint8_t longest = 0;
	for (uint8_t i = 1; i < presence->shown_count; i++) {
		const struct lq_presence_shown *a = &presence->shown[i];
		const struct lq_presence_shown *b = &presence->shown[longest];
		if (a->away && (!b->away || a->away_since.us < b->away_since.us)) {
			longest = i;
		}
	}
	return longest;
}

static uint32_t begin(struct lq_presence *presence, const struct lq_presence_identity *seen)
{
	if (presence->shown_count == LQ_PRESENCE_MEMORY) {
		forget(presence, longest_away(presence));
	}
	presence->taps = presence->taps == UINT32_MAX ? 1 : presence->taps + 1;
	presence->tap = presence->taps;
	presence->shown[presence->shown_count++] = (struct lq_presence_shown){
		.identity = *seen,
		.tap = presence->tap,
	};
	return presence->tap;
}

static uint32_t end(struct lq_presence *presence)
{
	uint32_t tap = presence->tap;
	presence->tap = 0;
	return tap;
}

struct lq_presence_change lq_presence_look(
	struct lq_presence *presence, const struct lq_sighting *sighting, struct lq_mono now)
{
	struct lq_presence_change change = {0};
	struct lq_presence_identity identity;
	const struct lq_presence_identity *seen = NULL;
	if (sighting != NULL) {
		identity = identify(sighting);
		seen = &identity;
	}
	for (uint8_t i = presence->shown_count; i-- > 0;) {
		if (has_left(&presence->shown[i], seen, now)) {
			if (presence->shown[i].tap == presence->tap) {
				change.ended = end(presence);
			}
			forget(presence, i);
		}
	}
	if (seen != NULL && !is_shown(presence, seen)) {
		if (presence->tap != 0) {
			change.ended = end(presence);
		}
		change.begun = begin(presence, seen);
	}
	return change;
}
