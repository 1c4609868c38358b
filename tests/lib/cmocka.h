/* cmocka's header, with what it needs to be included before it. */
#ifndef LQ_TESTS_CMOCKA_H
#define LQ_TESTS_CMOCKA_H
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#endif
