/* Keeps the roster that the broker holds for the doors as office.db says it is. One thread. */
#ifndef LQ_OFFICE_ROSTER_PUBLISH_H
#define LQ_OFFICE_ROSTER_PUBLISH_H

#include "firmware/store/office.h"
#include "host/office/db.h"
#include "host/office/post.h"

#include <stdint.h>

#define LQ_MANIFEST_EVERY_MS 60000

struct lq_publisher;

/* `space` is copied, the others are borrowed. */
int lq_publisher_new(struct lq_db *db, struct lq_post *post, const char *space,
	struct lq_publisher **ret_publisher);
void lq_publisher_free(struct lq_publisher *publisher); /* accepts NULL */

/* The broker is there anew, or seems to hold less than was published: everything is published
 * again. */
void lq_publisher_up(struct lq_publisher *publisher);

/* A controller has this version. Where it is newer than ours, older books were put back behind our
 * back, and no door would take what they say: it goes out under a newer version in the next turn.
 * What is more than a day ahead of our clock is nothing that we said. */
void lq_publisher_heard(struct lq_publisher *publisher, int64_t version, int64_t now_ms);

/* Reads the parts that are due, no other, and queues what changed; the manifest when one did or is
 * a minute old. Does nothing while the broker is away. In a transaction of its own, none may be
 * open. LQ_OK or an error of the database: nothing was published then. */
int lq_publisher_turn(struct lq_publisher *publisher, int64_t now_ms);

/* Where it is full, as the next manifest says: at once, where that is something else. Of zeroes the
 * rest. */
void lq_publisher_full(struct lq_publisher *publisher, const struct lq_office_full *full);

/* What was published last; 0: nothing was yet. */
int64_t lq_publisher_version(const struct lq_publisher *publisher);

/* How many events of the next days had no room in the roster as it was read last. */
size_t lq_publisher_left_out(const struct lq_publisher *publisher);

#endif
