/* What link.c, session.c, pump.c, view.c, health.c, occupancy.c, discovery.c and answer.c
 * share. Nobody else includes it. */
#ifndef LQ_LINK_LINK_INTERNAL_H
#define LQ_LINK_LINK_INTERNAL_H

#include "firmware/core/office_roster.h"
#include "firmware/core/tally.h"
#include "firmware/link/broker.h"
#include "firmware/link/command.h"
#include "firmware/link/cursor.h"
#include "firmware/link/doors.h"
#include "firmware/link/follow.h"
#include "firmware/link/home_assistant.h"
#include "firmware/link/link.h"
#include "firmware/link/outbox.h"
#include "firmware/link/peer.h"
#include "firmware/link/press.h"
#include "firmware/link/shelf.h"
#include "firmware/link/topics.h"
#include "firmware/store/keys.h"

#define LQ_LINK_TEXT_SIZE 224u
#define LQ_LINK_ANSWERS   16u

#define LQ_LINK_RESPONSE_TOPIC_MAX 256u /* bytes */
#define LQ_LINK_CORRELATION_MAX    256u /* bytes */

/* A signed command that loquetd has still to answer. */
struct lq_link_order {
	uint64_t id; /* 0: free */
	struct lq_mono until;
	char topic[LQ_LINK_RESPONSE_TOPIC_MAX + 1]; /* of the answer; empty: it is the latch's */
	uint8_t correlation[LQ_LINK_CORRELATION_MAX];
	uint16_t correlation_length;
	char correlation_text[LQ_COMMAND_CORRELATION + 1]; /* empty: none */
};

struct lq_link_health {
	json_t *figures; /* loquetd's, as it told them last; NULL: it is not there */
	bool changed;    /* since it was last published */
	struct lq_mono published;
	struct lq_mono patience; /* until when loquetd, which is there, is waited for */
	uint16_t mid;            /* on its way; 0: none */
	int64_t up_ms;           /* Unix time of the connection */
	uint64_t head;           /* of the journal, as loquetd told it last */
	uint64_t skipped;        /* rows, since the link started */
};

struct lq_link_occupancy {
	json_t *counts; /* loquetd's, as it told them last; NULL: it is not there */
	bool changed;   /* since it was last published */
	uint16_t mid;   /* on its way; 0: none */
};

#define LQ_DISCOVERY_TOPICS_MAX 64u

/* Discovery messages that stand at the broker and are wanted no more. */
struct lq_link_discovery {
	size_t stale_count;
	struct {
		char topic[LQ_DISCOVERY_TOPIC_SIZE];
		uint16_t mid; /* of its removal, on its way; 0: none */
	} stale[LQ_DISCOVERY_TOPICS_MAX];
};

enum lq_latch_state {
	LQ_LATCH_UNUSED,
	LQ_LATCH_NO_KEY,      /* the file cannot be read */
	LQ_LATCH_NOT_TRUSTED, /* no [command NAME] knows it */
	LQ_LATCH_READY,
};

#define LQ_LATCH_WHY_SIZE 32u

/* The lock of Home Assistant. */
struct lq_link_latch {
	enum lq_latch_state state;
	struct lq_keys keys;            /* its signing half */
	const struct lq_signer *signer; /* as whom it signs; NULL unless ready */
	struct lq_mono paces[LQ_DOORS_MAX];
	uint64_t taken; /* by loquetd, since the link started */
	uint64_t refused;
	char why[LQ_LATCH_WHY_SIZE]; /* the last refusal's word */
	struct lq_mono log_at;       /* no refusal before */
};

/* The office's roster on its way to loquetd. */
struct lq_link_roster {
	char *manifest; /* as it came last; NULL: none */
	size_t manifest_length;
	bool current; /* … on this connection, and there is none that was said later */
	bool wanted[LQ_OFFICE_PARTS]; /* what loquetd misses, */
	uint16_t missing;             /* … and how much of it has not come */
	int fd;                       /* a memory file of what has; -1: none */
	size_t bytes;                 /* in it */
	bool subscribed;              /* to some parts */
	bool unsubscribe;             /* from every part */
	struct lq_mono retry_at;
};

struct lq_link {
	const struct lq_config *config;
	struct lq_topics topics;
	struct lq_follow *follow;
	struct lq_broker *broker; /* NULL: no broker is set */
	struct lq_peer peer;
	struct lq_mono now;

	/* the journal and the cursor: pump.c */
	struct lq_outbox outbox;
	struct lq_shelf shelf;  /* rows from outbox.next on */
	struct lq_cursor saved; /* what the disk has */
	uint64_t files;         /* of the journal, that the cursor was compared with */
	bool more;              /* there may be rows to take */
	struct lq_mono look_at; /* for rows that nobody has told of */
	struct lq_mono save_at; /* not before */
	uint32_t journal_failures;
	struct lq_mono journal_retry_at;

	/* the doors' state topics: view.c */
	struct lq_doors doors;
	uint64_t view_next; /* the row to take in next; 0: not known yet */
	bool view_more;
	bool view_checked;                /* on this connection, for how far it is behind */
	uint16_t door_mids[LQ_DOORS_MAX]; /* on their way; 0: none */

	struct lq_link_health health;
	struct lq_link_occupancy occupancy;
	struct lq_link_discovery discovery;
	struct lq_link_latch latch;
	struct lq_link_roster carried;

