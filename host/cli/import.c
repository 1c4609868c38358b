/* A roster from outside: the file is read and checked here, every row against the roster and all of
 * them at once by loquetd. */
#include "firmware/store/import.h"

#include "firmware/core/err.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/import_outcome.h"
#include "host/cli/roster_cell.h"
#include "host/cli/roster_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ANSWER_MS 660000 /* longer than loquetd's own patience */

/* ---- what loquetd found ---- */

static const struct lq_roster_row *row_on_line(const struct lq_roster_file *file, uint32_t line)
{
	for (uint32_t i = 0; i < file->count; i++) {
		if (file->rows[i].line == line) {
			return &file->rows[i];
		}
	}
	return NULL;
}

struct finding {
	enum lq_import_problem problem;
	size_t column;
	uint32_t id;
	const struct lq_roster_row *row;
};

static void describe_unknown(const struct lq_cli *cli, const struct lq_roster_column *column,
	char *expected, size_t size)
{
	const char *text =
		column->type == LQ_CELL_WORD
			? lq_tr(cli, "a profile: always, or one of loquet profile set",
				  "un profil : always, ou l’un de loquet profile set")
		: column->letter == 'c'
			? lq_tr(cli, "a badge of this roster, or nothing and a uid to add one",
				  "un badge de ce registre, ou rien et un uid pour l’ajouter")
			: lq_tr(cli, "a member of this roster", "un membre de ce registre");
	(void)snprintf(expected, size, "%s", text);
}

static void describe_taken(const struct lq_cli *cli, const struct finding *finding, char letter,
	char *expected, size_t size)
{
	if (finding->id == 0) {
		(void)snprintf(expected, size, "%s",
			lq_tr(cli, "the UID that this badge has, or nothing",
				"l’UID qu’a ce badge, ou rien"));
	} else {
		(void)snprintf(expected, size,
			lq_tr(cli, "one that does not belong to %c%" PRIu32,
				"celui d’un autre que %c%" PRIu32),
			letter, finding->id);
	}
}

static void describe(const struct lq_roster_file *file, const struct finding *finding,
	char found[LQ_FOUND_SIZE], char expected[LQ_FOUND_SIZE])
{
	const struct lq_cli *cli = file->cli;
	const struct lq_roster_table *table = &lq_roster_tables[file->kind];
	const struct lq_roster_column *column = &table->columns[finding->column];
	char letter = column->type == LQ_CELL_UID ? 'c' : 'm';
	char text[LQ_CELL_TEXT_SIZE];
	lq_cell_format(column, finding->row, text);
	lq_roster_file_found(cli, column, text, found);
	if (column->type == LQ_CELL_UID) {
		(void)snprintf(found, LQ_FOUND_SIZE, "%s", lq_tr(cli, "a UID", "un UID"));
	}
	switch (finding->problem) {
	case LQ_IMPORT_UNKNOWN:
		describe_unknown(cli, column, expected, LQ_FOUND_SIZE);
		return;
	case LQ_IMPORT_NEEDED:
		(void)snprintf(found, LQ_FOUND_SIZE, "%s", lq_tr(cli, "nothing", "rien"));
		(void)snprintf(expected, LQ_FOUND_SIZE, "%s",
			file->kind == LQ_ROSTER_MEMBERS
				? lq_tr(cli, "what a new member needs: external_id, name, profile",
					  "ce que demande un nouveau membre : external_id, name, "
					  "profile")
				: lq_tr(cli, "who holds the new badge: member or external_id",
					  "qui porte le nouveau badge : member ou external_id"));
		return;
	case LQ_IMPORT_TAKEN:
		describe_taken(cli, finding, letter, expected, LQ_FOUND_SIZE);
		return;
	case LQ_IMPORT_TWICE:
		(void)snprintf(found, LQ_FOUND_SIZE,
			lq_tr(cli, "%c%" PRIu32 " again", "%c%" PRIu32 " à nouveau"),
			table->columns[0].letter, finding->id);
		(void)snprintf(
			expected, LQ_FOUND_SIZE, "%s", lq_tr(cli, "it once", "une seule fois"));
		return;
	case LQ_IMPORT_SPAN:
		(void)snprintf(expected, LQ_FOUND_SIZE, "%s",
			lq_tr(cli, "an end that is after valid_from",
				"une fin qui soit après valid_from"));
		return;
	case LQ_IMPORT_SUSPENSION:
		(void)snprintf(expected, LQ_FOUND_SIZE, "%s",
			lq_tr(cli, "nothing, or the state suspended", "rien, ou l’état suspended"));
		return;
	case LQ_IMPORT_SOUND:
	case LQ_IMPORT_MALFORMED:
	case LQ_IMPORT_NO_KEY:
	case LQ_IMPORT_PROBLEM_COUNT:
		break;
	}
	(void)snprintf(expected, LQ_FOUND_SIZE, "%s", lq_roster_file_expected(cli, column));
}

static enum lq_import_problem problem_called(const char *text)
{
	int i = 0;
	while (i < LQ_IMPORT_PROBLEM_COUNT &&
		strcmp(text, lq_import_problem_text((enum lq_import_problem)i)) != 0) {
		i++;
	}
	return (enum lq_import_problem)i;
}

static json_int_t number(const json_t *answer, const char *key)
{
	return json_integer_value(json_object_get(answer, key));
}

