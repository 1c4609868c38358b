/* How a webhook is signed: Standard Webhooks, https://www.standardwebhooks.com, "v1". The header
 * webhook-signature is "v1," and the base64 of HMAC-SHA256 over "<webhook-id>.<webhook-timestamp>.
 * <body>"; the secret is handed out as "whsec_" and its base64. Any thread. */
#ifndef LQ_OFFICE_WEBHOOK_SIGN_H
#define LQ_OFFICE_WEBHOOK_SIGN_H

#include <stddef.h>
#include <stdint.h>

#define LQ_WEBHOOK_SECRET_SIZE 24u
#define LQ_WEBHOOK_SECRET_TEXT sizeof("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

/* "v1," and 44 characters; another one behind a blank while an old secret holds, too. */
#define LQ_WEBHOOK_SIGNATURE_SIZE 96u

/* LQ_ERR_IO: no entropy. */
int lq_webhook_secret_make(uint8_t ret_secret[LQ_WEBHOOK_SECRET_SIZE]);

void lq_webhook_secret_text(
	const uint8_t secret[LQ_WEBHOOK_SECRET_SIZE], char ret_text[LQ_WEBHOOK_SECRET_TEXT]);

struct lq_webhook_message {
	const char *id;
	int64_t timestamp_s;
	const void *body;
	size_t length;
};

/* `old` may be NULL. LQ_ERR_NO_MEMORY. */
int lq_webhook_sign(const struct lq_webhook_message *message,
	const uint8_t secret[LQ_WEBHOOK_SECRET_SIZE], const uint8_t *old,
	char ret_signature[LQ_WEBHOOK_SIGNATURE_SIZE]);

#endif
