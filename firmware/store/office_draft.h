/* Parts of the office's roster that have come, on their way into door.db. The loop reads them, part
 * by part; then the writer's thread writes them (office_apply.h); then the loop has the new rights.
 * It belongs to one thread at a time. */
#ifndef LQ_STORE_OFFICE_DRAFT_H
#define LQ_STORE_OFFICE_DRAFT_H

#include "firmware/store/office.h"
#include "firmware/store/roster.h"

#include <stdbool.h>

struct lq_office_draft;

/* What comes along with a part in a memory file: this, then `length` bytes, one after the other. */
struct lq_office_piece {
	uint32_t part;
	uint32_t length;
};

/* All parts together, in bytes. */
#define LQ_OFFICE_BYTES_MAX ((size_t)64 * 1024 * 1024)

/* `fd` is a sealed memory file of pieces; it is taken over, whatever is returned; -1: there are
 * none. LQ_ERR_INVALID when it is no such file, LQ_ERR_FULL when there are too many bytes. */
int lq_office_draft_new(
	const struct lq_office_manifest *manifest, int fd, struct lq_office_draft **ret_draft);

/* Accepts NULL. */
void lq_office_draft_free(struct lq_office_draft *draft);

/* Reads the next part. 1: there are more; LQ_OK: all were read; LQ_ERR_CORRUPT: it is not the one
 * that the manifest names; LQ_ERR_INVALID: what it says cannot be; LQ_ERR_NO_MEMORY. */
int lq_office_draft_read(struct lq_office_draft *draft);

const struct lq_office_manifest *lq_office_draft_manifest(const struct lq_office_draft *draft);

/* Whether it has the part, or the manifest says that it is empty. */
bool lq_office_draft_covers(const struct lq_office_draft *draft, uint16_t part);

/* What takes a right away holds in `roster` from now on, of the persons of every part that the
 * draft has and `before` has not. `whole`: of everybody. What gives a right does not hold yet. */
void lq_office_draft_deny(const struct lq_office_draft *draft,
	const struct lq_office_manifest *before, bool whole, const struct lq_rule_tables *rules,
	struct lq_roster *roster);

#endif
