#include "firmware/core/device.h"

#include <string.h>

/* The length of the driver in front; 0: none. */
static size_t driver_length(const char *text, size_t length)
{
	static const char *const drivers[] = {"pn532_uart:", "pn532_spi:", "pn532_i2c:"};
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		size_t driver = strlen(drivers[i]);
		if (length > driver && memcmp(text, drivers[i], driver) == 0) {
			return driver;
		}
	}
	return 0;
}

static bool speed_valid(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
	}
	return length > 0 && length < 10;
}

bool lq_device_valid(const char *text, size_t length)
{
	size_t driver = driver_length(text, length);
	if (driver == 0 || text[driver] != '/' || memchr(text, '\0', length) != NULL) {
		return false;
	}
	const char *path = text + driver;
	size_t rest = length - driver;
	const char *colon = memchr(path, ':', rest);
	size_t path_length = colon == NULL ? rest : (size_t)(colon - path);
	return path_length > 1 && (colon == NULL || speed_valid(colon + 1, rest - path_length - 1));
}
