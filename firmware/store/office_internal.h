/* What the files of the office's roster share. Nobody else includes it. */
#ifndef LQ_STORE_OFFICE_INTERNAL_H
#define LQ_STORE_OFFICE_INTERNAL_H

#include "firmware/store/beside.h"
#include "firmware/store/office_apply.h"
#include "firmware/store/office_draft.h"
#include "firmware/store/roster_internal.h"
#include "firmware/store/store_internal.h"

struct lq_office_person {
	uint32_t number;
	uint16_t profile; /* index into the draft's names */
	bool enabled : 1;
	bool any_time : 1;
	bool extended_time : 1;
};

/* The phases of writing: office_apply.c. */
enum lq_office_phase {
	LQ_OFFICE_PREPARE,
	LQ_OFFICE_CHANGE, /* few parts: one transaction, and that was all */
	LQ_OFFICE_MAKE,
	LQ_OFFICE_MEMBERS,
	LQ_OFFICE_BADGES,
	LQ_OFFICE_INDEX_MEMBERS,
	LQ_OFFICE_INDEX_BADGES,
	LQ_OFFICE_TRADE,
	LQ_OFFICE_DROP,
	LQ_OFFICE_END
};

struct lq_office_draft {
	struct lq_office_manifest manifest;
	char *bytes; /* mapped: the file is sealed */
	size_t length;
	size_t at; /* the next piece */
	bool has[LQ_OFFICE_PARTS];
	const char *rules; /* in `bytes` */
	size_t rules_length;
	struct lq_office_person *persons;
	uint32_t person_count;
	uint32_t person_room;
	struct lq_roster *roster; /* the badges; their profiles are indexes into the names */
	char (*profiles)[LQ_NAME_SIZE];
	uint16_t profile_count;

	/* while it is written */
	enum lq_office_phase phase;
	bool whole; /* everything is replaced */
	bool first; /* the roster was the controller's own */
	struct lq_event event;
	uint64_t seq;            /* of the event; 0: not journalled */
	uint16_t *numbers;       /* of the profiles in door.db */
	bool *made;              /* those that are not there yet */
	uint32_t *order;         /* of the badges, by their numbers */
	struct lq_roster *fresh; /* the badges as they were written */
	uint32_t next;
	struct lq_beside_index index;
	struct lq_office_kept before;
	struct lq_rule_tables *tables;
};

/* Writes which version the roster is, inside a transaction that the caller began. */
int lq_office_put(struct lq_store *store, const struct lq_office_manifest *manifest);

/* ---- office_rows.c: inside a transaction that the caller began ---- */

/* Finds or chooses the numbers of the draft's profiles. */
int lq_office_number_profiles(struct lq_office_draft *draft, struct lq_store *store);
int lq_office_put_profiles(struct lq_office_draft *draft, struct lq_store *store);

/* Replaces the rules by those of the draft. */
int lq_office_put_rules(struct lq_office_draft *draft, struct lq_store *store);

/* Statements over the tables in use, or over those beside them. */
struct lq_office_writing {
	struct lq_store *store;
	sqlite3_stmt *person;
	sqlite3_stmt *badge;
	sqlite3_stmt *spent; /* what a badge in use has spent, by number and key */
};

int lq_office_writing_begin(struct lq_store *store, bool beside, struct lq_office_writing *writing);
void lq_office_writing_end(struct lq_office_writing *writing);
int lq_office_write_person(struct lq_office_writing *writing, const struct lq_office_draft *draft,
	const struct lq_office_person *person);
/* With its profile's number, and with what it has spent, which `draft->fresh` then has, too. */
int lq_office_write_badge(struct lq_office_writing *writing, const struct lq_office_draft *draft,
	const struct lq_credential *badge);

/* Makes the persons and badges of the parts that the draft has, or that differ, those of the draft;
 * touches no other row. The draft's persons are in order. */
int lq_office_change_rows(struct lq_office_draft *draft, struct lq_store *store);

#endif
