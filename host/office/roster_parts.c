#include "host/office/roster_parts.h"

#include "firmware/core/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 256u
#define CHUNK     4096u

void lq_part_free(struct lq_part *part)
{
	free(part->text);
	*part = (struct lq_part){0};
}

static int grow(struct lq_part *part, size_t needed)
{
	size_t capacity = part->capacity;
	while (capacity < needed) {
		capacity = capacity == 0 ? CHUNK : 2 * capacity;
	}
	char *text = realloc(part->text, capacity);
	if (text == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	part->text = text;
	part->capacity = capacity;
	return LQ_OK;
}

int lq_part_add(struct lq_part *part, const char *line)
{
	size_t length = strlen(line);
	size_t needed = part->length + length + 2;
	if (part->error == LQ_OK && needed > LQ_ROSTER_PART_MAX) {
		part->error = LQ_ERR_FULL;
	}
	if (part->error == LQ_OK && needed > part->capacity) {
		part->error = grow(part, needed);
	}
	if (part->error == LQ_OK) {
		memcpy(part->text + part->length, line, length);
		memcpy(part->text + part->length + length, "\n", 2);
		part->length += length + 1;
		part->line_count++;
	}
	return part->error;
}

int lq_part_add_person(struct lq_part *part, const struct lq_part_person *person)
{
	char line[LINE_SIZE];
	(void)snprintf(line, sizeof(line), "p\t%" PRId64 "\t%s\t%d\t%d\t%d", person->number,
		person->profile, person->enabled, person->any_time, person->extended_time);
	return lq_part_add(part, line);
}

/* Doors count whole seconds in 32 bits: an end is never later than it was meant to be. */
static uint32_t seconds(int64_t unix_ms)
{
	int64_t s = unix_ms / 1000;
	return s > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)(s < 0 ? 0 : s);
}

/* 0 says that there is none, so an end in the first second of all is the next. */
static uint32_t end_seconds(int64_t unix_ms)
{
	return unix_ms > 0 && unix_ms < 1000 ? 1 : seconds(unix_ms);
}

static uint32_t seconds_up(int64_t unix_ms)
{
	return seconds(unix_ms > INT64_MAX - 999 ? unix_ms : unix_ms + 999);
}

int lq_part_add_badge(struct lq_part *part, const struct lq_office_badge *badge)
{
	char line[LINE_SIZE];
	char key[33];
	char uses[24] = "-";
	for (size_t i = 0; i < sizeof(badge->key); i++) {
		(void)snprintf(key + 2 * i, 3, "%02x", badge->key[i]);
	}
	if (badge->uses != LQ_OFFICE_USES_ANY) {
		(void)snprintf(uses, sizeof(uses), "%" PRId64, badge->uses);
	}
	(void)snprintf(line, sizeof(line),
		"b\t%" PRId64 "\t%s\t%s\t%" PRIu32 "\t%" PRIu32 "\t%s\t%" PRId64 "\t%" PRIu32,
		badge->id, key, lq_credential_state_text((enum lq_credential_state)badge->state),
		seconds_up(badge->valid_from_ms), end_seconds(badge->valid_to_ms), uses,
		badge->valid_for_h, seconds_up(badge->suspended_until_ms));
	return lq_part_add(part, line);
}

static int compare(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

int lq_part_sort(struct lq_part *part)
{
	if (part->line_count == 0) {
		return part->error;
	}
	char *sorted = malloc(part->capacity);
	const char **lines = calloc(part->line_count, sizeof(*lines));
	int r = sorted != NULL && lines != NULL ? part->error : LQ_ERR_NO_MEMORY;
	if (r != LQ_OK) {
		free(sorted);
		goto out;
	}
	char *at = part->text;
	for (size_t i = 0; i < part->line_count; i++) {
		lines[i] = at;
		at = strchr(at, '\n');
		*at++ = '\0';
	}
	qsort(lines, part->line_count, sizeof(*lines), compare);
	at = sorted;
	for (size_t i = 0; i < part->line_count; i++) {
		at = stpcpy(stpcpy(at, lines[i]), "\n");
	}
	free(part->text);
	part->text = sorted;
out:
	free(lines);
	return r;
}
