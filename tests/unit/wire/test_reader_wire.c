/* What loquetd believes of a reader's message: nothing that was not checked. */
#include "firmware/core/err.h"
#include "firmware/wire/reader_wire.h"
#include "tests/lib/cmocka.h"
#include "tests/lib/random.h"

#include <string.h>

#define ROUNDS 200000

static struct lq_reader_msg present(void)
{
	struct lq_reader_msg msg;
	memset(&msg, 0, sizeof(msg));
	msg.type = LQ_MSG_PRESENT;
	msg.version = LQ_READER_WIRE_VERSION;
	msg.tap = 7;
	msg.poll_us = 1000;
	msg.seen_us = 15000;
	msg.cards = 1;
	msg.uid_len = 7;
	memcpy(msg.uid, (const uint8_t[]){4, 1, 2, 3, 4, 5, 6, 0x99, 0x99, 0x99}, 10);
	msg.sak = 0x20;
	msg.atqa[0] = 0x03;
	msg.atqa[1] = 0x44;
	strcpy(msg.name, "front-in");
	strcpy(msg.text, "text");
	return msg;
}

static int decode(const struct lq_reader_msg *msg)
{
	struct lq_reader_msg decoded;
	struct lq_reader_msg before;
	memset(&decoded, 0xa5, sizeof(decoded));
	memcpy(&before, &decoded, sizeof(before));
	int result = lq_reader_msg_decode(msg, sizeof(*msg), &decoded);
	if (result == LQ_OK) {
		assert_memory_equal(&decoded, msg, sizeof(decoded));
	} else {
		assert_memory_equal(&decoded, &before, sizeof(decoded));
	}
	return result;
}

static void every_type(void **state)
{
	(void)state;
	struct lq_reader_msg msg = present();
	for (uint32_t type = 0; type < 300; type++) {
		msg.type = type;
		bool known = type >= LQ_MSG_HELLO && type <= LQ_MSG_APDU_ANSWER;
		assert_int_equal(decode(&msg), known ? LQ_OK : LQ_ERR_INVALID);
	}
	msg.type = UINT32_MAX;
	assert_int_equal(decode(&msg), LQ_ERR_INVALID);
}

static void every_length(void **state)
{
	(void)state;
	static union {
		struct lq_reader_msg msg;
		unsigned char bytes[2 * sizeof(struct lq_reader_msg)];
	} packet;
	packet.msg = present();
	for (size_t length = 0; length <= sizeof(packet); length++) {
		struct lq_reader_msg decoded;
		int expected = length == sizeof(packet.msg) ? LQ_OK : LQ_ERR_INVALID;
		assert_int_equal(lq_reader_msg_decode(&packet, length, &decoded), expected);
	}
}

static void bounds(void **state)
{
	(void)state;
	struct lq_reader_msg msg = present();
	for (unsigned length = 0; length < 256; length++) {
		msg.uid_len = (uint8_t)length;
		assert_int_equal(decode(&msg), length <= LQ_UID_MAX ? LQ_OK : LQ_ERR_INVALID);
	}
	msg = present();
	for (unsigned value = 0; value < 256; value++) {
		msg.malformed = (uint8_t)value;
		assert_int_equal(decode(&msg), value <= 1 ? LQ_OK : LQ_ERR_INVALID);
	}
	msg = present();
	msg.byte_count = LQ_WIRE_APDU_MAX;
	assert_int_equal(decode(&msg), LQ_OK);
	msg.byte_count = LQ_WIRE_APDU_MAX + 1;
	assert_int_equal(decode(&msg), LQ_ERR_INVALID);
	msg.byte_count = UINT32_MAX;
	assert_int_equal(decode(&msg), LQ_ERR_INVALID);
}

static void texts_end(void **state)
{
	(void)state;
	struct lq_reader_msg msg = present();
	memset(msg.name, 'n', sizeof(msg.name));
	assert_int_equal(decode(&msg), LQ_ERR_INVALID);
	msg.name[sizeof(msg.name) - 1] = '\0';
	assert_int_equal(decode(&msg), LQ_OK);
	memset(msg.text, 't', sizeof(msg.text));
	assert_int_equal(decode(&msg), LQ_ERR_INVALID);
	msg.text[sizeof(msg.text) - 1] = '\0';
	assert_int_equal(decode(&msg), LQ_OK);
}

/* A good message with some bytes replaced: what passes is within every bound. */
static void any_bytes(void **state)
{
	(void)state;
	struct lq_random random = lq_random_begin("unit.wire.reader");
	size_t accepted = 0;
	for (int i = 0; i < ROUNDS; i++) {
		struct lq_reader_msg msg = present();
		unsigned char bytes[sizeof(msg)];
		memcpy(bytes, &msg, sizeof(msg));
		uint32_t changes = lq_random_below(&random, 4);
		for (uint32_t j = 0; j < changes; j++) {
			bytes[lq_random_below(&random, sizeof(bytes))] =
				(unsigned char)lq_random_below(&random, 256);
		}
		struct lq_reader_msg decoded;
		if (lq_reader_msg_decode(bytes, sizeof(bytes), &decoded) < 0) {
			continue;
		}
		accepted++;
		assert_in_range(decoded.type, LQ_MSG_HELLO, LQ_MSG_APDU_ANSWER);
		assert_true(decoded.uid_len <= LQ_UID_MAX);
		assert_true(decoded.malformed <= 1);
		assert_true(decoded.byte_count <= LQ_WIRE_APDU_MAX);
		assert_non_null(memchr(decoded.name, '\0', sizeof(decoded.name)));
		assert_non_null(memchr(decoded.text, '\0', sizeof(decoded.text)));
	}
	assert_true(accepted > 0 && accepted < ROUNDS);
}

static void the_sighting(void **state)
{
	(void)state;
	struct lq_reader_msg msg = present();
	struct lq_sighting sighting = lq_reader_msg_sighting(&msg);
	assert_int_equal(sighting.cards, 1);
	assert_int_equal(sighting.uid_len, 7);
	assert_memory_equal(sighting.uid, msg.uid, sizeof(sighting.uid));
	assert_int_equal(sighting.sak, 0x20);
	assert_int_equal(sighting.atqa[0], 0x03);
	assert_int_equal(sighting.atqa[1], 0x44);
	assert_false(sighting.malformed);
	msg.malformed = 1;
	msg.cards = 2;
	sighting = lq_reader_msg_sighting(&msg);
	assert_true(sighting.malformed);
	assert_int_equal(sighting.cards, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type),
		cmocka_unit_test(every_length),
		cmocka_unit_test(bounds),
		cmocka_unit_test(texts_end),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(the_sighting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
