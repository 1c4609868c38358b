#include "host/cli/roster_file.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "host/cli/csv_reader.h"
#include "host/cli/csv_words.h"
#include "host/cli/roster_cell.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE 65536u
#define SHOWN_MAX  40u     /* bytes of a cell in a message */
#define NAMES_SIZE 256u    /* the names of all columns */
#define SLOTS      524288u /* more than twice LQ_ROSTER_ROWS_MAX, a power of two */
#define NO_COLUMN  SIZE_MAX
#define KEYS       2u

_Static_assert(SLOTS > 2 * LQ_ROSTER_ROWS_MAX, "a set that is at most half full");

struct reading {
	struct lq_roster_file *file;
	const struct lq_roster_table *table;
	size_t keys[KEYS]; /* the columns that find a row */
	size_t cells;      /* of the first row; 0: not seen */
	size_t columns[LQ_CSV_CELLS_MAX];
	uint32_t *seen[KEYS]; /* a row's index + 1, by its key; 0: free */
	struct lq_csv_reader csv;
};

/* ---- messages ---- */

static int fail_json(const struct lq_roster_file *file, struct lq_roster_place place,
	const char *found, const char *expected)
{
	json_t *failure = json_pack("{s:b, s:s, s:i, s:o, s:o, s:o}", "ok", 0, "error", "row",
		"exit", (int)LQ_EXIT_REFUSED, "file", lq_json_foreign(file->name), "found",
		lq_json_foreign(found), "expected", lq_json_foreign(expected));
	if (place.line != 0) {
		(void)json_object_set_new(failure, "line", json_integer(place.line));
	}
	if (place.column != NULL) {
		(void)json_object_set_new(failure, "column", lq_json_foreign(place.column));
	}
	(void)fflush(stdout);
	if (failure != NULL && json_dumpf(failure, stderr, JSON_COMPACT) == 0) {
		(void)fputc('\n', stderr);
	}
	json_decref(failure);
	return LQ_EXIT_REFUSED;
}

int lq_roster_file_fail(const struct lq_roster_file *file, struct lq_roster_place place,
	const char *found, const char *expected)
{
	const struct lq_cli *cli = file->cli;
	char where[64 + LQ_FOUND_SIZE] = "";
	if (cli->line.json) {
		return fail_json(file, place, found, expected);
	}
	if (place.line != 0) {
		int length = snprintf(where, sizeof(where),
			lq_tr(cli, "line %" PRIu32, "ligne %" PRIu32), place.line);
		(void)snprintf(where + length, sizeof(where) - (size_t)length, "%s%s%s",
			place.column == NULL ? "" : lq_tr(cli, ", column ", ", colonne "),
			place.column == NULL ? "" : place.column, lq_tr(cli, ": ", " : "));
	}
	return lq_fail(cli, LQ_EXIT_REFUSED, "row",
		lq_tr(cli, "%s: %sfound %s, expected %s; nothing was changed",
			"%s : %strouvé %s, attendu %s ; rien n’a été modifié"),
		file->name, where, found, expected);
}

static int fail_at(struct reading *reading, uint32_t line, const char *column, const char *found,
	const char *expected)
{
	return lq_roster_file_fail(
		reading->file, (struct lq_roster_place){line, column}, found, expected);
}

