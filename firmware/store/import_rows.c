#include "firmware/core/err.h"
#include "firmware/store/import_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

/* A file in memory never makes anybody wait, and a sealed one says the same whenever it is read. */
static bool is_memory_file(int fd, int seals)
{
	int found = fcntl(fd, F_GET_SEALS);
	return found >= 0 && (found & seals) == seals;
}

static int allocate(struct lq_import_rows *rows)
{
	rows->slots = 2;
	while (rows->slots < (size_t)2 * rows->count) {
		rows->slots *= 2;
	}
	rows->targets = calloc((size_t)rows->count + 1, sizeof(*rows->targets));
	rows->kinds = calloc((size_t)rows->count + 1, sizeof(*rows->kinds));
	rows->seen = calloc(rows->slots, sizeof(*rows->seen));
	return rows->targets == NULL || rows->kinds == NULL || rows->seen == NULL ? LQ_ERR_NO_MEMORY
										  : LQ_OK;
}

int lq_import_rows_open(const struct lq_import_wish *wish, struct lq_import_rows *ret_rows)
{
	struct lq_import_rows rows = {.rows_fd = wish->rows_fd, .outcome_fd = wish->outcome_fd};
	struct stat found;
	int r = LQ_OK;
	if (!is_memory_file(rows.rows_fd, SEALS) || fstat(rows.rows_fd, &found) != 0 ||
		found.st_size % (off_t)sizeof(struct lq_roster_row) != 0 ||
		(rows.outcome_fd >= 0 && !is_memory_file(rows.outcome_fd, 0))) {
		r = LQ_ERR_INVALID;
	} else if (found.st_size / (off_t)sizeof(struct lq_roster_row) > LQ_ROSTER_ROWS_MAX) {
		r = LQ_ERR_FULL;
	} else {
		rows.count = (uint32_t)(found.st_size / (off_t)sizeof(struct lq_roster_row));
		r = allocate(&rows);
	}
	if (r != LQ_OK) {
		lq_import_rows_close(&rows);
		return r;
	}
	*ret_rows = rows;
	return LQ_OK;
}

void lq_import_rows_close(struct lq_import_rows *rows)
{
	if (rows->rows_fd >= 0) {
		(void)close(rows->rows_fd);
	}
	if (rows->outcome_fd >= 0) {
		(void)close(rows->outcome_fd);
	}
	free(rows->targets);
	free(rows->kinds);
	free(rows->seen);
	*rows = (struct lq_import_rows){.rows_fd = -1, .outcome_fd = -1};
}

int lq_import_rows_get(
	const struct lq_import_rows *rows, uint32_t index, struct lq_roster_row *ret_row)
{
	ssize_t got = pread(rows->rows_fd, ret_row, sizeof(*ret_row),
		(off_t)index * (off_t)sizeof(*ret_row));
	return got == (ssize_t)sizeof(*ret_row) ? LQ_OK : LQ_ERR_IO;
}

static size_t slot_of(const struct lq_import_rows *rows, uint32_t id)
{
	size_t slot = (id * UINT32_C(2654435761)) & (rows->slots - 1);
	while (rows->seen[slot] != 0 && rows->seen[slot] != id) {
		slot = (slot + 1) & (rows->slots - 1);
	}
	return slot;
}

bool lq_import_rows_see(struct lq_import_rows *rows, uint32_t id)
{
	uint32_t *slot = &rows->seen[slot_of(rows, id)];
	bool fresh = *slot == 0;
	*slot = id;
	return fresh;
}

bool lq_import_rows_seen(const struct lq_import_rows *rows, uint32_t id)
{
	return rows->seen[slot_of(rows, id)] == id;
}

static int put(struct lq_import_rows *rows, const void *bytes, size_t length)
{
	if (pwrite(rows->outcome_fd, bytes, length, rows->outcome_end) != (ssize_t)length) {
		return LQ_ERR_IO;
	}
	rows->outcome_end += (int64_t)length;
	return LQ_OK;
}

int lq_import_rows_tell(struct lq_import_rows *rows, enum lq_import_outcome_kind kind,
	uint32_t line, const struct lq_roster_row *old)
{
	const struct lq_import_outcome outcome = {.kind = (uint32_t)kind, .line = line};
	if (rows->outcome_fd < 0 || kind == LQ_IMPORT_UNCHANGED) {
		return LQ_OK;
	}
	int r = put(rows, &outcome, sizeof(outcome));
	return r == LQ_OK && old != NULL ? put(rows, old, sizeof(*old)) : r;
}
