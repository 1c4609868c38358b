/* InListPassiveTarget and InAutoPoll: looking for cards, try after try. */
#include "hal/sim/pn532/chip_parts.h"

#include <string.h>

#define MODULATION_106A 0x00u
#define MODULATION_LAST 0x04u
#define CASCADE_TAG     0x88u
#define ENDLESS         0xFFu
#define RATS_US         1600u /* a card's start-up before its ATS; a model */

#define AUTOPOLL_GENERIC_106A 0x00u
#define AUTOPOLL_MIFARE       0x10u
#define AUTOPOLL_ISO_DEP_106A 0x20u

/* The initiator data for 106 kbit/s type A is the UID with a cascade tag before each 3 bytes but
 * the last 4. */
static bool parse_uid(struct lq_pn532_search *search, const uint8_t *in, size_t len)
{
	if (len != 0 && len != 4 && len != 8 && len != 12) {
		return false;
	}
	search->uid_len = 0;
	while (len > 0) {
		bool cascaded = len > 4;
		size_t take = cascaded ? 3 : 4;

		if (cascaded && in[0] != CASCADE_TAG) {
			return false;
		}
		memcpy(search->uid + search->uid_len, in + (cascaded ? 1 : 0), take);
		search->uid_len += take;
		in += 4;
		len -= 4;
	}
	return true;
}

static void start(struct lq_pn532_chip *chip, const struct lq_pn532_search *search, uint64_t at_us)
{
	chip->search = *search;
	chip->searching = true;
	chip->phase = LQ_PN532_POLLING;
	chip->at_us = at_us + LQ_PN532_FIRMWARE_US;
	memset(chip->target, 0, sizeof(chip->target));
	chip->rate_shift = 0;
	chip->rf_on = true;
}

bool lq_pn532_in_list_passive_target(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	struct lq_pn532_search search = {0};

	if (args.len < 2 || args.byte[0] < 1 || args.byte[0] > LQ_PN532_TARGETS ||
		args.byte[1] > MODULATION_LAST) {
		return false;
	}
	search.max_targets = args.byte[0];
	search.modulation = args.byte[1];
	search.endless = chip->passive_retries == ENDLESS;
	search.tries_left = chip->passive_retries + 1u;
	if (search.modulation == MODULATION_106A &&
		!parse_uid(&search, args.byte + 2, args.len - 2)) {
		return false;
	}
	start(chip, &search, args.at_us);
	return true;
}

bool lq_pn532_in_auto_poll(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	struct lq_pn532_search search = {.auto_poll = true, .max_targets = 1};

	if (args.len < 3 || args.len - 2 > LQ_PN532_AUTOPOLL_TYPES || args.byte[0] == 0 ||
		args.byte[1] == 0 || args.byte[1] > 0x0F) {
		return false;
	}
	search.type_count = (uint8_t)(args.len - 2);
	memcpy(search.types, args.byte + 2, search.type_count);
	search.endless = args.byte[0] == ENDLESS;
	search.tries_left = (uint32_t)args.byte[0] * search.type_count;
	search.type_us = args.byte[1] * LQ_PN532_AUTOPOLL_UNIT_US;
	start(chip, &search, args.at_us);
	return true;
}

static bool type_wanted(const struct lq_pn532_search *search, const struct lq_sim_card *card)
{
	bool iso_dep = (card->sak & LQ_SIM_SAK_ISO_DEP) != 0;

	if (!search->auto_poll) {
		return search->modulation == MODULATION_106A;
	}
	switch (search->types[search->type_at]) {
	case AUTOPOLL_GENERIC_106A:
		return true;
	case AUTOPOLL_MIFARE:
		return !iso_dep;
	case AUTOPOLL_ISO_DEP_106A:
		return iso_dep;
	default:
		return false;
	}
}

static bool answers(const struct lq_pn532_chip *chip, size_t slot, bool halted)
{
	const struct lq_pn532_search *search = &chip->search;
	const struct lq_sim_card *card = &chip->slot[slot].card;

	return chip->slot[slot].present && (card->level == LQ_SIM_LEVEL_HALT) == halted &&
	       type_wanted(search, card) &&
	       (search->uid_len == 0 ||
		       (search->uid_len == card->uid_len &&
			       memcmp(search->uid, card->uid, card->uid_len) == 0));
}

