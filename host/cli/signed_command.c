/* Keys for commands over MQTT, and commands signed with them (firmware/door/order_token.h says in
 * which form). Needs no door: whoever holds the key may be anywhere. */
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/core/order.h"
#include "firmware/store/order_sign.h"
#include "hal/linux/linux_entropy.h"
#include "host/cli/cli.h"
#include "host/cli/commands.h"
#include "host/cli/words.h"

#include <string.h>
#include <time.h>

#define PUBLIC_TEXT (LQ_BASE64URL_LENGTH((size_t)32) + 1u)
#define TO_SIZE     ((size_t)2 * LQ_NAME_SIZE)
#define SECONDS_MAX (LQ_ORDER_WINDOW_S - LQ_ORDER_EARLY_S)
#define SECONDS     60u

int lq_run_key_new(const struct lq_cli *cli)
{
	const char *path = cli->line.operands[0];
	struct lq_entropy entropy = lq_linux_entropy();
	uint8_t public_key[32];
	char text[PUBLIC_TEXT];
	int r = lq_keys_make_signer(path, &entropy, public_key);
	if (r == LQ_ERR_EXISTS) {
		return lq_fail(cli, LQ_EXIT_REFUSED, "exists",
			lq_tr(cli,
				"%s is there already, and no key is written over: choose another "
				"name",
				"%s existe déjà, et aucune clé n’est écrasée : choisir un autre "
				"nom"),
			path);
	}
	if (r != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_IO, "io",
			lq_tr(cli, "%s cannot be written (%s)", "impossible d’écrire %s (%s)"),
			path, lq_err_text(r));
	}
	lq_base64url_encode(public_key, sizeof(public_key), text);
	if (cli->line.json) {
		return lq_print_json(cli, json_pack("{s:b, s:s}", "ok", 1, "key", text));
	}
	lq_say(stdout, "key = %s", text);
	return LQ_EXIT_OK;
}

/* ---- signing ---- */

struct signing {
	const char *to; /* "<space>/<controller>" */
	const char *door;
	enum lq_order_kind kind;
	struct lq_order_arguments arguments;
	uint64_t seconds;
};

static const char *const argument_options[LQ_ARGUMENT_COUNT] = {
	[LQ_ARGUMENT_INDEX_FROM] = "from",
	[LQ_ARGUMENT_INDEX_EXTENDED] = "extended",
	[LQ_ARGUMENT_INDEX_MODE] = "mode",
	[LQ_ARGUMENT_INDEX_MEMBER] = "member",
	[LQ_ARGUMENT_INDEX_TIMEOUT] = "timeout",
	[LQ_ARGUMENT_INDEX_UNLESS_REFUSING] = "unless-refusing",
	[LQ_ARGUMENT_INDEX_READER] = "reader",
};

static int unknown_command(const struct lq_cli *cli, const char *word)
{
	char list[256] = "";
	size_t length = 0;
	for (int kind = 0; kind < LQ_ORDER_COUNT; kind++) {
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
			kind == 0 ? "" : ", ", lq_order_word((enum lq_order_kind)kind));
	}
	return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
		lq_tr(cli, "'%s' is no command that can be signed; there are: %s",
			"« %s » n’est pas une commande à signer ; il y a : %s"),
		word, list);
}

static int read_number(
	const struct lq_cli *cli, const char *option, uint64_t max, uint64_t *ret_number)
{
	const char *text = lq_option_value(&cli->line, option);
	if (text == NULL || lq_word_number(text, 1, max, ret_number) == LQ_OK) {
		return LQ_EXIT_OK;
	}
	return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
		lq_tr(cli, "--%s: '%s' is no number from 1 to %llu",
			"--%s : « %s » n’est pas un nombre de 1 à %llu"),
		option, text, (unsigned long long)max);
}

