#include "host/cli/csv.h"

#include "host/cli/escape.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool needs_quotes(const char *text)
{
	size_t length = strlen(text);
	return length > 0 &&
	       (text[0] == ' ' || text[length - 1] == ' ' || strpbrk(text, ",\"") != NULL);
}

static void put_quoted(FILE *out, const char *text)
{
	(void)fputc('"', out);
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '"') {
			(void)fputc('"', out);
		}
		(void)fputc(*c, out);
	}
	(void)fputc('"', out);
}

static void put_field(FILE *out, const char *text)
{
	char *escaped = lq_escape(text);
	const char *shown = escaped != NULL ? escaped : "?";
	if (needs_quotes(shown)) {
		put_quoted(out, shown);
	} else {
		(void)fputs(shown, out);
	}
	free(escaped);
}

void lq_csv_row(FILE *out, const char *const *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0) {
			(void)fputc(',', out);
		}
		put_field(out, fields[i]);
	}
	(void)fputs("\r\n", out);
}
