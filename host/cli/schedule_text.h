/* A week's hours as an operator writes them. Pure; any thread. */
#ifndef LQ_CLI_SCHEDULE_TEXT_H
#define LQ_CLI_SCHEDULE_TEXT_H

#include "firmware/core/schedule.h"
#include "firmware/core/site.h"

#include <stddef.h>

enum lq_schedule_problem {
	LQ_SCHEDULE_DAY,   /* no day where one was expected */
	LQ_SCHEDULE_TIME,  /* no HH:MM-HH:MM where one was expected */
	LQ_SCHEDULE_EMPTY, /* a period that begins and ends at the same minute */
	LQ_SCHEDULE_REST,  /* something behind the times */
	LQ_SCHEDULE_FULL,  /* more than LQ_SCHEDULE_PERIODS_MAX periods */
	LQ_SCHEDULE_GROUP, /* no name of a group of special days where one was expected */
	LQ_SCHEDULE_MANY,  /* more than LQ_SPECIALS_MAX groups, or LQ_SPECIAL_PERIODS_MAX times */
};

struct lq_schedule_error {
	enum lq_schedule_problem problem;
	size_t at; /* byte of the text */
};

/* Adds the periods of one text: DAYS TIMES. DAYS are English or French names or their first three
 * letters, in any case, as ranges and lists: mon-fri · lun,mer,ven · sat-mon. TIMES are a list of
 * HH:MM-HH:MM; an end that is not later than the start is on the next day, 24:00 is midnight.
 * LQ_ERR_INVALID with `ret_error` filled and `schedule` as it was. */
int lq_schedule_text_add(
	const char *text, struct lq_schedule *schedule, struct lq_schedule_error *ret_error);

/* Adds what a schedule has on the special days of a group: GROUP TIMES, or GROUP closed (fermé).
 * `groups` gets the name, at the place of the schedule's new special. As lq_schedule_text_add(). */
int lq_schedule_text_add_special(const char *text, struct lq_schedule *schedule,
	char groups[LQ_SPECIALS_MAX][LQ_NAME_SIZE], struct lq_schedule_error *ret_error);

/* A date, 2026-05-15, or one of every year, 12-25. LQ_ERR_INVALID. */
int lq_date_text_parse(const char *text, struct lq_special_day *ret_date);

#endif
