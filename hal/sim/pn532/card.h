/*
 * Models of ISO/IEC 14443 type A cards: what they are by name, and how each answers one frame.
 * Pure. The chip model owns the cards; nothing here knows of the chip.
 *
 * Sources: ISO/IEC 14443-3/-4; NXP MF1S50/70 (Classic), MF0ICU1 (Ultralight), NTAG213_215_216 §10,
 * and the DESFire EV1 commands that libfreefare 0.4.0 sends.
 */
#ifndef LQ_SIM_PN532_CARD_H
#define LQ_SIM_PN532_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_SIM_UID_MAX     10u
#define LQ_SIM_ATS_MAX     64u
#define LQ_SIM_FRAME_MAX   262u
#define LQ_SIM_SAK_ISO_DEP 0x20u

enum lq_sim_card_type {
	LQ_SIM_CLASSIC_1K,
	LQ_SIM_CLASSIC_4K,
	LQ_SIM_ULTRALIGHT,
	LQ_SIM_NTAG213,
	LQ_SIM_NTAG215,
	LQ_SIM_NTAG216,
	LQ_SIM_DESFIRE,
	LQ_SIM_PHONE,
	LQ_SIM_RAW, /* a UID and nothing behind it */
};

/* What to make. Whatever is not set follows from the type, and the type from the UID's length. */
struct lq_sim_card_spec {
	bool has_type, has_sak, has_atqa, has_ats;
	enum lq_sim_card_type type;
	uint8_t uid[LQ_SIM_UID_MAX];
	size_t uid_len;
	uint8_t sak;
	uint8_t atqa[2];             /* as the PN532 reports it: 03 44 for DESFire */
	uint8_t ats[LQ_SIM_ATS_MAX]; /* with its length byte TL, which may lie */
	size_t ats_len;
};

enum lq_sim_card_level {
	LQ_SIM_LEVEL_IDLE,
	LQ_SIM_LEVEL_HALT,
	LQ_SIM_LEVEL_ACTIVE,  /* selected, ISO 14443-3 */
	LQ_SIM_LEVEL_ISO_DEP, /* after RATS, ISO 14443-4 */
};

struct lq_sim_answer {
	enum { LQ_SIM_SILENT, LQ_SIM_NAK, LQ_SIM_DATA } kind;
	size_t len;
	uint8_t data[LQ_SIM_FRAME_MAX];
};

struct lq_sim_desfire {
	uint8_t aid[3];
	uint8_t version_part; /* which frame of GetVersion comes next, 0: none */
};

struct lq_sim_card {
	enum lq_sim_card_type type;
	uint8_t uid[LQ_SIM_UID_MAX];
	size_t uid_len;
	uint8_t sak;
	uint8_t atqa[2];
	uint8_t ats[LQ_SIM_ATS_MAX];
	size_t ats_len;
	enum lq_sim_card_level level;
	uint8_t block;             /* ISO-DEP block number, 0 or 1 */
	struct lq_sim_answer last; /* the last I-block, for R(NAK) */
	struct lq_sim_desfire desfire;
};

/* NULL, or why such a card cannot be; `ret_card` is untouched then. `random` is advanced for a
 * phone. */
const char *lq_sim_card_init(
	struct lq_sim_card *ret_card, const struct lq_sim_card_spec *spec, uint64_t *random);

/* False when there is no such type. */
bool lq_sim_card_type_by_name(const char *name, enum lq_sim_card_type *ret_type);

/* The card lost its supply: it forgets everything, and a phone takes a new UID. */
void lq_sim_card_power_off(struct lq_sim_card *card, uint64_t *random);

/* Anticollision ended with this card selected; `rats` when the reader sent RATS at once. */
void lq_sim_card_activate(struct lq_sim_card *card, bool rats);

/* HLTA or S(DESELECT). */
void lq_sim_card_halt(struct lq_sim_card *card);

/* One frame to a selected card, without CRC: a block at level ISO-DEP, a plain command below it. */
void lq_sim_card_frame(
	struct lq_sim_card *card, const uint8_t *in, size_t len, struct lq_sim_answer *ret_answer);

/* One APDU to a card at level ISO-DEP: what an I-block carries. */
void lq_sim_card_apdu(
	struct lq_sim_card *card, const uint8_t *in, size_t len, struct lq_sim_answer *ret_answer);

#endif
