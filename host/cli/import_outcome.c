#include "host/cli/import_outcome.h"

#include "firmware/core/assert.h"
#include "firmware/store/import.h"
#include "host/cli/roster_cell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct outcome {
	enum lq_import_outcome_kind kind;
	struct lq_roster_row row; /* of the file, or empty */
	struct lq_roster_row old; /* of the roster, or empty */
};

static const struct lq_roster_table *table_of(const struct lq_roster_file *file)
{
	return &lq_roster_tables[file->kind];
}

static bool gives(const struct lq_roster_row *row, size_t column)
{
	return (row->given & LQ_GIVEN(column)) != 0;
}

/* A UID is compared by loquetd alone. A badge's external_id is its holder's, and says who that is
 * only where it is not empty. */
static bool changes(const struct lq_roster_file *file, const struct outcome *outcome, size_t i)
{
	const struct lq_roster_column *column = &table_of(file)->columns[i];
	bool silent = column->column == NULL &&
		      (column->type != LQ_CELL_LABEL || outcome->row.external_id[0] == '\0');
	return gives(&outcome->row, i) && i != 0 && !silent &&
	       !lq_roster_cell_same(column, &outcome->row, &outcome->old);
}

/* ---- for programs ---- */

static const char *kind_text(enum lq_import_outcome_kind kind)
{
	switch (kind) {
	case LQ_IMPORT_ADDED:
		return "added";
	case LQ_IMPORT_CHANGED:
		return "changed";
	case LQ_IMPORT_MISSING:
		return "missing";
	case LQ_IMPORT_DISABLED:
		return "disabled";
	case LQ_IMPORT_UNCHANGED:
		break;
	}
	return "unchanged";
}

static json_t *cell_json(const struct lq_roster_column *column, const struct lq_roster_row *row)
{
	char text[LQ_CELL_TEXT_SIZE];
	lq_cell_format(column, row, text);
	return lq_json_foreign(text);
}

static int put_json(const struct lq_roster_file *file, const struct outcome *outcome)
{
	const struct lq_roster_table *table = table_of(file);
	json_t *object = json_pack("{s:s}", "outcome", kind_text(outcome->kind));
	json_t *values = json_object();
	if (outcome->row.line != 0) {
		(void)json_object_set_new(object, "line", json_integer(outcome->row.line));
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct lq_roster_column *column = &table->columns[i];
		if (i == 0 && outcome->kind != LQ_IMPORT_ADDED) {
			(void)json_object_set_new(
				object, column->name, cell_json(column, &outcome->old));
		} else if (outcome->kind == LQ_IMPORT_CHANGED && changes(file, outcome, i)) {
			(void)json_object_set_new(values, column->name,
				json_pack("{s:o, s:o}", "from", cell_json(column, &outcome->old),
					"to", cell_json(column, &outcome->row)));
		} else if (outcome->kind == LQ_IMPORT_ADDED && gives(&outcome->row, i) &&
			   column->type != LQ_CELL_UID) {
			(void)json_object_set_new(
				values, column->name, cell_json(column, &outcome->row));
		}
	}
	(void)json_object_set_new(object, "values", values);
	return lq_print_json(file->cli, object);
}

/* ---- for a person ---- */

static void put_cell(FILE *out, const struct lq_roster_file *file,
	const struct lq_roster_column *column, const struct lq_roster_row *row)
{
	char text[LQ_CELL_TEXT_SIZE];
	bool quoted = column->type == LQ_CELL_TEXT || column->type == LQ_CELL_LABEL;
	lq_cell_format(column, row, text);
	if (text[0] == '\0') {
		(void)fputs(lq_tr(file->cli, "nothing", "rien"), out);
	} else {
		(void)fprintf(out, quoted ? lq_tr(file->cli, "'%s'", "« %s »") : "%s", text);
	}
}

static void put_changes(FILE *out, const struct lq_roster_file *file, const struct outcome *outcome)
{
	const struct lq_roster_table *table = table_of(file);
	const char *between = "";
	for (size_t i = 0; i < table->count; i++) {
		const struct lq_roster_column *column = &table->columns[i];
		bool added = outcome->kind == LQ_IMPORT_ADDED;
		if (added ? !gives(&outcome->row, i) || column->type == LQ_CELL_UID
			  : !changes(file, outcome, i)) {
			continue;
		}
		(void)fprintf(out, "%s%s ", between, column->name);
		if (!added) {
			put_cell(out, file, column, &outcome->old);
			(void)fputs(" → ", out);
		}
		put_cell(out, file, column, &outcome->row);
		between = ", ";
	}
}

