#include "host/office/backup.h"

#include "firmware/core/err.h"
#include "host/office/books.h"
#include "host/office/books_internal.h"
#include "host/office/copy.h"
#include "host/office/leftovers.h"
#include "host/office/people.h"
#include "host/office/shape.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096u

/* On disk under its name, or not there under it at all. */
static int keep_file(const char *made, const char *path)
{
	int fd = open(made, O_RDONLY | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0) {
		(void)close(fd);
	}
	if (!synced || link(made, path) != 0) {
		(void)unlink(made);
		return LQ_ERR_IO;
	}
	(void)unlink(made);
	return LQ_OK;
}

static int fail(const struct lq_cli *cli, int error, const char *path, const char *why)
{
	enum lq_exit code =
		error == LQ_ERR_EXISTS || error == LQ_ERR_NOT_FOUND || error == LQ_ERR_UNSUPPORTED
			? LQ_EXIT_REFUSED
			: LQ_EXIT_IO;
	return lq_fail(cli, code, code == LQ_EXIT_IO ? "io" : "refused", "%s: %s", path, why);
}

static int fail_db(const struct lq_cli *cli, int error, const char *path, const struct lq_db *db)
{
	return fail(cli, error, path, db != NULL ? lq_db_error(db) : lq_err_text(error));
}

static bool in_postgres(const struct lq_cli *cli)
{
	return cli->config.office.database[0] != '\0';
}

static const char *place(const struct lq_cli *cli)
{
	return in_postgres(cli) ? "PostgreSQL" : "office.db";
}

/* ---- backup ---- */

static int copy_postgres(const struct lq_cli *cli, struct lq_db *from, const char *made)
{
	struct lq_db *to = NULL;
	struct lq_db *culprit = NULL;
	int r = lq_db_open_sqlite(made, LQ_DB_MAKE, &to);
	r = r == LQ_OK ? lq_db_migrate(to, lq_office_migrations, lq_office_migration_count) : r;
	if (r != LQ_OK) {
		r = fail_db(cli, r, made, to);
	} else {
		r = lq_copy(from, to, LQ_COPY_INTO_UNUSED, NULL, NULL, &culprit);
		r = r == LQ_OK ? LQ_EXIT_OK
			       : fail_db(cli, r, culprit == to ? made : place(cli), culprit);
	}
	lq_db_close(to);
	return r;
}

static int save(const struct lq_cli *cli, struct lq_db *from, const char *made)
{
	if (in_postgres(cli)) {
		return copy_postgres(cli, from, made);
	}
	int r = lq_db_save_sqlite(from, made);
	return r == LQ_OK ? LQ_EXIT_OK : fail_db(cli, r, place(cli), from);
}

/* A file is saved as it is, also before a newer version has brought it forward: that is when people
 * want a backup. Rows are copied between tables that are the same. */
static int open_books(const struct lq_cli *cli, struct lq_db **ret_db)
{
	size_t version = 0;
	int r = lq_books_database(&cli->config, cli->config.office.database, LQ_DB_READ, ret_db);
	r = r == LQ_OK ? lq_db_version(*ret_db, &version) : r;
	bool older = r == LQ_OK && version > 0 && version < lq_office_migration_count;
	return r != LQ_OK || (older && !in_postgres(cli))
		       ? r
		       : lq_db_migrate(*ret_db, lq_office_migrations, lq_office_migration_count);
}

int lq_office_backup(const struct lq_cli *cli)
{
	char made[PATH_SIZE];
	const char *path = cli->line.operands[0];
	struct lq_db *books = NULL;
	if (snprintf(made, sizeof(made), "%s.part", path) >= (int)sizeof(made)) {
		return fail(cli, LQ_ERR_IO, path, lq_err_text(LQ_ERR_FULL));
	}
	if (access(path, F_OK) == 0) {
		return fail(cli, LQ_ERR_EXISTS, path,
			lq_tr(cli, "there is such a file already", "ce fichier existe déjà"));
	}
	int r = open_books(cli, &books);
	(void)umask(077);
	(void)unlink(made);
	r = r == LQ_OK ? save(cli, books, made) : fail_db(cli, r, place(cli), books);
	if (r == LQ_EXIT_OK && keep_file(made, path) != LQ_OK) {
		r = fail(cli, LQ_ERR_IO, path, lq_err_text(LQ_ERR_IO));
	}
	(void)unlink(made);
	lq_db_close(books);
	return r;
}

/* ---- restore ---- */

/* The same in a file of its own, which is brought up to date. Should somebody take that away in
 * between, what would be opened is empty. */
static int bring_forward(struct lq_db *from, const char *made, struct lq_db **ret_newer)
{
	size_t version = 0;
	(void)unlink(made);
	int r = lq_db_save_sqlite(from, made);
	if (r != LQ_OK) {
		return r;
	}
	r = lq_db_open_sqlite(made, LQ_DB_MAKE, ret_newer);
	r = r == LQ_OK ? lq_db_version(*ret_newer, &version) : r;
	r = r == LQ_OK && version == 0 ? LQ_ERR_IO : r;
	return r == LQ_OK
		       ? lq_db_migrate(*ret_newer, lq_office_migrations, lq_office_migration_count)
		       : r;
}

