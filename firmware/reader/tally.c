#include "firmware/reader/tally.h"

#include <string.h>

void lq_tally_poll(struct lq_tally *tally, uint32_t duration_us)
{
	uint32_t bucket = duration_us / LQ_TALLY_BUCKET_US;
	if (bucket >= LQ_TALLY_BUCKETS) {
		bucket = LQ_TALLY_BUCKETS - 1;
	}
	tally->buckets[bucket]++;
	tally->polls++;
	tally->recent++;
	if (duration_us > tally->longest_us) {
		tally->longest_us = duration_us;
	}
}

static uint32_t median_us(const struct lq_tally *tally)
{
	uint32_t below = 0;
	for (uint32_t i = 0; i + 1 < LQ_TALLY_BUCKETS; i++) {
		below += tally->buckets[i];
		if (below >= (tally->recent + 1) / 2) {
			uint32_t end_us = (i + 1) * LQ_TALLY_BUCKET_US;
			return end_us < tally->longest_us ? end_us : tally->longest_us;
		}
	}
	return tally->longest_us;
}

struct lq_reader_statistics lq_tally_report(struct lq_tally *tally)
{
	struct lq_reader_statistics report = {
		.polls = tally->polls,
		.cards = tally->cards,
		.faults = tally->faults,
		.poll_us_median = median_us(tally),
		.poll_us_max = tally->longest_us,
	};
	tally->recent = 0;
	tally->longest_us = 0;
	memset(tally->buckets, 0, sizeof(tally->buckets));
	return report;
}
