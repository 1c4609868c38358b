/* loquetd's one struct and what its files call of each other. Everything here runs on the loop's
 * thread. */
#ifndef LQ_DOOR_DAEMON_H
#define LQ_DOOR_DAEMON_H

#include "firmware/config/config.h"
#include "firmware/core/budget.h"
#include "firmware/core/contact.h"
#include "firmware/core/debounce.h"
#include "firmware/core/door.h"
#include "firmware/core/tally.h"
#include "firmware/door/feedback.h"
#include "firmware/door/office_manifest.h"
#include "firmware/door/reset.h"
#include "firmware/door/stages.h"
#include "firmware/door/writer.h"
#include "firmware/store/maintainers.h"
#include "firmware/store/store.h"
#include "firmware/wire/reader_wire.h"
#include "hal/clock.h"
#include "hal/entropy.h"
#include "hal/lines.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#define LQ_PENDING_MAX      64u
#define LQ_HELD_MAX         16u
#define LQ_CLIENTS_MAX      16u
#define LQ_READER_PEERS_MAX 32u

#define LQ_FAR_AWAY ((struct lq_mono){.us = UINT64_MAX}) /* when nothing will be due */

/* What the loop serves first. The disk's answers and the timer are few; a reader, which may be
 * hostile, must not keep the door from either. Everybody else takes turns. */
#define LQ_PRIORITY_WRITER (SD_EVENT_PRIORITY_IMPORTANT - 2)
#define LQ_PRIORITY_TIMER  (SD_EVENT_PRIORITY_IMPORTANT - 1)
#define LQ_PRIORITY_READER SD_EVENT_PRIORITY_IMPORTANT

/* A release that waits for its row to reach the disk. */
struct lq_pending {
	uint64_t token; /* 0: free */
	uint16_t door;
	struct lq_passage passage;
	bool sets_mode;    /* to `mode`, instead of letting somebody pass */
	bool spends;       /* something of the credential: never opens unrecorded */
	bool given_up;     /* the disk took too long for that */
	struct lq_wall at; /* of the tap, where it spends */
	bool by_hours;     /* the opening hours do, and the row is its door.mode_changed */
	enum lq_door_mode mode;
	uint32_t stages_us[LQ_STAGE_COUNT];
	struct lq_mono asked;
	struct lq_mono deadline;
};

/* A badge at a reader, and what is known of it before anything is weighed. */
struct lq_tap {
	struct lq_sighting sighting;
	struct lq_event event; /* an access.denied until it is decided */
	struct lq_mono since;  /* it came */
};

/* A tap that waits for the office's last word. */
struct lq_held {
	bool waits;
	struct lq_tap tap;
	uint32_t holder; /* of the badge */
	uint64_t order;
};

struct lq_door_unit {
	struct lq_daemon *daemon;
	struct lq_door door;
	struct lq_door_settings settings;
	struct lq_lines lines;
	struct lq_hours hours;
	bool hours_anew;           /* look at them whatever the minute */
	bool came;                 /* a member was let in, which they have not heard yet */
	struct lq_mono hours_look; /* when the minute is over */
	struct lq_debounce inputs[LQ_LINE_COUNT]; /* meaningful for inputs that are wired */
	struct lq_mono relay_retry; /* when a relay that does not obey is driven again */
	enum lq_feedback_kind feedback;
	enum lq_feedback_kind standing; /* what shows whenever nothing else does */
	struct lq_mono feedback_since;
	struct lq_mono feedback_change; /* when its levels next change */
};

enum lq_reader_state { LQ_READER_OFFLINE, LQ_READER_FAULT, LQ_READER_ONLINE };

struct lq_reader_unit {
	enum lq_reader_state state;
	uint32_t restarts;
	uint32_t faults; /* since loquetd started */
	char text[LQ_WIRE_TEXT_SIZE];
	char library[32]; /* libnfc's version; empty: not known */
	uint32_t tap;     /* whose badge has not left yet; 0: none */
	struct lq_reader_statistics statistics;
	struct lq_budget health;     /* events that may still be journalled */
	struct lq_reader_peer *peer; /* NULL: not connected */
	struct lq_lines lines;       /* with the reset line; none are open if that is not wired */
	struct lq_reset reset;
	struct lq_lockout lockout;
};

