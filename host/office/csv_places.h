/* Which rows of a CSV file are about what, so that nothing comes twice. */
#ifndef LQ_OFFICE_CSV_PLACES_H
#define LQ_OFFICE_CSV_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lq_csv_number {
	int64_t number; /* of a person, of a badge */
	uint32_t line;
};

/* All zero: empty. */
struct lq_csv_places {
	struct lq_csv_number *list;
	size_t count;
	size_t capacity;
};

/* LQ_ERR_NO_MEMORY. */
int lq_csv_places_add(struct lq_csv_places *places, int64_t number, uint32_t line);

/* Sorts them. True with the second row of a number that comes twice. */
bool lq_csv_places_twice(struct lq_csv_places *places, struct lq_csv_number *ret_second);

void lq_csv_places_free(struct lq_csv_places *places);

#endif
