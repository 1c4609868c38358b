/* A target with an error that anybody can find: the test of the tests. */
#include "firmware/core/assert.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	LQ_ASSERT(length != 4 || memcmp(bytes, "boom", 4) != 0);
	return 0;
}
