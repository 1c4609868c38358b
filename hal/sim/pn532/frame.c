#include "hal/sim/pn532/frame.h"

#include <stdbool.h>
#include <string.h>

const uint8_t lq_pn532_ack[LQ_PN532_CONTROL_LEN] = {0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
const uint8_t lq_pn532_nack[LQ_PN532_CONTROL_LEN] = {0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00};
const uint8_t lq_pn532_error[LQ_PN532_ERROR_LEN] = {0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00};

void lq_pn532_parser_init(struct lq_pn532_parser *parser)
{
	memset(parser, 0, sizeof(*parser));
	parser->state = LQ_PN532_HUNT;
}

/* The byte that spoilt a frame may itself be the first half of the next start code. */
static enum lq_pn532_event bad(struct lq_pn532_parser *parser, uint8_t byte)
{
	parser->state = byte == 0x00 ? LQ_PN532_START : LQ_PN532_HUNT;
	return LQ_PN532_EVENT_BAD;
}

static enum lq_pn532_event done(struct lq_pn532_parser *parser, enum lq_pn532_event event)
{
	parser->state = LQ_PN532_HUNT;
	return event;
}

static enum lq_pn532_event begin_payload(struct lq_pn532_parser *parser, uint8_t byte)
{
	if (parser->want == 0 || parser->want > LQ_PN532_DATA_MAX) {
		return bad(parser, byte);
	}
	parser->len = 0;
	parser->sum = 0;
	parser->state = LQ_PN532_PAYLOAD;
	return LQ_PN532_EVENT_NONE;
}

static enum lq_pn532_event feed_lcs(struct lq_pn532_parser *parser, uint8_t byte)
{
	if (parser->want == 0x00 && byte == 0xFF) {
		return done(parser, LQ_PN532_EVENT_ACK);
	}
	if (parser->want == 0xFF && byte == 0x00) {
		return done(parser, LQ_PN532_EVENT_NACK);
	}
	if (parser->want == 0xFF && byte == 0xFF) {
		parser->state = LQ_PN532_EXT_HIGH;
		return LQ_PN532_EVENT_NONE;
	}
	if (((parser->want + byte) & 0xFF) != 0) {
		return bad(parser, byte);
	}
	return begin_payload(parser, byte);
}

static enum lq_pn532_event feed_ext_lcs(struct lq_pn532_parser *parser, uint8_t byte)
{
	unsigned sum = (unsigned)(parser->want >> 8) + (parser->want & 0xFFu) + byte;

	if ((sum & 0xFFu) != 0) {
		return bad(parser, byte);
	}
	return begin_payload(parser, byte);
}

static enum lq_pn532_event feed_payload(struct lq_pn532_parser *parser, uint8_t byte)
{
	parser->data[parser->len++] = byte;
	parser->sum = (uint8_t)(parser->sum + byte);
	if (parser->len == parser->want) {
		parser->state = LQ_PN532_DCS;
	}
	return LQ_PN532_EVENT_NONE;
}

static enum lq_pn532_event feed_dcs(struct lq_pn532_parser *parser, uint8_t byte)
{
	if (((parser->sum + byte) & 0xFF) != 0) {
		return bad(parser, byte);
	}
	if (parser->len == 1 && parser->data[0] == LQ_PN532_TFI_ERROR) {
		return done(parser, LQ_PN532_EVENT_ERROR);
	}
	return done(parser, LQ_PN532_EVENT_DATA);
}

static enum lq_pn532_event feed_start(struct lq_pn532_parser *parser, uint8_t byte)
{
	if (byte == 0xFF) {
		parser->state = LQ_PN532_LEN;
	} else if (byte != 0x00) {
		parser->state = LQ_PN532_HUNT;
	}
	return LQ_PN532_EVENT_NONE;
}

enum lq_pn532_event lq_pn532_parser_feed(struct lq_pn532_parser *parser, uint8_t byte)
{
	switch (parser->state) {
	case LQ_PN532_HUNT:
		parser->state = byte == 0x00 ? LQ_PN532_START : LQ_PN532_HUNT;
		return LQ_PN532_EVENT_NONE;
	case LQ_PN532_START:
		return feed_start(parser, byte);
	case LQ_PN532_LEN:
		parser->want = byte;
		parser->state = LQ_PN532_LCS;
		return LQ_PN532_EVENT_NONE;
	case LQ_PN532_LCS:
		return feed_lcs(parser, byte);
	case LQ_PN532_EXT_HIGH:
		parser->want = (uint16_t)(byte << 8);
		parser->state = LQ_PN532_EXT_LOW;
		return LQ_PN532_EVENT_NONE;
	case LQ_PN532_EXT_LOW:
		parser->want = (uint16_t)(parser->want | byte);
		parser->state = LQ_PN532_EXT_LCS;
		return LQ_PN532_EVENT_NONE;
	case LQ_PN532_EXT_LCS:
		return feed_ext_lcs(parser, byte);
	case LQ_PN532_PAYLOAD:
		return feed_payload(parser, byte);
	case LQ_PN532_DCS:
		return feed_dcs(parser, byte);
	}
	return LQ_PN532_EVENT_NONE;
}

static size_t write_header(uint8_t *out, size_t len)
{
	static const uint8_t start[] = {0x00, 0x00, 0xFF};
	size_t n = sizeof(start);

	memcpy(out, start, sizeof(start));
	if (len <= LQ_PN532_NORMAL_MAX) {
		out[n++] = (uint8_t)len;
		out[n++] = (uint8_t)(0x100u - len);
		return n;
	}
	out[n++] = 0xFF;
	out[n++] = 0xFF;
	out[n++] = (uint8_t)(len >> 8);
	out[n++] = (uint8_t)len;
	out[n] = (uint8_t)(0u - out[n - 2] - out[n - 1]);
	return n + 1;
}

size_t lq_pn532_frame_write(uint8_t *out, size_t cap, const uint8_t *data, size_t len)
{
	size_t overhead = LQ_PN532_FRAME_OVERHEAD;
	uint8_t sum = 0;
	size_t n = 0;

	if (len <= LQ_PN532_NORMAL_MAX) {
		overhead -= 3;
	}
	if (len == 0 || len > UINT16_MAX || cap < len + overhead) {
		return 0;
	}
	n = write_header(out, len);
	memcpy(out + n, data, len);
	for (size_t i = 0; i < len; i++) {
		sum = (uint8_t)(sum + data[i]);
	}
	n += len;
	out[n++] = (uint8_t)(0x100u - sum);
	out[n++] = 0x00;
	return n;
}
