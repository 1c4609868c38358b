#include "hal/sim/pn532/chip.h"

#include "hal/sim/pn532/chip_parts.h"

#include <string.h>

#define DEFAULT_PARAMETERS 0x14u /* automatic ATR_RES and RATS */
#define CIU_PAGE           0x63u
#define RETRIES_ENDLESS    0xFFu

/* ISO/IEC 14443-3 at 106 kbit/s: 9 bits of 128/fc a byte, fc = 13.56 MHz; 1172/fc from frame to
 * answer. */
#define AIR_BYTE_NS        84956u
#define AIR_FRAME_DELAY_NS 86431u
#define AIR_TURNAROUND_NS  300000u /* the chip's own handling of one exchange */

void lq_pn532_chip_init(struct lq_pn532_chip *chip, uint64_t seed)
{
	memset(chip, 0, sizeof(*chip));
	chip->random = seed * 2 + 1;
	lq_pn532_chip_power_cycle(chip);
}

void lq_pn532_chip_wake(struct lq_pn532_chip *chip)
{
	chip->asleep = false;
}

uint64_t lq_pn532_air_us(const struct lq_pn532_chip *chip, size_t tx, size_t rx)
{
	uint64_t bytes_ns = (uint64_t)(tx + rx) * AIR_BYTE_NS;

	if (!chip->air) {
		return 0;
	}
	return ((bytes_ns >> chip->rate_shift) + AIR_FRAME_DELAY_NS + AIR_TURNAROUND_NS) / 1000;
}

void lq_pn532_answer_begin(struct lq_pn532_chip *chip)
{
	memset(&chip->answer, 0, sizeof(chip->answer));
	lq_pn532_answer_put(chip, LQ_PN532_TFI_CHIP);
	lq_pn532_answer_put(chip, (uint8_t)(chip->code + 1));
}

void lq_pn532_answer_put(struct lq_pn532_chip *chip, uint8_t byte)
{
	struct lq_pn532_answer *answer = &chip->answer;

	if (answer->len < sizeof(answer->data)) {
		answer->data[answer->len++] = byte;
	}
}

void lq_pn532_answer_put_all(struct lq_pn532_chip *chip, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		lq_pn532_answer_put(chip, bytes[i]);
	}
}

void lq_pn532_answer_at(struct lq_pn532_chip *chip, uint64_t at_us, uint64_t after_us)
{
	chip->phase = LQ_PN532_ANSWERING;
	chip->at_us = at_us + after_us;
}

void lq_pn532_answer_status(struct lq_pn532_chip *chip, enum lq_pn532_status status)
{
	lq_pn532_answer_begin(chip);
	lq_pn532_answer_put(chip, (uint8_t)status);
}

void lq_pn532_answer_timeout(struct lq_pn532_chip *chip, uint64_t at_us)
{
	lq_pn532_answer_status(chip, LQ_PN532_ST_TIMEOUT);
	lq_pn532_answer_at(chip, at_us, chip->timeout_us);
	chip->answer_slots = 0;
	if (chip->timeout_us == 0) {
		chip->phase = LQ_PN532_IDLE;
	}
}

void lq_pn532_field_off(struct lq_pn532_chip *chip)
{
	chip->rf_on = false;
	chip->rate_shift = 0;
	memset(chip->target, 0, sizeof(chip->target));
	for (size_t i = 0; i < LQ_PN532_SLOTS; i++) {
		if (chip->slot[i].present) {
			lq_sim_card_power_off(&chip->slot[i].card, &chip->random);
		}
	}
}

void lq_pn532_chip_power_cycle(struct lq_pn532_chip *chip)
{
	lq_pn532_chip_abort(chip);
	lq_pn532_field_off(chip);
	memset(chip->ciu, 0, sizeof(chip->ciu));
	chip->asleep = true;
	chip->parameters = DEFAULT_PARAMETERS;
	chip->passive_retries = RETRIES_ENDLESS;
	chip->timeout_us = LQ_PN532_RETRY_TIMEOUT_US;
}

/* The answer of a command that talks to no card. */
static bool plain(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	lq_pn532_answer_begin(chip);
	lq_pn532_answer_at(chip, args.at_us, LQ_PN532_FIRMWARE_US);
	return true;
}

static bool diagnose(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	if (args.len == 0 || args.byte[0] > 0x02) {
		return false;
	}
	(void)plain(chip, args);
	if (args.byte[0] == 0x00) { /* communication line: echo */
		lq_pn532_answer_put_all(chip, args.byte, args.len);
	} else { /* ROM, RAM: good */
		lq_pn532_answer_put(chip, LQ_PN532_ST_OK);
	}
	return true;
}

static bool get_firmware_version(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	static const uint8_t pn532_1_6[] = {0x32, 0x01, 0x06, 0x07};

	if (args.len != 0) {
		return false;
	}
	(void)plain(chip, args);
	lq_pn532_answer_put_all(chip, pn532_1_6, sizeof(pn532_1_6));
	return true;
}

static bool set_parameters(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	if (args.len != 1) {
		return false;
	}
	chip->parameters = args.byte[0];
	return plain(chip, args);
}

static bool sam_configuration(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	if (args.len < 1 || args.len > 3 || args.byte[0] < 1 || args.byte[0] > 4) {
		return false;
	}
	return plain(chip, args);
}

static bool power_down(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	if (args.len < 1 || args.len > 2) {
		return false;
	}
	(void)plain(chip, args);
	lq_pn532_answer_put(chip, LQ_PN532_ST_OK);
	lq_pn532_field_off(chip);
	chip->asleep = true;
	return true;
}

