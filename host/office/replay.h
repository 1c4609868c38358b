/* Asks controllers again for the rows that are missing, by the signed command journal.replay. One
 * thread. */
#ifndef LQ_OFFICE_REPLAY_H
#define LQ_OFFICE_REPLAY_H

#include "firmware/core/site.h"
#include "host/office/db.h"
#include "host/office/post.h"

#define LQ_REPLAY_CONTROLLERS_MAX 64u
/* Rows that a controller does not have any more never come: after so many times nobody asks. */
#define LQ_REPLAY_TIMES_MAX 10u
#define LQ_REPLAY_FIRST_MS  (INT64_C(10) * 1000) /* rows on their way may fill the gap */
#define LQ_REPLAY_MOST_MS   (INT64_C(3600) * 1000)

/* Begins as zeroes. */
struct lq_replay {
	int64_t next_ms; /* when the gaps are looked at again */
	size_t count;
	struct lq_replay_wish {
		char controller[LQ_NAME_SIZE];
		int64_t from; /* the first row that is missing, */
		int64_t to;   /* … and the last */
		unsigned times;
		int64_t due_ms;
	} wishes[LQ_REPLAY_CONTROLLERS_MAX];
};

/* Looks at the gaps and asks where it is time: twice as late each time. LQ_OK or an error of the
 * database; what the post cannot send is asked for later. */
int lq_replay_turn(
	struct lq_replay *replay, struct lq_db *db, struct lq_post *post, int64_t now_ms);

#endif