/* "Tap now": the next usable badge is enrolled for this member. */
struct lq_enrolment {
	uint64_t client; /* 0: none is waiting */
	bool ordered;   /* by a signed command, for an unknown badge; then `client` is a mere number
			 */
	uint64_t asked; /* the order that is answered with the badge's key; 0: none */
	uint16_t reader;              /* LQ_NONE: any */
	uint16_t door;                /* LQ_NONE: any */
	struct lq_job_change *change; /* NULL and not asked: its hash under `salt` is wanted, for a
				       * maintainer */
	uint8_t salt[LQ_MAINTAINER_SALT];
	bool looking;   /* for the member: no tap serves it yet */
	uint32_t for_s; /* once found */
	struct lq_mono deadline;
	struct lq_event order; /* meaningful when ordered: its command.accepted */
};

struct lq_link_state {
	bool connected;           /* to the broker, as the link says */
	struct lq_budget skipped; /* link.skipped events that may still be journalled */
	uint64_t cursor;
	char text[LQ_EVENT_TEXT_SIZE];
};

/* When the link is told how things are. */
struct lq_health {
	struct lq_mono started; /* loquetd */
	struct lq_mono told;
	struct lq_mono next;
	enum lq_trust trust; /* as it was told */
};

struct lq_occupancy_counts {
	uint32_t zones[LQ_DOORS_MAX]; /* persons, by the zone's number */
	uint32_t total;               /* persons; somebody may be in several zones */
	bool incomplete;              /* somebody found no room on the list */
};

/* When the link is told how many are in. */
struct lq_occupancy {
	struct lq_occupancy_counts told;
	struct lq_mono told_at;
	struct lq_mono next;
};

#define LQ_ORDERS_MAX 16u

/* A signed command that waits for its row. */
struct lq_order_pending {
	uint64_t token; /* 0: free */
	uint64_t id;    /* the link's */
	struct lq_order_target target;
	struct lq_order_arguments arguments;
	struct lq_reload *reload; /* of config.reload: what was read */
	bool holder_unknown;      /* of badge.enrol-next: afterwards */
	struct lq_mono until;     /* later, it is not done any more */
	struct lq_event event;
};

struct lq_orders {
	struct lq_nonces nonces;
	struct lq_tally judged;  /* command.refused events: of what was refused here, */
	struct lq_tally carried; /* … and by the link */
	struct lq_order_pending pending[LQ_ORDERS_MAX];
};

/* The roster that the space's office keeps. */
struct lq_office {
	struct lq_office_kept kept;       /* what was applied; its iat the newest that is known */
	int64_t saved_s;                  /* the iat that the disk has */
	struct lq_office_manifest wanted; /* version 0: nothing */
	struct lq_office_draft *reading;
	struct lq_office_draft *ready;   /* to be written */
	struct lq_office_draft *writing; /* the writer's meanwhile */
	sd_event_source *source;
	struct lq_mono retry;
	struct lq_mono ask_at; /* for the parts again */
	struct lq_contact contact;
	enum lq_office_refusal refusal; /* the last */
	uint32_t refusals;              /* since a roster was last applied */
	struct lq_office_full full;     /* as the office said last, */
	int64_t full_s;                 /* … its iat */
	struct lq_mono full_until;
};

