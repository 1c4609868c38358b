#include "firmware/core/err.h"
#include "host/cli/badge_view.h"
#include "host/cli/commands.h"
#include "host/cli/control.h"
#include "host/cli/roster_view.h"
#include "host/cli/when.h"
#include "host/cli/words.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_S_DEFAULT 30u
#define TIMEOUT_S_MAX     600u

struct enrolment {
	uint32_t member;
	char uid[LQ_UID_TEXT_SIZE]; /* empty: the next tap */
	const char *reader;         /* NULL: any */
	uint32_t timeout_s;
	uint32_t valid_from_s; /* 0: no bound */
	uint32_t valid_to_s;   /* 0: no bound */
	json_t *limits;        /* what is asked besides, an object */
};

/* Fills `ret_unix_s` when the option was given. */
static int read_bound(
	const struct lq_cli *cli, const char *option, enum lq_when_edge edge, uint32_t *ret_unix_s)
{
	const char *text = lq_option_value(&cli->line, option);
	int err = text == NULL ? LQ_OK : lq_when_parse(text, edge, ret_unix_s);
	if (err == LQ_ERR_NOT_FOUND) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli,
				"--%s: the clock in %s never shows '%s' (it is put forward then)",
				"--%s : l’horloge de %s ne montre jamais « %s » (passage à l’heure "
				"d’été)"),
			option, cli->config.time_zone, text);
	}
	if (err != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli,
				"--%s: '%s' is no moment; write 2026-12-01, '2026-12-01 08:00' or "
				"RFC 3339",
				"--%s : « %s » n’est pas un instant ; écrire 2026-12-01, "
				"'2026-12-01 08:00' ou RFC 3339"),
			option, text);
	}
	return LQ_EXIT_OK;
}

/* "30d" or "12h" as hours; "30j" is French. LQ_ERR_INVALID. */
static int parse_duration(const char *text, uint16_t *ret_hours)
{
	char number[8] = "";
	uint64_t count = 0;
	size_t length = strlen(text);
	if (length < 2 || length > sizeof(number)) {
		return LQ_ERR_INVALID;
	}
	memcpy(number, text, length - 1);
	uint64_t hours = text[length - 1] == 'h'                              ? 1
			 : text[length - 1] == 'd' || text[length - 1] == 'j' ? 24
									      : 0;
	if (hours == 0 || lq_word_number(number, 1, UINT16_MAX / hours, &count) != LQ_OK) {
		return LQ_ERR_INVALID;
	}
	*ret_hours = (uint16_t)(count * hours);
	return LQ_OK;
}

/* Puts --uses and --valid-for into the request; `any` lifts them where that may be said. A badge
 * that exists may be left without uses, a new one not: it would have expired at its birth. */
static int read_limits(const struct lq_cli *cli, bool may_lift, json_t *request)
{
	const char *uses = lq_option_value(&cli->line, "uses");
	const char *valid_for = lq_option_value(&cli->line, "valid-for");
	uint64_t count = 0;
	unsigned lowest = may_lift ? 0 : 1;
	uint16_t hours = 0;
	bool lifts_uses = may_lift && uses != NULL && strcmp(uses, "any") == 0;
	bool lifts_time = may_lift && valid_for != NULL && strcmp(valid_for, "any") == 0;
	if (uses != NULL && !lifts_uses &&
		lq_word_number(uses, lowest, UINT16_MAX, &count) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "--uses: '%s' is no number from %u to 65535",
				"--uses : « %s » n’est pas un nombre de %u à 65535"),
			uses, lowest);
	}
	if (valid_for != NULL && !lifts_time && parse_duration(valid_for, &hours) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "--valid-for: '%s' is no duration; write 30d or 12h",
				"--valid-for : « %s » n’est pas une durée ; écrire 30d ou 12h"),
			valid_for);
	}
	if (uses != NULL) {
		(void)json_object_set_new(request, "uses",
			lifts_uses ? json_null() : json_integer((json_int_t)count));
	}
	if (valid_for != NULL) {
		(void)json_object_set_new(
			request, "valid_for_h", lifts_time ? json_null() : json_integer(hours));
	}
	return LQ_EXIT_OK;
}

