/* What the files behind the operator's socket call of each other. */
#ifndef LQ_DOOR_CONTROL_INTERNAL_H
#define LQ_DOOR_CONTROL_INTERNAL_H

#include "firmware/door/daemon.h"
#include "firmware/wire/seqpacket.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct lq_control_client {
	struct lq_daemon *daemon;
	sd_event_source *source;
	int fd;
	uint64_t id;
	bool watching;
	bool lagging;             /* a watcher that misses events */
	unsigned waiting;         /* changes that the disk has not answered */
	struct lq_mono answer_by; /* meaningful while some wait */
	char actor[LQ_NAME_SIZE];
	size_t fd_count; /* of the present request's descriptors, while nobody has taken them */
	int fds[LQ_SEQPACKET_FDS_MAX];
};

/* ---- control.c: answers ---- */

/* Releases `message`; NULL, or one too long, is answered with io. An answer that the client does
 * not take is lost. */
void lq_control_send(struct lq_control_client *client, json_t *message);
/* `text`: a sentence for the operator. */
void lq_control_refuse(struct lq_control_client *client, int error, const char *text);
/* The word of the protocol for an error. Static. */
const char *lq_control_error_word(int error);
/* Who asked under that number; NULL: hung up, or waits no more. Not to be kept: looked up anew. */
struct lq_control_client *lq_control_client(struct lq_daemon *daemon, uint64_t id);

/* ---- control_request.c: false, or LQ_NONE, when the field is not what it should be ---- */

/* The first field that is neither "do" nor one of `known`, words with a blank between them; NULL:
 * none, or no object. Borrowed. */
const char *lq_control_stray_field(json_t *object, const char *known);
/* 1 to 4294967295. */
bool lq_control_take_id(json_t *request, const char *key, uint32_t *ret_id);
/* At most `size` - 1 bytes. */
bool lq_control_take_text(json_t *request, const char *key, char *out, size_t size);
/* Unix seconds; absent or 0 is `unbounded`. */
bool lq_control_take_seconds(
	json_t *request, const char *key, uint32_t unbounded, uint32_t *ret_seconds);
/* Absent: false. */
bool lq_control_take_flag(json_t *request, const char *key, bool *ret_flag);
/* "uid". Whether it is the number of a badge remains to be asked. */
bool lq_control_take_uid(json_t *request, struct lq_sighting *ret_sighting);
/* "salt". */
bool lq_control_take_salt(json_t *request, uint8_t ret_salt[LQ_MAINTAINER_SALT]);
/* Of `count` names that begin `stride` bytes apart, the index of the one that is wanted. */
uint16_t lq_control_index_by_name(
	json_t *request, const char *key, const char *names, size_t stride, uint16_t count);
/* "any_time", "extended_time"; may be left out. */
bool lq_control_take_rights(json_t *request, struct lq_rights_change *change);
/* "uses", "valid_for_h"; may be left out. LQ_CONTROL_LIMITS_TEXT says what they must be. */
bool lq_control_take_limits(json_t *request, struct lq_badge_limits *limits);
/* "name", of a profile, a schedule or a group of days. */
bool lq_control_take_name(json_t *request, struct lq_job_change *change);
/* "policies". */
bool lq_control_take_policies(json_t *request, struct lq_job_change *change);
/* "periods". */
bool lq_control_take_periods(json_t *request, struct lq_schedule *schedule);
/* "special"; may be left out. */
bool lq_control_take_specials(json_t *request, struct lq_job_change *change);
/* A special day and its group. */
bool lq_control_take_day(json_t *request, struct lq_job_change *change);

#define LQ_CONTROL_LIMITS_TEXT                                                                     \
	"\"uses\" must be a number from 0 to 65535, \"valid_for_h\" hours from 1 to 65535; null "  \
	"is no "                                                                                   \
	"limit"

/* ---- control_change.c ---- */

/* Takes over `change`; NULL: there was no memory for it. The client is answered now, or when the
 * disk has answered. */
void lq_control_submit(
	struct lq_control_client *client, enum lq_job_kind kind, struct lq_job_change *change);
/* Likewise, with where the badge was tapped and which door is concerned, or LQ_NONE. */
void lq_control_submit_at(struct lq_control_client *client, enum lq_job_kind kind,
	struct lq_job_change *change, uint16_t reader, uint16_t door);
/* What takes a right away holds from now on, whatever the disk does: a badge that was stolen does
 * not wait. Its taps are journalled behind the change. */
void lq_control_deny_at_once(
	struct lq_daemon *daemon, enum lq_job_kind kind, const struct lq_job_change *change);

/* ---- enrolment.c ---- */

/* Nobody waits for a tap any more, and nobody is told. */
void lq_control_end_enrolment(struct lq_daemon *daemon);
/* The member whom the client's enrolment is for is there: from now on, a tap serves it. */
void lq_control_await_tap(struct lq_control_client *client);
/* Ends the client's enrolment if it is not known yet whether its member is there; false when there
 * is none. */
bool lq_control_end_look_up(struct lq_control_client *client);
/* Gives up an enrolment that nobody tapped for; returns when it will be. */
struct lq_mono lq_control_tick_enrolment(struct lq_daemon *daemon);

/* ---- requests: each is answered, now or when the disk has answered ---- */

/* control_roster.c */
void lq_control_member_add(struct lq_control_client *client, json_t *request);
void lq_control_member_set(struct lq_control_client *client, json_t *request);
void lq_control_member_disable(struct lq_control_client *client, json_t *request);
void lq_control_member_enable(struct lq_control_client *client, json_t *request);
void lq_control_badge_set(struct lq_control_client *client, json_t *request);
void lq_control_badge_state(struct lq_control_client *client, json_t *request);
void lq_control_profile_set(struct lq_control_client *client, json_t *request);
void lq_control_schedule_set(struct lq_control_client *client, json_t *request);
void lq_control_day_add(struct lq_control_client *client, json_t *request);
void lq_control_day_remove(struct lq_control_client *client, json_t *request);

/* enrolment.c */
void lq_control_badge_enrol(struct lq_control_client *client, json_t *request);
void lq_control_maintainer_tap(struct lq_control_client *client, json_t *request);

/* control_import.c */
void lq_control_roster_import(struct lq_control_client *client, json_t *request);

/* control_door.c */
void lq_control_door_open(struct lq_control_client *client, json_t *request);
void lq_control_door_mode(struct lq_control_client *client, json_t *request);
void lq_control_door_hours(struct lq_control_client *client, json_t *request);
void lq_control_door_prop(struct lq_control_client *client, json_t *request);
void lq_control_door_fire_confirm(struct lq_control_client *client, json_t *request);
void lq_control_onsite(struct lq_control_client *client, json_t *request);
void lq_control_passback_forgive(struct lq_control_client *client, json_t *request);
void lq_control_status(struct lq_control_client *client, json_t *request);
void lq_control_maintainer_read(struct lq_control_client *client, json_t *request);
void lq_control_journal_replay(struct lq_control_client *client, json_t *request);
void lq_control_watch(struct lq_control_client *client, json_t *request);

#endif
