/* The parts of the roster that the space's office keeps for every door: text, read line by line.
 * Pure; any thread.
 *
 * A part is UTF-8, its columns are separated by a tab, each line ends with a newline. Part 0 has
 * the rules, part 1 + k the persons whose number leaves k when it is divided by 256:
 *
 *   schedule          <name> <from>-<to>,…          minutes since Monday 00:00; perhaps none
 *   special           <group> <yyyy>-<mm>-<dd>      0000: every year
 *   schedule-special  <schedule> <group> <place> <from>-<to>|closed
 *   profile           <name>
 *   policy            <profile> <access point>|* <schedule>|-
 *   hours             <door> <schedule> <first person: 0|1>
 *
 *   p  <number> <profile> <enabled> <any time> <extended time>      0 or 1 each
 *   b  <badge> <key: 32 hexadecimal digits> <state> <valid from> <valid to> <uses>|-
 *      <valid for> <suspended until>         Unix seconds and hours, 0: none; of the last person
 *
 * Whatever is written otherwise makes the whole part invalid. */
#ifndef LQ_CORE_OFFICE_ROSTER_H
#define LQ_CORE_OFFICE_ROSTER_H

#include "firmware/core/decide.h"
#include "firmware/core/site.h"

#include <stddef.h>
#include <stdint.h>

#define LQ_OFFICE_SHARES   256u                    /* that the persons are divided into */
#define LQ_OFFICE_PARTS    (LQ_OFFICE_SHARES + 1u) /* and the rules */
#define LQ_OFFICE_RULES    0u                      /* the part that has them */
#define LQ_OFFICE_PART_MAX ((size_t)1024 * 1024)   /* bytes */

/* The part that a person stands in. */
static inline uint16_t lq_office_part_of(uint32_t person)
{
	return (uint16_t)(1u + person % LQ_OFFICE_SHARES);
}

enum lq_office_line_kind {
	LQ_OFFICE_SCHEDULE,
	LQ_OFFICE_SPECIAL,
	LQ_OFFICE_SCHEDULE_SPECIAL,
	LQ_OFFICE_PROFILE,
	LQ_OFFICE_POLICY,
	LQ_OFFICE_HOURS,
	LQ_OFFICE_PERSON,
	LQ_OFFICE_BADGE,
};

/* Which members have a value depends on the kind. */
struct lq_office_line {
	enum lq_office_line_kind kind;
	char name[LQ_NAME_SIZE];  /* of the schedule, group, profile or door; a person's profile */
	char other[LQ_NAME_SIZE]; /* a policy's or a door's schedule, empty: always; a group */
	char access_point[LQ_ACCESS_POINT_NAME_SIZE];
	struct lq_special_day day; /* its group does not count */
	uint16_t place;
	uint8_t period_count; /* 0 of a schedule's special: closed */
	struct lq_period periods[LQ_SCHEDULE_PERIODS_MAX];
	bool first_person;
	struct lq_credential badge; /* its profile does not count; of a person: the holder's part */
};

struct lq_office_text {
	const char *at;
	const char *end;
	uint16_t part;
	struct lq_credential person; /* the last one; holder 0: none yet */
};

/* `bytes` are borrowed until the last line was read. */
struct lq_office_text lq_office_text_begin(uint16_t part, const char *bytes, size_t length);

/* 1: the next line; LQ_OK: there is none; LQ_ERR_INVALID: it is no line of this part. */
int lq_office_text_next(struct lq_office_text *text, struct lq_office_line *ret_line);

#endif
