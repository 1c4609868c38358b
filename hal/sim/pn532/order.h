/*
 * The control channel's language: one line of text, one order. Pure. The list of orders, as --help
 * prints it, is lq_pn532_order_help; each is answered with one line "ok …" or "error …".
 */
#ifndef LQ_SIM_PN532_ORDER_H
#define LQ_SIM_PN532_ORDER_H

#include "hal/sim/pn532/fault.h"

#define LQ_PN532_ORDER_MAX 512u

enum lq_pn532_verb {
	LQ_PN532_PRESENT,
	LQ_PN532_REMOVE,
	LQ_PN532_TEAR,
	LQ_PN532_FAULT,
	LQ_PN532_FAULT_LIST,
	LQ_PN532_UNPLUG,
	LQ_PN532_PLUG,
	LQ_PN532_STATS,
	LQ_PN532_PACE,
	LQ_PN532_AIR,
	LQ_PN532_WAIT_POLL,
	LQ_PN532_QUIT,
};

struct lq_pn532_order {
	enum lq_pn532_verb verb;
	bool all;        /* remove: every slot */
	bool on;         /* air */
	uint8_t slot;    /* present, remove; below LQ_PN532_SLOTS */
	uint32_t number; /* tear, pace (0: off), wait-poll */
	enum lq_pn532_tear_kind tear;
	struct lq_sim_card_spec card;
	struct lq_pn532_fault fault;
};

extern const char lq_pn532_order_help[];

/* NULL, or why `line` is no order; `ret_order` is untouched then. Lines of LQ_PN532_ORDER_MAX and
 * longer are refused. */
const char *lq_pn532_order_parse(const char *line, struct lq_pn532_order *ret_order);

#endif