const char *lq_roster_file_expected(const struct lq_cli *cli, const struct lq_roster_column *column)
{
	switch (column->type) {
	case LQ_CELL_ID:
		return column->letter == 'm' ? lq_tr(cli, "a member's number like m3, or nothing",
						       "un numéro de membre comme m3, ou rien")
					     : lq_tr(cli, "a badge's number like c5, or nothing",
						       "un numéro de badge comme c5, ou rien");
	case LQ_CELL_TEXT:
		return lq_tr(cli,
			"1 to 128 bytes of text, not only spaces, that do not read like a member's "
			"number",
			"1 à 128 octets de texte, pas seulement des espaces, qui ne ressemblent "
			"pas à un numéro de membre");
	case LQ_CELL_LABEL:
		return lq_tr(cli, "at most 64 bytes of text", "au plus 64 octets de texte");
	case LQ_CELL_WORD:
		return lq_tr(cli, "the name of a profile, 1 to 32 of a-z, 0-9, - and _",
			"le nom d’un profil, 1 à 32 parmi a-z, 0-9, - et _");
	case LQ_CELL_BOOL:
		return lq_tr(cli, "yes or no", "yes ou no (oui ou non)");
	case LQ_CELL_STATE:
		return lq_tr(cli, "enabled, revoked, lost, suspended, stolen, returned or damaged",
			"enabled, revoked, lost, suspended, stolen, returned ou damaged");
	case LQ_CELL_FROM:
	case LQ_CELL_TO:
		return lq_tr(cli, "2026-12-01, 2026-12-01 08:00, RFC 3339, or nothing for no bound",
			"2026-12-01, 2026-12-01 08:00, RFC 3339, ou rien : sans limite");
	case LQ_CELL_USES:
		return lq_tr(cli, "a number from 0 to 65535, or nothing for no limit",
			"un nombre de 0 à 65535, ou rien : sans limite");
	case LQ_CELL_HOURS:
		return lq_tr(cli, "hours from 1 to 65535, or nothing for no limit",
			"des heures de 1 à 65535, ou rien : sans limite");
	case LQ_CELL_UID:
		return lq_tr(cli, "4, 7 or 10 bytes in hexadecimal that are not random, or nothing",
			"4, 7 ou 10 octets en hexadécimal qui ne soient pas aléatoires, ou rien");
	}
	return "?";
}

void lq_roster_file_found(const struct lq_cli *cli, const struct lq_roster_column *column,
	const char *text, char ret_found[LQ_FOUND_SIZE])
{
	size_t length = strlen(text);
	size_t shown = lq_utf8_fit(text, SHOWN_MAX);
	if (length == 0) {
		(void)snprintf(ret_found, LQ_FOUND_SIZE, "%s", lq_tr(cli, "nothing", "rien"));
	} else if (column != NULL && column->type == LQ_CELL_UID) {
		(void)snprintf(ret_found, LQ_FOUND_SIZE,
			lq_tr(cli, "%zu characters (a UID is not shown)",
				"%zu caractères (un UID ne s’affiche pas)"),
			length);
	} else {
		(void)snprintf(ret_found, LQ_FOUND_SIZE, lq_tr(cli, "'%.*s%s'", "« %.*s%s »"),
			(int)shown, text, shown < length ? "…" : "");
	}
}

static int fail_csv(struct reading *reading)
{
	const struct lq_csv_reader *csv = &reading->csv;
	enum lq_language language = reading->file->cli->language;
	size_t cell = csv->row.count;
	bool named = cell < reading->cells && reading->columns[cell] != NO_COLUMN;
	const char *column = named ? reading->table->columns[reading->columns[cell]].name : NULL;
	const struct lq_csv_words *words = lq_csv_words(csv->problem, language);
	return fail_at(reading, csv->problem_line, column, words->found, words->expected);
}

/* ---- the first row ---- */

static void list_names(const struct lq_roster_table *table, char ret_names[NAMES_SIZE])
{
	size_t length = 0;
	for (size_t i = 0; i < table->count; i++) {
		length += (size_t)snprintf(ret_names + length, NAMES_SIZE - length, "%s%s",
			i == 0 ? "" : ", ", table->columns[i].name);
		LQ_ASSERT(length < NAMES_SIZE);
	}
}

static size_t column_called(const struct lq_roster_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->columns[i].name, name) == 0) {
			return i;
		}
	}
	return NO_COLUMN;
}

