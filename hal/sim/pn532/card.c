#include "hal/sim/pn532/card.h"

#include "hal/sim/pn532/card_models.h"
#include "hal/sim/pn532/random.h"

#include <string.h>

#define RANDOM_UID_MARK 0x08u /* ISO/IEC 14443-3: first byte of a random UID */

struct traits {
	const char *name;
	uint8_t sak;
	uint8_t atqa[2]; /* the UID size bits are added */
	uint8_t ats[8];
	uint8_t ats_len;
	bool uid4, uid7, uid10;
};

static const struct traits traits[] = {
	[LQ_SIM_CLASSIC_1K] = {"classic1k", 0x08, {0x00, 0x04}, {0}, 0, true, true, false},
	[LQ_SIM_CLASSIC_4K] = {"classic4k", 0x18, {0x00, 0x02}, {0}, 0, true, true, false},
	[LQ_SIM_ULTRALIGHT] = {"ultralight", 0x00, {0x00, 0x04}, {0}, 0, false, true, false},
	[LQ_SIM_NTAG213] = {"ntag213", 0x00, {0x00, 0x04}, {0}, 0, false, true, false},
	[LQ_SIM_NTAG215] = {"ntag215", 0x00, {0x00, 0x04}, {0}, 0, false, true, false},
	[LQ_SIM_NTAG216] = {"ntag216", 0x00, {0x00, 0x04}, {0}, 0, false, true, false},
	[LQ_SIM_DESFIRE] = {"desfire", 0x20, {0x03, 0x04}, {0x06, 0x75, 0x77, 0x81, 0x02, 0x80}, 6,
		true, true, false},
	[LQ_SIM_PHONE] = {"phone", 0x20, {0x00, 0x04}, {0x05, 0x78, 0x80, 0x70, 0x02}, 5, true,
		false, false},
	[LQ_SIM_RAW] = {"raw", 0x00, {0x00, 0x04}, {0}, 0, true, true, true},
};

#define TYPE_COUNT (sizeof(traits) / sizeof(traits[0]))

bool lq_sim_card_type_by_name(const char *name, enum lq_sim_card_type *ret_type)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (strcmp(name, traits[i].name) == 0) {
			*ret_type = (enum lq_sim_card_type)i;
			return true;
		}
	}
	return false;
}

static enum lq_sim_card_type type_of(const struct lq_sim_card_spec *spec)
{
	if (spec->has_type) {
		return spec->type;
	}
	switch (spec->uid_len) {
	case 4:
		return LQ_SIM_CLASSIC_1K;
	case 7:
		return LQ_SIM_NTAG213;
	default:
		return LQ_SIM_RAW;
	}
}

static bool uid_len_fits(const struct traits *t, size_t len)
{
	return (len == 4 && t->uid4) || (len == 7 && t->uid7) || (len == 10 && t->uid10);
}

static uint8_t uid_size_bits(size_t uid_len)
{
	return uid_len == 10 ? 0x80 : uid_len == 7 ? 0x40 : 0x00;
}

static void new_random_uid(struct lq_sim_card *card, uint64_t *random)
{
	card->uid_len = 4;
	card->uid[0] = RANDOM_UID_MARK;
	for (size_t i = 1; i < card->uid_len; i++) {
		card->uid[i] = lq_sim_random_byte(random);
	}
}

static void set_identity(struct lq_sim_card *card, const struct lq_sim_card_spec *spec)
{
	const struct traits *t = &traits[card->type];

	card->sak = spec->has_sak ? spec->sak : t->sak;
	if (spec->has_ats) {
		memcpy(card->ats, spec->ats, spec->ats_len);
		card->ats_len = spec->ats_len;
	} else {
		memcpy(card->ats, t->ats, t->ats_len);
		card->ats_len = t->ats_len;
	}
	if (spec->has_atqa) {
		memcpy(card->atqa, spec->atqa, sizeof(card->atqa));
	} else {
		card->atqa[0] = t->atqa[0];
		card->atqa[1] = (uint8_t)(t->atqa[1] | uid_size_bits(card->uid_len));
	}
}

const char *lq_sim_card_init(
	struct lq_sim_card *ret_card, const struct lq_sim_card_spec *spec, uint64_t *random)
{
	struct lq_sim_card card = {.type = type_of(spec), .uid_len = spec->uid_len};

	if (spec->ats_len > LQ_SIM_ATS_MAX) {
		return "ats is too long";
	}
	if (card.type == LQ_SIM_PHONE && spec->uid_len == 0) {
		new_random_uid(&card, random);
	} else if (card.type == LQ_SIM_PHONE) {
		return "a phone chooses its own uid";
	} else if (!uid_len_fits(&traits[card.type], spec->uid_len)) {
		return "no such uid length for this type";
	} else {
		memcpy(card.uid, spec->uid, spec->uid_len);
	}
	set_identity(&card, spec);
	*ret_card = card;
	return NULL;
}

static void forget(struct lq_sim_card *card, enum lq_sim_card_level level)
{
	card->level = level;
	card->block = 1;
	memset(&card->last, 0, sizeof(card->last));
	memset(&card->desfire, 0, sizeof(card->desfire));
}