/* Halted cards are woken only when no other answers: so a reader that deselects one card finds the
 * next. */
static uint8_t find_cards(const struct lq_pn532_chip *chip, uint8_t ret_slots[LQ_PN532_TARGETS])
{
	uint8_t found = 0;

	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < LQ_PN532_SLOTS; i++) {
			if (found < chip->search.max_targets && answers(chip, i, pass == 1)) {
				ret_slots[found++] = (uint8_t)i;
			}
		}
	}
	return found;
}

static bool with_rats(const struct lq_pn532_chip *chip, const struct lq_sim_card *card)
{
	return (chip->parameters & LQ_PN532_PARAM_AUTO_RATS) != 0 &&
	       (card->sak & LQ_SIM_SAK_ISO_DEP) != 0;
}

/* REQA; then per cascade level anticollision and select; then RATS. */
static uint64_t activation_us(const struct lq_pn532_chip *chip, const struct lq_sim_card *card)
{
	uint64_t levels = card->uid_len == 10 ? 3 : card->uid_len == 7 ? 2 : 1;
	uint64_t us = lq_pn532_air_us(chip, 1, 2);

	us += levels * (lq_pn532_air_us(chip, 2, 5) + lq_pn532_air_us(chip, 9, 3));
	if (with_rats(chip, card)) {
		us += lq_pn532_air_us(chip, 4, card->ats_len + 2);
		us += chip->air ? RATS_US : 0;
	}
	return us;
}

static size_t target_len(const struct lq_pn532_chip *chip, const struct lq_sim_card *card)
{
	return 5 + card->uid_len + (with_rats(chip, card) ? card->ats_len : 0);
}

static void put_target(struct lq_pn532_chip *chip, const struct lq_sim_card *card, uint8_t number)
{
	if (chip->search.auto_poll) {
		lq_pn532_answer_put(chip, chip->search.types[chip->search.type_at]);
		lq_pn532_answer_put(chip, (uint8_t)target_len(chip, card));
	}
	lq_pn532_answer_put(chip, number);
	lq_pn532_answer_put_all(chip, card->atqa, sizeof(card->atqa));
	lq_pn532_answer_put(chip, card->sak);
	lq_pn532_answer_put(chip, (uint8_t)card->uid_len);
	lq_pn532_answer_put_all(chip, card->uid, card->uid_len);
	if (with_rats(chip, card)) {
		lq_pn532_answer_put_all(chip, card->ats, card->ats_len);
	}
}

static void answer_found(struct lq_pn532_chip *chip, const uint8_t *slots, uint8_t found)
{
	uint64_t us = 0;

	lq_pn532_answer_begin(chip);
	lq_pn532_answer_put(chip, found);
	for (uint8_t i = 0; i < found; i++) {
		struct lq_sim_card *card = &chip->slot[slots[i]].card;

		chip->target[i] = (struct lq_pn532_target){.listed = true, .slot = slots[i]};
		chip->answer_slots = (uint8_t)(chip->answer_slots | (1u << slots[i]));
		us += activation_us(chip, card);
		lq_sim_card_activate(card, with_rats(chip, card));
		put_target(chip, card, (uint8_t)(i + 1));
	}
	lq_pn532_answer_at(chip, chip->at_us, us);
}

void lq_pn532_search_try(struct lq_pn532_chip *chip)
{
	struct lq_pn532_search *search = &chip->search;
	uint64_t try_us = search->auto_poll ? search->type_us : LQ_PN532_TRY_US;
	uint8_t slots[LQ_PN532_TARGETS];
	uint8_t found = 0;

	if (!search->endless && search->tries_left == 0) {
		lq_pn532_answer_status(chip, LQ_PN532_ST_OK);
		lq_pn532_answer_at(chip, chip->at_us, 0);
		return;
	}
	search->tries_left--;
	found = find_cards(chip, slots);
	if (found > 0) {
		answer_found(chip, slots, found);
		return;
	}
	if (search->auto_poll) {
		search->type_at = (uint8_t)((search->type_at + 1) % search->type_count);
	}
	chip->at_us += try_us;
}
