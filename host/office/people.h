/* The people of the space and their badges, in office.db. Functions want a transaction, which the
 * caller commits, and return LQ_OK or an error of the database besides those named. */
#ifndef LQ_OFFICE_PEOPLE_H
#define LQ_OFFICE_PEOPLE_H

#include "firmware/store/roster_row.h"
#include "host/office/db.h"

#include <stdbool.h>
#include <stdint.h>

#define LQ_EMAIL_SIZE        LQ_MEMBER_NAME_SIZE
#define LQ_PERSON_NUMBER_MAX UINT32_MAX /* as doors and events write them */

enum lq_person_kind { LQ_PERSON_MEMBER, LQ_PERSON_GUEST, LQ_PERSON_STAFF };
#define LQ_PERSON_KINDS 3

/* "member", "guest", "staff", NULL. */
extern const char *const lq_person_kind_words[LQ_PERSON_KINDS + 1];

struct lq_person {
	int64_t number; /* from 1 */
	char name[LQ_MEMBER_NAME_SIZE];
	int kind; /* enum lq_person_kind */
	char profile[LQ_NAME_SIZE];
	char email[LQ_EMAIL_SIZE];             /* empty: none */
	char external_id[LQ_EXTERNAL_ID_SIZE]; /* empty: none */
	bool enabled;
	bool hidden;
	bool board;
	bool any_time;
	bool extended_time;
	bool erased;
	int64_t created_ms;
	int64_t changed_ms;
	int64_t badges;
};

/* LQ_ERR_NOT_FOUND for a profile that there is not, LQ_ERR_EXISTS for an external id that is
 * another's. */
int lq_person_add(
	struct lq_db *db, const struct lq_person *person, int64_t now_ms, int64_t *ret_number);

/* Writes every column but the dates. LQ_ERR_NOT_FOUND for the profile, LQ_ERR_EXISTS. */
int lq_person_save(struct lq_db *db, const struct lq_person *person, int64_t now_ms);

/* LQ_ERR_NOT_FOUND: never was, or is erased. */
int lq_person_get(struct lq_db *db, int64_t number, struct lq_person *ret_person);

/* Whether that is a person here, or may be one of a controller's own roster. */
struct lq_somebody;
int lq_person_known(struct lq_db *db, const struct lq_somebody *who, bool *ret_known);

/* 0: nobody has it. */
int lq_person_find(struct lq_db *db, const char *external_id, int64_t *ret_number);

/* Those whose name has every word of `search`, or who are it by external id or "p12"; NULL: all. By
 * name, behind the person `after` (0: from the first), `limit` at most. The person is borrowed for
 * the call; non-zero from `each` stops and is returned. */
struct lq_person_query {
	const char *search;
	int64_t after;
	int64_t limit;
};
int lq_person_list(struct lq_db *db, const struct lq_person_query *query,
	int (*each)(void *ctx, const struct lq_person *person), void *ctx);

/* ---- badges ---- */

#define LQ_OFFICE_USES_ANY (-1)

struct lq_office_badge {
	int64_t id;
	int64_t person; /* 0: of the pool */
	char label[LQ_MEMBER_NAME_SIZE];
	uint8_t key[16];
	int state; /* enum lq_credential_state */
	int64_t valid_from_ms;
	int64_t valid_to_ms; /* 0: no end */
	int64_t uses;        /* LQ_OFFICE_USES_ANY: not counted */
	int64_t valid_for_h; /* from the first granted tap; 0: any */
	int64_t suspended_until_ms;
};

/* LQ_ERR_EXISTS when the key is enrolled already. */
int lq_office_badge_add(
	struct lq_db *db, const struct lq_office_badge *badge, int64_t now_ms, int64_t *ret_id);

/* Everything but the key. */
int lq_office_badge_save(struct lq_db *db, const struct lq_office_badge *badge, int64_t now_ms);

/* LQ_ERR_NOT_FOUND. */
int lq_office_badge_get(struct lq_db *db, int64_t id, struct lq_office_badge *ret_badge);
int lq_office_badge_find(
	struct lq_db *db, const uint8_t key[16], struct lq_office_badge *ret_badge);

/* A person's, or those of the pool for 0. */
int lq_office_badge_list(struct lq_db *db, int64_t person,
	int (*each)(void *ctx, const struct lq_office_badge *badge), void *ctx);

/* ---- what the doors are to hear of ---- */

#define LQ_ROSTER_PARTS 257u /* the rules, and the persons by their number's remainder */

static inline unsigned lq_roster_part_of(int64_t number)
{
	return 1u + (unsigned)((uint64_t)number % (LQ_ROSTER_PARTS - 1u));
}

/* To be called, in the same transaction, by whoever writes a row that a door's roster is made of
 * by other means than the functions above. */
int lq_roster_due_person(struct lq_db *db, int64_t number);
int lq_roster_due_rules(struct lq_db *db);

/* Of books that were put back: doors may have seen a later roster, so that everything is published
 * anew, and above whatever they saw. */
int lq_roster_due_all(struct lq_db *db);

#endif