static int expect_backup(struct lq_db *from, size_t *ret_version)
{
	int r = lq_db_check_sqlite(from);
	r = r == LQ_OK ? lq_db_version(from, ret_version) : r;
	bool older = r == LQ_OK && *ret_version > 0 && *ret_version < lq_office_migration_count;
	if (r != LQ_OK || older) {
		return r;
	}
	return lq_db_migrate(from, lq_office_migrations, lq_office_migration_count);
}

/* What is to be put back is looked at as a whole before anything is changed. Into SQLite it goes
 * page by page: what has to be different then is different in a copy of it. */
static int open_backup(const struct lq_cli *cli, const char *made, struct lq_db **ret_from)
{
	const char *path = cli->line.operands[0];
	size_t version = 0;
	struct lq_db *newer = NULL;
	int r = lq_db_open_sqlite(path, LQ_DB_READ, ret_from);
	r = r == LQ_OK ? expect_backup(*ret_from, &version) : r;
	r = r == LQ_OK && version == lq_office_migration_count ? lq_shape_expect_office(*ret_from)
							       : r;
	if (r == LQ_OK && (version < lq_office_migration_count || !in_postgres(cli))) {
		r = bring_forward(*ret_from, made, &newer);
	}
	if (newer != NULL) {
		lq_db_close(*ret_from);
		*ret_from = newer;
	}
	r = r == LQ_OK ? lq_shape_expect_office(*ret_from) : r;
	return r == LQ_OK ? LQ_EXIT_OK : fail_db(cli, r, path, *ret_from);
}

/* Who was entered since the backup is told of by doors under a number that nobody else may get. */
static int ready_copy(struct lq_db *from, struct lq_db *to)
{
	int r = lq_db_begin(from);
	r = r == LQ_OK ? lq_roster_due_all(from) : r;
	r = r == LQ_OK ? lq_db_number_on_sqlite(from, to) : r;
	return r == LQ_OK ? lq_db_commit(from) : r;
}

static int put_back_sqlite(struct lq_db *from, struct lq_db *to)
{
	int r = ready_copy(from, to);
	return r == LQ_OK ? lq_db_restore_sqlite(from, to) : r;
}

/* LQ_ERR_CORRUPT: the books there are cannot be read, and nothing of them is changed. */
static int try_to_put_back(const struct lq_cli *cli, struct lq_db *from,
	struct lq_books **ret_books, struct lq_db **ret_culprit)
{
	int r = lq_books_open(&cli->config, LQ_DB_KEEP, ret_books);
	*ret_culprit = *ret_books != NULL ? lq_books_db(*ret_books) : NULL;
	if (r != LQ_OK) {
		return r;
	}
	struct lq_db *to = *ret_culprit;
	return in_postgres(cli) ? lq_copy(from, to, LQ_COPY_REPLACE, NULL, NULL, ret_culprit)
				: put_back_sqlite(from, to);
}

/* What a backup is for. */
static int make_room(const struct lq_cli *cli)
{
	char path[PATH_SIZE];
	(void)snprintf(path, sizeof(path), "%s/office.db", cli->config.state_dir);
	int r = lq_db_set_aside_sqlite(path);
	if (r == LQ_ERR_BUSY) {
		return lq_fail(cli, LQ_EXIT_REFUSED, "in_use",
			lq_tr(cli,
				"office.db is damaged, and loquet-office runs on it: stop it first",
				"office.db est abîmé, et loquet-office l’utilise : arrêtez-le "
				"d’abord"));
	}
	if (r != LQ_OK) {
		return fail(cli, LQ_ERR_IO, path, lq_err_text(r));
	}
	lq_say(stderr,
		lq_tr(cli, "loquet-office: office.db was damaged: it is office.db.damaged now",
			"loquet-office : office.db était abîmé : il s’appelle désormais "
			"office.db.damaged"));
	return LQ_EXIT_OK;
}

static int put_back(const struct lq_cli *cli, struct lq_db *from)
{
	struct lq_books *books = NULL;
	struct lq_db *culprit = NULL;
	int code = LQ_EXIT_OK;
	int r = try_to_put_back(cli, from, &books, &culprit);
	if (r == LQ_ERR_CORRUPT && !in_postgres(cli)) {
		lq_books_close(books);
		books = NULL;
		code = make_room(cli);
		r = code == LQ_EXIT_OK ? try_to_put_back(cli, from, &books, &culprit) : LQ_OK;
	}
	if (r != LQ_OK) {
		code = fail_db(cli, LQ_ERR_IO, culprit == from ? cli->line.operands[0] : place(cli),
			culprit);
	}
	lq_books_close(books);
	return code;
}

int lq_office_restore(const struct lq_cli *cli)
{
	char made[PATH_SIZE];
	struct lq_db *from = NULL;
	(void)umask(077);
	(void)snprintf(made, sizeof(made), "%s/" LQ_RESTORE_FILE, cli->config.state_dir);
	int r = open_backup(cli, made, &from);
	r = r == LQ_EXIT_OK ? put_back(cli, from) : r;
	lq_db_close(from);
	(void)unlink(made);
	return r;
}
