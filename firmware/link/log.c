#include "firmware/link/log.h"

#include <stdarg.h>
#include <stdio.h>

void lq_log(const char *format, ...)
{
	char line[512];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	(void)fprintf(stderr, "loquet-link: %s\n", line);
}
