/* The kernel's own random bytes: full length, and not twice the same. */
#include "firmware/core/err.h"
#include "hal/linux/linux_entropy.h"
#include "tests/lib/cmocka.h"

#include <string.h>

#define COUNT 4096

static void bytes_differ(void **state)
{
	(void)state;
	static uint8_t first[COUNT + 1];
	static uint8_t second[COUNT];
	unsigned seen[256] = {0};
	struct lq_entropy entropy = lq_linux_entropy();
	assert_int_equal(entropy.fill(entropy.ctx, first, COUNT), LQ_OK);
	assert_int_equal(entropy.fill(entropy.ctx, second, COUNT), LQ_OK);
	assert_int_equal(first[COUNT], 0);
	assert_memory_not_equal(first, second, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		seen[first[i]]++;
	}
	/* 16 of each are expected; 80 of one would take more luck than the universe has had. */
	for (size_t i = 0; i < 256; i++) {
		assert_in_range(seen[i], 0, 80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_differ)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
