#include "firmware/store/order_sign.h"

#include "firmware/core/err.h"
#include "firmware/core/json.h"

#include <string.h>

#define NONCE_BYTES ((size_t)16)

_Static_assert(LQ_BASE64URL_LENGTH(NONCE_BYTES) >= LQ_ORDER_NONCE_MIN, "long enough");
_Static_assert(LQ_BASE64URL_LENGTH(NONCE_BYTES) < LQ_ORDER_NONCE_SIZE, "and not too long");

static size_t write_header(const char *signer, char ret_header[LQ_JWS_HEADER_SIZE])
{
	size_t length = 0;
	struct lq_json json = lq_json_begin(ret_header, LQ_JWS_HEADER_SIZE);
	lq_json_open(&json, NULL);
	lq_json_text(&json, "alg", "EdDSA");
	lq_json_text(&json, "kid", signer);
	lq_json_close(&json);
	return lq_json_finish(&json, &length) == LQ_OK ? length : 0;
}

int lq_jws_sign(const struct lq_keys *keys, const char *signer, const void *payload, size_t length,
	char *ret_text, size_t size)
{
	char header[LQ_JWS_HEADER_SIZE];
	uint8_t signature[64];
	size_t header_length = write_header(signer, header);
	size_t head = LQ_BASE64URL_LENGTH(header_length);
	size_t signed_length = head + 1 + LQ_BASE64URL_LENGTH(length);
	if (header_length == 0 ||
		signed_length + 1 + LQ_BASE64URL_LENGTH(sizeof(signature)) >= size) {
		return LQ_ERR_FULL;
	}
	lq_base64url_encode((const uint8_t *)header, header_length, ret_text);
	ret_text[head] = '.';
	lq_base64url_encode(payload, length, ret_text + head + 1);
	int r = lq_keys_sign(keys, (const uint8_t *)ret_text, signed_length, signature);
	if (r != LQ_OK) {
		return r;
	}
	ret_text[signed_length] = '.';
	lq_base64url_encode(signature, sizeof(signature), ret_text + signed_length + 1);
	return LQ_OK;
}

int lq_order_make_nonce(const struct lq_entropy *entropy, char ret_nonce[LQ_ORDER_NONCE_SIZE])
{
	uint8_t bytes[NONCE_BYTES];
	int r = entropy->fill(entropy->ctx, bytes, sizeof(bytes));
	if (r == LQ_OK) {
		lq_base64url_encode(bytes, sizeof(bytes), ret_nonce);
	}
	return r;
}

static void write_argument(struct lq_json *json, const struct lq_order_arguments *arguments,
	enum lq_argument_index index)
{
	const char *word = lq_argument_word(index);
	switch (index) {
	case LQ_ARGUMENT_INDEX_FROM:
		lq_json_number(json, word, arguments->from);
		return;
	case LQ_ARGUMENT_INDEX_EXTENDED:
		lq_json_bool(json, word, arguments->extended);
		return;
	case LQ_ARGUMENT_INDEX_MODE:
		lq_json_text(json, word, lq_door_mode_text(arguments->mode));
		return;
	case LQ_ARGUMENT_INDEX_MEMBER:
		lq_json_number(json, word, arguments->member);
		return;
	case LQ_ARGUMENT_INDEX_TIMEOUT:
		lq_json_number(json, word, arguments->timeout_s);
		return;
	case LQ_ARGUMENT_INDEX_UNLESS_REFUSING:
		lq_json_bool(json, word, arguments->unless_refusing);
		return;
	case LQ_ARGUMENT_INDEX_READER:
		lq_json_text(json, word, arguments->reader);
		return;
	case LQ_ARGUMENT_COUNT:
		return;
	}
}

static void write_arguments(struct lq_json *json, const struct lq_order_arguments *arguments)
{
	lq_json_open(json, "args");
	for (unsigned i = 0; i < LQ_ARGUMENT_COUNT; i++) {
		if ((arguments->given & 1u << i) != 0) {
			write_argument(json, arguments, (enum lq_argument_index)i);
		}
	}
	lq_json_close(json);
}

int lq_order_sign(const struct lq_keys *keys, const char *signer, const struct lq_order *order,
	char ret_text[LQ_ORDER_TOKEN_MAX + 1])
{
	char payload[LQ_ORDER_TOKEN_MAX];
	char text[LQ_ORDER_TOKEN_MAX + 1];
	size_t length = 0;
	struct lq_json json = lq_json_begin(payload, sizeof(payload));
	lq_json_open(&json, NULL);
	lq_json_text(&json, "aud", order->audience);
	lq_json_text(&json, "cmd", order->command);
	lq_json_number(&json, "nbf", (uint64_t)order->not_before_s);
	lq_json_number(&json, "exp", (uint64_t)order->expires_s);
	lq_json_text(&json, "jti", order->nonce);
	if (order->door[0] != '\0') {
		lq_json_text(&json, "door", order->door);
	}
	if (order->arguments.given != 0) {
		write_arguments(&json, &order->arguments);
	}
	lq_json_close(&json);
	int r = lq_json_finish(&json, &length);
	r = r == LQ_OK ? lq_jws_sign(keys, signer, payload, length, text, sizeof(text)) : r;
	if (r == LQ_OK) {
		memcpy(ret_text, text, strlen(text) + 1);
	}
	return r;
}
