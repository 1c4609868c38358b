/* Talking to cards that are in the field: InDataExchange, InCommunicateThru, and the end of it. */
#include "hal/sim/pn532/chip_parts.h"

#include <string.h>

#define CRC_LEN     2u
#define CRC_ENABLED 0x80u
#define MODE_NOT_106A                                                                              \
	0x73u /* speed and framing bits of CIU_TxMode: anything but 106 kbit/s type A */
#define TX_LAST_BITS  0x07u
#define MIFARE_AUTH_A 0x60u
#define MIFARE_AUTH_B 0x61u
#define RELEASE_TX    4u
#define RELEASE_RX    3u

/* ISO/IEC 14443-3 annex B, CRC_A. */
static uint16_t crc_a(const uint8_t *bytes, size_t len)
{
	uint16_t crc = 0x6363;

	for (size_t i = 0; i < len; i++) {
		uint8_t b = (uint8_t)(bytes[i] ^ (crc & 0xFFu));

		b = (uint8_t)(b ^ (uint8_t)(b << 4));
		crc = (uint16_t)((crc >> 8) ^ (b << 8) ^ (b << 3) ^ (b >> 4));
	}
	return crc;
}

static void everything_leaves(struct lq_pn532_chip *chip)
{
	chip->tear.kind = LQ_PN532_TEAR_NONE;
	for (size_t i = 0; i < LQ_PN532_SLOTS; i++) {
		chip->slot[i].present = false;
	}
}

void lq_pn532_chip_tear(struct lq_pn532_chip *chip, enum lq_pn532_tear_kind kind, uint32_t left)
{
	chip->tear.kind = kind;
	chip->tear.left = left;
	if (kind == LQ_PN532_TEAR_EXCHANGES && left == 0) {
		everything_leaves(chip);
	}
}

/* True when the cards leave before `bytes` more have passed. */
static bool torn_by_bytes(struct lq_pn532_chip *chip, size_t bytes)
{
	if (chip->tear.kind != LQ_PN532_TEAR_BYTES) {
		return false;
	}
	if (chip->tear.left < bytes) {
		everything_leaves(chip);
		return true;
	}
	chip->tear.left -= (uint32_t)bytes;
	return false;
}

static void count_exchange(struct lq_pn532_chip *chip)
{
	chip->exchanges++;
	if (chip->tear.kind == LQ_PN532_TEAR_EXCHANGES && --chip->tear.left == 0) {
		everything_leaves(chip);
	}
}

typedef void card_fn(
	struct lq_sim_card *card, const uint8_t *in, size_t len, struct lq_sim_answer *ret_answer);

/*
 * One command to a card and its answer: the command reaches the card unless that left before its
 * last byte, and is then executed even when the card leaves before the last byte of its answer.
 */
static enum lq_pn532_status talk(struct lq_pn532_chip *chip, uint8_t slot, card_fn *ask,
	struct lq_pn532_args in, struct lq_sim_answer *ret_answer)
{
	memset(ret_answer, 0, sizeof(*ret_answer));
	if (torn_by_bytes(chip, in.len)) {
		return LQ_PN532_ST_TIMEOUT;
	}
	ask(&chip->slot[slot].card, in.byte, in.len, ret_answer);
	if (ret_answer->kind == LQ_SIM_SILENT) {
		return LQ_PN532_ST_TIMEOUT;
	}
	if (torn_by_bytes(chip, ret_answer->len)) {
		return LQ_PN532_ST_CRC;
	}
	count_exchange(chip);
	chip->answer_slots = (uint8_t)(1u << slot);
	return LQ_PN532_ST_OK;
}

static void answer_from_card(struct lq_pn532_chip *chip, struct lq_pn532_args in,
	enum lq_pn532_status status, const struct lq_sim_answer *answer)
{
	uint64_t air_us = lq_pn532_air_us(chip, in.len + CRC_LEN, answer->len + CRC_LEN);

	if (status == LQ_PN532_ST_TIMEOUT) {
		lq_pn532_answer_timeout(chip, in.at_us + LQ_PN532_FIRMWARE_US);
		return;
	}
	lq_pn532_answer_status(chip, status);
	if (status == LQ_PN532_ST_OK) {
		lq_pn532_answer_put_all(chip, answer->data, answer->len);
	}
	lq_pn532_answer_at(chip, in.at_us, LQ_PN532_FIRMWARE_US + air_us);
}

