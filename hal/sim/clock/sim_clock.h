/* Clocks that stand still until they are told: the twin of the machine's, for tests. */
#ifndef LQ_HAL_SIM_CLOCK_H
#define LQ_HAL_SIM_CLOCK_H

#include "hal/clock.h"

struct lq_sim_clock;

/* Both clocks at the given times. LQ_ERR_NO_MEMORY. */
int lq_sim_clock_open(struct lq_mono start, struct lq_wall date, struct lq_sim_clock **ret_clock);
void lq_sim_clock_close(struct lq_sim_clock *clock);

/* The port; valid until the clock is closed. */
struct lq_clock lq_sim_clock_port(struct lq_sim_clock *clock);

/* Lets time pass on both clocks. */
void lq_sim_clock_advance_ms(struct lq_sim_clock *clock, uint32_t ms);

/* Sets the wall clock, which may jump. */
void lq_sim_clock_set_wall(struct lq_sim_clock *clock, struct lq_wall date);

#endif
