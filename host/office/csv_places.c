#include "host/office/csv_places.h"

#include "firmware/core/err.h"

#include <stdlib.h>

#define CAPACITY_FIRST 256u

int lq_csv_places_add(struct lq_csv_places *places, int64_t number, uint32_t line)
{
	if (places->count == places->capacity) {
		size_t capacity = places->capacity == 0 ? CAPACITY_FIRST : 2 * places->capacity;
		struct lq_csv_number *grown = realloc(places->list, capacity * sizeof(*grown));
		if (grown == NULL) {
			return LQ_ERR_NO_MEMORY;
		}
		places->list = grown;
		places->capacity = capacity;
	}
	places->list[places->count++] = (struct lq_csv_number){number, line};
	return LQ_OK;
}

static int compare(const void *one, const void *other)
{
	const struct lq_csv_number *a = one;
	const struct lq_csv_number *b = other;
	if (a->number != b->number) {
		return a->number < b->number ? -1 : 1;
	}
	return a->line < b->line ? -1 : a->line > b->line;
}

bool lq_csv_places_twice(struct lq_csv_places *places, struct lq_csv_number *ret_second)
{
	if (places->count > 0) {
		qsort(places->list, places->count, sizeof(*places->list), compare);
	}
	for (size_t i = 1; i < places->count; i++) {
		if (places->list[i - 1].number == places->list[i].number) {
			*ret_second = places->list[i];
			return true;
		}
	}
	return false;
}

void lq_csv_places_free(struct lq_csv_places *places)
{
	free(places->list);
	*places = (struct lq_csv_places){0};
}
