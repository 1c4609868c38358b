/* What a reader counts about its polls, for LQ_MSG_STATISTICS. Pure. */
#ifndef LQ_READER_TALLY_H
#define LQ_READER_TALLY_H

#include "firmware/wire/reader_wire.h"

#include <stdint.h>

#define LQ_TALLY_BUCKET_US 500u
#define LQ_TALLY_BUCKETS   128u /* the last one takes all that is longer */

/* All zero to begin with. */
struct lq_tally {
	uint64_t polls;
	uint64_t cards; /* taps, whatever they showed */
	uint64_t faults;
	uint32_t recent; /* polls since the last report; the rest covers these */
	uint32_t longest_us;
	uint32_t buckets[LQ_TALLY_BUCKETS];
};

void lq_tally_poll(struct lq_tally *tally, uint32_t duration_us);

/* Totals since the program started; median and maximum since the last report. The median is rounded
 * up to the end of its bucket, but never above the maximum. */
struct lq_reader_statistics lq_tally_report(struct lq_tally *tally);

#endif
