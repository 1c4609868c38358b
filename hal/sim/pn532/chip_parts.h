/* What the chip model's files share; nothing for anybody else. */
#ifndef LQ_SIM_PN532_CHIP_PARTS_H
#define LQ_SIM_PN532_CHIP_PARTS_H

#include "hal/sim/pn532/chip.h"

#define LQ_PN532_PARAM_AUTO_RATS 0x10u

/* Registers of the contactless interface unit, low byte of 63xxh. */
#define LQ_PN532_CIU_TX_MODE     0x02u
#define LQ_PN532_CIU_RX_MODE     0x03u
#define LQ_PN532_CIU_BIT_FRAMING 0x3Du

/* Error codes of the status byte, UM0701-02 §7.1. */
enum lq_pn532_status {
	LQ_PN532_ST_OK = 0x00,
	LQ_PN532_ST_TIMEOUT = 0x01,
	LQ_PN532_ST_CRC = 0x02,
	LQ_PN532_ST_MIFARE_AUTH = 0x14,
	LQ_PN532_ST_CONTEXT = 0x27,
};

/* The arguments of a command: what follows its code. */
struct lq_pn532_args {
	const uint8_t *byte;
	size_t len;
	uint64_t at_us;
};

/* A command's function returns false for a syntax error: wrong length or value. */
typedef bool lq_pn532_command_fn(struct lq_pn532_chip *chip, struct lq_pn532_args args);

lq_pn532_command_fn lq_pn532_in_list_passive_target;
lq_pn532_command_fn lq_pn532_in_auto_poll;
lq_pn532_command_fn lq_pn532_in_data_exchange;
lq_pn532_command_fn lq_pn532_in_communicate_thru;
lq_pn532_command_fn lq_pn532_in_deselect;
lq_pn532_command_fn lq_pn532_in_release;
lq_pn532_command_fn lq_pn532_in_select;
lq_pn532_command_fn lq_pn532_in_psl;

/* Begins the answer to the running command: TFI and code. */
void lq_pn532_answer_begin(struct lq_pn532_chip *chip);
void lq_pn532_answer_put(struct lq_pn532_chip *chip, uint8_t byte);
void lq_pn532_answer_put_all(struct lq_pn532_chip *chip, const uint8_t *bytes, size_t len);
/* The answer is complete `after_us` from `at_us` on. */
void lq_pn532_answer_at(struct lq_pn532_chip *chip, uint64_t at_us, uint64_t after_us);
void lq_pn532_answer_status(struct lq_pn532_chip *chip, enum lq_pn532_status status);
/* A card did not answer: status 01 after the time-out; no answer at all when that is infinite. */
void lq_pn532_answer_timeout(struct lq_pn532_chip *chip, uint64_t at_us);

/* One try of the running polling command at chip->at_us. */
void lq_pn532_search_try(struct lq_pn532_chip *chip);

void lq_pn532_field_off(struct lq_pn532_chip *chip);

/* How long `tx` bytes to a card and `rx` bytes back take, CRC included in the counts. */
uint64_t lq_pn532_air_us(const struct lq_pn532_chip *chip, size_t tx, size_t rx);

#endif
