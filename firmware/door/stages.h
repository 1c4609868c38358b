/* What each stage of a tap took: exact percentiles of the last taps. Pure; one thread. */
#ifndef LQ_DOOR_STAGES_H
#define LQ_DOOR_STAGES_H

#include "firmware/core/event.h"

#include <stdint.h>

#define LQ_STAGE_SAMPLES 512u

/* The stages of lq_stage, and their sum. */
#define LQ_STAGE_TOTAL  LQ_STAGE_COUNT
#define LQ_STAGE_SERIES (LQ_STAGE_COUNT + 1)

struct lq_stages {
	uint64_t count[LQ_STAGE_SERIES];
	uint32_t us[LQ_STAGE_SERIES][LQ_STAGE_SAMPLES];
};

struct lq_stage_summary {
	uint64_t count; /* of all taps since start */
	uint32_t p50_us;
	uint32_t p95_us;
	uint32_t p99_us;
	uint32_t max_us;
};

/* Adds one tap; stages that were not measured are left out, and then there is no total. */
void lq_stages_add(struct lq_stages *stages, const uint32_t us[LQ_STAGE_COUNT]);

struct lq_stage_summary lq_stages_summary(const struct lq_stages *stages, int series);

#endif
