#include "check.h"
#include "hal/sim/pn532/frame.h"

#include <stdbool.h>

#define FRAME_CAP (LQ_PN532_DATA_MAX + LQ_PN532_FRAME_OVERHEAD)

static enum lq_pn532_event feed(struct lq_pn532_parser *parser, const uint8_t *bytes, size_t len)
{
	enum lq_pn532_event last = LQ_PN532_EVENT_NONE;

	for (size_t i = 0; i < len; i++) {
		enum lq_pn532_event event = lq_pn532_parser_feed(parser, bytes[i]);

		last = event == LQ_PN532_EVENT_NONE ? last : event;
	}
	return last;
}

static void fill(uint8_t *data, size_t len, uint8_t first)
{
	data[0] = LQ_PN532_TFI_HOST;
	for (size_t i = 1; i < len; i++) {
		data[i] = (uint8_t)(first + i * 7);
	}
}

static void every_length_survives_the_round_trip(void **state)
{
	(void)state;
	for (size_t len = 2; len <= LQ_PN532_DATA_MAX; len++) {
		struct lq_pn532_parser parser;
		uint8_t data[LQ_PN532_DATA_MAX];
		uint8_t frame[FRAME_CAP];
		size_t frame_len = 0;

		fill(data, len, (uint8_t)len);
		frame_len = lq_pn532_frame_write(frame, sizeof(frame), data, len);
		assert_true(frame_len > len);
		lq_pn532_parser_init(&parser);
		assert_int_equal(feed(&parser, frame, frame_len), LQ_PN532_EVENT_DATA);
		assert_int_equal(parser.len, len);
		assert_memory_equal(parser.data, data, len);
	}
}

static void frames_look_as_in_the_manual(void **state)
{
	static const uint8_t version[] = {0xD4, 0x02};
	uint8_t data[LQ_PN532_DATA_MAX];
	uint8_t frame[FRAME_CAP];
	size_t len = lq_pn532_frame_write(frame, sizeof(frame), version, sizeof(version));

	(void)state;
	lq_test_equals_hex(frame, len, "00 00 ff 02 fe d4 02 2a 00");
	fill(data, 265, 0);
	len = lq_pn532_frame_write(frame, sizeof(frame), data, 265);
	assert_int_equal(len, 275);
	lq_test_equals_hex(frame, 9, "00 00 ff ff ff 01 09 f6 d4");
}

static void the_writer_refuses_what_does_not_fit(void **state)
{
	uint8_t data[LQ_PN532_DATA_MAX] = {0};
	uint8_t frame[FRAME_CAP];

	(void)state;
	assert_int_equal(lq_pn532_frame_write(frame, sizeof(frame), data, 0), 0);
	assert_int_equal(lq_pn532_frame_write(frame, 8, data, 2), 0);
	assert_int_equal(lq_pn532_frame_write(frame, 9, data, 2), 9);
	assert_int_equal(lq_pn532_frame_write(frame, 265, data, 256), 0);
	assert_int_equal(lq_pn532_frame_write(frame, 266, data, 256), 266);
}

static void control_frames_are_told_apart(void **state)
{
	struct lq_pn532_parser parser;

	(void)state;
	lq_pn532_parser_init(&parser);
	assert_int_equal(feed(&parser, lq_pn532_ack, LQ_PN532_CONTROL_LEN), LQ_PN532_EVENT_ACK);
	assert_int_equal(feed(&parser, lq_pn532_nack, LQ_PN532_CONTROL_LEN), LQ_PN532_EVENT_NACK);
	assert_int_equal(feed(&parser, lq_pn532_error, LQ_PN532_ERROR_LEN), LQ_PN532_EVENT_ERROR);
}

static void a_wake_up_preamble_is_skipped(void **state)
{
	struct lq_pn532_parser parser;
	uint8_t bytes[64];
	size_t len = lq_test_hex("55 55 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
				 "00 00 ff 03 fd d4 14 01 17 00",
		bytes, sizeof(bytes));

	(void)state;
	lq_pn532_parser_init(&parser);
	assert_int_equal(feed(&parser, bytes, len), LQ_PN532_EVENT_DATA);
	lq_test_equals_hex(parser.data, parser.len, "d4 14 01");
}

static void lengths_beyond_the_chip_are_refused(void **state)
{
	struct lq_pn532_parser parser;
	uint8_t bytes[16];
	size_t len = lq_test_hex("00 00 ff ff ff 01 0a f5", bytes, sizeof(bytes));

	(void)state;
	lq_pn532_parser_init(&parser);
	assert_int_equal(feed(&parser, bytes, len), LQ_PN532_EVENT_BAD);
	len = lq_test_hex("00 00 ff ff ff 00 00 00", bytes, sizeof(bytes));
	assert_int_equal(feed(&parser, bytes, len), LQ_PN532_EVENT_BAD);
}

static void the_byte_that_spoils_a_frame_may_begin_the_next(void **state)
{
	struct lq_pn532_parser parser;
	uint8_t bytes[16];
	size_t len = lq_test_hex("00 00 ff 05 00 ff 02 fe d4 02 2a 00", bytes, sizeof(bytes));

	(void)state;
	lq_pn532_parser_init(&parser);
	assert_int_equal(feed(&parser, bytes, 5), LQ_PN532_EVENT_BAD);
	assert_int_equal(feed(&parser, bytes + 5, len - 5), LQ_PN532_EVENT_DATA);
	lq_test_equals_hex(parser.data, parser.len, "d4 02");
}

