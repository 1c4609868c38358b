/* What happens in the space: kept in the office's database. One thread a handle. Functions return
 * LQ_OK or an error of the database. */
#ifndef LQ_OFFICE_EVENTS_H
#define LQ_OFFICE_EVENTS_H

#include "firmware/core/site.h"
#include "host/office/db.h"
#include "host/office/recurrence.h"

#define LQ_CALENDAR_TEXT_SIZE        201u
#define LQ_CALENDAR_DESCRIPTION_SIZE 2001u
#define LQ_CALENDAR_UID_SIZE         48u
#define LQ_CALENDAR_PEOPLE_MAX       1000u
#define LQ_CALENDAR_LEFT_OUT_MAX     400u
#define LQ_CALENDAR_DOORS_MAX        32u /* a space has several controllers */

enum lq_calendar_kind { LQ_CALENDAR_EVENT, LQ_CALENDAR_TRAINING, LQ_CALENDAR_PUBLIC_WINDOW };
enum lq_calendar_who { LQ_CALENDAR_REGISTERED, LQ_CALENDAR_MEMBERS, LQ_CALENDAR_ANYONE };

/* About ten kilobytes. */
struct lq_calendar_event {
	int64_t id;
	char uid[LQ_CALENDAR_UID_SIZE];
	enum lq_calendar_kind kind;
	enum lq_calendar_who who;
	char title[LQ_CALENDAR_TEXT_SIZE];
	char description[LQ_CALENDAR_DESCRIPTION_SIZE];
	char place[LQ_CALENDAR_TEXT_SIZE];
	char trainer[LQ_CALENDAR_TEXT_SIZE];
	bool is_public;
	struct lq_recurrence when; /* `left_out` is the array below */
	int64_t revision;
	int64_t changed_ms;
	int64_t left_out[LQ_CALENDAR_LEFT_OUT_MAX];
	size_t door_count;
	char doors[LQ_CALENDAR_DOORS_MAX][LQ_NAME_SIZE];
	size_t person_count;
	int64_t people[LQ_CALENDAR_PEOPLE_MAX]; /* numbers of the office */
};

const char *lq_calendar_kind_text(enum lq_calendar_kind kind);
const char *lq_calendar_who_text(enum lq_calendar_who who);

/* LQ_ERR_NOT_FOUND for any other text. */
int lq_calendar_kind_parse(const char *text, enum lq_calendar_kind *ret_kind);
int lq_calendar_who_parse(const char *text, enum lq_calendar_who *ret_who);

/* LQ_ERR_NOT_FOUND. */
int lq_calendar_load(struct lq_db *db, int64_t id, struct lq_calendar_event *ret_event);

/* The next ones behind `after` that are not over for good at `since` (local minutes), by their
 * numbers; `ret_count` of at most `max`. */
int lq_calendar_list(struct lq_db *db, int64_t after, int64_t since, int64_t *ret_ids, size_t max,
	size_t *ret_count);

/* A new one when its number is 0, which it is given, with a uid; otherwise the one of the number in
 * its new form. */
int lq_calendar_keep(struct lq_db *db, struct lq_calendar_event *event, int64_t now_ms);

/* LQ_ERR_NOT_FOUND. */
int lq_calendar_remove(struct lq_db *db, int64_t id);

#endif
