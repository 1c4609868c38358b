#include "host/office/accept_language.h"
#include "tests/lib/cmocka.h"

#define EN LQ_LANGUAGE_EN
#define FR LQ_LANGUAGE_FR

/* By hand, after section 12.5.4 of RFC 9110. */
static const struct {
	const char *accepted;
	enum lq_language where_english; /* is usual */
	enum lq_language where_french;
} rows[] = {
	{NULL, EN, FR},
	{"", EN, FR},
	{"de", EN, FR},
	{"*", EN, FR},
	{"fr", FR, FR},
	{"en", EN, EN},
	{"FR", FR, FR},
	{"fr-CA", FR, FR},
	{"en-GB,en;q=0.9,fr;q=0.8", EN, EN},
	{"fr-FR,fr;q=0.8,en-US;q=0.5,en;q=0.3", FR, FR},
	{"de, fr;q=0.5", FR, FR},
	{"de;q=0.1,\tfr ; q=0.5 , en ;Q=0.6", EN, EN},
	/* what is preferred need not stand first */
	{"en;q=0.1, fr;q=0.9", FR, FR},
	{"fr;q=0.1,en", EN, EN},
	{"fr;q=0.25, en;q=0.251", EN, EN},
	{"en;q=0.5, fr-CA;q=0.5", EN, EN},
	{"fr-CA;q=0.5, en;q=0.5", FR, FR},
	{"fr;q=0.2, en;q=0.5, fr-BE;q=0.8", FR, FR},
	/* what is not wanted */
	{"fr;q=0, en", EN, EN},
	{"en;q=0", FR, FR},
	{"fr;q=0.000", EN, EN},
	{"en;q=0, *", FR, FR},
	{"en;q=0, *;q=0.1", FR, FR},
	{"fr;q=0.5, *", EN, EN},
	{"en;q=0, fr;q=0", EN, FR},
	{"*;q=0", EN, FR},
	/* other languages that begin alike */
	{"frr", EN, FR},
	{"eng, fr;q=0.1", FR, FR},
	{"friulian, en", EN, EN},
	/* what is malformed */
	{"fr;q=abc, en", EN, EN},
	{"fr;q=1.001, en;q=0.1", EN, EN},
	{"fr;q=2, en;q=0.1", EN, EN},
	{"fr;q=, en;q=0.1", EN, EN},
	{"fr;q=0.1234, en;q=0.1", EN, EN},
	{"fr;q, en;q=0.1", EN, EN},
	{"fr;, en;q=0.1", EN, EN},
	{",,, ,fr", FR, FR},
	{";q=1", EN, FR},
	{"fr;q=1.;en", EN, FR},
};

static void whoever_asks_is_answered_in_what_they_want_most(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].accepted != NULL ? rows[i].accepted : "(none)");
		assert_int_equal(lq_accept_language(rows[i].accepted, EN), rows[i].where_english);
		assert_int_equal(lq_accept_language(rows[i].accepted, FR), rows[i].where_french);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_asks_is_answered_in_what_they_want_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