int lq_run_badge_set(const struct lq_cli *cli)
{
	uint32_t badge = 0;
	if (cli->line.option_count == 0) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage", "%s",
			lq_tr(cli, "nothing to change: --uses or --valid-for is missing",
				"rien à changer : il manque --uses ou --valid-for"));
	}
	json_t *request = json_object();
	int r = read_limits(cli, true, request);
	if (r == LQ_EXIT_OK) {
		r = lq_view_find_badge(cli, cli->line.operands[0], &badge);
	}
	if (r != LQ_EXIT_OK) {
		json_decref(request);
		return r;
	}
	(void)json_object_set_new(request, "do", json_string("badge.set"));
	(void)json_object_set_new(request, "badge", json_integer(badge));
	return lq_control_do(cli, request, "", lq_tr(cli, "is changed", "est modifié"));
}

static int read_validity(const struct lq_cli *cli, struct enrolment *enrolment)
{
	int r = read_bound(cli, "valid-from", LQ_WHEN_FROM, &enrolment->valid_from_s);
	if (r == LQ_EXIT_OK) {
		r = read_bound(cli, "valid-to", LQ_WHEN_TO, &enrolment->valid_to_s);
	}
	if (r == LQ_EXIT_OK && enrolment->valid_to_s != 0 &&
		enrolment->valid_from_s >= enrolment->valid_to_s) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid", "%s",
			lq_tr(cli, "--valid-to has to be later than --valid-from",
				"--valid-to doit être après --valid-from"));
	}
	return r;
}

