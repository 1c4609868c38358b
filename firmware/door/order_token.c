#include "firmware/door/order_token.h"

#include "firmware/core/err.h"

#include <jansson.h>
#include <string.h>

#define NONCE_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

int lq_order_token_parse(const char *text, size_t length, struct lq_jws *ret_token)
{
	return length > LQ_ORDER_TOKEN_MAX ? LQ_ERR_INVALID : lq_jws_parse(text, length, ret_token);
}

static bool take_mode(json_t *args, enum lq_door_mode *ret_mode)
{
	json_t *value = json_object_get(args, "mode");
	const char *text = json_string_value(value);
	return value == NULL || (text != NULL && strlen(text) == json_string_length(value) &&
					lq_door_mode_parse(text, ret_mode));
}

/* What is not known is refused. */
static bool take_given(json_t *args, unsigned *ret_given)
{
	size_t known = 0;
	for (int i = 0; i < LQ_ARGUMENT_COUNT; i++) {
		if (json_object_get(args, lq_argument_word((enum lq_argument_index)i)) != NULL) {
			*ret_given |= 1u << (unsigned)i;
			known++;
		}
	}
	return known == json_object_size(args);
}

static bool take_flag(json_t *args, enum lq_argument_index index, bool *ret_flag)
{
	json_t *value = json_object_get(args, lq_argument_word(index));
	*ret_flag = json_is_true(value);
	return value == NULL || json_is_boolean(value);
}

static bool take_args(json_t *payload, struct lq_order *order)
{
	struct lq_order_arguments *out = &order->arguments;
	json_int_t from = 0;
	json_int_t member = 0;
	json_int_t timeout_s = 0;
	json_t *args = json_object_get(payload, "args");
	if (args == NULL) {
		return true;
	}
	if (!json_is_object(args) || !take_given(args, &out->given) ||
		!lq_jws_take_number(args, "from", INT64_MAX, &from) ||
		!lq_jws_take_number(args, "member", UINT32_MAX, &member) ||
		!lq_jws_take_number(args, "timeout_s", LQ_ENROL_TIMEOUT_S_MAX, &timeout_s) ||
		!take_mode(args, &out->mode) ||
		!take_flag(args, LQ_ARGUMENT_INDEX_EXTENDED, &out->extended) ||
		!take_flag(args, LQ_ARGUMENT_INDEX_UNLESS_REFUSING, &out->unless_refusing) ||
		!lq_jws_take_text(
			args, "reader", LQ_JWS_NAME_CHARACTERS, out->reader, sizeof(out->reader))) {
		return false;
	}
	out->from = (uint64_t)from;
	out->member = (uint32_t)member;
	out->timeout_s = (uint32_t)timeout_s;
	return true;
}

static bool take_claims(json_t *payload, struct lq_order *order)
{
	static const char *const keys[] = {
		"iss", "iat", "aud", "cmd", "door", "nbf", "exp", "jti", "args", NULL};
	/* Room to multiply by a thousand. */
	const json_int_t latest = INT64_MAX / 2000;
	json_int_t not_before = 0;
	json_int_t expires = 0;
	if (!lq_jws_only_keys(payload, keys) ||
		!lq_jws_take_text(payload, "aud", LQ_JWS_NAME_CHARACTERS "/", order->audience,
			sizeof(order->audience)) ||
		!lq_jws_take_text(payload, "cmd", LQ_JWS_NAME_CHARACTERS ".", order->command,
			sizeof(order->command)) ||
		!lq_jws_take_text(payload, "door", LQ_JWS_NAME_CHARACTERS, order->door,
			sizeof(order->door)) ||
		!lq_jws_take_text(
			payload, "jti", NONCE_CHARACTERS, order->nonce, sizeof(order->nonce)) ||
		!lq_jws_take_number(payload, "nbf", latest, &not_before) ||
		!lq_jws_take_number(payload, "exp", latest, &expires)) {
		return false;
	}
	order->not_before_s = not_before;
	order->expires_s = expires;
	return order->audience[0] != '\0' && order->command[0] != '\0' &&
	       strlen(order->nonce) >= LQ_ORDER_NONCE_MIN && not_before > 0 && expires > 0;
}

int lq_order_payload_parse(const struct lq_jws *token, struct lq_order *ret_order)
{
	struct lq_order order = {.nonce = ""};
	json_t *payload = lq_jws_object(token->payload, token->payload_length);
	bool good = payload != NULL && take_claims(payload, &order) && take_args(payload, &order);
	json_decref(payload);
	if (!good) {
		return LQ_ERR_INVALID;
	}
	*ret_order = order;
	return LQ_OK;
}