/* The other registers read 0 and take anything. */
static bool read_register(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	if (args.len == 0 || args.len % 2 != 0) {
		return false;
	}
	(void)plain(chip, args);
	for (size_t i = 0; i + 1 < args.len; i += 2) {
		bool ciu = args.byte[i] == CIU_PAGE;

		lq_pn532_answer_put(chip, ciu ? chip->ciu[args.byte[i + 1]] : 0);
	}
	return true;
}

static bool write_register(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	if (args.len == 0 || args.len % 3 != 0) {
		return false;
	}
	for (size_t i = 0; i + 2 < args.len; i += 3) {
		if (args.byte[i] == CIU_PAGE) {
			chip->ciu[args.byte[i + 1]] = args.byte[i + 2];
		}
	}
	return plain(chip, args);
}

static void rf_field(struct lq_pn532_chip *chip, uint8_t value)
{
	if ((value & 1u) != 0) {
		chip->rf_on = true;
	} else {
		lq_pn532_field_off(chip);
	}
}

/* UM0701-02 §7.3.1 item 2: 0 waits for ever, n waits 100 µs * 2^(n-1), n up to 16. */
static uint64_t timeout_of(uint8_t n)
{
	return n == 0 || n > 16 ? 0 : (uint64_t)100 << (n - 1);
}

static size_t rf_item_len(uint8_t item)
{
	switch (item) {
	case 0x01:
	case 0x04:
		return 1;
	case 0x02:
	case 0x05:
	case 0x0C:
		return 3;
	case 0x0A:
		return 11;
	case 0x0B:
		return 8;
	case 0x0D:
		return 9;
	default:
		return 0;
	}
}

static bool rf_configuration(struct lq_pn532_chip *chip, struct lq_pn532_args args)
{
	size_t item_len = args.len == 0 ? 0 : rf_item_len(args.byte[0]);

	if (item_len == 0 || args.len != item_len + 1) {
		return false;
	}
	if (args.byte[0] == 0x01) {
		rf_field(chip, args.byte[1]);
	} else if (args.byte[0] == 0x02) {
		chip->timeout_us = timeout_of(args.byte[3]);
	} else if (args.byte[0] == 0x05) {
		chip->passive_retries = args.byte[3];
	}
	return plain(chip, args);
}

static const struct {
	uint8_t code;
	lq_pn532_command_fn *run;
} commands[] = {
	{0x00, diagnose},
	{0x02, get_firmware_version},
	{0x06, read_register},
	{0x08, write_register},
	{0x12, set_parameters},
	{0x14, sam_configuration},
	{0x16, power_down},
	{0x32, rf_configuration},
	{LQ_PN532_CODE_IN_DATA_EXCHANGE, lq_pn532_in_data_exchange},
	{LQ_PN532_CODE_IN_COMMUNICATE_THRU, lq_pn532_in_communicate_thru},
	{0x44, lq_pn532_in_deselect},
	{LQ_PN532_CODE_IN_LIST_PASSIVE_TARGET, lq_pn532_in_list_passive_target},
	{0x4E, lq_pn532_in_psl},
	{0x52, lq_pn532_in_release},
	{0x54, lq_pn532_in_select},
	{0x60, lq_pn532_in_auto_poll},
};

static bool dispatch(struct lq_pn532_chip *chip, const uint8_t *data, size_t len, uint64_t now_us)
{
	struct lq_pn532_args args = {.byte = data + 2, .len = len - 2, .at_us = now_us};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].code == data[1]) {
			return commands[i].run(chip, args);
		}
	}
	return false;
}

void lq_pn532_chip_command(
	struct lq_pn532_chip *chip, const uint8_t *data, size_t len, uint64_t now_us)
{
	lq_pn532_chip_abort(chip);
	if (len >= 2) {
		chip->code = data[1];
	}
	if (len < 2 || data[0] != LQ_PN532_TFI_HOST || !dispatch(chip, data, len, now_us)) {
		memset(&chip->answer, 0, sizeof(chip->answer));
		chip->answer.syntax_error = true;
		lq_pn532_answer_at(chip, now_us, LQ_PN532_FIRMWARE_US);
	}
}

void lq_pn532_chip_abort(struct lq_pn532_chip *chip)
{
	chip->phase = LQ_PN532_IDLE;
	chip->answer_slots = 0;
	chip->searching = false;
}

uint64_t lq_pn532_chip_due(const struct lq_pn532_chip *chip)
{
	return chip->phase == LQ_PN532_IDLE ? LQ_PN532_NEVER : chip->at_us;
}

bool lq_pn532_chip_advance(struct lq_pn532_chip *chip)
{
	switch (chip->phase) {
	case LQ_PN532_IDLE:
		return false;
	case LQ_PN532_POLLING:
		lq_pn532_search_try(chip);
		return false;
	case LQ_PN532_ANSWERING:
		lq_pn532_chip_abort(chip);
		return true;
	}
	return false;
}

void lq_pn532_chip_present(struct lq_pn532_chip *chip, uint8_t slot, const struct lq_sim_card *card)
{
	chip->slot[slot].card = *card;
	chip->slot[slot].present = true;
}

void lq_pn532_chip_remove(struct lq_pn532_chip *chip, uint8_t slot, uint64_t now_us)
{
	bool needed = (chip->answer_slots & (1u << slot)) != 0;

	chip->slot[slot].present = false;
	if (!needed || chip->phase != LQ_PN532_ANSWERING || chip->at_us <= now_us) {
		return;
	}
	if (chip->searching) {
		chip->phase = LQ_PN532_POLLING;
		chip->at_us = now_us + LQ_PN532_TRY_US;
		chip->answer_slots = 0;
	} else {
		lq_pn532_answer_timeout(chip, now_us);
	}
}
