/* What tells of persons is emptied when it is too old: bodies of the journal, whose hashes stay,
 * and who came when. Short steps on the thread of the store, which goes on with other work in
 * between. */
#ifndef LQ_STORE_RETENTION_H
#define LQ_STORE_RETENTION_H

#include "firmware/store/store.h"

#include <stdint.h>

/* Goes on for `rows` rows of the journal. A row is too old when its time is before `before_ms`, and
 * that of a row which was written with a clock that is trusted: that row itself, or a later one.
 * 1: there is more to do; LQ_OK: nothing older is left, in the file and its log; LQ_ERR_BUSY: the
 * same, but a reader holds the log, which has to be cut later. Another error leaves what earlier
 * steps did. */
int lq_store_purge_step(struct lq_store *store, int64_t before_ms, uint32_t rows);

#endif
