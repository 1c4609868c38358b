/*
 * The PN532 as its host sees it: commands in, answers out, and how long each takes. Pure: time is
 * an argument, in microseconds of any monotonic clock.
 *
 * The caller starts a command with lq_pn532_chip_command(), and each time lq_pn532_chip_due() is
 * reached calls lq_pn532_chip_advance() until that says the answer is there. A polling command
 * looks for cards when it advances, so a card that arrives meanwhile is found by a later try, as by
 * the real chip.
 *
 * Source: NXP UM0701-02 (PN532 user manual), chapter 7.
 */
#ifndef LQ_SIM_PN532_CHIP_H
#define LQ_SIM_PN532_CHIP_H

#include "hal/sim/pn532/card.h"
#include "hal/sim/pn532/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Firmware and air. A figure without a source is a model, chosen so that whole dialogues last what
 * they last with a real reader: 13-14 ms from the host's command to a card's UID, 18 ms for three
 * tries in an empty field, at 115200 baud.
 */
#define LQ_PN532_FIRMWARE_US      UINT64_C(600)
#define LQ_PN532_TRY_US           UINT64_C(4900)   /* a try that nobody answers */
#define LQ_PN532_AUTOPOLL_UNIT_US UINT64_C(150000) /* UM0701-02 §7.3.13 */
#define LQ_PN532_RETRY_TIMEOUT_US UINT64_C(51200)  /* §7.3.1 item 2, as the chip powers up */
#define LQ_PN532_NEVER            UINT64_MAX

#define LQ_PN532_CODE_IN_DATA_EXCHANGE       0x40u
#define LQ_PN532_CODE_IN_COMMUNICATE_THRU    0x42u
#define LQ_PN532_CODE_IN_LIST_PASSIVE_TARGET 0x4Au

#define LQ_PN532_SLOTS          4u /* places in the field */
#define LQ_PN532_TARGETS        2u /* cards the chip handles at a time */
#define LQ_PN532_AUTOPOLL_TYPES 15u

struct lq_pn532_answer {
	bool syntax_error; /* answer with the error frame instead of data */
	size_t len;
	uint8_t data[LQ_PN532_DATA_MAX]; /* TFI, code + 1, … */
};

enum lq_pn532_phase {
	LQ_PN532_IDLE,
	LQ_PN532_POLLING,  /* at_us: the next try */
	LQ_PN532_ANSWERING /* at_us: when the answer is complete */
};

struct lq_pn532_target {
	bool listed;
	bool deselected;
	uint8_t slot;
};

struct lq_pn532_search {
	bool auto_poll;
	bool endless;
	uint32_t tries_left;
	uint8_t max_targets;
	uint8_t modulation;
	uint8_t uid[LQ_SIM_UID_MAX];
	size_t uid_len; /* 0: any card */
	uint8_t types[LQ_PN532_AUTOPOLL_TYPES];
	uint8_t type_count;
	uint8_t type_at;
	uint32_t type_us;
};

enum lq_pn532_tear_kind { LQ_PN532_TEAR_NONE, LQ_PN532_TEAR_EXCHANGES, LQ_PN532_TEAR_BYTES };

/* The cards leave the field after so many answered exchanges, or bytes on the air in either
 * direction. */
struct lq_pn532_tear {
	enum lq_pn532_tear_kind kind;
	uint32_t left;
};

struct lq_pn532_chip {
	bool air; /* whether frames on the air take time; waiting for a silent card always does */
	bool asleep;
	bool rf_on;
	uint8_t parameters;
	uint8_t passive_retries;
	uint8_t rate_shift;  /* 0: 106 kbit/s, each step doubles */
	uint64_t timeout_us; /* for a card's answer; 0: wait for ever */
	uint8_t ciu[256];    /* registers 6300h-63FFh */
	struct {
		bool present;
		struct lq_sim_card card;
	} slot[LQ_PN532_SLOTS];
	struct lq_pn532_target target[LQ_PN532_TARGETS];

	enum lq_pn532_phase phase;
	uint64_t at_us;
	uint8_t code;         /* of the running command */
	bool searching;       /* the answer in the making is a polling command's */
	uint8_t answer_slots; /* bit n: the answer needs the card in slot n to stay */
	struct lq_pn532_search search;
	struct lq_pn532_answer answer;

	struct lq_pn532_tear tear;
	uint32_t exchanges; /* answered by cards */
	uint64_t random;
};

/* Powers up asleep with an empty field, until lq_pn532_chip_wake(). `seed` may be any number. */
void lq_pn532_chip_init(struct lq_pn532_chip *chip, uint64_t seed);

/* As after a power cut: settings are lost, the cards in the field were without supply, `air` and
 * chance stay. */
void lq_pn532_chip_power_cycle(struct lq_pn532_chip *chip);

void lq_pn532_chip_wake(struct lq_pn532_chip *chip);

/* Starts the command in `data` (TFI first); whatever ran before is dropped. */
void lq_pn532_chip_command(
	struct lq_pn532_chip *chip, const uint8_t *data, size_t len, uint64_t now_us);

/* The host's ACK: drops the running command, if any. */
void lq_pn532_chip_abort(struct lq_pn532_chip *chip);

/* When lq_pn532_chip_advance() has something to do, or LQ_PN532_NEVER. */
uint64_t lq_pn532_chip_due(const struct lq_pn532_chip *chip);

/* To be called when due. True when chip->answer is complete and chip->code is answered. */
bool lq_pn532_chip_advance(struct lq_pn532_chip *chip);

/* Puts a card in a free slot below LQ_PN532_SLOTS; the tries that come due from now on can find it.
 */
void lq_pn532_chip_present(
	struct lq_pn532_chip *chip, uint8_t slot, const struct lq_sim_card *card);

/* Takes the card away. An exchange under way ends in a time-out, a search in its next try. */
void lq_pn532_chip_remove(struct lq_pn532_chip *chip, uint8_t slot, uint64_t now_us);

/* Arranges for every card to leave the field after `left` more exchanges or bytes. */
void lq_pn532_chip_tear(struct lq_pn532_chip *chip, enum lq_pn532_tear_kind kind, uint32_t left);

#endif
