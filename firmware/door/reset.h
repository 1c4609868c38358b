/* When a reader's chip is reset by its line. A pure step: time is an argument, what to do with the
 * line is the answer. One thread. */
#ifndef LQ_DOOR_RESET_H
#define LQ_DOOR_RESET_H

#include "firmware/core/time.h"

#include <stdbool.h>
#include <stdint.h>

/* A reader that does not work is opened again twice a second (firmware/reader/worker.c): what takes
 * longer than this is nothing that opening cures. */
#define LQ_RESET_PATIENCE_MS 10000u
/* So long in use without a fault, and the trouble is over. */
#define LQ_RESET_STEADY_MS 10000u
/* From one pulse to the next; twice as long each time, up to the greatest. */
#define LQ_RESET_WAIT_MS          30000u
#define LQ_RESET_WAIT_GREATEST_MS 3600000u
/* Adafruit_PN532::begin() holds RSTPD_N low for so long and then waits 10 ms, which it takes from
 * section 12.23 of NXP's product data sheet PN532/C1. Nobody is kept waiting by it. */
#define LQ_RESET_PULSE_MS 400u

struct lq_reset {
	bool troubled; /* since it last worked steadily */
	bool working;
	bool manned;              /* there is a process that would open it again */
	struct lq_mono left_at;   /* meaningful while unmanned */
	const char *cause;        /* of the trouble, as its last event has it; static */
	struct lq_mono due;       /* of the next pulse, while troubled */
	struct lq_mono steady_at; /* while troubled and working */
	uint32_t pulses;          /* of this trouble */
	bool held;                /* the line is active, until `release_at` */
	struct lq_mono release_at;
};

enum lq_reset_order { LQ_RESET_NOTHING, LQ_RESET_HOLD, LQ_RESET_RELEASE };

/* It does not work, and somebody tries to open it: who comes after a long absence gets the time to.
 */
void lq_reset_fault(struct lq_reset *reset, const char *cause, struct lq_mono now);
void lq_reset_works(struct lq_reset *reset, struct lq_mono now);
/* Nobody would open it: its process is not there. The trouble, if there is one, goes on. */
void lq_reset_unmanned(struct lq_reset *reset, struct lq_mono now);

/* What the line has to do now: never LQ_RESET_HOLD while the reader works or is unmanned. */
enum lq_reset_order lq_reset_step(struct lq_reset *reset, struct lq_mono now);

/* When the next step is due; false when nothing is pending. */
bool lq_reset_deadline(const struct lq_reset *reset, struct lq_mono *ret_deadline);

#endif
