/* What every target defines, as libFuzzer wants it. A target that finds something wrong aborts. */
#ifndef LQ_TESTS_FUZZ_FUZZ_H
#define LQ_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
