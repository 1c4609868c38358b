/* What the office's one thread works with, beside its database. */
#ifndef LQ_OFFICE_OFFICE_H
#define LQ_OFFICE_OFFICE_H

#include "firmware/config/config.h"
#include "host/office/db.h"
#include "host/office/post.h"
#include "host/office/shared.h"
#include "host/office/stream.h"
#include "host/office/throttle.h"

struct lq_doors;

#define LQ_ANNOUNCEMENTS_MAX 16u

struct lq_office {
	const struct lq_config *config; /* borrowed */
	struct lq_db *db;               /* borrowed */
	struct lq_post *post;           /* borrowed; NULL: nothing is sent to doors */
	struct lq_doors *doors;         /* borrowed */
	struct lq_stream stream;
	struct lq_shared shared;
	struct lq_throttle throttle;
	size_t events_left_out; /* that had no room in the doors' roster */
	bool rules_changed;     /* settings were written since somebody read them */
	char first_code[16];    /* that the first account asks for; empty: there is one already */
	/* Topics of lq_announce() that wait for the transaction's end; literals. */
	const char *announced[LQ_ANNOUNCEMENTS_MAX];
	size_t announced_count;
	bool forgets; /* somebody: from the files too, once the transaction is committed */
};

#endif