static int check_option(const struct lq_cli *cli, const char *option, bool needs, bool may)
{
	bool given = lq_option_given(&cli->line, option);
	const char *word = cli->line.operands[0];
	if (needs && !given) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "%s needs --%s", "%s demande --%s"), word, option);
	}
	if (given && !needs && !may) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "%s takes no --%s", "%s ne prend pas --%s"), word, option);
	}
	return LQ_EXIT_OK;
}

/* What the command needs to say, and nothing that means nothing to it. */
static int check_meaning(const struct lq_cli *cli, struct signing *signing)
{
	if (signing->kind == LQ_ORDER_COUNT) {
		return unknown_command(cli, cli->line.operands[0]);
	}
	struct lq_order_form form = lq_order_form(signing->kind);
	int r = check_option(cli, "door", form.door, false);
	for (unsigned i = 0; i < LQ_ARGUMENT_COUNT && r == LQ_EXIT_OK; i++) {
		r = check_option(cli, argument_options[i], (form.needs & 1u << i) != 0,
			(form.may & 1u << i) != 0);
		if (lq_option_given(&cli->line, argument_options[i])) {
			signing->arguments.given |= 1u << i;
		}
	}
	return r;
}

static int read_mode(const struct lq_cli *cli, enum lq_door_mode *ret_mode)
{
	const char *text = lq_option_value(&cli->line, "mode");
	const char *word = text == NULL ? NULL : lq_word_mode(text);
	if (text == NULL || (word != NULL && lq_door_mode_parse(word, ret_mode))) {
		return LQ_EXIT_OK;
	}
	return lq_unknown_mode(cli, text);
}

static int read_member(const struct lq_cli *cli, uint32_t *ret_member)
{
	const char *text = lq_option_value(&cli->line, "member");
	if (text == NULL || lq_word_roster_id(text, 'm', ret_member) == LQ_OK) {
		return LQ_EXIT_OK;
	}
	return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
		lq_tr(cli, "'%s' is no member's number", "« %s » n’est pas un numéro de membre"),
		text);
}

static int read_arguments(const struct lq_cli *cli, struct lq_order_arguments *out)
{
	const char *reader = lq_option_value(&cli->line, "reader");
	uint64_t timeout_s = 0;
	(void)snprintf(out->reader, sizeof(out->reader), "%s", reader != NULL ? reader : "");
	out->extended = lq_option_given(&cli->line, "extended");
	out->unless_refusing = lq_option_given(&cli->line, "unless-refusing");
	int r = read_number(cli, "from", INT64_MAX, &out->from);
	if (r == LQ_EXIT_OK) {
		r = read_number(cli, "timeout", LQ_ENROL_TIMEOUT_S_MAX, &timeout_s);
		out->timeout_s = (uint32_t)timeout_s;
	}
	if (r == LQ_EXIT_OK) {
		r = read_mode(cli, &out->mode);
	}
	return r == LQ_EXIT_OK ? read_member(cli, &out->member) : r;
}

/* "front", or with `parts` 2 "demo/front-board". */
static bool is_name(const char *text, int parts)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t length = strspn(text, letters);
	bool good = length > 0 && length < LQ_NAME_SIZE;
	return parts == 1 ? good && text[length] == '\0'
			  : good && text[length] == '/' && is_name(text + length + 1, parts - 1);
}

static int check_name(const struct lq_cli *cli, const char *option, int parts)
{
	const char *text = lq_option_value(&cli->line, option);
	if (text == NULL || is_name(text, parts)) {
		return LQ_EXIT_OK;
	}
	return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
		parts == 1 ? lq_tr(cli,
				     "--%s: '%s' is no name of 1 to 32 characters of a-z, 0-9, "
				     "_ and -",
				     "--%s : « %s » n’est pas un nom de 1 à 32 caractères parmi "
				     "a-z, 0-9, _ et -")
			   : lq_tr(cli, "--%s: '%s' is no SPACE/CONTROLLER",
				     "--%s : « %s » n’est pas ESPACE/CONTRÔLEUR"),
		option, text);
}

