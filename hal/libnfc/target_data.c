#include "hal/libnfc/target_data.h"

#include <stdbool.h>
#include <string.h>

#define SAK_ISO_DEP 0x20u

struct cursor {
	const uint8_t *at;
	size_t left;
};

static const uint8_t *take(struct cursor *cursor, size_t count)
{
	if (count > cursor->left) {
		return NULL;
	}
	const uint8_t *taken = cursor->at;
	cursor->at += count;
	cursor->left -= count;
	return taken;
}

static bool take_byte(struct cursor *cursor, uint8_t *ret_byte)
{
	const uint8_t *byte = take(cursor, 1);
	if (byte != NULL) {
		*ret_byte = *byte;
	}
	return byte != NULL;
}

static bool skip_ats(struct cursor *cursor)
{
	uint8_t length = 0;
	return take_byte(cursor, &length) && length > 0 && take(cursor, length - 1u) != NULL;
}

static bool take_target(struct cursor *cursor, uint8_t number, struct lq_sighting *ret_sighting)
{
	struct lq_sighting sighting = {0};
	uint8_t given = 0;
	if (!take_byte(cursor, &given) || given != number ||
		!take_byte(cursor, &sighting.atqa[0]) || !take_byte(cursor, &sighting.atqa[1]) ||
		!take_byte(cursor, &sighting.sak) || !take_byte(cursor, &sighting.uid_len) ||
		sighting.uid_len > LQ_UID_MAX) {
		return false;
	}
	const uint8_t *uid = take(cursor, sighting.uid_len);
	if (uid == NULL || ((sighting.sak & SAK_ISO_DEP) != 0 && !skip_ats(cursor))) {
		return false;
	}
	memcpy(sighting.uid, uid, sighting.uid_len);
	*ret_sighting = sighting;
	return true;
}

static bool take_targets(struct cursor *cursor, uint8_t count, struct lq_sighting *ret_first)
{
	for (uint8_t number = 1; number <= count; number++) {
		struct lq_sighting sighting;
		if (!take_target(cursor, number, &sighting)) {
			return false;
		}
		if (number == 1) {
			*ret_first = sighting;
		}
	}
	return cursor->left == 0;
}

int lq_target_data_parse(const uint8_t *bytes, size_t length, struct lq_sighting *ret_sighting)
{
	struct cursor cursor = {.at = bytes, .left = length};
	struct lq_sighting sighting = {0};
	uint8_t count = 0;
	bool counted = take_byte(&cursor, &count);
	if (counted && count == 0 && cursor.left == 0) {
		return 0;
	}
	if (!counted || count == 0 || count > LQ_TARGETS_MAX ||
		!take_targets(&cursor, count, &sighting)) {
		sighting = (struct lq_sighting){.malformed = true};
	}
	sighting.cards = count == 0 ? 1 : count;
	*ret_sighting = sighting;
	return 1;
}