static struct lq_pn532_target *target_by_number(struct lq_pn532_chip *chip, uint8_t number)
{
	if (number < 1 || number > LQ_PN532_TARGETS || !chip->target[number - 1].listed) {
		return NULL;
	}
	return &chip->target[number - 1];
}

/* A target that was deselected is selected again before it is spoken to (UM0701-02 §7.3.8). */
static void wake_target(struct lq_pn532_chip *chip, struct lq_pn532_target *target)
{
	struct lq_sim_card *card = &chip->slot[target->slot].card;

	if (target->deselected && chip->slot[target->slot].present &&
		card->level == LQ_SIM_LEVEL_HALT) {
		lq_sim_card_activate(card, (chip->parameters & LQ_PN532_PARAM_AUTO_RATS) != 0);
	}
	target->deselected = false;
}

/*
 * Below ISO-DEP the chip takes 60 and 61 for MIFARE Classic authentication whatever the card is. No
 * card here knows a key. NTAG's GET_VERSION, also 60, has to go through InCommunicateThru.
 */
static bool is_mifare_auth(const struct lq_sim_card *card, struct lq_pn532_args in)
{
	return card->level == LQ_SIM_LEVEL_ACTIVE && in.len > 0 &&
	       (in.byte[0] == MIFARE_AUTH_A || in.byte[0] == MIFARE_AUTH_B);
}

static void exchange(struct lq_pn532_chip *chip, uint8_t slot, struct lq_pn532_args in)
{
	struct lq_sim_card *card = &chip->slot[slot].card;
	struct lq_sim_answer answer = {.kind = LQ_SIM_SILENT};
	enum lq_pn532_status status = LQ_PN532_ST_TIMEOUT;

	if (!chip->slot[slot].present || card->level == LQ_SIM_LEVEL_IDLE) {
		status = LQ_PN532_ST_TIMEOUT;
	} else if (is_mifare_auth(card, in)) {
		lq_sim_card_halt(card);
		status = LQ_PN532_ST_MIFARE_AUTH;
	} else if (card->level == LQ_SIM_LEVEL_ISO_DEP) {
		status = talk(chip, slot, lq_sim_card_apdu, in, &answer);
	} else {
		status = talk(chip, slot, lq_sim_card_frame, in, &answer);
	}
	if (answer.kind == LQ_SIM_NAK) {
		status = LQ_PN532_ST_CRC; /* four bits are no frame to the chip */
	}
	answer_from_card(chip, in, status, &answer);
}

bool lq_pn532_in_data_exchange(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	struct lq_pn532_target *target = NULL;
	struct lq_pn532_args in = args;

	if (args.len < 1) {
		return false;
	}
	in.byte++;
	in.len--;
	target = target_by_number(chip, args.byte[0]);
	if (target == NULL) { /* chaining (bit 6) is not modelled and ends here too */
		lq_pn532_answer_status(chip, LQ_PN532_ST_CONTEXT);
		lq_pn532_answer_at(chip, args.at_us, LQ_PN532_FIRMWARE_US);
		return true;
	}
	wake_target(chip, target);
	exchange(chip, target->slot, in);
	return true;
}

/* The card that listens: one that anticollision left selected. LQ_PN532_SLOTS when there is none.
 */
static uint8_t listening_slot(const struct lq_pn532_chip *chip)
{
	for (uint8_t i = 0; i < LQ_PN532_SLOTS; i++) {
		enum lq_sim_card_level level = chip->slot[i].card.level;

		if (chip->slot[i].present &&
			(level == LQ_SIM_LEVEL_ACTIVE || level == LQ_SIM_LEVEL_ISO_DEP)) {
			return i;
		}
	}
	return LQ_PN532_SLOTS;
}

/* With the chip's CRC switched off the host sends its own, and a card ignores a frame with a wrong
 * one. */
static bool take_crc(const struct lq_pn532_chip *chip, struct lq_pn532_args *in)
{
	uint16_t crc = 0;

	if ((chip->ciu[LQ_PN532_CIU_TX_MODE] & CRC_ENABLED) != 0) {
		return true;
	}
	if (in->len < CRC_LEN) {
		return false;
	}
	in->len -= CRC_LEN;
	crc = crc_a(in->byte, in->len);
	return in->byte[in->len] == (crc & 0xFFu) && in->byte[in->len + 1] == crc >> 8;
}