static bool reader_exists(const struct lq_config *config, const char *name)
{
	for (uint16_t i = 0; i < config->reader_count; i++) {
		if (strcmp(config->readers[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

static int read_source(const struct lq_cli *cli, struct enrolment *enrolment)
{
	const char *uid = lq_option_value(&cli->line, "uid");
	const char *timeout = lq_option_value(&cli->line, "timeout");
	uint64_t seconds = TIMEOUT_S_DEFAULT;
	enrolment->reader = lq_option_value(&cli->line, "reader");
	if (uid != NULL && (enrolment->reader != NULL || timeout != NULL)) {
		return lq_fail(cli, LQ_EXIT_USAGE, "usage", "%s",
			lq_tr(cli, "--uid waits for no tap: leave out --reader and --timeout",
				"--uid n’attend aucun passage : omettre --reader et --timeout"));
	}
	/* The text itself is not repeated: UIDs are never printed. */
	if (uid != NULL && lq_word_uid(uid, enrolment->uid) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid", "%s",
			lq_tr(cli, "--uid: a UID is 4, 7 or 10 bytes in hexadecimal",
				"--uid : un UID compte 4, 7 ou 10 octets en hexadécimal"));
	}
	if (enrolment->reader != NULL && !reader_exists(&cli->config, enrolment->reader)) {
		return lq_fail(cli, LQ_EXIT_REFUSED, "not_found",
			lq_tr(cli, "there is no reader '%s' in %s",
				"il n’y a pas de lecteur « %s » dans %s"),
			enrolment->reader, cli->config_path);
	}
	if (timeout != NULL && lq_word_number(timeout, 1, TIMEOUT_S_MAX, &seconds) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "--timeout: '%s' is no number of seconds from 1 to %u",
				"--timeout : « %s » n’est pas un nombre de secondes de 1 à %u"),
			timeout, TIMEOUT_S_MAX);
	}
	enrolment->timeout_s = (uint32_t)seconds;
	return LQ_EXIT_OK;
}

static json_t *enrolment_json(const struct enrolment *enrolment)
{
	json_t *request = json_pack(
		"{s:s, s:I}", "do", "badge.enrol", "member", (json_int_t)enrolment->member);
	if (enrolment->uid[0] != '\0') {
		(void)json_object_set_new(request, "uid", json_string(enrolment->uid));
	} else {
		(void)json_object_set_new(request, "timeout_s", json_integer(enrolment->timeout_s));
	}
	if (enrolment->reader != NULL) {
		(void)json_object_set_new(request, "reader", json_string(enrolment->reader));
	}
	if (enrolment->valid_from_s != 0) {
		(void)json_object_set_new(
			request, "valid_from", json_integer(enrolment->valid_from_s));
	}
	if (enrolment->valid_to_s != 0) {
		(void)json_object_set_new(request, "valid_to", json_integer(enrolment->valid_to_s));
	}
	return request;
}

static int say_waiting(const struct lq_cli *cli, const struct enrolment *enrolment, json_t *answer)
{
	if (cli->line.json) {
		int r = lq_print_json(cli, answer);
		(void)fflush(stdout);
		return r;
	}
	json_decref(answer);
	lq_say(stdout,
		lq_tr(cli, "present the badge now at %s … (%u s)",
			"présenter le badge maintenant à %s … (%u s)"),
		enrolment->reader != NULL ? enrolment->reader
					  : lq_tr(cli, "any reader", "n’importe quel lecteur"),
		enrolment->timeout_s);
	(void)fflush(stdout);
	return LQ_EXIT_OK;
}

static void say_bound(const struct lq_cli *cli, const char *word, uint32_t unix_s)
{
	char text[LQ_WHEN_SIZE];
	if (unix_s != 0) {
		lq_when_format((int64_t)unix_s * 1000, LQ_WHEN_MINUTES, text);
		lq_say(stdout, "  %s %s (%s)", word, text, cli->config.time_zone);
	}
}

static int say_done(const struct lq_cli *cli, const struct enrolment *enrolment, json_t *answer)
{
	if (cli->line.json) {
		return lq_print_json(cli, answer);
	}
	lq_say(stdout,
		lq_tr(cli, "badge c%s enrolled for m%" PRIu32, "badge c%s enrôlé pour m%" PRIu32),
		lq_number_text(answer, "badge").text, enrolment->member);
	say_bound(cli, lq_tr(cli, "valid from", "valable dès"), enrolment->valid_from_s);
	say_bound(cli, lq_tr(cli, "valid until", "valable jusqu’à"), enrolment->valid_to_s);
	json_decref(answer);
	return LQ_EXIT_OK;
}

/* The answer to an enrolment by tap comes in two parts: at once, and after the tap. */
static int enrol(const struct lq_cli *cli, int fd, const struct enrolment *enrolment)
{
	json_t *answer = NULL;
	json_t *request = enrolment_json(enrolment);
	(void)json_object_update(request, enrolment->limits);
	int r = lq_control_send(cli, fd, request);
	if (r == LQ_EXIT_OK) {
		r = lq_control_receive_answer(cli, fd, LQ_CONTROL_ANSWER_MS, &answer);
	}
	if (r == LQ_EXIT_OK && json_is_true(json_object_get(answer, "waiting"))) {
		r = say_waiting(cli, enrolment, answer);
		if (r == LQ_EXIT_OK) {
			r = lq_control_receive_answer(cli, fd,
				(int)enrolment->timeout_s * 1000 + LQ_CONTROL_ANSWER_MS, &answer);
		}
	}
	return r == LQ_EXIT_OK ? say_done(cli, enrolment, answer) : r;
}

/* Nobody is asked for a badge in vain. Who may not read the roster learns it from loquetd. */
static int find_holder(const struct lq_cli *cli, struct enrolment *enrolment)
{
	struct lq_store *store = NULL;
	struct lq_member member;
	int r = lq_view_find_member(cli, cli->line.operands[0], &enrolment->member);
	if (r != LQ_EXIT_OK || enrolment->uid[0] != '\0' ||
		lq_store_open_readonly(cli->config.state_dir, &store) != LQ_OK) {
		return r;
	}
	r = lq_view_get_member(cli, store, enrolment->member, &member);
	lq_store_close(store);
	return r;
}

int lq_run_badge_enrol(const struct lq_cli *cli)
{
	struct enrolment enrolment = {0};
	int fd = -1;
	int r = lq_cli_need_config(cli);
	if (r == LQ_EXIT_OK) {
		r = read_source(cli, &enrolment);
	}
	if (r == LQ_EXIT_OK) {
		r = read_validity(cli, &enrolment);
	}
	enrolment.limits = json_object();
	if (r == LQ_EXIT_OK) {
		r = read_limits(cli, false, enrolment.limits);
	}
	if (r == LQ_EXIT_OK) {
		r = find_holder(cli, &enrolment);
	}
	if (r == LQ_EXIT_OK) {
		r = lq_control_open(cli, &fd);
	}
	if (r == LQ_EXIT_OK) {
		r = enrol(cli, fd, &enrolment);
		(void)close(fd);
	}
	json_decref(enrolment.limits);
	return r;
}

static int set_state(const struct lq_cli *cli, const char *what, uint32_t until_s, const char *done)
{
	uint32_t badge = 0;
	json_t *answer = NULL;
	int r = lq_view_find_badge(cli, cli->line.operands[0], &badge);
	if (r == LQ_EXIT_OK) {
		json_t *request = json_pack("{s:s, s:I}", "do", what, "badge", (json_int_t)badge);
		if (until_s != 0) {
			(void)json_object_set_new(request, "until", json_integer(until_s));
		}
		r = lq_control_call(cli, request, &answer);
	}
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (cli->line.json) {
		return lq_print_json(cli, answer);
	}
	json_decref(answer);
	lq_say(stdout, "c%" PRIu32 " %s", badge, done);
	return LQ_EXIT_OK;
}

int lq_run_badge_revoke(const struct lq_cli *cli)
{
	return set_state(cli, "badge.revoke", 0, lq_tr(cli, "is revoked", "est révoqué"));
}

int lq_run_badge_lost(const struct lq_cli *cli)
{
	return set_state(
		cli, "badge.lost", 0, lq_tr(cli, "is marked as lost", "est déclaré perdu"));
}

int lq_run_badge_enable(const struct lq_cli *cli)
{
	return set_state(cli, "badge.enable", 0, lq_tr(cli, "is enabled", "est actif"));
}

int lq_run_badge_suspend(const struct lq_cli *cli)
{
	uint32_t until_s = 0;
	int r = lq_cli_need_config(cli);
	if (r == LQ_EXIT_OK) {
		r = read_bound(cli, "until", LQ_WHEN_TO, &until_s);
	}
	return r != LQ_EXIT_OK ? r
			       : set_state(cli, "badge.suspend", until_s,
					 lq_tr(cli, "is suspended", "est suspendu"));
}

int lq_run_badge_stolen(const struct lq_cli *cli)
{
	return set_state(
		cli, "badge.stolen", 0, lq_tr(cli, "is marked as stolen", "est déclaré volé"));
}

int lq_run_badge_returned(const struct lq_cli *cli)
{
	return set_state(
		cli, "badge.returned", 0, lq_tr(cli, "is marked as returned", "est déclaré rendu"));
}

int lq_run_badge_damaged(const struct lq_cli *cli)
{
	return set_state(
		cli, "badge.damaged", 0, lq_tr(cli, "is marked as damaged", "est déclaré abîmé"));
}

static int print_json_lines(const struct lq_cli *cli, struct lq_store *store, uint32_t member)
{
	json_t *badges = NULL;
	size_t i = 0;
	json_t *badge = NULL;
	int r = lq_badges_json(cli, store, member, &badges);
	json_array_foreach(badges, i, badge)
	{
		r = r == LQ_EXIT_OK ? lq_print_json(cli, json_incref(badge)) : r;
	}
	json_decref(badges);
	return r;
}

int lq_run_badge_list(const struct lq_cli *cli)
{
	uint32_t id = 0;
	struct lq_store *store = NULL;
	struct lq_member member;
	int r = LQ_EXIT_OK;
	if (cli->line.operand_count == 1) {
		r = lq_view_find_member(cli, cli->line.operands[0], &id);
	}
	if (r == LQ_EXIT_OK) {
		r = lq_view_open(cli, &store);
	}
	if (r == LQ_EXIT_OK && id != 0) {
		r = lq_view_get_member(cli, store, id, &member);
	}
	if (r == LQ_EXIT_OK) {
		r = cli->line.json ? print_json_lines(cli, store, id)
				   : lq_badges_print(cli, store, id);
	}
	lq_store_close(store);
	return r;
}