static int take_name(struct reading *reading, const struct lq_csv_row *row, size_t cell)
{
	const struct lq_cli *cli = reading->file->cli;
	char names[NAMES_SIZE];
	char found[LQ_FOUND_SIZE];
	size_t column = column_called(reading->table, row->cells[cell]);
	if (column == NO_COLUMN) {
		list_names(reading->table, names);
		lq_roster_file_found(cli, NULL, row->cells[cell], found);
		return fail_at(reading, row->line, NULL, found, names);
	}
	if ((reading->file->given & LQ_GIVEN(column)) != 0) {
		return fail_at(reading, row->line, row->cells[cell],
			lq_tr(cli, "this column twice", "cette colonne deux fois"),
			lq_tr(cli, "it once", "une seule fois"));
	}
	reading->file->given |= LQ_GIVEN(column);
	reading->columns[cell] = column;
	return LQ_EXIT_OK;
}

static int take_names(struct reading *reading, const struct lq_csv_row *row)
{
	const struct lq_cli *cli = reading->file->cli;
	const struct lq_roster_column *columns = reading->table->columns;
	int r = LQ_EXIT_OK;
	for (size_t i = 0; i < row->count && r == LQ_EXIT_OK; i++) {
		r = take_name(reading, row, i);
	}
	reading->cells = row->count;
	uint32_t keys = LQ_GIVEN(reading->keys[0]) | LQ_GIVEN(reading->keys[1]);
	if (r == LQ_EXIT_OK && (reading->file->given & keys) == 0) {
		char found[LQ_FOUND_SIZE];
		char expected[LQ_FOUND_SIZE];
		(void)snprintf(found, sizeof(found),
			lq_tr(cli, "neither a column %s nor a column %s",
				"ni colonne %s ni colonne %s"),
			columns[reading->keys[0]].name, columns[reading->keys[1]].name);
		(void)snprintf(expected, sizeof(expected), "%s",
			lq_tr(cli, "one of them, so that the next import finds the rows again",
				"l’une des deux, pour que le prochain import retrouve les lignes"));
		return fail_at(reading, row->line, NULL, found, expected);
	}
	return r;
}

/* ---- the others ---- */

static int fail_cell(struct reading *reading, const struct lq_csv_row *row, size_t cell, int err)
{
	const struct lq_cli *cli = reading->file->cli;
	const struct lq_roster_column *column = &reading->table->columns[reading->columns[cell]];
	char found[LQ_FOUND_SIZE];
	char expected[LQ_FOUND_SIZE];
	lq_roster_file_found(cli, column, row->cells[cell], found);
	(void)snprintf(expected, sizeof(expected),
		err == LQ_ERR_NOT_FOUND
			? lq_tr(cli, "a moment that clocks in %s show (they are put forward then)",
				  "un instant qu’indiquent les horloges de %s (passage à l’heure "
				  "d’été)")
			: "%s",
		err == LQ_ERR_NOT_FOUND ? cli->config.time_zone
					: lq_roster_file_expected(cli, column));
	return fail_at(reading, row->line, column->name, found, expected);
}

static uint64_t hash_of(const void *bytes, size_t length)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < length; i++) {
		hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
	}
	return hash ^ (hash >> 32);
}

/* The line that had this key before, 0: none; then it is kept. */
static uint32_t line_before(struct reading *reading, size_t key, uint32_t index)
{
	const struct lq_roster_column *column = &reading->table->columns[reading->keys[key]];
	const struct lq_roster_row *rows = reading->file->rows;
	const char *cell = (const char *)&rows[index] + column->offset;
	size_t length = column->type == LQ_CELL_LABEL ? strlen(cell) : column->size;
	size_t slot = hash_of(cell, length) & (SLOTS - 1);
	while (reading->seen[key][slot] != 0) {
		const struct lq_roster_row *other = &rows[reading->seen[key][slot] - 1];
		if (lq_roster_cell_same(column, other, &rows[index])) {
			return other->line;
		}
		slot = (slot + 1) & (SLOTS - 1);
	}
	reading->seen[key][slot] = index + 1;
	return 0;
}

static bool has_key(const struct reading *reading, size_t key, const struct lq_roster_row *row)
{
	const struct lq_roster_column *column = &reading->table->columns[reading->keys[key]];
	bool empty = column->type == LQ_CELL_LABEL && *((const char *)row + column->offset) == '\0';
	return (row->given & LQ_GIVEN(reading->keys[key])) != 0 && !empty;
}