	/* the answers to commands: answer.c */
	uint16_t answer_mids[LQ_LINK_ANSWERS]; /* on their way; 0: none */
	uint64_t orders_sent;
	struct lq_link_order orders[LQ_LINK_ANSWERS];
	struct lq_tally refused; /* loquetd is to hear of them */

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

/* There may be new rows. */
void lq_link_look(struct lq_link *link);

/* ---- pump.c ---- */

/* Loads the cursor. */
int lq_pump_open(struct lq_link *link);
/* Publishes rows while there are some and the window has room. */
void lq_pump_run(struct lq_link *link);
/* The journal is open, and the cursor belongs to it. */
bool lq_pump_journal_ready(struct lq_link *link);
/* Reading it failed with `r`: tells, and waits before the next attempt. */
void lq_pump_journal_failed(struct lq_link *link, int r);
/* Publishes again from row `from` on. LQ_ERR_INVALID: 0; LQ_ERR_NOT_FOUND: there is no such row,
 * nor one behind it; LQ_ERR_BUSY: another replay is not through; LQ_ERR_IO: the journal cannot be
 * read. */
int lq_pump_replay(struct lq_link *link, uint64_t from);
/* Tells of a skipped row. A row that itself tells of a skipped one gets into the log only: loquetd
 * would record it in one more row, and so for ever. */
void lq_pump_tell_skipped(struct lq_link *link, uint64_t seq, const char *why);
/* There is more to publish at once. */
bool lq_pump_busy(const struct lq_link *link);
/* The connection is gone: publishes again what it did not settle. */
void lq_pump_rewind(struct lq_link *link);
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

/* ---- view.c ---- */

void lq_view_open(struct lq_link *link);
/* Another journal took the place of the one before. */
void lq_view_forget(struct lq_link *link);
void lq_view_up(struct lq_link *link);
/* Takes in new rows, and publishes what changed once there are no more. */
void lq_view_run(struct lq_link *link);
bool lq_view_busy(const struct lq_link *link);
void lq_view_settled(struct lq_link *link, uint16_t mid);

/* ---- health.c ---- */

/* loquetd told how things are (struct lq_peer_handler). */
void lq_health_take(void *ctx, json_t *figures);
/* loquetd went away. */
void lq_health_alone(struct lq_link *link);
void lq_health_changed(struct lq_link *link);
void lq_health_up(struct lq_link *link);
/* loquetd is there, and will tell. */
void lq_health_expect(struct lq_link *link);
/* When lq_health_run() will have something to publish. */
struct lq_mono lq_health_due(const struct lq_link *link);
void lq_health_run(struct lq_link *link);
void lq_health_settled(struct lq_link *link, uint16_t mid);

/* ---- occupancy.c ---- */

/* loquetd told how many are in (struct lq_peer_handler). */
void lq_occupancy_take(void *ctx, json_t *counts);
/* loquetd went away. */
void lq_occupancy_alone(struct lq_link *link);
void lq_occupancy_up(struct lq_link *link);
/* When lq_occupancy_run() will have something to publish. */
struct lq_mono lq_occupancy_due(const struct lq_link *link);
void lq_occupancy_run(struct lq_link *link);
void lq_occupancy_settled(struct lq_link *link, uint16_t mid);

/* ---- discovery.c ---- */

void lq_discovery_open(struct lq_link *link);
void lq_discovery_up(struct lq_link *link);
void lq_discovery_settled(struct lq_link *link, uint16_t mid);

/* ---- latch.c ---- */

void lq_latch_open(struct lq_link *link);
void lq_latch_close(struct lq_link *link);
/* Presses are heard. */
bool lq_latch_listens(const struct lq_link *link);
/* A lock is announced for this door. */
bool lq_latch_shows(const struct lq_link *link, uint16_t door);
/* For the health topic; NULL: there is none. */
json_t *lq_latch_figures(const struct lq_link *link);
/* A message of a door's command topic. */
void lq_latch_take(struct lq_link *link, const struct lq_broker_message *message);
/* loquetd's answer to what was signed here. */
void lq_latch_answered(struct lq_link *link, const json_t *answer);

/* ---- roster.c ---- */

void lq_roster_open(struct lq_link *link);
void lq_roster_close(struct lq_link *link);
void lq_roster_up(struct lq_link *link);
/* The broker sent "manifest" or "part/<index>" (struct lq_broker_handler). */
void lq_roster_take(void *ctx, const char *name, const void *bytes, size_t length, bool retained);
/* loquetd is there, and knows of no manifest yet. */
void lq_roster_hand_manifest(struct lq_link *link);
/* loquetd says which parts it misses (struct lq_peer_handler). */
void lq_roster_asked(void *ctx, json_t *words);
struct lq_mono lq_roster_due(const struct lq_link *link);
void lq_roster_run(struct lq_link *link);

/* ---- answer.c ---- */

void lq_answer_up(struct lq_link *link);
/* Passes the message on to loquetd, or answers why not. */
void lq_answer_command(struct lq_link *link, const struct lq_broker_message *message);
/* So many commands came that nobody looked at. */
void lq_answer_dropped(struct lq_link *link, uint32_t count);
/* What was refused here is told to loquetd, for the journal. */
void lq_answer_tell_refused(struct lq_link *link);
/* Hands a command that was signed here to loquetd; its answer goes to latch.c. LQ_ERR_BUSY;
 * LQ_ERR_CLOSED: loquetd is not there. */
int lq_answer_carry(struct lq_link *link, const char *order);
/* loquetd's answer to a signed command (struct lq_peer_handler). */
void lq_answer_order(void *ctx, uint64_t id, json_t *answer);
/* Answers what loquetd did not. */
void lq_answer_expire(struct lq_link *link);
void lq_answer_settled(struct lq_link *link, uint16_t mid);

#endif
