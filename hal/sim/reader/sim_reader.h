/* The twin of a reader: badges that its test puts into the field and takes out again, no chip and
 * no time. Obeys hal/reader.h like the real one; tests/contract/reader holds both to it. One
 * thread. */
#ifndef LQ_HAL_SIM_READER_SIM_READER_H
#define LQ_HAL_SIM_READER_SIM_READER_H

#include "hal/reader.h"

#include <stdbool.h>

#define LQ_SIM_READER_SLOTS 4u

struct lq_sim_badge {
	uint8_t uid_len; /* up to LQ_UID_MAX */
	uint8_t uid[LQ_UID_MAX];
	uint8_t sak;
	uint8_t atqa[2];
	bool random;    /* another UID at each poll: 08 and three bytes; `uid` is not looked at */
	bool malformed; /* its answer to the search does not add up */

	/* The badge's answer to one APDU: its length, or negative for none. NULL: speaks no APDUs.
	 */
	int (*answer)(void *ctx, const uint8_t *apdu, size_t length, uint8_t *ret_answer,
		size_t capacity);
	void *ctx;
};

struct lq_sim_reader;

/* An empty field, plugged in. LQ_ERR_NO_MEMORY. */
int lq_sim_reader_new(struct lq_sim_reader **ret_sim);

/* Accepts NULL. To be called after the reader was closed. */
void lq_sim_reader_free(struct lq_sim_reader *sim);

/* LQ_ERR_IO while unplugged, LQ_ERR_BUSY while it is open. The reader must be closed before `sim`
 * is freed. */
int lq_sim_reader_open(struct lq_sim_reader *sim, struct lq_reader *ret_reader);

/* Replaces what is in the slot. */
void lq_sim_reader_present(
	struct lq_sim_reader *sim, size_t slot, const struct lq_sim_badge *badge);
void lq_sim_reader_remove(struct lq_sim_reader *sim, size_t slot);

/* Badges take `ms` for each APDU from now on; a deadline that is shorter passes. */
void lq_sim_reader_delay(struct lq_sim_reader *sim, uint32_t ms);

/* An open reader that is unplugged has failed for good, even if it is plugged in again. */
void lq_sim_reader_unplug(struct lq_sim_reader *sim);
void lq_sim_reader_plug(struct lq_sim_reader *sim);

#endif
