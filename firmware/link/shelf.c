#include "firmware/link/shelf.h"

#include "firmware/core/assert.h"

#include <string.h>

void lq_shelf_clear(struct lq_shelf *shelf)
{
	shelf->used = 0;
	shelf->first = 0;
	shelf->count = 0;
}

bool lq_shelf_put(
	struct lq_shelf *shelf, const struct lq_shelf_row *row, const char *body, size_t length)
{
	uint16_t index = (uint16_t)(shelf->first + shelf->count);
	if (index == LQ_SHELF_ROWS || length > LQ_SHELF_BYTES - shelf->used) {
		return false;
	}
	shelf->rows[index] = *row;
	shelf->rows[index].offset = shelf->used;
	shelf->rows[index].length = (uint32_t)length;
	if (length > 0) {
		memcpy(shelf->bytes + shelf->used, body, length);
	}
	shelf->used += (uint32_t)length;
	shelf->count++;
	return true;
}

const struct lq_shelf_row *lq_shelf_front(const struct lq_shelf *shelf)
{
	return shelf->count > 0 ? &shelf->rows[shelf->first] : NULL;
}

const char *lq_shelf_body(const struct lq_shelf *shelf, const struct lq_shelf_row *row)
{
	return shelf->bytes + row->offset;
}

void lq_shelf_pop(struct lq_shelf *shelf)
{
	LQ_ASSERT(shelf->count > 0);
	shelf->first++;
	shelf->count--;
	if (shelf->count == 0) {
		lq_shelf_clear(shelf);
	}
}
