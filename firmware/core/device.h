/* How a reader's device is written: the connection strings of libnfc for a PN532. Pure; any
 * thread. */
#ifndef LQ_CORE_DEVICE_H
#define LQ_CORE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether `text` names one device in full: "pn532_uart:", "pn532_spi:" or "pn532_i2c:", an absolute
 * path without colons, and perhaps ":" and a speed in baud (or hertz). */
bool lq_device_valid(const char *text, size_t length);

#endif