static int check_names(const struct lq_cli *cli)
{
	int r = check_name(cli, "door", 1);
	r = r == LQ_EXIT_OK ? check_name(cli, "as", 1) : r;
	r = r == LQ_EXIT_OK ? check_name(cli, "reader", 1) : r;
	return r == LQ_EXIT_OK ? check_name(cli, "to", 2) : r;
}

static int read_signing(const struct lq_cli *cli, char ret_to[TO_SIZE], struct signing *ret_signing)
{
	const char *word = cli->line.operands[0];
	struct signing signing = {
		.to = lq_option_value(&cli->line, "to"),
		.door = lq_option_value(&cli->line, "door"),
		.kind = lq_order_find(word, strlen(word)),
		.seconds = SECONDS,
	};
	int r = check_meaning(cli, &signing);
	if (r == LQ_EXIT_OK) {
		r = check_names(cli);
	}
	if (r == LQ_EXIT_OK) {
		r = read_arguments(cli, &signing.arguments);
	}
	if (r == LQ_EXIT_OK) {
		r = read_number(cli, "seconds", SECONDS_MAX, &signing.seconds);
	}
	if (r == LQ_EXIT_OK && signing.to == NULL) {
		r = lq_cli_need_config(cli);
		(void)snprintf(ret_to, TO_SIZE, "%s/%s", cli->config.space, cli->config.controller);
		signing.to = ret_to;
	}
	if (r == LQ_EXIT_OK) {
		*ret_signing = signing;
	}
	return r;
}

static struct lq_order order_of(const struct signing *signing, time_t now)
{
	struct lq_order order = {
		.not_before_s = (int64_t)now - LQ_ORDER_EARLY_S,
		.expires_s = (int64_t)now + (int64_t)signing->seconds,
		.arguments = signing->arguments,
	};
	(void)snprintf(order.command, sizeof(order.command), "%s", lq_order_word(signing->kind));
	(void)snprintf(
		order.door, sizeof(order.door), "%s", signing->door == NULL ? "" : signing->door);
	(void)snprintf(order.audience, sizeof(order.audience), "%s", signing->to);
	return order;
}

static int print_signed(
	const struct lq_cli *cli, const struct lq_keys *keys, const struct signing *signing)
{
	char text[LQ_ORDER_TOKEN_MAX + 1];
	struct lq_entropy entropy = lq_linux_entropy();
	struct lq_order order = order_of(signing, time(NULL));
	if (lq_order_make_nonce(&entropy, order.nonce) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_IO, "io", "%s",
			lq_tr(cli, "the system gives no random numbers",
				"le système ne donne pas de nombres aléatoires"));
	}
	if (lq_order_sign(keys, lq_option_value(&cli->line, "as"), &order, text) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_IO, "io", "%s",
			lq_tr(cli, "the command could not be signed",
				"la commande n’a pas pu être signée"));
	}
	if (cli->line.json) {
		return lq_print_json(cli,
			json_pack("{s:b, s:s, s:s}", "ok", 1, "jws", text, "jti", order.nonce));
	}
	lq_say(stdout, "%s", text);
	return LQ_EXIT_OK;
}

int lq_run_command_sign(const struct lq_cli *cli)
{
	const char *path = lq_option_value(&cli->line, "key");
	char to[TO_SIZE];
	struct signing signing;
	struct lq_keys keys;
	int r = read_signing(cli, to, &signing);
	if (r != LQ_EXIT_OK) {
		return r;
	}
	int loaded = lq_keys_load_signer(path, &keys);
	if (loaded != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_IO, "io",
			lq_tr(cli, "%s is no key that can be read (%s): loquet key new makes one",
				"%s n’est pas une clé lisible (%s) : loquet key new en crée une"),
			path, lq_err_text(loaded));
	}
	r = print_signed(cli, &keys, &signing);
	lq_keys_wipe(&keys);
	return r;
}
