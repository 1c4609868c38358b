/* The roster that the space's office keeps, as door.db has it: members are the office's persons by
 * their numbers, badges have the office's numbers. */
#ifndef LQ_STORE_OFFICE_H
#define LQ_STORE_OFFICE_H

#include "firmware/core/office_roster.h"
#include "firmware/core/site.h"
#include "firmware/store/hash.h"

#include <stdbool.h>
#include <stdint.h>

struct lq_store;

#define LQ_OFFICE_FULL_MAX   32u  /* zones */
#define LQ_OFFICE_EXEMPT_MAX 256u /* persons */

struct lq_office_persons {
	uint16_t count;
	uint32_t list[LQ_OFFICE_EXEMPT_MAX];
};

/* Where as many are in as the law lets in, and who comes in all the same. Of the moment: no part of
 * the roster, and in memory alone. */
struct lq_office_full {
	bool space; /* all zones together, for whoever is in none */
	uint16_t zone_count;
	char zones[LQ_OFFICE_FULL_MAX][LQ_NAME_SIZE];
	struct lq_office_persons exempt;
	struct lq_office_persons inside; /* the space, some of them at least */
};

/* One state of the roster, as the office signs it. */
struct lq_office_manifest {
	uint64_t version; /* 0: none */
	int64_t iat_s;    /* Unix seconds: the office said then that it holds */
	uint8_t hashes[LQ_OFFICE_PARTS][LQ_HASH_SIZE]; /* SHA-256; zeros: the part is empty */
	struct lq_office_full full;
};

bool lq_office_part_empty(const struct lq_office_manifest *manifest, uint16_t part);
bool lq_office_part_same(const struct lq_office_manifest *one,
	const struct lq_office_manifest *other, uint16_t part);
/* How many parts are not the same. */
uint16_t lq_office_difference(
	const struct lq_office_manifest *one, const struct lq_office_manifest *other);

struct lq_office_kept {
	bool kept; /* the roster is the office's */
	struct lq_office_manifest manifest;
};

/* Version 0 when the office never kept it. */
int lq_office_load(struct lq_store *store, struct lq_office_kept *ret_kept);

/* The office said again that version `version` holds. */
int lq_office_renew(struct lq_store *store, uint64_t version, int64_t iat_s);

/* The roster is the controller's own again. The version stays: no lower one is taken later. */
int lq_office_release(struct lq_store *store);

#endif
