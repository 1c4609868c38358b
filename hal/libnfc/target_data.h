/* What InListPassiveTarget at 106 kbit/s type A answers, read from behind its command code. Pure;
 * any thread. Source: NXP UM0701-02 (PN532 user manual) §7.3.5. */
#ifndef LQ_HAL_LIBNFC_TARGET_DATA_H
#define LQ_HAL_LIBNFC_TARGET_DATA_H

#include "firmware/core/identifier.h"

#include <stddef.h>
#include <stdint.h>

#define LQ_TARGETS_MAX 2u /* cards that the chip handles at a time */

/* The number of targets, then for each its number, ATQA, SAK, the UID behind its length and, for an
 * ISO-DEP card, the ATS, whose length counts itself. The bytes come from a chip that repeats what a
 * card said: all of them are hostile, and must add up exactly.
 *
 * 0: nobody answered. 1: somebody did, `ret_sighting` written; `malformed` when the bytes do not
 * add up, `cards` being the number that the answer claims then, but at least 1. */
int lq_target_data_parse(const uint8_t *bytes, size_t length, struct lq_sighting *ret_sighting);

#endif
