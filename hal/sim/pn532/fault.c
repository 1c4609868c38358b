#include "hal/sim/pn532/fault.h"

#include "hal/sim/pn532/random.h"

#include <string.h>

#define LONG_DATA  600u
#define STATUS_AT  2u
#define NBTG_AT    2u
#define UID_LEN_AT 7u /* D5 4B NbTg Tg ATQA ATQA SAK UIDlen */
#define LCS_AT     4u

const struct lq_pn532_fault_info lq_pn532_fault_table[LQ_PN532_FAULT_COUNT] = {
#define LQ_FAULT(symbol, name, greatest, text) {name, greatest, text},
#include "hal/sim/pn532/fault.def"
#undef LQ_FAULT
};

bool lq_pn532_fault_by_name(const char *name, enum lq_pn532_fault_kind *ret_kind)
{
	for (size_t i = 0; i < LQ_PN532_FAULT_COUNT; i++) {
		if (strcmp(name, lq_pn532_fault_table[i].name) == 0) {
			*ret_kind = (enum lq_pn532_fault_kind)i;
			return true;
		}
	}
	return false;
}

static bool concerns(enum lq_pn532_fault_kind kind, uint8_t code)
{
	bool list = code == LQ_PN532_CODE_IN_LIST_PASSIVE_TARGET;
	bool exchange =
		code == LQ_PN532_CODE_IN_DATA_EXCHANGE || code == LQ_PN532_CODE_IN_COMMUNICATE_THRU;

	switch (kind) {
	case LQ_PN532_FAULT_NONE:
	case LQ_PN532_FAULT_COUNT:
		return false;
	case LQ_PN532_FAULT_STATUS80:
	case LQ_PN532_FAULT_STATUS:
		return exchange;
	case LQ_PN532_FAULT_ATS_TL0:
	case LQ_PN532_FAULT_EMPTY_UID:
	case LQ_PN532_FAULT_UID_LEN:
	case LQ_PN532_FAULT_NBTG:
		return list;
	case LQ_PN532_FAULT_BAD_DCS:
	case LQ_PN532_FAULT_BAD_LCS:
	case LQ_PN532_FAULT_TRUNCATED:
	case LQ_PN532_FAULT_GARBAGE:
	case LQ_PN532_FAULT_NO_ACK:
	case LQ_PN532_FAULT_HANG:
	case LQ_PN532_FAULT_HANG_AFTER_ACK:
	case LQ_PN532_FAULT_LONG:
	case LQ_PN532_FAULT_WRONG_CODE:
	case LQ_PN532_FAULT_SLOW:
	case LQ_PN532_FAULT_NACK:
	case LQ_PN532_FAULT_ERROR_FRAME:
		return true;
	}
	return false;
}

bool lq_pn532_fault_hits(const struct lq_pn532_fault *fault, uint8_t code)
{
	return concerns(fault->kind, code) && (!fault->has_code || fault->code == code);
}

/* Cuts the first card's UID out of a list answer. */
static void empty_uid(struct lq_pn532_answer *answer)
{
	uint8_t *uid_len = &answer->data[UID_LEN_AT];
	size_t rest = UID_LEN_AT + 1u + *uid_len;

	memmove(uid_len + 1, answer->data + rest, answer->len - rest);
	answer->len -= *uid_len;
	*uid_len = 0;
}

static void ats_tl0(struct lq_pn532_answer *answer)
{
	answer->len = UID_LEN_AT + 1u + answer->data[UID_LEN_AT];
	answer->data[answer->len++] = 0x00;
}

static void list_content(const struct lq_pn532_fault *fault, struct lq_pn532_answer *answer)
{
	bool card = answer->len > UID_LEN_AT;

	if (fault->kind == LQ_PN532_FAULT_NBTG && answer->len > NBTG_AT) {
		answer->data[NBTG_AT] = (uint8_t)fault->number;
	} else if (fault->kind == LQ_PN532_FAULT_UID_LEN && card) {
		answer->data[UID_LEN_AT] = (uint8_t)fault->number;
	} else if (fault->kind == LQ_PN532_FAULT_EMPTY_UID && card) {
		empty_uid(answer);
	} else if (fault->kind == LQ_PN532_FAULT_ATS_TL0 && card) {
		ats_tl0(answer);
	}
}

void lq_pn532_fault_content(const struct lq_pn532_fault *fault, struct lq_pn532_answer *answer)
{
	if (answer->syntax_error || answer->len <= STATUS_AT - 1) {
		return;
	}
	if (fault->kind == LQ_PN532_FAULT_WRONG_CODE) {
		answer->data[1] = (uint8_t)(answer->data[1] + 2);
	} else if (fault->kind == LQ_PN532_FAULT_STATUS80 && answer->len > STATUS_AT) {
		answer->data[STATUS_AT] |= 0x80u;
	} else if (fault->kind == LQ_PN532_FAULT_STATUS && answer->len > STATUS_AT) {
		answer->data[STATUS_AT] = (uint8_t)fault->number;
		answer->len = STATUS_AT + 1;
	} else {
		list_content(fault, answer);
	}
}

static size_t garbage(uint8_t *frame, uint64_t *random)
{
	size_t len = 1u + (lq_sim_random_byte(random) & 0x3Fu);

	for (size_t i = 0; i < len; i++) {
		frame[i] = lq_sim_random_byte(random);
	}
	return len;
}

static size_t long_frame(uint8_t *frame, size_t len)
{
	uint8_t data[LONG_DATA] = {LQ_PN532_TFI_CHIP};

	if (len > 6) {
		data[1] = frame[6];
	}
	return lq_pn532_frame_write(frame, LQ_PN532_FAULT_FRAME_MAX, data, sizeof(data));
}

size_t lq_pn532_fault_frame(
	const struct lq_pn532_fault *fault, uint8_t *frame, size_t len, uint64_t *random)
{
	if (len <= LQ_PN532_CONTROL_LEN) {
		return len;
	}
	if (fault->kind == LQ_PN532_FAULT_BAD_DCS) {
		frame[len - 2] ^= 0x5Au;
	} else if (fault->kind == LQ_PN532_FAULT_BAD_LCS) {
		frame[LCS_AT] ^= 0x5Au;
	} else if (fault->kind == LQ_PN532_FAULT_TRUNCATED) {
		return len / 2;
	} else if (fault->kind == LQ_PN532_FAULT_GARBAGE) {
		return garbage(frame, random);
	} else if (fault->kind == LQ_PN532_FAULT_LONG) {
		return long_frame(frame, len);
	} else if (fault->kind == LQ_PN532_FAULT_ERROR_FRAME) {
		memcpy(frame, lq_pn532_error, LQ_PN532_ERROR_LEN);
		return LQ_PN532_ERROR_LEN;
	}
	return len;
}
