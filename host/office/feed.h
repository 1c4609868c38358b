/* An event of a controller as the office needs it. Pure but for the heap; any thread. */
#ifndef LQ_OFFICE_FEED_H
#define LQ_OFFICE_FEED_H

#include "firmware/core/event.h"
#include "firmware/core/visit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_FEED_TYPE_SIZE 96u
#define LQ_FEED_BODY_MAX  65536u /* later controllers may say more than ours do */

/* What an operator is to look at. */
enum lq_feed_alert {
	LQ_FEED_NO_ALERT,
	LQ_FEED_BADGE_LOST, /* … or stolen, and presented */
	LQ_FEED_BADGE_STOLEN,
	LQ_FEED_IN_AGAIN, /* whoever is in by the badges came in */
};

struct lq_feed_checkpoint {
	uint64_t head_seq;
	uint8_t head_hash[32];
	uint8_t signature[64];
	uint8_t public_key[32];
};

struct lq_feed_event {
	char controller[LQ_NAME_SIZE];
	uint64_t seq; /* 1 to INT64_MAX */
	char type[LQ_FEED_TYPE_SIZE];
	int64_t at_ms;
	bool is_passage; /* the next three are filled */
	struct lq_visit_event passage;
	enum lq_feed_alert alert; /* holder and door are filled, too */
	uint32_t holder;
	bool of_office; /* the number is one of the office's, not of the controller's own roster */
	char door[LQ_NAME_SIZE];
	char zone[LQ_NAME_SIZE]; /* behind it; empty: its controller did not say */
	bool restarts;           /* journal.restarted: the chain begins anew */
	bool freezes; /* presence.frozen, presence.thawed: a fire input told of an evacuation */
	bool thaws;
	uint64_t skipped; /* link.skipped: this row will never come; 0: none */
	bool is_checkpoint;
	struct lq_feed_checkpoint checkpoint;
};

/* Reads what came on `topic`. LQ_ERR_INVALID when it is not an event of the controller that the
 * topic names in `space`; types that are not known here are events, too. */
int lq_feed_read(const char *space, const char *topic, const char *body, size_t length,
	struct lq_feed_event *ret_event);

#endif
