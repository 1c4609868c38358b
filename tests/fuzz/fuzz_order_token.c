/* Any text in the place of a signed command, and any payload whose signature would hold: malformed,
 * or within every bound. */
#include "firmware/core/assert.h"
#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/door/order_token.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_arguments(const struct lq_order_arguments *arguments)
{
	LQ_ASSERT(arguments->given < 1u << LQ_ARGUMENT_COUNT);
	LQ_ASSERT(arguments->from <= INT64_MAX && arguments->mode < LQ_MODE_COUNT);
	LQ_ASSERT(arguments->timeout_s <= LQ_ENROL_TIMEOUT_S_MAX);
	LQ_ASSERT(
		strnlen(arguments->reader, sizeof(arguments->reader)) < sizeof(arguments->reader));
}

static void check_payload(const struct lq_jws *token)
{
	struct lq_order order;
	if (lq_order_payload_parse(token, &order) != LQ_OK) {
		return;
	}
	LQ_ASSERT(strnlen(order.nonce, sizeof(order.nonce)) >= LQ_ORDER_NONCE_MIN);
	LQ_ASSERT(strnlen(order.nonce, sizeof(order.nonce)) < sizeof(order.nonce));
	LQ_ASSERT(order.audience[0] != '\0' && order.command[0] != '\0');
	LQ_ASSERT(order.not_before_s > 0 && order.not_before_s <= INT64_MAX / 2000);
	LQ_ASSERT(order.expires_s > 0 && order.expires_s <= INT64_MAX / 2000);
	check_arguments(&order.arguments);
}

/* The bytes as they are signed: a fuzzer finds no base64url by chance. */
static void check_plain(const uint8_t *bytes, size_t length)
{
	char text[LQ_BASE64URL_LENGTH(LQ_ORDER_TOKEN_MAX) + 1];
	if (length <= LQ_ORDER_TOKEN_MAX) {
		lq_base64url_encode(bytes, length, text);
		check_payload(&(struct lq_jws){.payload = text, .payload_length = strlen(text)});
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct lq_jws token;
	const char *text = (const char *)bytes;
	check_plain(bytes, length);
	int r = lq_order_token_parse(text, length, &token);
	if (r != LQ_OK) {
		LQ_ASSERT(r == LQ_ERR_INVALID);
		return 0;
	}
	LQ_ASSERT(length <= LQ_ORDER_TOKEN_MAX && token.signed_length < length);
	LQ_ASSERT(token.signer[0] != '\0');
	LQ_ASSERT(token.payload >= text &&
		  token.payload + token.payload_length == text + token.signed_length);
	check_payload(&token);
	return 0;
}