static const char *const samples[] = {
	"00 00 ff 03 fd d4 14 01 17 00",
	"00 00 ff 04 fc d4 4a 01 00 e1 00",
	"00 00 ff 0c f4 d4 4a 01 00 88 04 11 22 33 44 55 66 f0 00",
	"00 00 ff 08 f8 d4 40 01 90 60 00 00 00 fb 00",
	"00 00 ff 06 fa d4 32 05 ff ff ff f8 00",
	"00 00 ff ff ff 00 03 fd d4 14 01 17 00",
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* The start of an extended frame is one byte away from an ACK and a NACK; no other frame is. */
static bool spells_control_frame(const uint8_t *frame, size_t at, uint8_t value)
{
	return frame[3] == 0xFF && frame[4] == 0xFF && at >= 2 && at <= 4 && value == 0x00;
}

/* Whatever one wrong byte does to a frame, it is never taken for another frame, and the next but
 * one frame at the latest is understood. An extended frame's start may turn into a header that
 * promises more bytes than follow, as many as a normal frame can have: then those are lost too. */
static void check_corrupted(const uint8_t *frame, size_t len, size_t at, uint8_t value)
{
	static const uint8_t next[] = {0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD4, 0x02, 0x2A, 0x00};
	struct lq_pn532_parser parser;
	struct lq_pn532_parser good;
	size_t more =
		sizeof(next) * (frame[3] == 0xFF ? 2 + LQ_PN532_NORMAL_MAX / sizeof(next) : 2);
	bool understood = false;

	lq_pn532_parser_init(&good);
	assert_int_equal(feed(&good, frame, len), LQ_PN532_EVENT_DATA);
	lq_pn532_parser_init(&parser);
	for (size_t i = 0; i < len + more; i++) {
		uint8_t byte = i >= len  ? next[(i - len) % sizeof(next)]
			       : i == at ? value
					 : frame[i];
		enum lq_pn532_event event = lq_pn532_parser_feed(&parser, byte);

		if (event == LQ_PN532_EVENT_ACK || event == LQ_PN532_EVENT_NACK) {
			assert_true(spells_control_frame(frame, at, value));
		}
		if (event == LQ_PN532_EVENT_DATA && i < len) {
			assert_int_equal(parser.len, good.len);
			assert_memory_equal(parser.data, good.data, good.len);
		} else if (event == LQ_PN532_EVENT_DATA) {
			lq_test_equals_hex(parser.data, parser.len, "d4 02");
			understood = true;
		}
	}
	if (!understood) {
		fail_msg("byte %zu made %02x: the parser lost its way", at, value);
	}
}

static void check_every_corruption(const char *sample)
{
	uint8_t frame[FRAME_CAP];
	size_t len = lq_test_hex(sample, frame, sizeof(frame));

	for (size_t n = 0; n < len * 256; n++) {
		if (frame[n / 256] != n % 256) {
			check_corrupted(frame, len, n / 256, (uint8_t)(n % 256));
		}
	}
}

static void every_corrupted_byte_is_caught(void **state)
{
	(void)state;
	for (size_t s = 0; s < SAMPLES; s++) {
		check_every_corruption(samples[s]);
	}
}

/* A corrupted byte of the data itself must never get through, not even as another event. */
static void corrupted_data_is_bad(void **state)
{
	(void)state;
	for (size_t s = 0; s + 1 < SAMPLES; s++) {
		uint8_t frame[FRAME_CAP];
		size_t len = lq_test_hex(samples[s], frame, sizeof(frame));

		for (size_t at = 5; at + 1 < len; at++) {
			struct lq_pn532_parser parser;

			lq_pn532_parser_init(&parser);
			frame[at] ^= 0x10;
			assert_int_equal(feed(&parser, frame, len), LQ_PN532_EVENT_BAD);
			frame[at] ^= 0x10;
		}
	}
}

static void a_truncated_frame_costs_at_most_the_next(void **state)
{
	(void)state;
	for (size_t s = 0; s < SAMPLES; s++) {
		uint8_t frame[FRAME_CAP];
		size_t len = lq_test_hex(samples[s], frame, sizeof(frame));

		for (size_t cut = 0; cut < len; cut++) {
			struct lq_pn532_parser parser;

			lq_pn532_parser_init(&parser);
			(void)feed(&parser, frame, cut);
			(void)feed(&parser, frame, len);
			assert_int_equal(feed(&parser, frame, len), LQ_PN532_EVENT_DATA);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_survives_the_round_trip),
		cmocka_unit_test(frames_look_as_in_the_manual),
		cmocka_unit_test(the_writer_refuses_what_does_not_fit),
		cmocka_unit_test(control_frames_are_told_apart),
		cmocka_unit_test(a_wake_up_preamble_is_skipped),
		cmocka_unit_test(lengths_beyond_the_chip_are_refused),
		cmocka_unit_test(the_byte_that_spoils_a_frame_may_begin_the_next),
		cmocka_unit_test(every_corrupted_byte_is_caught),
		cmocka_unit_test(corrupted_data_is_bad),
		cmocka_unit_test(a_truncated_frame_costs_at_most_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
