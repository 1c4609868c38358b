/* A PN532 behind libnfc, as a reader (hal/reader.h).
 *
 * Hostile cards and broken lines can crash libnfc 1.8.0 or hold it up beyond any time-out: a
 * process that uses this adapter must be one that may die and be replaced, and somebody must watch
 * that it goes on. One thread of a process only; descriptors 0 to 2 must be open. */
#ifndef LQ_HAL_LIBNFC_LIBNFC_READER_H
#define LQ_HAL_LIBNFC_LIBNFC_READER_H

#include "hal/reader.h"

#include <stdbool.h>

#define LQ_CHIP_TEXT_SIZE 32u

/* Of libnfc, as it runs. Static. */
const char *lq_libnfc_version(void);

/* Whether `connstring` names one device in full (lq_device_valid()), in a length that libnfc
 * takes. */
bool lq_libnfc_connstring_valid(const char *connstring);

/* Opens the device and makes it ready to look for cards; takes up to 1.1 s if nothing answers.
 * Writes the chip's name ("PN532 v1.6") to `ret_chip`. LQ_ERR_INVALID for a connection string that
 * is not valid, LQ_ERR_IO when the device cannot be opened or does not answer, LQ_ERR_UNSUPPORTED
 * when another chip answers. Changes LIBNFC_* in the process's environment, so that nothing there
 * overrides the caller's choice or makes libnfc log what it receives. The reader is the caller's,
 * to close(). */
int lq_libnfc_reader_open(
	const char *connstring, struct lq_reader *ret_reader, char ret_chip[LQ_CHIP_TEXT_SIZE]);

#endif
