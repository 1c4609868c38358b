#include "firmware/link/printable.h"

#include <stdbool.h>

void lq_printable(char *out, size_t size, const char *text)
{
	size_t i = 0;
	for (; text[i] != '\0' && i + 1 < size; i++) {
		bool printable = text[i] >= ' ' && text[i] <= '~';
		out[i] = '?';
		if (printable) {
			out[i] = text[i];
		}
	}
	out[i] = '\0';
}
