#include "host/cli/table.h"

#include "firmware/core/assert.h"
#include "host/cli/escape.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

static const char gap[] = "  ";

void lq_table_add(struct lq_table *table, const char *text)
{
	LQ_ASSERT(table->columns > 0 && table->columns <= LQ_TABLE_COLUMNS_MAX);
	if (table->count == table->capacity) {
		size_t capacity = table->capacity == 0 ? 64 : table->capacity * 2;
		char **cells = reallocarray(table->cells, capacity, sizeof(*cells));
		if (cells == NULL) {
			return;
		}
		table->cells = cells;
		table->capacity = capacity;
	}
	table->cells[table->count++] = lq_escape(text);
}

void lq_table_addf(struct lq_table *table, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	lq_table_add(table, length < 0 ? "?" : text);
	free(length < 0 ? NULL : text);
}

static const char *cell_text(const struct lq_table *table, size_t index)
{
	return table->cells[index] != NULL ? table->cells[index] : "?";
}

static void print_blanks(size_t count, FILE *out)
{
	(void)fprintf(out, "%*s", (int)count, "");
}

static void print_cell(const struct lq_table *table, size_t index, size_t width, FILE *out)
{
	size_t column = index % table->columns;
	const char *text = cell_text(table, index);
	size_t pad = width - lq_escape_width(text);
	bool last = column + 1 == table->columns || index + 1 == table->count;
	if ((table->right & 1u << column) != 0) {
		print_blanks(pad, out);
		(void)fputs(text, out);
	} else {
		(void)fputs(text, out);
		print_blanks(last ? 0 : pad, out);
	}
	(void)fputs(last ? "\n" : gap, out);
}

void lq_table_print(const struct lq_table *table, const char *indent, FILE *out)
{
	size_t widths[LQ_TABLE_COLUMNS_MAX] = {0};
	for (size_t i = 0; i < table->count; i++) {
		size_t width = lq_escape_width(cell_text(table, i));
		size_t *widest = &widths[i % table->columns];
		*widest = width > *widest ? width : *widest;
	}
	for (size_t i = 0; i < table->count; i++) {
		if (i % table->columns == 0) {
			(void)fputs(indent, out);
		}
		print_cell(table, i, widths[i % table->columns], out);
	}
}

void lq_table_free(struct lq_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		free(table->cells[i]);
	}
	free(table->cells);
	table->cells = NULL;
	table->count = 0;
	table->capacity = 0;
}
