/* Any bytes on the serial line: the parser stays within its buffer, and what it takes for a frame
 * is one, as writing it again proves. */
#include "firmware/core/assert.h"
#include "hal/sim/pn532/frame.h"
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

/* A frame looked at from behind (NXP UM0701-02 §6.2.1): `data` of `length` bytes stands before the
 * checksum. */
static bool is_normal(const uint8_t *data, size_t before, size_t length)
{
	if (before < 4) {
		return false;
	}
	const uint8_t *at = data - 4;
	return at[0] == 0x00 && at[1] == 0xFF && at[2] == length && (uint8_t)(at[2] + at[3]) == 0;
}

static bool is_extended(const uint8_t *data, size_t before, size_t length)
{
	static const uint8_t start[] = {0x00, 0xFF, 0xFF, 0xFF};
	if (before < 7) {
		return false;
	}
	const uint8_t *at = data - 7;
	return memcmp(at, start, sizeof(start)) == 0 && ((size_t)at[4] << 8 | at[5]) == length &&
	       (uint8_t)(at[4] + at[5] + at[6]) == 0;
}

/* The last of `count` bytes completed what the parser found. */
static void check_frame(const uint8_t *bytes, size_t count, const struct lq_pn532_parser *found)
{
	size_t length = found->len;
	uint8_t sum = 0;
	LQ_ASSERT(length > 0 && length <= LQ_PN532_DATA_MAX && length < count);
	const uint8_t *data = bytes + count - 1 - length;
	size_t before = count - 1 - length;
	LQ_ASSERT(is_normal(data, before, length) || is_extended(data, before, length));
	LQ_ASSERT(memcmp(data, found->data, length) == 0);
	for (size_t i = 0; i < length + 1; i++) {
		sum = (uint8_t)(sum + data[i]);
	}
	LQ_ASSERT(sum == 0);
}

static void check_written(const struct lq_pn532_parser *found)
{
	uint8_t frame[LQ_PN532_DATA_MAX + LQ_PN532_FRAME_OVERHEAD];
	struct lq_pn532_parser again;
	enum lq_pn532_event event = LQ_PN532_EVENT_NONE;
	size_t length = lq_pn532_frame_write(frame, sizeof(frame), found->data, found->len);
	LQ_ASSERT(length > found->len);
	lq_pn532_parser_init(&again);
	for (size_t i = 0; i < length && event == LQ_PN532_EVENT_NONE; i++) {
		event = lq_pn532_parser_feed(&again, frame[i]);
	}
	LQ_ASSERT(event == LQ_PN532_EVENT_DATA);
	LQ_ASSERT(again.len == found->len && memcmp(again.data, found->data, found->len) == 0);
}

/* Whatever went before, a whole frame behind a pause of zeros is understood. */
static void check_recovery(struct lq_pn532_parser *parser)
{
	static const uint8_t data[] = {LQ_PN532_TFI_HOST, 0x02};
	uint8_t frame[sizeof(data) + LQ_PN532_FRAME_OVERHEAD];
	size_t length = lq_pn532_frame_write(frame, sizeof(frame), data, sizeof(data));
	for (size_t i = 0; i < 2 * (size_t)LQ_PN532_DATA_MAX; i++) {
		(void)lq_pn532_parser_feed(parser, 0x00);
	}
	enum lq_pn532_event event = LQ_PN532_EVENT_NONE;
	for (size_t i = 0; i < length && event == LQ_PN532_EVENT_NONE; i++) {
		event = lq_pn532_parser_feed(parser, frame[i]);
	}
	LQ_ASSERT(event == LQ_PN532_EVENT_DATA);
	LQ_ASSERT(parser->len == sizeof(data) && memcmp(parser->data, data, sizeof(data)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct lq_pn532_parser parser;
	lq_pn532_parser_init(&parser);
	for (size_t i = 0; i < length; i++) {
		if (lq_pn532_parser_feed(&parser, bytes[i]) == LQ_PN532_EVENT_DATA) {
			check_frame(bytes, i + 1, &parser);
			check_written(&parser);
		}
	}
	check_recovery(&parser);
	return 0;
}
