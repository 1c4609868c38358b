/* Members and badges as other systems exchange them: a row, and one table of its columns that
 * export, import and their difference go by. A further column is a member of struct lq_roster_row
 * and a line in roster_row.c. */
#ifndef LQ_STORE_ROSTER_ROW_H
#define LQ_STORE_ROSTER_ROW_H

#include "firmware/core/identifier.h"
#include "firmware/store/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LQ_EXTERNAL_ID_SIZE 65u
#define LQ_ROSTER_ROWS_MAX  250000u /* of one import */

enum lq_roster_kind { LQ_ROSTER_MEMBERS, LQ_ROSTER_BADGES };
#define LQ_ROSTER_KINDS 2

struct lq_roster_uid {
	uint8_t length; /* 0: none */
	uint8_t bytes[LQ_UID_MAX];
};

#define LQ_USES_ANY UINT32_MAX

/* Zero is an empty row; the kind says which members count. */
struct lq_roster_row {
	uint32_t line;  /* where it stands in its file, from 1 */
	uint32_t given; /* LQ_GIVEN() of every column that it has */
	uint32_t id;
	uint32_t holder;
	uint32_t valid_from_s;
	uint32_t valid_to_s;
	uint32_t uses_left; /* LQ_USES_ANY: not counted */
	uint32_t valid_for_h;
	uint32_t suspended_until_s;
	uint8_t state; /* enum lq_credential_state; LQ_CREDENTIAL_STATE_COUNT: cannot be right */
	bool enabled;
	bool any_time;
	bool extended_time;
	struct lq_roster_uid uid;
	char name[LQ_MEMBER_NAME_SIZE];
	char profile[LQ_NAME_SIZE];
	char external_id[LQ_EXTERNAL_ID_SIZE]; /* of a member; in a badge's row, its holder's */
	char badge_external_id[LQ_EXTERNAL_ID_SIZE]; /* of a badge */
};

enum lq_cell_type {
	LQ_CELL_ID,    /* uint32_t, with the column's letter: "m3" */
	LQ_CELL_TEXT,  /* UTF-8, printable, not empty */
	LQ_CELL_LABEL, /* the same, or empty: none */
	LQ_CELL_WORD,  /* the name of a profile */
	LQ_CELL_BOOL,
	LQ_CELL_STATE,
	LQ_CELL_FROM, /* Unix seconds, 0: no bound */
	LQ_CELL_TO,   /* Unix seconds, LQ_VALID_FOREVER: no bound */
	LQ_CELL_UID,
	LQ_CELL_USES,  /* uint32_t, 0 to 65535 or LQ_USES_ANY */
	LQ_CELL_HOURS, /* uint32_t, 1 to 65535; 0: no bound */
};

struct lq_roster_column {
	const char *name; /* in the first row of a file */
	enum lq_cell_type type;
	char letter; /* of an LQ_CELL_ID */
	size_t offset;
	size_t size;
	const char *read;   /* SQL over m (member) or c (credential); NULL: cannot be read */
	const char *column; /* of door.db that it is kept in; NULL: it only finds the row */
};

struct lq_roster_table {
	const char *name; /* in door.db */
	const struct lq_roster_column *columns;
	size_t count;
};

extern const struct lq_roster_table lq_roster_tables[LQ_ROSTER_KINDS];

#define LQ_GIVEN(column) (UINT32_C(1) << (column))

enum {
	LQ_MEMBER_ID,
	LQ_MEMBER_EXTERNAL_ID,
	LQ_MEMBER_NAME,
	LQ_MEMBER_PROFILE,
	LQ_MEMBER_ENABLED,
	LQ_MEMBER_ANY_TIME,
	LQ_MEMBER_EXTENDED_TIME,
};
enum {
	LQ_BADGE_ID,
	LQ_BADGE_MEMBER,
	LQ_BADGE_EXTERNAL_ID, /* the holder's */
	LQ_BADGE_UID,
	LQ_BADGE_STATE,
	LQ_BADGE_FROM,
	LQ_BADGE_TO,
	LQ_BADGE_USES_LEFT,
	LQ_BADGE_VALID_FOR,
	LQ_BADGE_SUSPENDED_UNTIL,
	LQ_BADGE_OWN_EXTERNAL_ID,
};

/* Whether two rows say the same in a column. */
bool lq_roster_cell_same(const struct lq_roster_column *column, const struct lq_roster_row *one,
	const struct lq_roster_row *other);

/* Whether a row that came from outside is within every bound. */
bool lq_roster_row_sound(enum lq_roster_kind kind, const struct lq_roster_row *row);

/* Every row in order of its number, borrowed for the call. Non-zero from `each` stops and is
 * returned. */
int lq_roster_row_list(struct lq_store *store, enum lq_roster_kind kind,
	int (*each)(void *ctx, const struct lq_roster_row *row), void *ctx);

#endif
