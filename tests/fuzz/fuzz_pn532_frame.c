/* Any bytes on the serial line: the parser stays within its buffer, and what it takes for a frame
 * is one, as writing it again proves. */
#include "firmware/core/assert.h"
#include "hal/sim/pn532/frame.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_frame(const struct lq_pn532_parser *found)
{
	uint8_t frame[LQ_PN532_DATA_MAX + LQ_PN532_FRAME_OVERHEAD];
	struct lq_pn532_parser again;
	enum lq_pn532_event event = LQ_PN532_EVENT_NONE;
	LQ_ASSERT(found->len > 0 && found->len <= LQ_PN532_DATA_MAX);
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
			check_frame(&parser);
		}
	}
	check_recovery(&parser);
	return 0;
}
