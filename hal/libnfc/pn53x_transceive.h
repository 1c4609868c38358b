/* libnfc's own exchange with its chip. libnfc.so exports it, and its pn53x-tamashell example uses
 * it, but no installed header declares it. Source: libnfc 1.8.0, libnfc/chips/pn53x.h. */
#ifndef LQ_HAL_LIBNFC_PN53X_TRANSCEIVE_H
#define LQ_HAL_LIBNFC_PN53X_TRANSCEIVE_H

#include <nfc/nfc.h>
#include <stddef.h>
#include <stdint.h>

/* Sends a command (without D4) and receives its answer (without D5 and the code): the count of
 * bytes or a negative libnfc error. `timeout` is in milliseconds and starts anew with each piece
 * that arrives; -1 is 350 ms, 0 waits for ever. Answers of a card that are split (status bit 6) are
 * joined. A status byte with bit 7 aborts the process. */
int pn53x_transceive(struct nfc_device *pnd, const uint8_t *pbtTx, const size_t szTx,
	uint8_t *pbtRx, const size_t szRxLen, int timeout);

#endif
