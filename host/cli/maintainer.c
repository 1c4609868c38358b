/* The maintainers' badges. Their file is written here and not by loquetd, which could not outlive
 * what it can destroy; a badge that is tapped comes from loquetd as a hash. */
#include "firmware/core/err.h"
#include "firmware/store/maintainers.h"
#include "hal/linux/linux_entropy.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIMEOUT_S     30u
#define TIMEOUT_S_MAX 600u

/* ---- the file ---- */

static int say_file(const struct lq_cli *cli, int err)
{
	const char *path = cli->config.maintainers;
	if (err == LQ_ERR_INVALID) {
		return lq_fail(cli, LQ_EXIT_IO, "invalid",
			lq_tr(cli, "%s is not believed: everybody may write to it; run chmod 640",
				"%s n’est pas digne de foi : tout le monde peut l’écrire ; lancer "
				"chmod 640"),
			path);
	}
	return lq_fail(cli, LQ_EXIT_IO, "io",
		lq_tr(cli, "%s cannot be read or written (%s); run it as root",
			"impossible de lire ou d’écrire %s (%s) ; lancer en root"),
		path, lq_err_text(err));
}

static int load(const struct lq_cli *cli, struct lq_maintainers *ret_maintainers)
{
	unsigned bad = 0;
	int r = lq_cli_need_config(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (cli->config.maintainers[0] == '\0') {
		return lq_fail(cli, LQ_EXIT_USAGE, "config",
			lq_tr(cli, "%s names no file for them (maintainers)",
				"%s ne leur donne pas de fichier (maintainers)"),
			cli->config_path);
	}
	*ret_maintainers = (struct lq_maintainers){0};
	int err = lq_maintainers_load(cli->config.maintainers, ret_maintainers, &bad);
	if (err != LQ_OK && err != LQ_ERR_NOT_FOUND) {
		return say_file(cli, err);
	}
	return bad == 0 ? LQ_EXIT_OK
			: lq_fail(cli, LQ_EXIT_IO, "damaged",
				  lq_tr(cli,
					  "%s: %u lines cannot be read; correct the file or remove "
					  "it first",
					  "%s : %u lignes illisibles ; corriger ou enlever le "
					  "fichier d’abord"),
				  cli->config.maintainers, bad);
}

/* Whether loquetd has read them; it need not run. */
static bool have_them_read(const struct lq_cli *cli)
{
	char path[256];
	json_t *answer = NULL;
	(void)snprintf(path, sizeof(path), "%s/control.sock", cli->config.runtime_dir);
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		return false;
	}
	int r = lq_control_call(cli, json_pack("{s:s}", "do", "maintainer.read"), &answer);
	json_decref(answer);
	return r == LQ_EXIT_OK;
}

static int save(
	const struct lq_cli *cli, const struct lq_maintainers *maintainers, const char *done)
{
	struct stat state;
	gid_t group = stat(cli->config.state_dir, &state) == 0 ? state.st_gid : getgid();
	int err = lq_maintainers_save(cli->config.maintainers, maintainers, group);
	if (err != LQ_OK) {
		return say_file(cli, err);
	}
	bool read = have_them_read(cli);
	if (cli->line.json) {
		return lq_print_json(cli, json_pack("{s:b, s:I, s:b}", "ok", 1, "maintainers",
						  (json_int_t)maintainers->count, "read", read));
	}
	lq_say(stdout, "%s: %s", cli->line.operands[0], done);
	if (!read) {
		lq_say(stdout, "%s",
			lq_tr(cli, "loquetd does not know it yet: it reads the file when it starts",
				"loquetd ne le sait pas encore : il lit le fichier au démarrage"));
	}
	return LQ_EXIT_OK;
}

/* ---- the badge ---- */

