#include "host/office/account_command.h"

#include "firmware/core/err.h"
#include "host/office/accounts.h"
#include "host/office/body.h"
#include "host/office/books.h"

#include <openssl/crypto.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE (LQ_PASSWORD_MAX + 2)

static bool read_line(char line[LINE_SIZE])
{
	if (fgets(line, LINE_SIZE, stdin) == NULL) {
		return false;
	}
	size_t length = strcspn(line, "\r\n");
	bool whole = line[length] != '\0' || feof(stdin);
	line[length] = '\0';
	return whole;
}

static bool read_password(const struct lq_cli *cli, char line[LINE_SIZE])
{
	struct termios usual;
	bool terminal = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &usual) == 0;
	if (!terminal) {
		return read_line(line);
	}
	struct termios silent = usual;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	(void)fputs(lq_tr(cli, "Password: ", "Mot de passe : "), stderr);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	bool read = read_line(line);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual);
	(void)fputs("\n", stderr);
	return read;
}

static int fail_books(const struct lq_cli *cli, const struct lq_books *books, int r)
{
	return lq_fail(cli, LQ_EXIT_IO, "io", "office.db: %s",
		books != NULL ? lq_books_error(books) : lq_err_text(r));
}

static int keep(const struct lq_cli *cli, struct lq_books *books, struct lq_account *account)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	int64_t now_ms = now.tv_sec * INT64_C(1000);
	int r = lq_books_begin(books);
	r = r == LQ_OK ? lq_account_add(lq_books_db(books), account, now_ms, &account->id) : r;
	if (r == LQ_ERR_EXISTS) {
		return lq_fail(cli, LQ_EXIT_REFUSED, "exists",
			lq_tr(cli, "there is an account %s", "il y a déjà un compte %s"),
			account->name);
	}
	int64_t noted = r == LQ_OK ? lq_db_run(lq_books_db(books),
					     "INSERT INTO audit (at, author, act, object, reason) "
					     "VALUES (?1, 'loquet-office', 'account.add', ?2, '')",
					     "it", now_ms, account->name)
				   : r;
	r = noted < 0 ? (int)noted : lq_books_commit(books);
	return r == LQ_OK ? LQ_EXIT_OK : fail_books(cli, books, r);
}

static int add(const struct lq_cli *cli, struct lq_account *account)
{
	struct lq_books *books = NULL;
	int r = lq_books_open(&cli->config, LQ_DB_KEEP, &books);
	r = r == LQ_OK ? keep(cli, books, account) : fail_books(cli, books, r);
	lq_books_close(books);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (cli->line.json) {
		return lq_print_json(cli,
			json_pack("{s:b, s:I, s:s, s:s}", "ok", 1, "id", (json_int_t)account->id,
				"name", account->name, "role", account->role));
	}
	lq_say(stdout, lq_tr(cli, "%s may log in now: %s", "%s peut désormais se connecter : %s"),
		account->name, account->role);
	return LQ_EXIT_OK;
}

static bool is_role(const char *role)
{
	for (size_t i = 0; lq_account_roles[i] != NULL; i++) {
		if (strcmp(lq_account_roles[i], role) == 0) {
			return true;
		}
	}
	return false;
}

int lq_account_command_add(const struct lq_cli *cli)
{
	const char *name = cli->line.operands[0];
	const char *role = lq_option_value(&cli->line, "role");
	struct lq_account account = {0};
	char line[LINE_SIZE] = "";
	if (!lq_is_name(name)) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage",
			lq_tr(cli, "%s: a name of 1 to 32 of a-z, 0-9, _ and - was expected",
				"%s : un nom de 1 à 32 de a-z, 0-9, _ et - était attendu"),
			name);
	}
	if (!is_role(role)) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage",
			lq_tr(cli, "--role %s: operator, manager or auditor was expected",
				"--role %s : operator, manager ou auditor était attendu"),
			role);
	}
	if (!read_password(cli, line) || strlen(line) < LQ_PASSWORD_MIN) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage",
			lq_tr(cli,
				"the first line of the input was to be a password of 10 to 128 "
				"bytes",
				"la première ligne de l’entrée devait être un mot de passe de 10 à "
				"128 octets"));
	}
	(void)snprintf(account.name, sizeof(account.name), "%s", name);
	(void)snprintf(account.role, sizeof(account.role), "%s", role);
	(void)snprintf(account.language, sizeof(account.language), "%s",
		lq_account_languages[cli->language]);
	int r = lq_password_make(line, &account.password);
	OPENSSL_cleanse(line, sizeof(line));
	return r == LQ_OK ? add(cli, &account)
			  : lq_fail(cli, LQ_EXIT_IO, "io", "scrypt: %s", lq_err_text(r));
}
