#include "host/cli/control.h"

#include "firmware/core/err.h"
#include "firmware/wire/control_wire.h"
#include "firmware/wire/seqpacket.h"
#include "host/cli/said.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The words of control_wire.h. */
static const struct {
	const char *error;
	enum lq_exit code;
	const char *text[2];
} refusals[] = {
	{"invalid", LQ_EXIT_USAGE, {"loquetd refused the request", "loquetd a refusé la demande"}},
	{"not_found", LQ_EXIT_REFUSED, {"not found", "introuvable"}},
	{"exists", LQ_EXIT_REFUSED, {"it exists already", "cela existe déjà"}},
	{"full", LQ_EXIT_REFUSED,
		{"a limit, or the disk, is full",
			"une limite est atteinte, ou le disque est plein"}},
	{"busy", LQ_EXIT_REFUSED, {"busy, try again", "occupé, réessayer"}},
	{"timeout", LQ_EXIT_TIMEOUT,
		{"no badge was presented in time", "aucun badge présenté à temps"}},
	{"io", LQ_EXIT_IO,
		{"loquetd could not write or read", "loquetd n’a pas pu écrire ou lire"}},
	{"unsupported", LQ_EXIT_REFUSED,
		{"loquetd does not offer this", "loquetd n’offre pas cela"}},
};

static int unreachable(const struct lq_cli *cli, int err)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/%s", cli->config.runtime_dir, LQ_CONTROL_SOCKET);
	if (err == LQ_ERR_NOT_FOUND && access(path, F_OK) != 0 && errno != EACCES) {
		return lq_fail(cli, LQ_EXIT_UNREACHABLE, "unreachable",
			lq_tr(cli,
				"loquetd is not running (no socket at %s); start it with: "
				"systemctl start loquetd",
				"loquetd ne tourne pas (pas de socket %s) ; le démarrer avec : "
				"systemctl start loquetd"),
			path);
	}
	if (access(path, R_OK | W_OK) != 0 && errno == EACCES) {
		return lq_fail(cli, LQ_EXIT_UNREACHABLE, "unreachable",
			lq_tr(cli,
				"may not talk to loquetd (permission denied at %s); run it as root "
				"or "
				"join the socket's group",
				"pas le droit de parler à loquetd (accès refusé à %s) ; lancer en "
				"root ou "
				"rejoindre le groupe de la socket"),
			path);
	}
	return lq_fail(cli, LQ_EXIT_UNREACHABLE, "unreachable",
		lq_tr(cli, "loquetd does not answer at %s; look at: systemctl status loquetd",
			"loquetd ne répond pas sur %s ; voir : systemctl status loquetd"),
		path);
}

int lq_control_open(const struct lq_cli *cli, int *ret_fd)
{
	int r = lq_cli_need_config(cli);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	r = lq_seqpacket_connect(cli->config.runtime_dir, LQ_CONTROL_SOCKET, ret_fd);
	return r == LQ_OK ? LQ_EXIT_OK : unreachable(cli, r);
}

static int no_memory(const struct lq_cli *cli)
{
	return lq_fail(
		cli, LQ_EXIT_IO, "io", "%s", lq_tr(cli, "out of memory", "mémoire insuffisante"));
}

int lq_control_send(const struct lq_cli *cli, int fd, json_t *request)
{
	return lq_control_send_with(cli, fd, request, NULL, 0);
}

int lq_control_send_with(
	const struct lq_cli *cli, int fd, json_t *request, const int *fds, size_t count)
{
	char *text = request != NULL ? json_dumps(request, JSON_COMPACT) : NULL;
	json_decref(request);
	if (text == NULL) {
		return no_memory(cli);
	}
	size_t length = strlen(text);
	int r = LQ_EXIT_OK;
	if (length > LQ_CONTROL_MESSAGE_MAX) {
		r = lq_fail(cli, LQ_EXIT_USAGE, "invalid", "%s",
			lq_tr(cli, "too much for one request", "trop long pour une seule demande"));
	} else if (lq_seqpacket_send_with(fd, text, length, fds, count) != LQ_OK) {
		r = unreachable(cli, LQ_ERR_CLOSED);
	}
	free(text);
	return r;
}

