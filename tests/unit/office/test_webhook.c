/* Signatures, addresses and types of webhooks. */
#include "firmware/core/err.h"
#include "host/office/webhook_sign.h"
#include "host/office/webhook_type.h"
#include "host/office/webhook_url.h"
#include "tests/lib/cmocka.h"

#include <openssl/evp.h>
#include <string.h>

/* The example that the libraries of Standard Webhooks are tested with. */
static const char body[] = "{\"test\": 2432232314}";
static const struct lq_webhook_message message = {.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
	.timestamp_s = 1614265330,
	.body = body,
	.length = sizeof(body) - 1};

static void read_secret(uint8_t ret_secret[LQ_WEBHOOK_SECRET_SIZE])
{
	static const char text[] = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
	assert_int_equal(
		EVP_DecodeBlock(ret_secret, (const unsigned char *)text, (int)sizeof(text) - 1),
		LQ_WEBHOOK_SECRET_SIZE);
}

static void it_is_signed_as_everybody_does(void **state)
{
	uint8_t secret[LQ_WEBHOOK_SECRET_SIZE];
	char text[LQ_WEBHOOK_SECRET_TEXT];
	char signature[LQ_WEBHOOK_SIGNATURE_SIZE];
	(void)state;
	read_secret(secret);
	lq_webhook_secret_text(secret, text);
	assert_string_equal(text, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
	assert_int_equal(lq_webhook_sign(&message, secret, NULL, signature), LQ_OK);
	assert_string_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void an_old_secret_signs_beside_the_new_one(void **state)
{
	uint8_t secret[LQ_WEBHOOK_SECRET_SIZE];
	uint8_t other[LQ_WEBHOOK_SECRET_SIZE];
	char signature[LQ_WEBHOOK_SIGNATURE_SIZE];
	(void)state;
	read_secret(secret);
	assert_int_equal(lq_webhook_secret_make(other), LQ_OK);
	assert_int_equal(lq_webhook_sign(&message, other, secret, signature), LQ_OK);
	const char *second = strchr(signature, ' ');
	assert_non_null(second);
	assert_string_equal(second, " v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_memory_equal(signature, "v1,", 3);
	assert_memory_not_equal(signature, second + 1, strlen(second) - 1);
}

static void addresses_are_read_strictly(void **state)
{
	static const struct {
		const char *url;
		enum lq_webhook_url found;
	} cases[] = {
		{"https://example.org", LQ_WEBHOOK_URL_OK},
		{"https://example.org/a/b?c=d&e=%20", LQ_WEBHOOK_URL_OK},
		{"http://127.0.0.1:8081/hook", LQ_WEBHOOK_URL_OK},
		{"http://[::1]:8081/hook", LQ_WEBHOOK_URL_OK},
		{"http://localhost:1/", LQ_WEBHOOK_URL_OK},
		{"HTTPS://EXAMPLE.ORG:65535/", LQ_WEBHOOK_URL_OK},
		{"", LQ_WEBHOOK_URL_LENGTH},
		{"https://example.org/a b", LQ_WEBHOOK_URL_CHARACTERS},
		{"https://example.org/\t", LQ_WEBHOOK_URL_CHARACTERS},
		{"https://example.org/\r\nHost: other", LQ_WEBHOOK_URL_CHARACTERS},
		{"https://example.org/\x7f", LQ_WEBHOOK_URL_CHARACTERS},
		{"https://\xc3\xa9xample.org/", LQ_WEBHOOK_URL_CHARACTERS},
		{"example.org", LQ_WEBHOOK_URL_FORM},
		{"//example.org/", LQ_WEBHOOK_URL_FORM},
		{"/hook", LQ_WEBHOOK_URL_FORM},
		{"https:example.org", LQ_WEBHOOK_URL_FORM},
		{"https:/example.org", LQ_WEBHOOK_URL_FORM},
		{"https:///example.org", LQ_WEBHOOK_URL_FORM},
		{"https://", LQ_WEBHOOK_URL_FORM},
		{"https://:8080/", LQ_WEBHOOK_URL_FORM},
		{"https://exa<mple.org/", LQ_WEBHOOK_URL_FORM},
		{"https://[::1/", LQ_WEBHOOK_URL_FORM},
		{"mailto:ada@example.org", LQ_WEBHOOK_URL_FORM},
		{"javascript:alert(1)", LQ_WEBHOOK_URL_FORM},
		{"ftp://example.org/", LQ_WEBHOOK_URL_SCHEME},
		{"file://localhost/etc/passwd", LQ_WEBHOOK_URL_SCHEME},
		{"gopher://example.org/", LQ_WEBHOOK_URL_SCHEME},
		{"ws://example.org/", LQ_WEBHOOK_URL_SCHEME},
		{"https://ada@example.org/", LQ_WEBHOOK_URL_LOGIN},
		{"https://ada:secret@example.org/", LQ_WEBHOOK_URL_LOGIN},
		{"https://:secret@example.org/", LQ_WEBHOOK_URL_LOGIN},
		{"https://@example.org/", LQ_WEBHOOK_URL_LOGIN},
		{"https://example.org@other.example.org/", LQ_WEBHOOK_URL_LOGIN},
		{"https://example.org/#", LQ_WEBHOOK_URL_FRAGMENT},
		{"https://example.org/#part", LQ_WEBHOOK_URL_FRAGMENT},
		{"https://example.org:0/", LQ_WEBHOOK_URL_PORT},
		{"https://example.org:65536/", LQ_WEBHOOK_URL_PORT},
		{"https://example.org:x/", LQ_WEBHOOK_URL_PORT},
		{"https://example.org:-1/", LQ_WEBHOOK_URL_PORT},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (lq_webhook_url_check(cases[i].url) != cases[i].found) {
			fail_msg("%s: %d, not %d", cases[i].url,
				(int)lq_webhook_url_check(cases[i].url), (int)cases[i].found);
		}
	}
}

static void an_address_has_512_bytes_at_most(void **state)
{
	char url[LQ_WEBHOOK_URL_SIZE + 1] = "https://example.org/";
	(void)state;
	memset(url + strlen(url), 'x', sizeof(url) - strlen(url));
	url[512] = '\0';
	assert_int_equal(lq_webhook_url_check(url), LQ_WEBHOOK_URL_OK);
	url[512] = 'x';
	url[513] = '\0';
	assert_int_equal(lq_webhook_url_check(url), LQ_WEBHOOK_URL_LENGTH);
}

static void only_the_host_is_told(void **state)
{
	char host[LQ_WEBHOOK_HOST_SIZE];
	(void)state;
	lq_webhook_url_host("https://example.org:8443/secret?word=secret", host);
	assert_string_equal(host, "example.org");
	lq_webhook_url_host("https://[::1]/secret", host);
	assert_string_equal(host, "[::1]");
	lq_webhook_url_host("secret", host);
	assert_string_equal(host, "?");
}

static void types_have_words_and_ask_for_scopes(void **state)
{
	(void)state;
	for (int i = 0; i < LQ_WEBHOOK_TYPES; i++) {
		const char *word = lq_webhook_word((enum lq_webhook_type)i);
		bool personal = strncmp(word, "visit.", 6) == 0 || strncmp(word, "access.", 7) == 0;
		assert_int_equal(lq_webhook_type_of_word(word), i);
		assert_int_equal(lq_webhook_scopes(INT64_C(1) << i),
			UINT32_C(1) << (personal ? LQ_SCOPE_HISTORY : LQ_SCOPE_NOW));
	}
	assert_int_equal(lq_webhook_type_of_word("webhook.test"), LQ_WEBHOOK_TYPES);
	assert_int_equal(lq_webhook_scopes(LQ_WEBHOOK_VISITS | LQ_WEBHOOK_BIT(DOOR_ALARM)),
		UINT32_C(1) << LQ_SCOPE_HISTORY | UINT32_C(1) << LQ_SCOPE_NOW);
}

static void events_of_controllers_have_types(void **state)
{
	static const char *const strange[] = {"", "org.loquet..v1", "org.loquet.v1",
		"org.loquet.door.alarm.v2", "org.loquet.door.alarm", "org.loquet.door.alarms.v1",
		"com.loquet.door.alarm.v1", "org.loquet.visit.opened.v1",
		"org.loquet.journal.checkpoint.v1", "org.loquet.command.accepted.v1"};
	(void)state;
	assert_int_equal(
		lq_webhook_type_of_event("org.loquet.door.alarm.v1"), LQ_WEBHOOK_DOOR_ALARM);
	assert_int_equal(lq_webhook_type_of_event("org.loquet.door.alarm_ended.v1"),
		LQ_WEBHOOK_DOOR_ALARM_ENDED);
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		assert_int_equal(lq_webhook_type_of_event(strange[i]), LQ_WEBHOOK_TYPES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_signed_as_everybody_does),
		cmocka_unit_test(an_old_secret_signs_beside_the_new_one),
		cmocka_unit_test(addresses_are_read_strictly),
		cmocka_unit_test(an_address_has_512_bytes_at_most),
		cmocka_unit_test(only_the_host_is_told),
		cmocka_unit_test(types_have_words_and_ask_for_scopes),
		cmocka_unit_test(events_of_controllers_have_types),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
