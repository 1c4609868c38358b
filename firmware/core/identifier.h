/* What a badge shows of itself before any key is used. Pure; any thread. */
#ifndef LQ_CORE_IDENTIFIER_H
#define LQ_CORE_IDENTIFIER_H

#include "firmware/core/reason.h"

#include <stdbool.h>
#include <stdint.h>

#define LQ_UID_MAX 10u /* triple-size UID, ISO/IEC 14443-3 */

/* Who tapped so long ago may have left, and somebody else would find the door open. */
#define LQ_SIGHTING_AGE_MAX_MS 5000u

/* One look at the field of a reader. `cards` counts what answered; the rest describes the first. */
struct lq_sighting {
	uint8_t cards;
	uint8_t uid_len;
	uint8_t uid[LQ_UID_MAX];
	uint8_t sak;
	uint8_t atqa[2];
	bool malformed;  /* the answer contradicts itself (lengths, counts) */
	uint32_t age_ms; /* since the badge came into the field */
};

/* Why the sighting cannot identify a badge: several cards, malformed, empty or all-zero, a length
 * that is not 4, 7 or 10, or a 4-byte UID that begins with 08, which ISO/IEC 14443-3 defines as
 * random; or why it identifies one that may be here no more. LQ_REASON_NOT_DECIDED when there is no
 * objection. */
enum lq_reason lq_sighting_objection(const struct lq_sighting *sighting);

#endif
