#include "firmware/door/order_token.h"

#include "firmware/core/base64url.h"
#include "firmware/core/err.h"

#include <jansson.h>
#include <string.h>

#define NAME_CHARACTERS  "abcdefghijklmnopqrstuvwxyz0123456789_-"
#define NONCE_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

/* NULL, or an object that the caller releases. */
static json_t *decode_object(const char *text, size_t length)
{
	uint8_t bytes[LQ_ORDER_TOKEN_MAX];
	size_t count = 0;
	if (lq_base64url_decode(text, length, bytes, sizeof(bytes), &count) != LQ_OK) {
		return NULL;
	}
	json_t *object = json_loadb((const char *)bytes, count, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static bool only_keys(json_t *object, const char *const *keys)
{
	const char *key = NULL;
	json_t *value = NULL;
	json_object_foreach(object, key, value)
	{
		size_t i = 0;
		while (keys[i] != NULL && strcmp(keys[i], key) != 0) {
			i++;
		}
		if (keys[i] == NULL) {
			return false;
		}
	}
	return true;
}

/* Absent is good and leaves `out` as it is. */
static bool take_text(
	json_t *object, const char *key, const char *characters, char *out, size_t size)
{
	json_t *value = json_object_get(object, key);
	if (value == NULL) {
		return true;
	}
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);
	if (text == NULL || length == 0 || length >= size || strspn(text, characters) != length) {
		return false;
	}
	memcpy(out, text, length + 1);
	return true;
}

static bool take_number(json_t *object, const char *key, json_int_t most, json_int_t *ret_number)
{
	json_t *value = json_object_get(object, key);
	if (value == NULL) {
		return true;
	}
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value) || number < 1 || number > most) {
		return false;
	}
	*ret_number = number;
	return true;
}

static bool text_is(json_t *object, const char *key, const char *wanted)
{
	json_t *value = json_object_get(object, key);
	return json_string_length(value) == strlen(wanted) &&
	       strcmp(json_string_value(value), wanted) == 0;
}

static bool take_header(json_t *header, struct lq_order_token *token)
{
	static const char *const keys[] = {"alg", "kid", "typ", NULL};
	return only_keys(header, keys) && text_is(header, "alg", "EdDSA") &&
	       (json_object_get(header, "typ") == NULL || text_is(header, "typ", "JWT")) &&
	       take_text(header, "kid", NAME_CHARACTERS, token->signer, sizeof(token->signer)) &&
	       token->signer[0] != '\0';
}

int lq_order_token_parse(const char *text, size_t length, struct lq_order_token *ret_token)
{
	struct lq_order_token token = {.signer = ""};
	size_t count = 0;
	if (length > LQ_ORDER_TOKEN_MAX) {
		return LQ_ERR_INVALID;
	}
	const char *first = memchr(text, '.', length);
	const char *end = text + length;
	const char *second =
		first == NULL ? NULL : memchr(first + 1, '.', (size_t)(end - first - 1));
	if (second == NULL ||
		lq_base64url_decode(second + 1, (size_t)(end - second - 1), token.signature,
			sizeof(token.signature), &count) != LQ_OK ||
		count != sizeof(token.signature)) {
		return LQ_ERR_INVALID;
	}
	token.signed_length = (size_t)(second - text);
	token.payload = first + 1;
	token.payload_length = (size_t)(second - first - 1);
	json_t *header = decode_object(text, (size_t)(first - text));
	bool good = header != NULL && take_header(header, &token);
	json_decref(header);
	if (!good) {
		return LQ_ERR_INVALID;
	}
	*ret_token = token;
	return LQ_OK;
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

static bool take_args(json_t *payload, struct lq_order *order)
{
	struct lq_order_arguments *out = &order->arguments;
	json_int_t from = 0;
	json_int_t member = 0;
	json_int_t timeout_s = 0;
	json_t *args = json_object_get(payload, "args");
	json_t *extended = json_object_get(args, "extended");
	if (args == NULL) {
		return true;
	}
	if (!json_is_object(args) || !take_given(args, &out->given) ||
		!take_number(args, "from", INT64_MAX, &from) ||
		!take_number(args, "member", UINT32_MAX, &member) ||
		!take_number(args, "timeout_s", LQ_ENROL_TIMEOUT_S_MAX, &timeout_s) ||
		!take_mode(args, &out->mode) || (extended != NULL && !json_is_boolean(extended))) {
		return false;
	}
	out->from = (uint64_t)from;
	out->member = (uint32_t)member;
	out->timeout_s = (uint32_t)timeout_s;
	out->extended = json_is_true(extended);
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
	if (!only_keys(payload, keys) ||
		!take_text(payload, "aud", NAME_CHARACTERS "/", order->audience,
			sizeof(order->audience)) ||
		!take_text(payload, "cmd", NAME_CHARACTERS ".", order->command,
			sizeof(order->command)) ||
		!take_text(payload, "door", NAME_CHARACTERS, order->door, sizeof(order->door)) ||
		!take_text(payload, "jti", NONCE_CHARACTERS, order->nonce, sizeof(order->nonce)) ||
		!take_number(payload, "nbf", latest, &not_before) ||
		!take_number(payload, "exp", latest, &expires)) {
		return false;
	}
	order->not_before_s = not_before;
	order->expires_s = expires;
	return order->audience[0] != '\0' && order->command[0] != '\0' &&
	       strlen(order->nonce) >= LQ_ORDER_NONCE_MIN && not_before > 0 && expires > 0;
}

int lq_order_payload_parse(const struct lq_order_token *token, struct lq_order *ret_order)
{
	struct lq_order order = {.nonce = ""};
	json_t *payload = decode_object(token->payload, token->payload_length);
	bool good = payload != NULL && take_claims(payload, &order) && take_args(payload, &order);
	json_decref(payload);
	if (!good) {
		return LQ_ERR_INVALID;
	}
	*ret_order = order;
	return LQ_OK;
}
