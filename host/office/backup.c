#include "host/office/backup.h"

#include "firmware/core/err.h"
#include "host/office/books.h"
#include "host/office/books_internal.h"

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

int lq_office_backup(const struct lq_cli *cli)
{
	char made[PATH_SIZE];
	const char *path = cli->line.operands[0];
	struct lq_books *books = NULL;
	if (snprintf(made, sizeof(made), "%s.part", path) >= (int)sizeof(made)) {
		return fail(cli, LQ_ERR_IO, path, lq_err_text(LQ_ERR_FULL));
	}
	if (access(path, F_OK) == 0) {
		return fail(cli, LQ_ERR_EXISTS, path,
			lq_tr(cli, "there is such a file already", "ce fichier existe déjà"));
	}
	int r = lq_books_open(&cli->config, LQ_DB_READ, &books);
	(void)umask(077);
	(void)unlink(made);
	r = r == LQ_OK ? lq_db_save_sqlite(lq_books_db(books), made) : r;
	if (r != LQ_OK) {
		const char *why = books != NULL ? lq_books_error(books) : lq_err_text(r);
		r = fail(cli, r, "office.db", why);
		(void)unlink(made);
	} else if (keep_file(made, path) != LQ_OK) {
		r = fail(cli, LQ_ERR_IO, path, lq_err_text(LQ_ERR_IO));
	}
	lq_books_close(books);
	return r;
}

/* What `backup` writes is looked at as a whole before anything is changed. */
int lq_office_restore(const struct lq_cli *cli)
{
	const char *path = cli->line.operands[0];
	struct lq_db *from = NULL;
	struct lq_books *books = NULL;
	int r = lq_db_open_sqlite(path, LQ_DB_READ, &from);
	r = r == LQ_OK ? lq_db_migrate(from, lq_office_migrations, lq_office_migration_count) : r;
	if (r != LQ_OK) {
		r = fail(cli, r, path, from != NULL ? lq_db_error(from) : lq_err_text(r));
		goto out;
	}
	r = lq_books_open(&cli->config, LQ_DB_KEEP, &books);
	if (r != LQ_OK) {
		r = fail(cli, LQ_ERR_IO, "office.db",
			books != NULL ? lq_books_error(books) : lq_err_text(r));
		goto out;
	}
	r = lq_db_restore_sqlite(from, lq_books_db(books));
	if (r != LQ_OK) {
		r = fail(cli, r, path,
			r == LQ_ERR_CORRUPT ? lq_db_error(from) : lq_books_error(books));
	}
out:
	lq_books_close(books);
	lq_db_close(from);
	return r;
}