struct lq_daemon {
	sd_event *loop;
	sd_event_source *timer;
	struct lq_config
		*config; /* reload.c writes parts of it; the writer's thread reads others */
	const char *config_path;
	struct lq_site site;
	struct lq_keys keys;
	struct lq_clock clock;
	struct lq_floor floor;
	struct lq_roster *roster;
	bool denies_in_memory; /* of what the disk did not take */
	struct lq_rule_tables *rules;
	struct lq_office office;
	struct lq_writer *writer;
	struct lq_door_kept kept[LQ_DOORS_MAX];  /* as door.db had it at the start, */
	struct lq_door_hold holds[LQ_DOORS_MAX]; /* … and what held besides */
	int open_told;          /* the last failure to open door.db that was logged */
	atomic_bool begun_anew; /* door.db since the start: the old one was lost or damaged */
	uint64_t head;
	struct lq_mono purge_next; /* when what is too old is looked for */
	bool purge_asked;          /* … and it was not seen yet how that ended */
	int purge_told;            /* the last failure of it that was logged */
	uint64_t reported_lost;
	uint32_t reported_stalls;
	bool reported_stalled; /* … and not yet that it is over */
	uint64_t run;          /* the journal's head when the program started */
	uint32_t transactions;
	uint64_t tokens;
	struct lq_pending pending[LQ_PENDING_MAX];
	struct lq_held held[LQ_HELD_MAX];
	uint64_t held_count; /* since the start */
	struct lq_door_unit doors[LQ_DOORS_MAX];
	struct lq_reader_unit readers[LQ_READERS_MAX];
	struct lq_enrolment enrolment;
	struct lq_link_state link;
	struct lq_orders orders;
	struct lq_health health;
	struct lq_occupancy occupancy;
	struct lq_stages stages;
	struct lq_presence presence;
	struct lq_presence frozen; /* as it was when a fire began, */
	int64_t frozen_ms;         /* … then; 0: no fire waits to be confirmed */
	bool keys_lost;            /* the controller's keys are not all there */
	struct lq_maintainers maintainers;
	bool maintainers_bad;                       /* not all of the file could be read */
	char maintainer_used[2 * LQ_NAME_SIZE + 8]; /* last, since the start: "NAME at DOOR" */
	struct lq_budget complaints;  /* lines about peers that may still be logged, */
	unsigned complaints_left_out; /* … and were not */
	int reader_fd;
	struct lq_reader_peer *reader_peers[LQ_READER_PEERS_MAX];
	int control_fd;
	int link_fd;
	struct lq_control_client *clients[LQ_CLIENTS_MAX];
	struct lq_link_peer *link_peer;
};

/* ---- daemon.c ---- */

struct lq_mono lq_daemon_mono(const struct lq_daemon *daemon);
/* Never earlier than any time that was given out before. */
struct lq_wall lq_daemon_wall(struct lq_daemon *daemon);
struct lq_event lq_daemon_event(struct lq_daemon *daemon, enum lq_event_type type);
/* Queues an event that nothing waits for. */
void lq_daemon_record(struct lq_daemon *daemon, const struct lq_event *event);
/* Whether a line may be logged of what a peer did wrong: a few, then one now and again. What was
 * left out is told with the next. */
bool lq_daemon_may_complain(struct lq_daemon *daemon);
int lq_daemon_make_timer(struct lq_daemon *daemon);
/* The timer fires at `at` at the latest. */
void lq_daemon_wake(struct lq_daemon *daemon, struct lq_mono at);
/* Does what is due and sets the one timer to the earliest thing that will be. */
void lq_daemon_rearm(struct lq_daemon *daemon);

/* ---- log.c ---- */

/* A line to the standard error. Any thread. Never waits: what the log does not take is dropped, and
 * the next line that it takes says how much. */
void lq_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- recording.c: the journal, as the loop sees it ---- */

/* Opens door.db, loads the roster and starts the writer; what comes back from it is dispatched by
 * the loop. */
int lq_recording_start(struct lq_daemon *daemon);

/* Goes on with what came back from the writer. */
void lq_recording_take(struct lq_daemon *daemon);
/* Empties what is too old, every hour. */
struct lq_mono lq_recording_tick(struct lq_daemon *daemon);
/* retention_days may be another. */
void lq_recording_purge_anew(struct lq_daemon *daemon);
/* Writes what is queued, as far as the disk answers in time. */
void lq_recording_stop(struct lq_daemon *daemon);

/* ---- doorway.c: the doors, and the desk's wishes ---- */

int lq_doorway_open(struct lq_daemon *daemon);
void lq_doorway_close(struct lq_daemon *daemon);
/* The operator's desk: journalled, then done. LQ_ERR_BUSY, and nothing happens, when the door's
 * mode refuses it. */
