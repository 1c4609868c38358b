/*
 * What can be broken about the simulated chip, as a table, and the two ways of breaking: the
 * content of an answer, and its frame. Pure. fault.def is the list.
 */
#ifndef LQ_SIM_PN532_FAULT_H
#define LQ_SIM_PN532_FAULT_H

#include "hal/sim/pn532/chip.h"

enum lq_pn532_fault_kind {
#define LQ_FAULT(symbol, name, greatest, text) LQ_PN532_FAULT_##symbol,
#include "hal/sim/pn532/fault.def"
#undef LQ_FAULT
	LQ_PN532_FAULT_COUNT
};

struct lq_pn532_fault_info {
	const char *name;
	uint32_t greatest; /* 0: the fault takes no number */
	const char *text;
};

extern const struct lq_pn532_fault_info lq_pn532_fault_table[LQ_PN532_FAULT_COUNT];

struct lq_pn532_fault {
	enum lq_pn532_fault_kind kind;
	uint32_t number;
	bool once;     /* ends when it has bitten */
	bool has_code; /* only commands with this code are hit */
	uint8_t code;
};

/* The longest frame a fault can make: `long`. */
#define LQ_PN532_FAULT_FRAME_MAX 640u

bool lq_pn532_fault_by_name(const char *name, enum lq_pn532_fault_kind *ret_kind);

/* Whether the fault hits the answer to the command `code`. */
bool lq_pn532_fault_hits(const struct lq_pn532_fault *fault, uint8_t code);

/* Breaks what the answer says. */
void lq_pn532_fault_content(const struct lq_pn532_fault *fault, struct lq_pn532_answer *answer);

/* Breaks the frame of `len` bytes in place; `frame` has room for LQ_PN532_FAULT_FRAME_MAX. Returns
 * its new length. */
size_t lq_pn532_fault_frame(
	const struct lq_pn532_fault *fault, uint8_t *frame, size_t len, uint64_t *random);

#endif
