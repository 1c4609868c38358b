/* What cmocka wants included before itself, and hex for readable tests. */
#ifndef LQ_TESTS_PN532SIM_CHECK_H
#define LQ_TESTS_PN532SIM_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* After the others, and not to be sorted. */
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

/* Reads pairs of hex digits, spaces between them allowed, up to anything else. Returns the count.
 */
static inline size_t lq_test_hex(const char *text, uint8_t *out, size_t cap)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = 0;

	while (len < cap) {
		const char *high = NULL;
		const char *low = NULL;

		text += strspn(text, " ");
		if (text[0] == '\0' || text[1] == '\0') {
			break;
		}
		high = strchr(digits, text[0]);
		low = strchr(digits, text[1]);
		if (high == NULL || low == NULL) {
			break;
		}
		out[len++] = (uint8_t)((high - digits) * 16 + (low - digits));
		text += 2;
	}
	return len;
}

static inline void lq_test_equals_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	uint8_t want[700];
	size_t want_len = lq_test_hex(hex, want, sizeof(want));

	assert_int_equal(len, want_len);
	assert_memory_equal(bytes, want, want_len);
}

#endif
