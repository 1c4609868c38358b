/* The command sets behind lq_sim_card_frame() and lq_sim_card_apdu(), one function per family. */
#ifndef LQ_SIM_PN532_CARD_MODELS_H
#define LQ_SIM_PN532_CARD_MODELS_H

#include "hal/sim/pn532/card.h"

/* NTAG21x and Ultralight. A NAK sends the card back to idle, which the caller does. */
void lq_sim_type2_command(const struct lq_sim_card *card, const uint8_t *in, size_t len,
	struct lq_sim_answer *ret_answer);

/* DESFire EV1, native commands wrapped in ISO 7816-4 APDUs (90 INS 00 00 [Lc data] 00). */
void lq_sim_desfire_apdu(
	struct lq_sim_card *card, const uint8_t *in, size_t len, struct lq_sim_answer *ret_answer);

static inline void lq_sim_answer_put(struct lq_sim_answer *answer, uint8_t byte)
{
	answer->kind = LQ_SIM_DATA;
	if (answer->len < LQ_SIM_FRAME_MAX) {
		answer->data[answer->len++] = byte;
	}
}

static inline void lq_sim_answer_put_all(
	struct lq_sim_answer *answer, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		lq_sim_answer_put(answer, bytes[i]);
	}
}

#endif
