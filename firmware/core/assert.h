/* Assertions are for our own bugs, never for data from outside, and stay on in release builds. */
#ifndef LQ_CORE_ASSERT_H
#define LQ_CORE_ASSERT_H

#define LQ_ASSERT(condition)                                                                       \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			__builtin_trap();                                                          \
		}                                                                                  \
	} while (0)

#endif
