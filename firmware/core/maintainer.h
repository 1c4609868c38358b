/* Badges that open when nothing else does, for whoever has to mend the door: they stand outside the
 * roster and outlive it. Pure; any thread. */
#ifndef LQ_CORE_MAINTAINER_H
#define LQ_CORE_MAINTAINER_H

#include "firmware/core/decide.h"
#include "firmware/core/site.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_MAINTAINERS_MAX 8u
#define LQ_MAINTAINER_SALT 16u
#define LQ_MAINTAINER_HASH 16u

/* A zero byte begins the name of none. */
struct lq_maintainer {
	char name[LQ_NAME_SIZE]; /* [a-z0-9_-] */
	uint8_t salt[LQ_MAINTAINER_SALT];
	uint8_t hash[LQ_MAINTAINER_HASH]; /* of the badge's UID under the salt */
};

struct lq_maintainers {
	size_t count;
	struct lq_maintainer list[LQ_MAINTAINERS_MAX];
};

/* A maintainer's badge opens although the roster, or a reader that refuses everybody, says so. Not
 * where the roster knows that the badge itself is not to be used any more, nor where it could not
 * be read, nor where UIDs alone do not count. */
bool lq_maintainer_may(enum lq_reason reason);

/* What becomes of a tap for which everything else says `reason`; `maintainer`: whose badge it is,
 * NULL: no maintainer's. LQ_REASON_MAINTAINER is made here alone. */
struct lq_decision lq_decide_maintainer(
	enum lq_reason reason, const struct lq_maintainer *maintainer);

#endif