static int fail_twice(
	struct reading *reading, size_t key, const struct lq_roster_row *row, uint32_t before)
{
	const struct lq_cli *cli = reading->file->cli;
	const struct lq_roster_column *column = &reading->table->columns[reading->keys[key]];
	char text[LQ_CELL_TEXT_SIZE];
	char cell[LQ_FOUND_SIZE];
	char found[2 * LQ_FOUND_SIZE];
	lq_cell_format(column, row, text);
	lq_roster_file_found(cli, column, text, cell);
	(void)snprintf(found, sizeof(found),
		lq_tr(cli, "%s again, as on line %" PRIu32, "%s à nouveau, comme ligne %" PRIu32),
		column->type == LQ_CELL_UID ? lq_tr(cli, "a UID", "un UID") : cell, before);
	return fail_at(
		reading, row->line, column->name, found, lq_tr(cli, "it once", "une seule fois"));
}

static int check_keys(struct reading *reading, uint32_t index)
{
	const struct lq_cli *cli = reading->file->cli;
	const struct lq_roster_row *row = &reading->file->rows[index];
	const struct lq_roster_column *columns = reading->table->columns;
	bool any = false;
	for (size_t key = 0; key < KEYS; key++) {
		bool has = has_key(reading, key, row);
		uint32_t before = has ? line_before(reading, key, index) : 0;
		if (before != 0) {
			return fail_twice(reading, key, row, before);
		}
		any = any || has;
	}
	if (any) {
		return LQ_EXIT_OK;
	}
	char found[LQ_FOUND_SIZE];
	(void)snprintf(found, sizeof(found), lq_tr(cli, "neither %s nor %s", "ni %s ni %s"),
		columns[reading->keys[0]].name, columns[reading->keys[1]].name);
	return fail_at(reading, row->line, NULL, found,
		lq_tr(cli, "one of them, so that the next import finds the row again",
			"l’un des deux, pour que le prochain import retrouve la ligne"));
}

static int make_room(struct reading *reading, uint32_t line)
{
	struct lq_roster_file *file = reading->file;
	const struct lq_cli *cli = file->cli;
	char found[LQ_FOUND_SIZE];
	if (file->count == LQ_ROSTER_ROWS_MAX) {
		(void)snprintf(found, sizeof(found),
			lq_tr(cli, "more than %u rows", "plus de %u lignes"), LQ_ROSTER_ROWS_MAX);
		return fail_at(reading, line, NULL, found,
			lq_tr(cli, "at most so many", "au plus autant"));
	}
	if (file->count < file->capacity) {
		return LQ_EXIT_OK;
	}
	uint32_t capacity = file->capacity == 0 ? 256 : 2 * file->capacity;
	struct lq_roster_row *grown = realloc(file->rows, capacity * sizeof(*grown));
	if (grown == NULL) {
		return lq_fail(cli, LQ_EXIT_IO, "io", "%s",
			lq_tr(cli, "out of memory", "mémoire insuffisante"));
	}
	file->rows = grown;
	file->capacity = capacity;
	return LQ_EXIT_OK;
}

static int take_row(struct reading *reading, const struct lq_csv_row *row)
{
	const struct lq_cli *cli = reading->file->cli;
	char found[LQ_FOUND_SIZE];
	char expected[LQ_FOUND_SIZE];
	if (row->count != reading->cells) {
		(void)snprintf(
			found, sizeof(found), lq_tr(cli, "%zu cells", "%zu cellules"), row->count);
		(void)snprintf(expected, sizeof(expected),
			lq_tr(cli, "%zu, as in the first row", "%zu, comme à la première ligne"),
			reading->cells);
		return fail_at(reading, row->line, NULL, found, expected);
	}
	int r = make_room(reading, row->line);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	struct lq_roster_row *out = &reading->file->rows[reading->file->count];
	*out = (struct lq_roster_row){
		.line = row->line, .valid_to_s = LQ_VALID_FOREVER, .uses_left = LQ_USES_ANY};
	for (size_t i = 0; i < row->count; i++) {
		int err = lq_cell_parse(reading->table, reading->columns[i], row->cells[i], out);
		if (err != LQ_OK) {
			return fail_cell(reading, row, i, err);
		}
	}
	if (out->valid_from_s >= out->valid_to_s) {
		return fail_at(reading, row->line, "valid_to",
			lq_tr(cli, "an end that is not after valid_from",
				"une fin qui n’est pas après valid_from"),
			lq_tr(cli, "a later one", "une fin plus tardive"));
	}
	return check_keys(reading, reading->file->count++);
}