int lq_doorway_command(struct lq_daemon *daemon, uint16_t door, bool extended, const char *actor);
/* What locks is done at once, what releases once it is on disk. */
void lq_doorway_set_mode(
	struct lq_daemon *daemon, uint16_t door, enum lq_door_mode mode, const char *actor);
/* The door may stand open so long without an alarm; 0: no longer. */
void lq_doorway_prop(struct lq_daemon *daemon, uint16_t door, uint32_t minutes, const char *actor);
/* LQ_ERR_BUSY while the fire input is active, LQ_ERR_NOT_FOUND when there was no fire. */
int lq_doorway_confirm_fire(struct lq_daemon *daemon, uint16_t door, const char *actor);
/* As lq_doorway_command() and lq_doorway_set_mode(), whose row is on disk already. */
void lq_doorway_release(
	struct lq_daemon *daemon, uint16_t door, bool extended, struct lq_transaction transaction);
void lq_doorway_apply_mode(struct lq_daemon *daemon, uint16_t door, enum lq_door_mode mode,
	struct lq_transaction transaction);
/* Shows and sounds at the door which one it is. */
void lq_doorway_identify(struct lq_daemon *daemon, uint16_t door);
struct lq_transaction lq_doorway_transaction(struct lq_daemon *daemon);
/* Does what is due and returns the next time something will be. */
struct lq_mono lq_doorway_tick(struct lq_daemon *daemon);

/* ---- taps.c ---- */

void lq_doorway_tap(struct lq_daemon *daemon, uint16_t reader, const struct lq_reader_msg *msg,
	struct lq_mono now);

/* ---- held.c: taps that wait for the office's last word ---- */

/* Decides those that wait for nothing any more, and returns when the next one will. */
struct lq_mono lq_held_tick(struct lq_daemon *daemon);

/* ---- releases.c ---- */

/* A journalled row came back: release what waited for it. */
void lq_doorway_recorded(struct lq_daemon *daemon, uint64_t token);
/* The credential comes from the disk: takes from it what the disk has still to take. */
void lq_doorway_spend_again(struct lq_daemon *daemon, struct lq_credential *credential);
/* The same for a whole roster that comes from the disk. */
void lq_doorway_spend_all_again(struct lq_daemon *daemon);

/* ---- opening.c ---- */

/* The rules were replaced. */
void lq_doorway_rules_changed(struct lq_daemon *daemon);

/* ---- inputs.c ---- */

/* Opens lines for "door front" or another `user` that the log can name. */
int lq_doorway_open_lines(enum lq_lines_kind kind, const struct lq_lines_settings *settings,
	const char *user, struct lq_lines *ret_lines);

/* ---- attendance.c: who is in ---- */

/* An event of the door on its way to the journal. What it says of who is in is kept with it.
 * `passage`: who was let pass just now, or NULL. */
void lq_attendance_note(
	struct lq_daemon *daemon, struct lq_event *event, const struct lq_passage *passage);
/* Of a tap that was granted: door, access point and holder. */
enum lq_passback_verdict lq_attendance_judge(
	struct lq_daemon *daemon, const struct lq_event *event);
/* LQ_ERR_NOT_FOUND when they are not in. */
int lq_attendance_forgive(struct lq_daemon *daemon, uint32_t member, const char *actor);
/* A page of who is in, behind that pair; `frozen`: of who was when a fire began. NULL when there is
 * no such list. */
json_t *lq_attendance_list(
	struct lq_daemon *daemon, bool frozen, uint16_t after_zone, uint32_t after_member);
/* Takes off the list who is taken for gone since the day was cut. */
void lq_attendance_sweep(struct lq_daemon *daemon);
/* A fire begins at a door, or its end was confirmed there. */
void lq_attendance_freeze(struct lq_daemon *daemon, uint16_t door);
void lq_attendance_thaw(struct lq_daemon *daemon, uint16_t door);
/* Every door has taken up what held before: a list that no door's fire keeps any more is given up.
 */
void lq_attendance_settle(struct lq_daemon *daemon);

/* ---- maintain.c: badges that open when nothing else does ---- */