static void put_line(FILE *out, const struct lq_roster_file *file, const struct outcome *outcome)
{
	const struct lq_cli *cli = file->cli;
	const struct lq_roster_column *columns = table_of(file)->columns;
	bool members = file->kind == LQ_ROSTER_MEMBERS;
	switch (outcome->kind) {
	case LQ_IMPORT_ADDED:
		(void)fprintf(out, lq_tr(cli, "+ line %" PRIu32 ": ", "+ ligne %" PRIu32 " : "),
			outcome->row.line);
		put_changes(out, file, outcome);
		return;
	case LQ_IMPORT_CHANGED:
		(void)fprintf(out, lq_tr(cli, "~ line %" PRIu32 ": ", "~ ligne %" PRIu32 " : "),
			outcome->row.line);
		put_cell(out, file, &columns[0], &outcome->old);
		(void)fputs(lq_tr(cli, ": ", " : "), out);
		put_changes(out, file, outcome);
		return;
	case LQ_IMPORT_MISSING:
	case LQ_IMPORT_DISABLED:
		(void)fputs(outcome->kind == LQ_IMPORT_MISSING ? "  " : "- ", out);
		put_cell(out, file, &columns[0], &outcome->old);
		if (members) {
			(void)fputc(' ', out);
			put_cell(out, file, &columns[LQ_MEMBER_NAME], &outcome->old);
		}
		(void)fputs(outcome->kind == LQ_IMPORT_MISSING
				    ? lq_tr(cli, ": not in the file, stays as it is",
					      " : absent du fichier, reste tel quel")
			    : members ? lq_tr(cli, ": not in the file, would be disabled",
						" : absent du fichier, serait désactivé")
				      : lq_tr(cli, ": not in the file, would be revoked",
						" : absent du fichier, serait révoqué"),
			out);
		return;
	case LQ_IMPORT_UNCHANGED:
		return;
	}
}

static int put_text(const struct lq_roster_file *file, const struct outcome *outcome)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (out != NULL) {
		put_line(out, file, outcome);
	}
	if (out == NULL || fclose(out) != 0) {
		free(text);
		return lq_fail(file->cli, LQ_EXIT_IO, "io", "%s",
			lq_tr(file->cli, "out of memory", "mémoire insuffisante"));
	}
	lq_say(stdout, "%s", text);
	free(text);
	return LQ_EXIT_OK;
}

/* ---- one after the other ---- */

/* Outcomes come in the order of the rows. */
static const struct lq_roster_row *row_on_line(
	const struct lq_roster_file *file, uint32_t *index, uint32_t line)
{
	while (*index < file->count && file->rows[*index].line != line) {
		++*index;
	}
	return *index < file->count ? &file->rows[*index] : NULL;
}

static bool take(
	FILE *in, const struct lq_roster_file *file, uint32_t *index, struct outcome *ret_outcome)
{
	struct lq_import_outcome head;
	if (fread(&head, sizeof(head), 1, in) != 1) {
		return false;
	}
	*ret_outcome = (struct outcome){.kind = (enum lq_import_outcome_kind)head.kind};
	if (head.line != 0) {
		const struct lq_roster_row *row = row_on_line(file, index, head.line);
		LQ_ASSERT(row != NULL);
		ret_outcome->row = *row;
	}
	return head.kind == LQ_IMPORT_ADDED ||
	       fread(&ret_outcome->old, sizeof(ret_outcome->old), 1, in) == 1;
}

int lq_import_outcome_print(const struct lq_roster_file *file, int fd)
{
	struct outcome outcome;
	uint32_t index = 0;
	int r = LQ_EXIT_OK;
	FILE *in = fdopen(dup(fd), "rb");
	if (in == NULL) {
		return lq_fail(file->cli, LQ_EXIT_IO, "io", "%s",
			lq_tr(file->cli, "out of memory", "mémoire insuffisante"));
	}
	rewind(in);
	while (r == LQ_EXIT_OK && take(in, file, &index, &outcome)) {
		r = file->cli->line.json ? put_json(file, &outcome) : put_text(file, &outcome);
	}
	(void)fclose(in);
	return r;
}
