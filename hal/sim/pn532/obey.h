/* Carries out one order on the simulator and its port. */
#ifndef LQ_SIM_PN532_OBEY_H
#define LQ_SIM_PN532_OBEY_H

#include "hal/sim/pn532/order.h"
#include "hal/sim/pn532/port.h"
#include "hal/sim/pn532/sim.h"

#define LQ_OBEY_ANSWER_MAX 4096u

struct lq_obey {
	struct lq_pn532_sim *sim;
	struct lq_port *port;
	uint64_t started_us;
	bool quit;
};

/* `now_us` is CLOCK_MONOTONIC. Writes the answer's line. LQ_PN532_WAIT_POLL is the caller's. */
void lq_obey(struct lq_obey *obey, const struct lq_pn532_order *order, uint64_t now_us,
	char ret_answer[LQ_OBEY_ANSWER_MAX]);

#endif
