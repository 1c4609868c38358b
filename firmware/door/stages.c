#include "firmware/door/stages.h"

#include "firmware/core/assert.h"

#include <stdlib.h>
#include <string.h>

static void add_sample(struct lq_stages *stages, int series, uint32_t us)
{
	stages->us[series][stages->count[series] % LQ_STAGE_SAMPLES] = us;
	stages->count[series]++;
}

void lq_stages_add(struct lq_stages *stages, const uint32_t us[LQ_STAGE_COUNT])
{
	uint32_t total = 0;
	for (int i = 0; i < LQ_STAGE_COUNT; i++) {
		if (us[i] == LQ_STAGE_NONE) {
			total = LQ_STAGE_NONE;
			continue;
		}
		add_sample(stages, i, us[i]);
		total = total > UINT32_MAX - us[i] ? LQ_STAGE_NONE : total + us[i];
	}
	if (total != LQ_STAGE_NONE) {
		add_sample(stages, LQ_STAGE_TOTAL, total);
	}
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

struct lq_stage_summary lq_stages_summary(const struct lq_stages *stages, int series)
{
	LQ_ASSERT(series >= 0 && series < LQ_STAGE_SERIES);
	uint32_t sorted[LQ_STAGE_SAMPLES];
	struct lq_stage_summary summary = {.count = stages->count[series]};
	size_t kept = summary.count < LQ_STAGE_SAMPLES ? (size_t)summary.count : LQ_STAGE_SAMPLES;
	if (kept == 0) {
		return summary;
	}
	memcpy(sorted, stages->us[series], kept * sizeof(sorted[0]));
	qsort(sorted, kept, sizeof(sorted[0]), compare);
	summary.p50_us = sorted[(kept - 1) / 2];
	summary.p95_us = sorted[(kept * 95 + 99) / 100 - 1];
	summary.p99_us = sorted[(kept * 99 + 99) / 100 - 1];
	summary.max_us = sorted[kept - 1];
	return summary;
}
