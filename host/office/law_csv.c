#include "host/office/law_csv.h"

#include "firmware/core/err.h"
#include "firmware/core/time.h"
#include "host/cli/csv.h"
#include "host/cli/roster_cell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_SIZE 1200u
#define TIMES_FROM INT64_C(100000000000) /* 1973; no other number is that large */

static void format(const json_t *value, char ret_text[VALUE_SIZE])
{
	int64_t number = json_integer_value(value);
	const char *text = json_string_value(value);
	ret_text[0] = '\0';
	if (json_is_integer(value) && number >= TIMES_FROM) {
		lq_wall_rfc3339(number, ret_text);
	} else if (json_is_integer(value)) {
		(void)snprintf(ret_text, VALUE_SIZE, "%" PRId64, number);
	} else if (text != NULL) {
		(void)snprintf(
			ret_text, VALUE_SIZE, "%s%s", lq_text_needs_guard(text) ? "'" : "", text);
	}
}

static void put_row(FILE *out, const char *table, size_t number, json_t *row)
{
	char text[24];
	char value_text[VALUE_SIZE];
	const char *key = NULL;
	json_t *value = NULL;
	(void)snprintf(text, sizeof(text), "%zu", number);
	json_object_foreach(row, key, value)
	{
		format(value, value_text);
		lq_csv_row(out, (const char *const[]){table, text, key, value_text}, 4);
	}
}

char *lq_law_csv(json_t *tables, size_t *ret_length)
{
	static const char *const heads[] = {"table", "row", "column", "value"};
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_length);
	const char *table = NULL;
	json_t *rows = NULL;
	json_t *row = NULL;
	size_t i = 0;
	if (out == NULL) {
		return NULL;
	}
	lq_csv_row(out, heads, 4);
	json_object_foreach(tables, table, rows)
	{
		json_array_foreach(rows, i, row)
		{
			put_row(out, table, i + 1, row);
		}
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
