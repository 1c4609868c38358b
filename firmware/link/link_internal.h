/* What link.c, session.c and pump.c share. Nobody else includes it. */
#ifndef LQ_LINK_LINK_INTERNAL_H
#define LQ_LINK_LINK_INTERNAL_H

#include "firmware/link/broker.h"
#include "firmware/link/cursor.h"
#include "firmware/link/follow.h"
#include "firmware/link/link.h"
#include "firmware/link/outbox.h"
#include "firmware/link/peer.h"
#include "firmware/link/topics.h"

#define LQ_LINK_TEXT_SIZE 224u

struct lq_link {
	const struct lq_config *config;
	struct lq_topics topics;
	struct lq_follow *follow;
	struct lq_broker *broker; /* NULL: no broker is set */
	struct lq_peer peer;
	struct lq_mono now;

	/* the journal and the cursor: pump.c */
	struct lq_outbox outbox;
	struct lq_cursor saved; /* what the disk has */
	uint64_t files;         /* of the journal, that the cursor was compared with */
	bool more;              /* there may be rows to take */
	struct lq_mono look_at; /* for rows that nobody has told of */
	struct lq_mono save_at; /* not before */
	uint32_t journal_failures;
	struct lq_mono journal_retry_at;

	/* the connection: session.c */
	bool attempting; /* a connection is being made or is up */
	uint32_t failures;
	struct lq_mono retry_at;
	struct lq_mono up_since;
	uint8_t refusal;                /* reason code of a refused row; 0: none */
	uint16_t state_mid;             /* of the last message on the state topic; 0: settled */
	char status[LQ_LINK_TEXT_SIZE]; /* as it was last told */
};

/* Tells loquetd and the log; the same text twice in a row is told once. */
void lq_link_tell(struct lq_link *link, const char *text);

/* ---- pump.c ---- */

/* Loads the cursor. */
int lq_pump_open(struct lq_link *link);
/* Publishes rows while there are some and the window has room. */
void lq_pump_run(struct lq_link *link);
/* Saves the cursor when it is time; `now_or_never`: in any case. */
void lq_pump_save(struct lq_link *link, bool now_or_never);

/* ---- session.c ---- */

int lq_session_open(struct lq_link *link, const char *password);
/* Dials when it is time, does the broker's work. */
void lq_session_run(struct lq_link *link, short revents);
/* Says goodbye: publishes "offline" behind everything that is on its way. */
void lq_session_say_goodbye(struct lq_link *link);
/* Everything on its way is settled, the goodbye too. */
bool lq_session_settled(const struct lq_link *link);
bool lq_session_up(const struct lq_link *link);

#endif
