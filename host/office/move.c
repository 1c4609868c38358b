#include "host/office/move.h"

#include "firmware/core/err.h"
#include "host/office/books_internal.h"
#include "host/office/copy.h"
#include "host/office/shape.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char sqlite_word[] = "sqlite";

struct mover {
	const struct lq_cli *cli;
	const char *from_place; /* as `[office] database` has it, "" is SQLite */
	const char *to_place;
	struct lq_db *from;
	struct lq_db *to;
	bool terminal;
	int percent; /* that was told last */
	int64_t rows;
};

/* Without the password that a connection string may have in it. */
static const char *name_of(const char *place)
{
	return place[0] != '\0' ? "PostgreSQL" : "office.db";
}

static int fail(const struct mover *m, int error, const char *place, const struct lq_db *db)
{
	const char *why = db != NULL ? lq_db_error(db) : lq_err_text(error);
	if (error == LQ_ERR_BUSY) {
		return lq_fail(m->cli, LQ_EXIT_REFUSED, "in_use",
			lq_tr(m->cli, "%s: loquet-office runs on it: stop it first",
				"%s : loquet-office l’utilise : arrêtez-le d’abord"),
			name_of(place));
	}
	if (error == LQ_ERR_EXISTS) {
		return lq_fail(m->cli, LQ_EXIT_REFUSED, "not_empty",
			lq_tr(m->cli,
				"%s: %s; nothing was changed: move into a database that no office "
				"has used",
				"%s : %s ; rien n’a été changé : déplacez vers une base qu’aucun "
				"bureau n’a utilisée"),
			name_of(place), why);
	}
	if (error == LQ_ERR_UNSUPPORTED) {
		return lq_fail(m->cli, LQ_EXIT_REFUSED, "schema",
			lq_tr(m->cli, "%s: a newer loquet-office made it: %s",
				"%s : un loquet-office plus récent l’a faite : %s"),
			name_of(place), why);
	}
	return lq_fail(m->cli, LQ_EXIT_IO, "io",
		lq_tr(m->cli, "%s: %s; the books stay where they were",
			"%s : %s ; les registres restent où ils étaient"),
		name_of(place), why);
}

static int migrate(struct lq_db *db)
{
	return lq_db_migrate(db, lq_office_migrations, lq_office_migration_count);
}

/* An older version's books are brought up to date where they are, as any start does. Then they are
 * only read. */
static int open_source(struct mover *m)
{
	const struct lq_config *config = &m->cli->config;
	struct lq_db *kept = NULL;
	int r = lq_books_database(config, m->from_place, LQ_DB_READ, &m->from);
	if (r == LQ_ERR_NOT_FOUND && m->from_place[0] == '\0') {
		return lq_fail(m->cli, LQ_EXIT_REFUSED, "not_found",
			lq_tr(m->cli, "%s/office.db: there are no books to be moved",
				"%s/office.db : il n’y a pas de registres à déplacer"),
			config->state_dir);
	}
	if (r != LQ_OK) {
		return fail(m, LQ_ERR_IO, m->from_place, m->from);
	}
	r = lq_db_hold(m->from, LQ_DB_ALONE);
	if (r == LQ_OK && migrate(m->from) != LQ_OK) {
		r = lq_books_database(config, m->from_place, LQ_DB_KEEP, &kept);
		r = r == LQ_OK ? migrate(kept) : r;
	}
	r = r == LQ_OK ? LQ_EXIT_OK : fail(m, r, m->from_place, kept != NULL ? kept : m->from);
	lq_db_close(kept);
	return r;
}

static int open_target(struct mover *m)
{
	int r = lq_books_database(&m->cli->config, m->to_place, LQ_DB_KEEP, &m->to);
	if (r == LQ_ERR_NOT_FOUND) {
		return fail(m, LQ_ERR_IO, m->to_place, m->to);
	}
	r = r == LQ_OK ? lq_db_hold(m->to, LQ_DB_ALONE) : r;
	r = r == LQ_OK ? migrate(m->to) : r;
	return r == LQ_OK ? LQ_EXIT_OK : fail(m, r, m->to_place, m->to);
}

/* On a terminal one line that counts up; elsewhere a line for every tenth. */
static void show(void *ctx, const char *table, int64_t done, int64_t all)
{
	struct mover *m = ctx;
	int percent = all > 0 ? (int)(done * 100 / all) : 100;
	m->rows = done;
	if (m->cli->line.json || percent / (m->terminal ? 1 : 10) <= m->percent) {
		return;
	}
	m->percent = percent / (m->terminal ? 1 : 10);
	(void)fprintf(stderr, m->terminal ? "\r%3d %%  %-24s" : "%3d %%  %s\n", percent, table);
	if (m->terminal && percent == 100) {
		(void)fputs("\n", stderr);
	}
}

static int say_done(const struct mover *m)
{
	char line[sizeof(m->cli->config.office.database) + 32] = "";
	(void)snprintf(line, sizeof(line), "database = %s", m->to_place);
	if (m->cli->line.json) {
		return lq_print_json(
			m->cli, json_pack("{s:b, s:s, s:I, s:s, s:s}", "ok", 1, "to",
					m->to_place[0] != '\0' ? "postgresql" : sqlite_word, "rows",
					(json_int_t)m->rows, "section", "office", "line", line));
	}
	lq_say(stdout,
		lq_tr(m->cli,
			"%" PRId64 " rows are in %s now. Set this line of %s, then start "
			"loquet-office:",
			"%" PRId64 " lignes sont désormais dans %s. Mettez cette ligne dans %s, "
			"puis démarrez loquet-office :"),
		m->rows, name_of(m->to_place), m->cli->config_path);
	(void)printf("[office]\n%s\n", line);
	lq_say(stdout,
		lq_tr(m->cli,
			"What was moved still stands in %s too, and does not change any more.",
			"Ce qui a été déplacé reste aussi dans %s, et n’y change plus."),
		name_of(m->from_place));
	return LQ_EXIT_OK;
}

static int copy(struct mover *m)
{
	struct lq_db *culprit = NULL;
	int r = lq_copy(m->from, m->to, LQ_COPY_INTO_UNUSED, show, m, &culprit);
	if (r != LQ_OK) {
		return fail(m, r == LQ_ERR_BUSY ? LQ_ERR_IO : r,
			culprit == m->from ? m->from_place : m->to_place, culprit);
	}
	return say_done(m);
}

int lq_office_move(const struct lq_cli *cli)
{
	const char *to = lq_option_value(&cli->line, "to");
	struct mover m = {.cli = cli,
		.from_place = cli->config.office.database,
		.to_place = strcmp(to, sqlite_word) == 0 ? "" : to,
		.terminal = isatty(STDERR_FILENO) == 1};
	if (strcmp(m.from_place, m.to_place) == 0) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage",
			lq_tr(cli, "--to: the books are in %s already",
				"--to : les registres sont déjà dans %s"),
			name_of(m.to_place));
	}
	if (strlen(m.to_place) >= sizeof(cli->config.office.database)) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage", "%s",
			lq_tr(cli, "--to: too long for a line of loquet.conf",
				"--to : trop long pour une ligne de loquet.conf"));
	}
	(void)umask(077);
	int r = open_source(&m);
	r = r == LQ_EXIT_OK ? open_target(&m) : r;
	r = r == LQ_EXIT_OK ? copy(&m) : r;
	lq_db_close(m.to);
	lq_db_close(m.from);
	return r;
}
