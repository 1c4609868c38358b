/* Keys for commands over MQTT, and commands signed with them (firmware/door/order_token.h says in
 * which form). Needs no door: whoever holds the key may be anywhere. */
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/core/order.h"
#include "firmware/store/keys.h"
#include "hal/linux/linux_entropy.h"
#include "host/cli/cli.h"
#include "host/cli/commands.h"
#include "host/cli/words.h"

#include <string.h>
#include <time.h>

#define NONCE_BYTES ((size_t)16)
#define PUBLIC_TEXT (LQ_BASE64URL_LENGTH((size_t)32) + 1u)
#define TO_SIZE     ((size_t)2 * LQ_NAME_SIZE)
#define EARLY_S     30 /* the clocks need not agree to the second */
#define SECONDS_MAX (LQ_ORDER_WINDOW_S - EARLY_S)
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
	uint64_t timeout_s = 0;
	out->extended = lq_option_given(&cli->line, "extended");
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

static json_t *argument_value(
	const struct lq_order_arguments *arguments, enum lq_argument_index index)
{
	switch (index) {
	case LQ_ARGUMENT_INDEX_FROM:
		return json_integer((json_int_t)arguments->from);
	case LQ_ARGUMENT_INDEX_EXTENDED:
		return json_boolean(arguments->extended);
	case LQ_ARGUMENT_INDEX_MODE:
		return json_string(lq_door_mode_text(arguments->mode));
	case LQ_ARGUMENT_INDEX_MEMBER:
		return json_integer((json_int_t)arguments->member);
	case LQ_ARGUMENT_INDEX_TIMEOUT:
		return json_integer((json_int_t)arguments->timeout_s);
	case LQ_ARGUMENT_COUNT:
		break;
	}
	return NULL;
}

static json_t *arguments_of(const struct lq_order_arguments *arguments)
{
	json_t *object = json_object();
	for (unsigned i = 0; i < LQ_ARGUMENT_COUNT; i++) {
		enum lq_argument_index index = (enum lq_argument_index)i;
		if ((arguments->given & 1u << i) != 0) {
			(void)json_object_set_new(
				object, lq_argument_word(index), argument_value(arguments, index));
		}
	}
	return object;
}

static json_t *payload_of(const struct signing *signing, const char *nonce, time_t now)
{
	json_t *payload = json_pack("{s:s, s:s, s:I, s:I, s:s}", "aud", signing->to, "cmd",
		lq_order_word(signing->kind), "nbf", (json_int_t)now - EARLY_S, "exp",
		(json_int_t)now + (json_int_t)signing->seconds, "jti", nonce);
	if (signing->door != NULL) {
		(void)json_object_set_new(payload, "door", json_string(signing->door));
	}
	if (signing->arguments.given != 0) {
		(void)json_object_set_new(payload, "args", arguments_of(&signing->arguments));
	}
	return payload;
}

/* Adds a part, encoded, behind a dot unless it is the first (RFC 7515 §7.1); false when it does not
 * fit into LQ_ORDER_TOKEN_MAX. */
static bool add_part(char *text, size_t *length, const void *bytes, size_t count)
{
	if (*length + 1 + LQ_BASE64URL_LENGTH(count) > LQ_ORDER_TOKEN_MAX) {
		return false;
	}
	if (*length > 0) {
		text[(*length)++] = '.';
	}
	lq_base64url_encode(bytes, count, text + *length);
	*length += LQ_BASE64URL_LENGTH(count);
	return true;
}

static bool add_object(char *text, size_t *length, json_t *object)
{
	char plain[LQ_ORDER_TOKEN_MAX];
	size_t count = object == NULL ? 0 : json_dumpb(object, plain, sizeof(plain), JSON_COMPACT);
	json_decref(object);
	return count > 0 && count <= sizeof(plain) && add_part(text, length, plain, count);
}

/* Releases `payload`. `text` has room for LQ_ORDER_TOKEN_MAX characters and the terminator. */
static bool sign(const struct lq_keys *keys, const char *name, json_t *payload, char *text)
{
	uint8_t signature[64];
	size_t length = 0;
	bool headed =
		add_object(text, &length, json_pack("{s:s, s:s}", "alg", "EdDSA", "kid", name));
	return add_object(text, &length, payload) && headed &&
	       lq_keys_sign(keys, (const uint8_t *)text, length, signature) == LQ_OK &&
	       add_part(text, &length, signature, sizeof(signature));
}

static int print_signed(
	const struct lq_cli *cli, const struct lq_keys *keys, const struct signing *signing)
{
	uint8_t bytes[NONCE_BYTES];
	char nonce[LQ_BASE64URL_LENGTH(NONCE_BYTES) + 1];
	char text[LQ_ORDER_TOKEN_MAX + 1];
	struct lq_entropy entropy = lq_linux_entropy();
	if (entropy.fill(entropy.ctx, bytes, sizeof(bytes)) != LQ_OK) {
		return lq_fail(cli, LQ_EXIT_IO, "io", "%s",
			lq_tr(cli, "the system gives no random numbers",
				"le système ne donne pas de nombres aléatoires"));
	}
	lq_base64url_encode(bytes, sizeof(bytes), nonce);
	if (!sign(keys, lq_option_value(&cli->line, "as"), payload_of(signing, nonce, time(NULL)),
		    text)) {
		return lq_fail(cli, LQ_EXIT_USAGE, "invalid",
			lq_tr(cli, "the signed command would be longer than %u bytes",
				"la commande signée dépasserait %u octets"),
			LQ_ORDER_TOKEN_MAX);
	}
	if (cli->line.json) {
		return lq_print_json(
			cli, json_pack("{s:b, s:s, s:s}", "ok", 1, "jws", text, "jti", nonce));
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
