#include "firmware/core/err.h"
#include "firmware/store/import_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

/* A file in memory never makes anybody wait, and a sealed one says the same whenever it is read. */
static bool is_memory_file(int fd, int seals)
{
	int found = fcntl(fd, F_GET_SEALS);
	return found >= 0 && (found & seals) == seals;
}

static int allocate(struct lq_import_rows *rows, bool badges)
{
	rows->slots = 2;
	while (rows->slots < (size_t)2 * rows->count) {
		rows->slots *= 2;
	}
	size_t count = (size_t)rows->count + 1;
	rows->targets = calloc(count, sizeof(*rows->targets));
	rows->order = calloc(count, sizeof(*rows->order));
	rows->seen = calloc(rows->slots, sizeof(*rows->seen));
	rows->keys = badges ? calloc(count, sizeof(*rows->keys)) : NULL;
	bool all = rows->targets != NULL && rows->order != NULL && rows->seen != NULL &&
		   (rows->keys != NULL || !badges);
	return all ? LQ_OK : LQ_ERR_NO_MEMORY;
}

static int map(int fd, struct lq_import_rows *rows)
{
	struct stat found;
	if (!is_memory_file(fd, SEALS) || fstat(fd, &found) != 0 ||
		found.st_size % (off_t)sizeof(*rows->rows) != 0) {
		return LQ_ERR_INVALID;
	}
	if (found.st_size / (off_t)sizeof(*rows->rows) > LQ_ROSTER_ROWS_MAX) {
		return LQ_ERR_FULL;
	}
	if (found.st_size == 0) {
		return LQ_OK;
	}
	void *mapped = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapped == MAP_FAILED) {
		return LQ_ERR_NO_MEMORY;
	}
	rows->rows = mapped;
	rows->count = (uint32_t)(found.st_size / (off_t)sizeof(*rows->rows));
	return LQ_OK;
}

int lq_import_rows_open(const struct lq_import_wish *wish, struct lq_import_rows *rows)
{
	*rows = (struct lq_import_rows){.outcome_fd = wish->outcome_fd};
	int r = map(wish->rows_fd, rows);
	(void)close(wish->rows_fd);
	if (r == LQ_OK && rows->outcome_fd >= 0 && !is_memory_file(rows->outcome_fd, 0)) {
		r = LQ_ERR_INVALID;
	}
	if (r == LQ_OK) {
		r = allocate(rows, wish->kind == LQ_ROSTER_BADGES);
	}
	if (r != LQ_OK) {
		lq_import_rows_close(rows);
	}
	return r;
}

void lq_import_rows_close(struct lq_import_rows *rows)
{
	union {
		const void *in;
		void *out;
	} mapped = {.in = rows->rows};
	if (rows->count > 0) {
		(void)munmap(mapped.out, rows->count * sizeof(*rows->rows));
	}
	if (rows->outcome_fd >= 0) {
		(void)close(rows->outcome_fd);
	}
	free(rows->targets);
	free(rows->order);
	free(rows->seen);
	free(rows->keys);
	*rows = (struct lq_import_rows){.outcome_fd = -1};
}

static size_t slot_of(const struct lq_import_rows *rows, uint32_t id)
{
	size_t slot = ((size_t)id * 2654435761u) & (rows->slots - 1);
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

static int compare_keys(const void *one, const void *other, void *ctx)
{
	const struct lq_import_rows *rows = ctx;
	const uint32_t *left = one;
	const uint32_t *right = other;
	return memcmp(rows->keys[*left], rows->keys[*right], sizeof(rows->keys[0]));
}

/* Which of LQ_IMPORT_BUCKETS a row belongs to; keys are hashes, so that these are of about one
 * size. */
static size_t bucket_of(const struct lq_import_rows *rows, uint32_t index)
{
	return rows->keys[index][0];
}

int lq_import_rows_spread(struct lq_import_rows *rows)
{
	size_t starts[LQ_IMPORT_BUCKETS + 1] = {0};
	uint32_t *spread = malloc(((size_t)rows->count + 1) * sizeof(*spread));
	if (spread == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	for (uint32_t i = 0; i < rows->order_count; i++) {
		starts[bucket_of(rows, rows->order[i]) + 1]++;
	}
	for (size_t i = 1; i < LQ_IMPORT_BUCKETS; i++) {
		starts[i] += starts[i - 1];
	}
	for (uint32_t i = 0; i < rows->order_count; i++) {
		spread[starts[bucket_of(rows, rows->order[i])]++] = rows->order[i];
	}
	free(rows->order);
	rows->order = spread;
	return LQ_OK;
}

void lq_import_rows_sort(struct lq_import_rows *rows, uint32_t *from)
{
	uint32_t end = *from;
	while (end < rows->order_count &&
		bucket_of(rows, rows->order[end]) == bucket_of(rows, rows->order[*from])) {
		end++;
	}
	qsort_r(rows->order + *from, end - *from, sizeof(*rows->order), compare_keys, rows);
	*from = end;
}

int lq_import_rows_flush(struct lq_import_rows *rows)
{
	ssize_t length = (ssize_t)rows->told;
	rows->told = 0;
	return length == 0 || write(rows->outcome_fd, rows->tell, (size_t)length) == length
		       ? LQ_OK
		       : LQ_ERR_IO;
}

static int put(struct lq_import_rows *rows, const void *bytes, size_t length)
{
	int r = rows->told + length > sizeof(rows->tell) ? lq_import_rows_flush(rows) : LQ_OK;
	memcpy(rows->tell + rows->told, bytes, length);
	rows->told += length;
	return r;
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