void lq_sim_card_power_off(struct lq_sim_card *card, uint64_t *random)
{
	forget(card, LQ_SIM_LEVEL_IDLE);
	if (card->type == LQ_SIM_PHONE) {
		new_random_uid(card, random);
	}
}

void lq_sim_card_activate(struct lq_sim_card *card, bool rats)
{
	bool iso_dep = rats && (card->sak & LQ_SIM_SAK_ISO_DEP) != 0;

	forget(card, iso_dep ? LQ_SIM_LEVEL_ISO_DEP : LQ_SIM_LEVEL_ACTIVE);
}

void lq_sim_card_halt(struct lq_sim_card *card)
{
	forget(card, LQ_SIM_LEVEL_HALT);
}

static void status_word(struct lq_sim_answer *answer, uint8_t sw1, uint8_t sw2)
{
	lq_sim_answer_put(answer, sw1);
	lq_sim_answer_put(answer, sw2);
}

void lq_sim_card_apdu(
	struct lq_sim_card *card, const uint8_t *in, size_t len, struct lq_sim_answer *ret_answer)
{
	memset(ret_answer, 0, sizeof(*ret_answer));
	card->block ^= 1u;
	if (card->type == LQ_SIM_DESFIRE) {
		lq_sim_desfire_apdu(card, in, len, ret_answer);
	} else if (len >= 2 && in[0] == 0x00 && in[1] == 0xA4) {
		status_word(ret_answer, 0x6A, 0x82);
	} else {
		status_word(ret_answer, 0x6D, 0x00);
	}
	card->last = *ret_answer;
}

static void i_block(
	struct lq_sim_card *card, const uint8_t *in, size_t len, struct lq_sim_answer *ret_answer)
{
	struct lq_sim_answer apdu;

	lq_sim_card_apdu(card, in + 1, len - 1, &apdu);
	lq_sim_answer_put(ret_answer, in[0]);
	lq_sim_answer_put_all(ret_answer, apdu.data, apdu.len);
}

/* ISO/IEC 14443-4 §7.5.4.3, rules 11 and 12: repeat the last block, or acknowledge with the own
 * number. */
static void r_nak(const struct lq_sim_card *card, uint8_t pcb, struct lq_sim_answer *ret_answer)
{
	if ((pcb & 1u) != card->block || card->last.len == 0) {
		lq_sim_answer_put(ret_answer, (uint8_t)(0xA2u | card->block));
		return;
	}
	lq_sim_answer_put(ret_answer, (uint8_t)(0x02u | card->block));
	lq_sim_answer_put_all(ret_answer, card->last.data, card->last.len);
}

/* Blocks without CID, NAD or chaining: the ones a PN532 uses with these cards. */
static void iso_dep_block(
	struct lq_sim_card *card, const uint8_t *in, size_t len, struct lq_sim_answer *ret_answer)
{
	switch (in[0]) {
	case 0x02:
	case 0x03:
		i_block(card, in, len, ret_answer);
		break;
	case 0xB2:
	case 0xB3:
		r_nak(card, in[0], ret_answer);
		break;
	case 0xC2:
		lq_sim_card_halt(card);
		lq_sim_answer_put(ret_answer, 0xC2);
		break;
	default:
		break;
	}
}

static void type_a_command(
	struct lq_sim_card *card, const uint8_t *in, size_t len, struct lq_sim_answer *ret_answer)
{
	switch (card->type) {
	case LQ_SIM_ULTRALIGHT:
	case LQ_SIM_NTAG213:
	case LQ_SIM_NTAG215:
	case LQ_SIM_NTAG216:
		lq_sim_type2_command(card, in, len, ret_answer);
		if (ret_answer->kind == LQ_SIM_NAK) {
			forget(card, LQ_SIM_LEVEL_IDLE);
		}
		break;
	case LQ_SIM_DESFIRE:
	case LQ_SIM_PHONE:
	case LQ_SIM_RAW:
		if (in[0] == 0xE0 && len == 2 && card->ats_len > 0) {
			lq_sim_card_activate(card, true);
			lq_sim_answer_put_all(ret_answer, card->ats, card->ats_len);
		}
		break;
	case LQ_SIM_CLASSIC_1K:
	case LQ_SIM_CLASSIC_4K:
		break; /* says nothing before authentication, and this one knows no key */
	}
}

void lq_sim_card_frame(
	struct lq_sim_card *card, const uint8_t *in, size_t len, struct lq_sim_answer *ret_answer)
{
	memset(ret_answer, 0, sizeof(*ret_answer));
	if (len == 0) {
		return;
	}
	switch (card->level) {
	case LQ_SIM_LEVEL_IDLE:
	case LQ_SIM_LEVEL_HALT:
		break;
	case LQ_SIM_LEVEL_ACTIVE:
		type_a_command(card, in, len, ret_answer);
		break;
	case LQ_SIM_LEVEL_ISO_DEP:
		iso_dep_block(card, in, len, ret_answer);
		break;
	}
}
