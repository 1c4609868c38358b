/* An office beside a loquetd within the test's process: it signs rosters, and hands them over as
 * the link does. */
#ifndef LQ_TESTS_UNIT_DOOR_DESK_H
#define LQ_TESTS_UNIT_DOOR_DESK_H

#include "tests/unit/door/rig.h"

#define DESK_NOW_S   INT64_C(1790000000)
#define DESK_VERSION UINT64_C(1790000000000)

/* RFC 8037, appendix A.1 */
#define DESK_SEED   "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define DESK_OTHER  "AAGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define DESK_PUBLIC "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

/* The rest of a badge's line: no limits. */
#define DESK_PLAIN "enabled\t0\t0\t-\t0\t0"

extern const uint8_t desk_first[7];  /* of person 256 */
extern const uint8_t desk_second[7]; /* of person 1 */

struct desk {
	struct rig *rig;
	int link;
	bool current; /* what is handed over is the last that the broker has */
	struct lq_office_manifest manifest;
	char parts[3][1024]; /* the rules, the persons 256 and 1 */
	char full[1024];     /* ,"full":…, or nothing */
};

int desk_set_up(void **state);
int desk_tear_down(void **state);

/* Part 1 or 2 has this person alone, with this badge. */
void desk_write_badge(
	struct desk *desk, uint16_t part, uint32_t person, const uint8_t uid[7], const char *rest);
/* The link hands something over. */
void desk_hand(struct desk *desk, const char *what, const void *bytes, size_t length);
void desk_hand_manifest(struct desk *desk, const char *seed, const char *space);
/* Nothing of a roster is on its way any more. */
void desk_settle(struct desk *desk);
/* Which of the parts loquetd asks for; the caller's. */
json_t *desk_asked(struct desk *desk);
/* Those; releases `words`. */
void desk_hand_parts(struct desk *desk, json_t *words);
/* All of it, until it is applied. */
void desk_give(struct desk *desk, uint64_t version);
/* Persons 256 and 1, with a badge each. */
void desk_give_two(struct desk *desk);

#endif