static bool reaches_card(struct lq_pn532_chip *chip, struct lq_pn532_args *in)
{
	bool type_a = (chip->ciu[LQ_PN532_CIU_TX_MODE] & MODE_NOT_106A) == 0;
	bool whole_bytes = (chip->ciu[LQ_PN532_CIU_BIT_FRAMING] & TX_LAST_BITS) == 0;

	return chip->rf_on && type_a && whole_bytes && listening_slot(chip) < LQ_PN532_SLOTS &&
	       take_crc(chip, in);
}

/* With the chip's CRC check off the host gets the card's CRC, or a bare NAK. */
static enum lq_pn532_status give_crc(const struct lq_pn532_chip *chip, struct lq_sim_answer *answer)
{
	uint16_t crc = crc_a(answer->data, answer->len);

	if ((chip->ciu[LQ_PN532_CIU_RX_MODE] & CRC_ENABLED) != 0) {
		return answer->kind == LQ_SIM_NAK ? LQ_PN532_ST_CRC : LQ_PN532_ST_OK;
	}
	if (answer->kind == LQ_SIM_NAK) {
		answer->data[0] = 0x00;
		answer->len = 1;
	} else if (answer->len + CRC_LEN <= sizeof(answer->data)) {
		answer->data[answer->len] = (uint8_t)crc;
		answer->data[answer->len + 1] = (uint8_t)(crc >> 8);
		answer->len += CRC_LEN;
	}
	return LQ_PN532_ST_OK;
}

bool lq_pn532_in_communicate_thru(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	struct lq_sim_answer answer = {.kind = LQ_SIM_SILENT};
	enum lq_pn532_status status = LQ_PN532_ST_TIMEOUT;

	if (reaches_card(chip, &args)) {
		status = talk(chip, listening_slot(chip), lq_sim_card_frame, args, &answer);
	}
	if (status == LQ_PN532_ST_OK) {
		status = give_crc(chip, &answer);
	}
	answer_from_card(chip, args, status, &answer);
	return true;
}

static void deselect(struct lq_pn532_chip *chip, struct lq_pn532_target *target, bool release)
{
	struct lq_sim_card *card = &chip->slot[target->slot].card;

	if (target->listed && chip->slot[target->slot].present &&
		card->level >= LQ_SIM_LEVEL_ACTIVE) {
		lq_sim_card_halt(card);
	}
	target->deselected = true;
	target->listed = target->listed && !release;
}

static bool end_targets(struct lq_pn532_chip *chip, struct lq_pn532_args args, bool release)
{
	if (args.len != 1 || args.byte[0] > LQ_PN532_TARGETS) {
		return false;
	}
	for (uint8_t i = 0; i < LQ_PN532_TARGETS; i++) {
		if (args.byte[0] == 0 || args.byte[0] == i + 1) {
			deselect(chip, &chip->target[i], release);
		}
	}
	lq_pn532_answer_status(chip, LQ_PN532_ST_OK);
	lq_pn532_answer_at(chip, args.at_us,
		LQ_PN532_FIRMWARE_US + lq_pn532_air_us(chip, RELEASE_TX, RELEASE_RX));
	return true;
}

bool lq_pn532_in_deselect(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	return end_targets(chip, args, false);
}

bool lq_pn532_in_release(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	return end_targets(chip, args, true);
}

bool lq_pn532_in_select(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	struct lq_pn532_target *target = NULL;

	if (args.len != 1) {
		return false;
	}
	target = target_by_number(chip, args.byte[0]);
	if (target != NULL) {
		wake_target(chip, target);
	}
	lq_pn532_answer_status(chip, target == NULL ? LQ_PN532_ST_CONTEXT : LQ_PN532_ST_OK);
	lq_pn532_answer_at(chip, args.at_us, LQ_PN532_FIRMWARE_US);
	return true;
}

bool lq_pn532_in_psl(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	struct lq_pn532_target *target = NULL;

	if (args.len != 3 || args.byte[1] > 2 || args.byte[2] > 2) {
		return false;
	}
	target = target_by_number(chip, args.byte[0]);
	if (target != NULL) {
		chip->rate_shift = args.byte[1];
	}
	lq_pn532_answer_status(chip, target == NULL ? LQ_PN532_ST_CONTEXT : LQ_PN532_ST_OK);
	lq_pn532_answer_at(chip, args.at_us, LQ_PN532_FIRMWARE_US);
	return true;
}
