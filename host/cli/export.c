/* The roster for spreadsheets and other systems. No UID is in it, nor could it be: door.db holds
 * only keyed hashes of them. */
#include "firmware/core/err.h"
#include "host/cli/commands.h"
#include "host/cli/csv.h"
#include "host/cli/roster_cell.h"
#include "host/cli/roster_view.h"

#define COLUMNS_MAX 16u

struct export
{
	const struct lq_cli *cli;
	const struct lq_roster_table *table;
};

struct cell {
	bool guarded;
	char text[1 + LQ_CELL_TEXT_SIZE]; /* behind an apostrophe */
};

/* What can be read of a row, and the names of its columns; without a row the names alone. */
static size_t gather(const struct lq_roster_table *table, const struct lq_roster_row *row,
	struct cell cells[COLUMNS_MAX], const char *names[COLUMNS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < table->count && count < COLUMNS_MAX; i++) {
		const struct lq_roster_column *column = &table->columns[i];
		if (column->read == NULL) {
			continue;
		}
		if (row != NULL) {
			cells[count].text[0] = '\'';
			lq_cell_format(column, row, cells[count].text + 1);
			cells[count].guarded = lq_cell_needs_guard(column, cells[count].text + 1);
		}
		names[count++] = column->name;
	}
	return count;
}

static int put_row(void *ctx, const struct lq_roster_row *row)
{
	const struct export *export = ctx;
	struct cell cells[COLUMNS_MAX];
	const char *names[COLUMNS_MAX];
	const char *fields[COLUMNS_MAX];
	size_t count = gather(export->table, row, cells, names);
	if (!export->cli->line.json) {
		for (size_t i = 0; i < count; i++) {
			fields[i] = cells[i].text + (cells[i].guarded ? 0 : 1);
		}
		lq_csv_row(stdout, fields, count);
		return LQ_EXIT_OK;
	}
	json_t *object = json_object();
	for (size_t i = 0; i < count; i++) {
		(void)json_object_set_new(object, names[i], lq_json_foreign(cells[i].text + 1));
	}
	return lq_print_json(export->cli, object);
}

static int run(const struct lq_cli *cli, enum lq_roster_kind kind)
{
	struct export export = {.cli = cli, .table = &lq_roster_tables[kind]};
	const char *names[COLUMNS_MAX];
	struct lq_store *store = NULL;
	int r = lq_view_open(cli, &store);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (!cli->line.json) {
		lq_csv_row(stdout, names, gather(export.table, NULL, NULL, names));
	}
	r = lq_roster_row_list(store, kind, put_row, &export);
	r = r < 0 ? lq_view_fail(cli, store, r) : r;
	lq_store_close(store);
	return r;
}

int lq_run_export_members(const struct lq_cli *cli)
{
	return run(cli, LQ_ROSTER_MEMBERS);
}

int lq_run_export_badges(const struct lq_cli *cli)
{
	return run(cli, LQ_ROSTER_BADGES);
}
