/*
 * PN532 frames on a high speed UART (NXP UM0701-02 §6.2.1): incremental parser and serialiser.
 * Pure: no clock, no heap, no I/O. `data` is TFI and PD0..PDn, as in the manual.
 */
#ifndef LQ_SIM_PN532_FRAME_H
#define LQ_SIM_PN532_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define LQ_PN532_TFI_HOST  0xD4u
#define LQ_PN532_TFI_CHIP  0xD5u
#define LQ_PN532_TFI_ERROR 0x7Fu

/* TFI + 264 bytes: the longest extended frame the chip takes or sends. */
#define LQ_PN532_DATA_MAX   265u
#define LQ_PN532_NORMAL_MAX 255u
/* 00 00 FF FF FF LENh LENl LCS before the data, DCS 00 after it. */
#define LQ_PN532_FRAME_OVERHEAD 10u
#define LQ_PN532_CONTROL_LEN    6u
#define LQ_PN532_ERROR_LEN      8u

extern const uint8_t lq_pn532_ack[LQ_PN532_CONTROL_LEN];
extern const uint8_t lq_pn532_nack[LQ_PN532_CONTROL_LEN];
extern const uint8_t lq_pn532_error[LQ_PN532_ERROR_LEN];

enum lq_pn532_event {
	LQ_PN532_EVENT_NONE,
	LQ_PN532_EVENT_DATA, /* parser->data holds parser->len bytes until the next feed */
	LQ_PN532_EVENT_ACK,
	LQ_PN532_EVENT_NACK,
	LQ_PN532_EVENT_ERROR, /* the "syntax error" frame */
	LQ_PN532_EVENT_BAD,   /* a frame began and was wrong; the parser hunts for the next one */
};

enum lq_pn532_parser_state {
	LQ_PN532_HUNT,
	LQ_PN532_START,
	LQ_PN532_LEN,
	LQ_PN532_LCS,
	LQ_PN532_EXT_HIGH,
	LQ_PN532_EXT_LOW,
	LQ_PN532_EXT_LCS,
	LQ_PN532_PAYLOAD,
	LQ_PN532_DCS,
};

struct lq_pn532_parser {
	enum lq_pn532_parser_state state;
	uint16_t want;
	uint16_t len;
	uint8_t sum;
	uint8_t data[LQ_PN532_DATA_MAX];
};

void lq_pn532_parser_init(struct lq_pn532_parser *parser);

/* Takes any bytes at all, one at a time. A wake-up preamble and a missing postamble are no errors.
 */
enum lq_pn532_event lq_pn532_parser_feed(struct lq_pn532_parser *parser, uint8_t byte);

/*
 * Writes the normal frame of `data`, or the extended one above LQ_PN532_NORMAL_MAX bytes.
 * Returns the frame's length, or 0 when `len` is 0 or above 65535, or `cap` is too small.
 */
size_t lq_pn532_frame_write(uint8_t *out, size_t cap, const uint8_t *data, size_t len);

#endif
