/* What the space has set for visits, capacity and the keeping of data. */
#ifndef LQ_OFFICE_SPACE_RULES_H
#define LQ_OFFICE_SPACE_RULES_H

#include "firmware/core/visit.h"
#include "host/office/db.h"

struct lq_limits {
	int64_t soft;       /* persons; 0: none */
	int64_t legal;      /* persons; 0: none */
	bool staff_counted; /* towards them */
};

struct lq_space_rules {
	struct lq_visit_settings visits;
	struct lq_limits capacity; /* of the whole space */
	bool deny_entry;           /* doors let nobody in beyond the legal limit */
	bool exits_badged;         /* people badge on their way out */
	int64_t retention_days;    /* of what tells of a person */
};

struct lq_space_rules lq_space_rules_usual(void);

/* As the settings say; the usual ones where nothing was set. */
struct lq_space_rules lq_space_rules_load(struct lq_db *db);

/* Whether the number of those who are in a zone is one of "at least": it is, unless the space says
 * that people badge on their way out, and the zone's doors bear it out (`exits`: somebody did). */
bool lq_space_at_least(const struct lq_space_rules *rules, bool exits);

enum lq_capacity { LQ_CAPACITY_OK, LQ_CAPACITY_SOFT, LQ_CAPACITY_LEGAL };

/* So many members and guests, and staff: at a limit or past it. */
enum lq_capacity lq_capacity_state(const struct lq_limits *limits, int64_t others, int64_t staff);

/* Static text: "ok", "soft", "legal". */
const char *lq_capacity_text(enum lq_capacity capacity);

#endif