/* Reads the file again; `actor`: who asked, empty: nobody. */
int lq_maintain_read(struct lq_daemon *daemon, const char *actor);
/* A tap that is denied so far: true when it is a maintainer's, and `event` says so now. */
bool lq_maintain_tap(
	struct lq_daemon *daemon, const struct lq_sighting *sighting, struct lq_event *event);
/* It is about to open. */
void lq_maintain_used(struct lq_daemon *daemon, const struct lq_event *event);

/* ---- readers.c ---- */

/* The reset lines, where readers have one. */
int lq_readers_open(struct lq_daemon *daemon);
int lq_readers_listen(struct lq_daemon *daemon);
void lq_readers_close(struct lq_daemon *daemon);
/* Hangs up on who is silent for too long. */
struct lq_mono lq_readers_tick(struct lq_daemon *daemon);

/* ---- control.c: the operator's socket ---- */

int lq_control_listen(struct lq_daemon *daemon);
void lq_control_close(struct lq_daemon *daemon);
/* Tells everybody who watches. */
void lq_control_publish(struct lq_daemon *daemon, const struct lq_job *job);
/* Gives up an enrolment that nobody tapped for, and answers who waits for the disk too long. */
struct lq_mono lq_control_tick(struct lq_daemon *daemon);

/* ---- control_change.c ---- */

/* A roster change came back from the writer. Releases the job's change. */
void lq_control_changed(struct lq_daemon *daemon, const struct lq_job *job);

/* ---- control_import.c ---- */

/* An import came back from the writer. Releases the job's import. */
void lq_control_imported(struct lq_daemon *daemon, const struct lq_job *job);

/* ---- enrolment.c: whoever waits for a tap ---- */

/* The badge of a maintainer was tapped; false when nobody waits for one at this reader. */
bool lq_control_hash(struct lq_daemon *daemon, uint16_t reader, const struct lq_sighting *sighting);
/* A badge was tapped that may serve a waiting enrolment; false when none waits for it, at this
 * reader. */
bool lq_control_enrol(struct lq_daemon *daemon, uint16_t reader, const uint8_t key[16], bool known);
/* The next unknown badge at `door` is given to `member`, because of the command `order`; what comes
 * of it is journalled. LQ_ERR_BUSY while another enrolment waits; LQ_ERR_NO_MEMORY. That there is
 * such a member was looked up. */
int lq_control_enrol_next(struct lq_daemon *daemon, uint16_t door, uint32_t member,
	uint32_t timeout_s, const struct lq_event *order);
/* The order `asked` of the link is answered with the key of the next unknown badge at `door`, or at
 * that `reader` of it unless it is LQ_NONE. LQ_ERR_BUSY while another enrolment waits, or when no
 * key can be told. */
int lq_control_read_next(struct lq_daemon *daemon, uint16_t door, uint16_t reader,
	uint32_t timeout_s, uint64_t asked, const struct lq_event *order);

/* ---- status.c ---- */

json_t *lq_status(struct lq_daemon *daemon);
json_t *lq_status_stages(const struct lq_daemon *daemon);
/* Static. */
const char *lq_status_reader(enum lq_reader_state state);

/* ---- health.c: the figures of the health topic ---- */

void lq_health_start(struct lq_daemon *daemon);
/* The link is told at once. */
void lq_health_link_came(struct lq_daemon *daemon);
/* The link is told soon. */
void lq_health_changed(struct lq_daemon *daemon);
struct lq_mono lq_health_tick(struct lq_daemon *daemon);

/* ---- occupancy.c: how many are in, for the occupancy topic ---- */

void lq_occupancy_start(struct lq_daemon *daemon);
/* The link is told at once. */
void lq_occupancy_link_came(struct lq_daemon *daemon);
/* Who is in has changed: the link is told soon. */
void lq_occupancy_changed(struct lq_daemon *daemon);
struct lq_mono lq_occupancy_tick(struct lq_daemon *daemon);

/* ---- link_peer.c ---- */

