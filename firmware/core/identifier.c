#include "firmware/core/identifier.h"

#define RANDOM_UID_FIRST_BYTE 0x08u

static bool all_zero(const uint8_t *bytes, uint8_t count)
{
	uint8_t any = 0;
	for (uint8_t i = 0; i < count; i++) {
		any |= bytes[i];
	}
	return any == 0;
}

enum lq_reason lq_sighting_objection(const struct lq_sighting *sighting)
{
	if (sighting->cards > 1) {
		return LQ_REASON_SEVERAL_CARDS;
	}
	if (sighting->cards == 0 || sighting->malformed || sighting->uid_len > LQ_UID_MAX) {
		return LQ_REASON_BAD_IDENTIFIER;
	}
	if (all_zero(sighting->uid, sighting->uid_len)) {
		return LQ_REASON_EMPTY_IDENTIFIER;
	}
	if (sighting->uid_len == 4 && sighting->uid[0] == RANDOM_UID_FIRST_BYTE) {
		return LQ_REASON_RANDOM_IDENTIFIER;
	}
	if (sighting->uid_len != 4 && sighting->uid_len != 7 && sighting->uid_len != 10) {
		return LQ_REASON_BAD_IDENTIFIER;
	}
	if (sighting->age_ms > LQ_SIGHTING_AGE_MAX_MS) {
		return LQ_REASON_TOO_LATE;
	}
	return LQ_REASON_NOT_DECIDED;
}
