#include "firmware/core/lockout.h"

#include "firmware/core/assert.h"

#include <string.h>

bool lq_lockout_counts(enum lq_reason reason)
{
	return reason == LQ_REASON_CREDENTIAL_NOT_FOUND ||
	       reason == LQ_REASON_CREDENTIAL_NOT_ENABLED || reason == LQ_REASON_HOLDER_DISABLED ||
	       reason == LQ_REASON_CREDENTIAL_NOT_ACTIVE ||
	       reason == LQ_REASON_CREDENTIAL_EXPIRED || reason == LQ_REASON_NO_USES_LEFT;
}

bool lq_lockout_refuses(const struct lq_lockout *lockout, struct lq_mono now)
{
	return !lq_mono_due(lockout->until, now);
}

uint32_t lq_lockout_left_s(const struct lq_lockout *lockout, struct lq_mono now)
{
	if (!lq_lockout_refuses(lockout, now)) {
		return 0;
	}
	return (uint32_t)((lockout->until.us - now.us + 999999u) / 1000000u);
}

/* Forgets what is older than `lock_s`. */
static void forget(struct lq_lockout *lockout, uint32_t lock_s, struct lq_mono now)
{
	uint8_t kept = 0;
	for (uint8_t i = 0; i < lockout->count; i++) {
		struct lq_mono end = lq_mono_after_ms(lockout->tries[i].at, lock_s * 1000u);
		if (!lq_mono_due(end, now)) {
			lockout->tries[kept++] = lockout->tries[i];
		}
	}
	lockout->count = kept;
}

/* The same badge's earlier try, unless each counts, or room for a new one. */
static struct lq_lockout_try *find(
	struct lq_lockout *lockout, enum lq_lockout_of of, const struct lq_sighting *sighting)
{
	for (uint8_t i = 0; of == LQ_LOCKOUT_OF_BADGES && i < lockout->count; i++) {
		struct lq_lockout_try *tried = &lockout->tries[i];
		if (tried->uid_len == sighting->uid_len &&
			memcmp(tried->uid, sighting->uid, tried->uid_len) == 0) {
			return tried;
		}
	}
	return &lockout->tries[lockout->count++];
}

bool lq_lockout_fail(struct lq_lockout *lockout, const struct lq_lockout_settings *settings,
	const struct lq_sighting *sighting, struct lq_mono now)
{
	LQ_ASSERT(settings->after <= LQ_LOCKOUT_AFTER_MAX && sighting->uid_len <= LQ_UID_MAX);
	if (settings->after == 0) {
		return false;
	}
	forget(lockout, settings->lock_s, now);
	struct lq_lockout_try *tried = find(lockout, settings->of, sighting);
	*tried = (struct lq_lockout_try){.uid_len = sighting->uid_len, .at = now};
	memcpy(tried->uid, sighting->uid, sighting->uid_len);
	if (lockout->count < settings->after) {
		return false;
	}
	*lockout = (struct lq_lockout){.until = lq_mono_after_ms(now, settings->lock_s * 1000u)};
	return true;
}

void lq_lockout_pass(struct lq_lockout *lockout)
{
	*lockout = (struct lq_lockout){0};
}