static int wait_readable(int fd, int timeout_ms)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	int ready = 0;
	do {
		ready = poll(&poller, 1, timeout_ms);
	} while (ready < 0 && errno == EINTR);
	return ready > 0 ? LQ_OK : LQ_ERR_TIMEOUT;
}

int lq_control_receive(const struct lq_cli *cli, int fd, int timeout_ms, json_t **ret_message)
{
	static char buffer[LQ_CONTROL_MESSAGE_MAX];
	if (wait_readable(fd, timeout_ms) != LQ_OK) {
		return unreachable(cli, LQ_ERR_TIMEOUT);
	}
	int length = lq_seqpacket_receive(fd, buffer, sizeof(buffer));
	if (length == LQ_ERR_CLOSED) {
		return lq_fail(cli, LQ_EXIT_UNREACHABLE, "unreachable", "%s",
			lq_tr(cli,
				"loquetd closed the connection; look at: systemctl status loquetd",
				"loquetd a fermé la connexion ; voir : systemctl status loquetd"));
	}
	json_t *message =
		length <= 0 ? NULL
			    : json_loadb(buffer, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(message)) {
		json_decref(message);
		return lq_fail(cli, LQ_EXIT_IO, "io", "%s",
			lq_tr(cli,
				"loquetd said something that is not understood here; are both of "
				"the same version?",
				"loquetd a dit quelque chose d’incompréhensible ; les deux "
				"programmes sont-ils de la même version ?"));
	}
	*ret_message = message;
	return LQ_EXIT_OK;
}

static int report_refusal(const struct lq_cli *cli, const json_t *answer)
{
	const char *error = json_string_value(json_object_get(answer, "error"));
	const char *text = json_string_value(json_object_get(answer, "text"));
	error = error != NULL ? error : "io";
	bool office = text != NULL && strcmp(text, LQ_CONTROL_OFFICE_TEXT) == 0;
	text = text != NULL ? lq_tr(cli, text, lq_said_in_french(text)) : NULL;
	if (office) {
		return lq_fail(cli, LQ_EXIT_REFUSED, error, "%s", text);
	}
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (strcmp(error, refusals[i].error) == 0) {
			const char *own = lq_tr(cli, refusals[i].text[0], refusals[i].text[1]);
			return text != NULL ? lq_fail(cli, refusals[i].code, error,
						      lq_tr(cli, "%s: %s", "%s : %s"), own, text)
					    : lq_fail(cli, refusals[i].code, error, "%s", own);
		}
	}
	return lq_fail(cli, LQ_EXIT_REFUSED, error, "%s", text != NULL ? text : error);
}

int lq_control_judge(const struct lq_cli *cli, const json_t *answer)
{
	return json_is_true(json_object_get(answer, "ok")) ? LQ_EXIT_OK
							   : report_refusal(cli, answer);
}

int lq_control_receive_answer(const struct lq_cli *cli, int fd, int timeout_ms, json_t **ret_answer)
{
	json_t *answer = NULL;
	int r = lq_control_receive(cli, fd, timeout_ms, &answer);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	r = lq_control_judge(cli, answer);
	if (r != LQ_EXIT_OK) {
		json_decref(answer);
		return r;
	}
	*ret_answer = answer;
	return LQ_EXIT_OK;
}

int lq_control_call(const struct lq_cli *cli, json_t *request, json_t **ret_answer)
{
	int fd = -1;
	int r = lq_control_open(cli, &fd);
	if (r != LQ_EXIT_OK) {
		json_decref(request);
		return r;
	}
	r = lq_control_send(cli, fd, request);
	if (r == LQ_EXIT_OK) {
		r = lq_control_receive_answer(cli, fd, LQ_CONTROL_ANSWER_MS, ret_answer);
	}
	(void)close(fd);
	return r;
}

int lq_control_do(const struct lq_cli *cli, json_t *request, const char *between, const char *done)
{
	json_t *answer = NULL;
	int r = lq_control_call(cli, request, &answer);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	if (cli->line.json) {
		return lq_print_json(cli, answer);
	}
	json_decref(answer);
	lq_say(stdout, "%s%s %s", cli->line.operands[0], between, done);
	return LQ_EXIT_OK;
}
