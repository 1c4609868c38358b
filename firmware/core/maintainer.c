#include "firmware/core/maintainer.h"

bool lq_maintainer_may(enum lq_reason reason)
{
	return reason == LQ_REASON_CREDENTIAL_NOT_FOUND ||
	       reason == LQ_REASON_CREDENTIAL_NOT_ACTIVE ||
	       reason == LQ_REASON_CREDENTIAL_EXPIRED || reason == LQ_REASON_NO_USES_LEFT ||
	       reason == LQ_REASON_NOT_PERMITTED_AT_THIS_TIME || reason == LQ_REASON_UNAUTHORIZED ||
	       reason == LQ_REASON_CLOCK_NOT_TRUSTED || reason == LQ_REASON_READER_LOCKED_OUT ||
	       reason == LQ_REASON_ALREADY_INSIDE || reason == LQ_REASON_ROSTER_STALE ||
	       reason == LQ_REASON_SPACE_FULL;
}

struct lq_decision lq_decide_maintainer(
	enum lq_reason reason, const struct lq_maintainer *maintainer)
{
	bool opens = maintainer != NULL && lq_maintainer_may(reason);
	return (struct lq_decision){.reason = opens ? LQ_REASON_MAINTAINER : reason};
}