static int refused(const struct lq_roster_file *file, const json_t *answer, const char *problem)
{
	const struct lq_roster_table *table = &lq_roster_tables[file->kind];
	char found[LQ_FOUND_SIZE] = "";
	char expected[LQ_FOUND_SIZE] = "";
	struct finding finding = {.problem = problem_called(problem),
		.column = (size_t)number(answer, "column"),
		.id = (uint32_t)number(answer, "id"),
		.row = row_on_line(file, (uint32_t)number(answer, "line"))};
	if (finding.row == NULL || finding.column >= table->count) {
		return lq_control_judge(file->cli, answer);
	}
	describe(file, &finding, found, expected);
	return lq_roster_file_fail(file,
		(struct lq_roster_place){finding.row->line, table->columns[finding.column].name},
		found, expected);
}

/* ---- what it did, or would do ---- */

static void say_counts(const struct lq_roster_file *file, const json_t *answer, bool dry_run)
{
	const struct lq_cli *cli = file->cli;
	bool members = file->kind == LQ_ROSTER_MEMBERS;
	lq_say(stdout,
		dry_run ? lq_tr(cli,
				  "would add %s, change %s, leave %s unchanged; not in the file: "
				  "%s would be %s, %s stay as they are",
				  "ajouterait %s, modifierait %s, laisserait %s inchangés ; "
				  "absents "
				  "du fichier : %s seraient %s, %s restent tels quels")
			: lq_tr(cli,
				  "added %s, changed %s, %s unchanged; not in the file: %s %s, %s "
				  "left as they were",
				  "ajoutés %s, modifiés %s, inchangés %s ; absents du fichier : %s "
				  "%s, %s restés tels quels"),
		lq_number_text(answer, "added").text, lq_number_text(answer, "changed").text,
		lq_number_text(answer, "unchanged").text, lq_number_text(answer, "disabled").text,
		members ? lq_tr(cli, "disabled", "désactivés") : lq_tr(cli, "revoked", "révoqués"),
		lq_number_text(answer, "missing").text);
}

static int tell(const struct lq_roster_file *file, json_t *answer, int outcome_fd)
{
	const struct lq_cli *cli = file->cli;
	bool dry_run = outcome_fd >= 0;
	int r = dry_run ? lq_import_outcome_print(file, outcome_fd) : LQ_EXIT_OK;
	if (r == LQ_EXIT_OK && cli->line.json) {
		(void)json_object_set_new(answer, "dry_run", json_boolean(dry_run));
		r = lq_print_json(cli, json_incref(answer));
	} else if (r == LQ_EXIT_OK) {
		say_counts(file, answer, dry_run);
	}
	return r;
}

/* ---- asking ---- */

static bool write_rows(int fd, const struct lq_roster_file *file)
{
	const char *at = (const char *)file->rows;
	size_t left = file->count * sizeof(*file->rows);
	while (left > 0) {
		ssize_t written = write(fd, at, left);
		if (written < 0 && errno != EINTR) {
			return false;
		}
		at += written < 0 ? 0 : written;
		left -= written < 0 ? 0 : (size_t)written;
	}
	return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
	       0;
}

static int out_of_memory(const struct lq_cli *cli)
{
	return lq_fail(
		cli, LQ_EXIT_IO, "io", "%s", lq_tr(cli, "out of memory", "mémoire insuffisante"));
}

static int ask(const struct lq_roster_file *file, const int fds[2], json_t **ret_answer)
{
	const struct lq_cli *cli = file->cli;
	bool members = file->kind == LQ_ROSTER_MEMBERS;
	bool dry_run = fds[1] >= 0;
	int fd = -1;
	int r = lq_control_open(cli, &fd);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	json_t *request = json_pack("{s:s, s:s, s:b, s:b}", "do", "roster.import", "what",
		members ? "members" : "badges", "dry_run", (int)dry_run, "disable_missing",
		(int)lq_option_given(&cli->line, members ? "disable-missing" : "revoke-missing"));
	r = lq_control_send_with(cli, fd, request, fds, dry_run ? 2 : 1);
	if (r == LQ_EXIT_OK) {
		r = lq_control_receive(cli, fd, ANSWER_MS, ret_answer);
	}
	(void)close(fd);
	return r;
}

static int exchange(const struct lq_roster_file *file, const int fds[2])
{
	json_t *answer = NULL;
	int r = ask(file, fds, &answer);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	const char *problem = json_string_value(json_object_get(answer, "problem"));
	if (problem != NULL) {
		r = refused(file, answer, problem);
	} else {
		r = lq_control_judge(file->cli, answer);
	}
	if (r == LQ_EXIT_OK) {
		r = tell(file, answer, fds[1]);
	}
	json_decref(answer);
	return r;
}

static int hand_over(const struct lq_roster_file *file)
{
	bool dry_run = lq_option_given(&file->cli->line, "dry-run");
	int fds[2] = {memfd_create("loquet-rows", MFD_CLOEXEC | MFD_ALLOW_SEALING),
		dry_run ? memfd_create("loquet-outcome", MFD_CLOEXEC) : -1};
	int r = fds[0] < 0 || (dry_run && fds[1] < 0) || !write_rows(fds[0], file)
			? out_of_memory(file->cli)
			: exchange(file, fds);
	for (size_t i = 0; i < 2; i++) {
		if (fds[i] >= 0) {
			(void)close(fds[i]);
		}
	}
	return r;
}

static int run(const struct lq_cli *cli, enum lq_roster_kind kind)
{
	struct lq_roster_file file;
	int r = lq_cli_need_config(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	r = lq_roster_file_read(cli, kind, cli->line.operands[0], &file);
	if (r == LQ_EXIT_OK) {
		r = hand_over(&file);
	}
	lq_roster_file_free(&file);
	return r;
}

int lq_run_import_members(const struct lq_cli *cli)
{
	return run(cli, LQ_ROSTER_MEMBERS);
}

int lq_run_import_badges(const struct lq_cli *cli)
{
	return run(cli, LQ_ROSTER_BADGES);
}