static int hash_uid(const struct lq_cli *cli, const char *text, struct lq_maintainer *maintainer)
{
	char digits[LQ_UID_TEXT_SIZE];
	uint8_t uid[LQ_UID_MAX];
	struct lq_sighting sighting = {.cards = 1};
	if (lq_word_uid(text, digits) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "--uid: '%s' is no UID of 4, 7 or 10 bytes",
				"--uid : « %s » n’est pas un UID de 4, 7 ou 10 octets"),
			text);
	}
	size_t length = strlen(digits) / 2;
	for (size_t i = 0; i < length; i++) {
		const char pair[] = {digits[2 * i], digits[2 * i + 1], '\0'};
		uid[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	sighting.uid_len = (uint8_t)length;
	memcpy(sighting.uid, uid, length);
	enum lq_reason objection = lq_sighting_objection(&sighting);
	if (objection != LQ_REASON_NOT_DECIDED) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid", "--uid: %s",
			lq_reason_text(objection, cli->language));
	}
	return lq_maintainer_hash(maintainer->salt, uid, length, maintainer->hash) == LQ_OK
		       ? LQ_EXIT_OK
		       : say_file(cli, LQ_ERR_IO);
}

static bool take_hash(const json_t *answer, uint8_t ret_hash[LQ_MAINTAINER_HASH])
{
	const char *text = json_string_value(json_object_get(answer, "hash"));
	size_t length = (size_t)2 * LQ_MAINTAINER_HASH;
	if (text == NULL || strlen(text) != length || strspn(text, "0123456789abcdef") != length) {
		return false;
	}
	for (size_t i = 0; i < LQ_MAINTAINER_HASH; i++) {
		const char pair[] = {text[2 * i], text[2 * i + 1], '\0'};
		ret_hash[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return true;
}

static json_t *tap_request(
	const struct lq_cli *cli, const struct lq_maintainer *maintainer, uint64_t seconds)
{
	char salt[2 * LQ_MAINTAINER_SALT + 1];
	const char *reader = lq_option_value(&cli->line, "reader");
	for (size_t i = 0; i < LQ_MAINTAINER_SALT; i++) {
		(void)snprintf(salt + 2 * i, 3, "%02x", maintainer->salt[i]);
	}
	json_t *request = json_pack("{s:s, s:s, s:I}", "do", "maintainer.tap", "salt", salt,
		"timeout_s", (json_int_t)seconds);
	if (reader != NULL) {
		(void)json_object_set_new(request, "reader", json_string(reader));
	}
	return request;
}

static void say_waiting(const struct lq_cli *cli, json_t *answer, uint64_t seconds)
{
	if (cli->line.json) {
		(void)lq_print_json(cli, answer);
	} else {
		json_decref(answer);
		lq_say(stdout,
			lq_tr(cli, "present the badge now … (%u s)",
				"présenter le badge maintenant … (%u s)"),
			(unsigned)seconds);
	}
	(void)fflush(stdout);
}

static int hash_tap(
	const struct lq_cli *cli, int fd, uint64_t seconds, struct lq_maintainer *maintainer)
{
	json_t *answer = NULL;
	int r = lq_control_send(cli, fd, tap_request(cli, maintainer, seconds));
	if (r == LQ_EXIT_OK) {
		r = lq_control_receive_answer(cli, fd, LQ_CONTROL_ANSWER_MS, &answer);
	}
	if (r == LQ_EXIT_OK) {
		say_waiting(cli, answer, seconds);
		r = lq_control_receive_answer(
			cli, fd, (int)seconds * 1000 + LQ_CONTROL_ANSWER_MS, &answer);
	}
	if (r != LQ_EXIT_OK) {
		return r;
	}
	bool sound = take_hash(answer, maintainer->hash);
	json_decref(answer);
	return sound ? LQ_EXIT_OK
		     : lq_fail(cli, LQ_EXIT_IO, "io", "%s",
			       lq_tr(cli, "loquetd gave no badge",
				       "loquetd n’a pas donné de badge"));
}

static int wait_for_tap(const struct lq_cli *cli, struct lq_maintainer *maintainer)
{
	const char *timeout = lq_option_value(&cli->line, "timeout");
	uint64_t seconds = TIMEOUT_S;
	int fd = -1;
	if (timeout != NULL && lq_word_number(timeout, 1, TIMEOUT_S_MAX, &seconds) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "--timeout: '%s' is no number of seconds from 1 to %u",
				"--timeout : « %s » n’est pas un nombre de secondes de 1 à %u"),
			timeout, TIMEOUT_S_MAX);
	}
	int r = lq_control_open(cli, &fd);
	if (r == LQ_EXIT_OK) {
		r = hash_tap(cli, fd, seconds, maintainer);
		(void)close(fd);
	}
	return r;
}

