/* The roster as the doors get it: 257 parts, each a text of lines. Pure but for the heap; any
 * thread.
 *
 *   rules    schedule TAB name TAB from-to,from-to …      minutes since Monday 00:00
 *            schedule-special TAB schedule TAB group TAB place TAB from-to|closed
 *            special TAB group TAB yyyy-mm-dd             year 0000: every year
 *            profile TAB name
 *            policy TAB profile TAB access point|* TAB schedule|-
 *            hours TAB door TAB schedule TAB 0|1
 *   persons  p TAB number TAB profile TAB enabled TAB any time TAB extended time
 *            b TAB badge TAB key TAB state TAB from TAB to|0 TAB uses|- TAB hours|0 TAB until|0
 *
 * A badge stands behind its person. Lines of rules are sorted byte by byte, persons and badges by
 * number: the same roster is always the same bytes. */
#ifndef LQ_OFFICE_ROSTER_PARTS_H
#define LQ_OFFICE_ROSTER_PARTS_H

#include "firmware/core/decide.h"
#include "host/office/people.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_ROSTER_PART_MAX 1048576u /* bytes */

struct lq_part {
	char *text; /* NUL behind it; NULL while it is empty */
	size_t length;
	size_t capacity;
	size_t line_count;
	int error; /* the first one: everything after it is passed over */
};

void lq_part_free(struct lq_part *part);

/* Adds a line and its end. LQ_ERR_FULL beyond LQ_ROSTER_PART_MAX, LQ_ERR_NO_MEMORY. */
int lq_part_add(struct lq_part *part, const char *line);

/* What a door needs of a person. */
struct lq_part_person {
	int64_t number;
	const char *profile;
	bool enabled;
	bool any_time;
	bool extended_time;
};
int lq_part_add_person(struct lq_part *part, const struct lq_part_person *person);

int lq_part_add_badge(struct lq_part *part, const struct lq_office_badge *badge);

/* Brings the lines of the rules into their order. LQ_ERR_NO_MEMORY. */
int lq_part_sort(struct lq_part *part);

#endif
