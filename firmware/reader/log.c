#include "firmware/reader/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 512

void lq_reader_log(const char *name, const char *format, ...)
{
	char text[LINE_MAX_BYTES - 64];
	char line[LINE_MAX_BYTES];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	int length = name == NULL
			     ? snprintf(line, sizeof(line), "loquet-reader: %s\n", text)
			     : snprintf(line, sizeof(line), "loquet-reader[%s]: %s\n", name, text);
	if (length > 0) {
		/* Nobody is left to be told when standard error is gone. */
		ssize_t ignored = write(STDERR_FILENO, line, strnlen(line, sizeof(line)));
		(void)ignored;
	}
}