int lq_link_listen(struct lq_daemon *daemon);
void lq_link_close(struct lq_daemon *daemon);
void lq_link_tell_head(struct lq_daemon *daemon);
/* What the link has said by now that the broker was reached is heard first. */
void lq_link_hear(struct lq_daemon *daemon);
/* {key:what}; releases `what`. LQ_ERR_NOT_FOUND when no link is connected. */
int lq_link_tell(struct lq_daemon *daemon, const char *key, json_t *what);
/* LQ_ERR_NOT_FOUND when no link is connected. */
int lq_link_ask_replay(struct lq_daemon *daemon, uint64_t from);
/* {"id":id,"answer":answer}; lost when no link is connected. Releases `answer`. */
void lq_link_answer(struct lq_daemon *daemon, uint64_t id, json_t *answer);

/* ---- office.c: the roster that the space's office keeps ---- */

/* Members are the office's persons, and nothing here changes them. */
bool lq_office_keeps(const struct lq_daemon *daemon);
/* Since the office last said that the roster holds. */
int64_t lq_office_age_s(const struct lq_daemon *daemon, struct lq_wall now);

/* Whether no room is left for this holder where the door leads, as the office said a moment ago.
 * Whoever is in by the list takes no more of it. */
bool lq_office_full(
	const struct lq_daemon *daemon, uint16_t door, uint32_t holder, struct lq_wall now);
/* rosterVersion, rosterAge, rosterContact, rosterRefused of schemas/health.json. */
json_t *lq_office_figures(struct lq_daemon *daemon);
/* The link has the broker, or has it no more. */
void lq_office_contact(struct lq_daemon *daemon, bool made);
/* What the link hands over: memory files, which stay the caller's. `current`: it is the office's
 * last word, as far as the broker knows. */
void lq_office_take_manifest(struct lq_daemon *daemon, int fd, bool current);
void lq_office_take_parts(struct lq_daemon *daemon, int fd);
/* An LQ_JOB_OFFICE came back. */
void lq_office_written(struct lq_daemon *daemon, const struct lq_job *job);
struct lq_mono lq_office_tick(struct lq_daemon *daemon);
int lq_office_start(struct lq_daemon *daemon, struct lq_store *store);
/* Behind the writer. */
void lq_office_stop(struct lq_daemon *daemon);

/* ---- orders.c: signed commands ---- */

void lq_orders_start(struct lq_daemon *daemon);
/* Takes or refuses a command that the link carried, and answers it under the link's `id`, now or
 * once its row is on disk. */
void lq_orders_take(struct lq_daemon *daemon, uint64_t id, const char *text, size_t length);
/* The row of a command came back: does it. Releases the job's change. */
void lq_orders_recorded(struct lq_daemon *daemon, const struct lq_job *job);
/* Answers with the key of a badge, never with its UID. */
void lq_orders_badge_read(
	struct lq_daemon *daemon, uint64_t id, const struct lq_event *order, const uint8_t key[16]);
/* Journals a refusal and answers with it. */
void lq_orders_refuse(struct lq_daemon *daemon, uint64_t id, enum lq_refusal refusal,
	const struct lq_event *event);
/* A command was taken and answered, but came to nothing in the end. */
void lq_orders_failed(
	struct lq_daemon *daemon, const struct lq_event *order, enum lq_refusal refusal);
/* The link refused `count` commands, which never came here, with this word. */
void lq_orders_refused_by_link(struct lq_daemon *daemon, const char *word, uint32_t count);
/* Journals what too many refusals held back. When there is more to do. */
struct lq_mono lq_orders_tick(struct lq_daemon *daemon);

/* ---- reload.c ---- */

/* loquet.conf and the maintainers' badges are read again on SIGHUP. */
int lq_reload_listen(struct lq_daemon *daemon);
/* NULL: no memory. The caller frees it. */
struct lq_reload *lq_reload_new(const struct lq_daemon *daemon);
/* Takes over what was read; what is wrong, or takes a restart, is logged, changes nothing and is
 * returned. */
int lq_reload_apply(struct lq_daemon *daemon, struct lq_reload *reload);
/* A row came back that SIGHUP caused. Releases the job's change. */
void lq_reload_recorded(struct lq_daemon *daemon, const struct lq_job *job);

#endif
