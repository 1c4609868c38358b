#include "host/office/webhook_sign.h"

#include "firmware/core/err.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAC_SIZE       32u
#define SIGNATURE_TEXT (sizeof("v1,") + 44)

int lq_webhook_secret_make(uint8_t ret_secret[LQ_WEBHOOK_SECRET_SIZE])
{
	return RAND_bytes(ret_secret, (int)LQ_WEBHOOK_SECRET_SIZE) == 1 ? LQ_OK : LQ_ERR_IO;
}

static void base64(const uint8_t *bytes, size_t count, char *out)
{
	(void)EVP_EncodeBlock((unsigned char *)out, bytes, (int)count);
}

void lq_webhook_secret_text(
	const uint8_t secret[LQ_WEBHOOK_SECRET_SIZE], char ret_text[LQ_WEBHOOK_SECRET_TEXT])
{
	(void)snprintf(ret_text, LQ_WEBHOOK_SECRET_TEXT, "whsec_");
	base64(secret, LQ_WEBHOOK_SECRET_SIZE, ret_text + strlen(ret_text));
}

static bool sign_once(const char *text, size_t length, const uint8_t *secret, char *out)
{
	uint8_t mac[MAC_SIZE];
	unsigned size = sizeof(mac);
	if (HMAC(EVP_sha256(), secret, LQ_WEBHOOK_SECRET_SIZE, (const unsigned char *)text, length,
		    mac, &size) == NULL) {
		return false;
	}
	(void)snprintf(out, SIGNATURE_TEXT, "v1,");
	base64(mac, size, out + strlen(out));
	return true;
}

int lq_webhook_sign(const struct lq_webhook_message *message,
	const uint8_t secret[LQ_WEBHOOK_SECRET_SIZE], const uint8_t *old,
	char ret_signature[LQ_WEBHOOK_SIGNATURE_SIZE])
{
	char head[192];
	char signature[LQ_WEBHOOK_SIGNATURE_SIZE] = "";
	int begin =
		snprintf(head, sizeof(head), "%s.%" PRId64 ".", message->id, message->timestamp_s);
	size_t length = (size_t)begin + message->length;
	char *text = malloc(length + 1);
	if (text == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	memcpy(text, head, (size_t)begin);
	memcpy(text + begin, message->body, message->length);
	bool done = sign_once(text, length, secret, signature);
	if (done && old != NULL) {
		size_t at = strlen(signature);
		signature[at] = ' ';
		done = sign_once(text, length, old, signature + at + 1);
	}
	free(text);
	if (!done) {
		return LQ_ERR_NO_MEMORY;
	}
	memcpy(ret_signature, signature, sizeof(signature));
	return LQ_OK;
}