/* ---- the commands ---- */

static int check_new(const struct lq_cli *cli, struct lq_maintainers *maintainers)
{
	const char *name = cli->line.operands[0];
	struct lq_maintainer maintainer = {0};
	struct lq_maintainers more = *maintainers;
	if (!lq_word_is_name(name)) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "'%s' is no name: 1 to 32 of a-z, 0-9, - and _",
				"« %s » n’est pas un nom : 1 à 32 parmi a-z, 0-9, - et _"),
			name);
	}
	(void)snprintf(maintainer.name, sizeof(maintainer.name), "%s", name);
	int err = lq_maintainers_add(&more, &maintainer);
	if (err == LQ_ERR_EXISTS) {
		return lq_fail(cli, LQ_EXIT_REFUSED, "exists",
			lq_tr(cli, "there is a badge '%s' already; choose another name",
				"il y a déjà un badge « %s » ; choisir un autre nom"),
			name);
	}
	return err == LQ_OK ? LQ_EXIT_OK
			    : lq_fail(cli, LQ_EXIT_REFUSED, "full",
				      lq_tr(cli, "there are %u already, and no more can be",
					      "il y en a déjà %u, et pas plus"),
				      LQ_MAINTAINERS_MAX);
}

int lq_run_maintainer_add(const struct lq_cli *cli)
{
	const char *uid = lq_option_value(&cli->line, "uid");
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_maintainers maintainers = {0};
	struct lq_maintainer maintainer = {0};
	int r = load(cli, &maintainers);
	if (r == LQ_EXIT_OK) {
		r = check_new(cli, &maintainers);
	}
	if (r == LQ_EXIT_OK &&
		entropy.fill(entropy.ctx, maintainer.salt, sizeof(maintainer.salt)) != LQ_OK) {
		r = say_file(cli, LQ_ERR_IO);
	}
	if (r == LQ_EXIT_OK) {
		r = uid != NULL ? hash_uid(cli, uid, &maintainer) : wait_for_tap(cli, &maintainer);
	}
	if (r != LQ_EXIT_OK) {
		return r;
	}
	(void)snprintf(maintainer.name, sizeof(maintainer.name), "%s", cli->line.operands[0]);
	(void)lq_maintainers_add(&maintainers, &maintainer);
	return save(cli, &maintainers,
		lq_tr(cli, "opens whatever else is lost", "ouvre quoi qu’il arrive"));
}

int lq_run_maintainer_list(const struct lq_cli *cli)
{
	struct lq_maintainers maintainers = {0};
	int r = load(cli, &maintainers);
	for (size_t i = 0; i < maintainers.count && r == LQ_EXIT_OK; i++) {
		const char *name = maintainers.list[i].name;
		if (cli->line.json) {
			r = lq_print_json(cli, json_pack("{s:s}", "name", name));
		} else {
			lq_say(stdout, "%s", name);
		}
	}
	return r;
}

int lq_run_maintainer_remove(const struct lq_cli *cli)
{
	struct lq_maintainers maintainers = {0};
	int r = load(cli, &maintainers);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (lq_maintainers_remove(&maintainers, cli->line.operands[0]) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_REFUSED, "not_found",
			lq_tr(cli, "there is no badge '%s'; see: loquet maintainer list",
				"il n’y a pas de badge « %s » ; voir : loquet maintainer list"),
			cli->line.operands[0]);
	}
	return save(cli, &maintainers, lq_tr(cli, "opens no more", "n’ouvre plus"));
}