static int each_row(void *ctx, const struct lq_csv_row *row)
{
	struct reading *reading = ctx;
	return reading->cells == 0 ? take_names(reading, row) : take_row(reading, row);
}

/* ---- the file ---- */

static int fail_io(const struct lq_roster_file *file, int error)
{
	return lq_fail(file->cli, LQ_EXIT_IO, "io",
		lq_tr(file->cli, "cannot read %s: %s", "impossible de lire %s : %s"), file->name,
		strerror(error)); // NOLINT(concurrency-mt-unsafe): one thread
}

static int finish(struct reading *reading)
{
	const struct lq_cli *cli = reading->file->cli;
	if (reading->csv.stopped != 0) {
		return reading->csv.stopped;
	}
	if (reading->csv.problem != LQ_CSV_OK) {
		return fail_csv(reading);
	}
	if (reading->cells == 0) {
		char names[NAMES_SIZE];
		list_names(reading->table, names);
		return fail_at(
			reading, 0, NULL, lq_tr(cli, "an empty file", "un fichier vide"), names);
	}
	if (reading->file->count == 0) {
		return fail_at(reading, 0, NULL,
			lq_tr(cli, "no row below the names of the columns",
				"aucune ligne sous les noms des colonnes"),
			lq_tr(cli, "at least one", "au moins une"));
	}
	return LQ_EXIT_OK;
}

static int read_all(struct reading *reading, int fd)
{
	static char block[BLOCK_SIZE];
	ssize_t got = 0;
	bool going = true;
	while (going) {
		got = read(fd, block, sizeof(block));
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			break;
		}
		going = lq_csv_reader_feed(&reading->csv, block, (size_t)got);
	}
	if (got < 0) {
		return fail_io(reading->file, errno);
	}
	(void)lq_csv_reader_end(&reading->csv);
	return finish(reading);
}

static int read_with(struct reading *reading, int fd)
{
	lq_csv_reader_begin(&reading->csv, each_row, reading);
	for (size_t key = 0; key < KEYS; key++) {
		reading->seen[key] = calloc(SLOTS, sizeof(uint32_t));
		if (reading->seen[key] == NULL) {
			return lq_fail(reading->file->cli, LQ_EXIT_IO, "io", "%s",
				lq_tr(reading->file->cli, "out of memory", "mémoire insuffisante"));
		}
	}
	return read_all(reading, fd);
}

int lq_roster_file_read(const struct lq_cli *cli, enum lq_roster_kind kind, const char *path,
	struct lq_roster_file *ret_file)
{
	static struct reading reading;
	bool members = kind == LQ_ROSTER_MEMBERS;
	bool piped = strcmp(path, "-") == 0;
	*ret_file = (struct lq_roster_file){.cli = cli,
		.name = piped ? lq_tr(cli, "standard input", "entrée standard") : path,
		.kind = kind};
	reading = (struct reading){.file = ret_file,
		.table = &lq_roster_tables[kind],
		.keys = {members ? (size_t)LQ_MEMBER_ID : (size_t)LQ_BADGE_ID,
			members ? (size_t)LQ_MEMBER_EXTERNAL_ID : (size_t)LQ_BADGE_UID}};
	int fd = piped ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return fail_io(ret_file, errno);
	}
	int r = read_with(&reading, fd);
	for (size_t key = 0; key < KEYS; key++) {
		free(reading.seen[key]);
	}
	if (!piped) {
		(void)close(fd);
	}
	return r;
}

void lq_roster_file_free(struct lq_roster_file *file)
{
	free(file->rows);
	file->rows = NULL;
}
