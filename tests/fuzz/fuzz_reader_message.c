/* Any packet on the readers' socket: what is taken for a message keeps every bound that its readers
 * rely on. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/wire/reader_wire.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_message(const struct lq_reader_msg *msg)
{
	struct lq_sighting sighting = lq_reader_msg_sighting(msg);
	LQ_ASSERT(msg->type >= LQ_MSG_HELLO && msg->type < LQ_MSG_TYPE_END);
	LQ_ASSERT(strnlen(msg->name, sizeof(msg->name)) < sizeof(msg->name));
	LQ_ASSERT(strnlen(msg->text, sizeof(msg->text)) < sizeof(msg->text));
	LQ_ASSERT(msg->byte_count <= sizeof(msg->bytes));
	LQ_ASSERT(sighting.uid_len <= sizeof(sighting.uid));
	LQ_ASSERT(lq_sighting_objection(&sighting) < LQ_REASON_COUNT);
	LQ_ASSERT(lq_sighting_objection(&sighting) != LQ_REASON_GRANTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct lq_reader_msg msg;
	int r = lq_reader_msg_decode(bytes, length, &msg);
	LQ_ASSERT(r == LQ_OK || r == LQ_ERR_INVALID);
	LQ_ASSERT(length == sizeof(msg) || r == LQ_ERR_INVALID);
	if (r == LQ_OK) {
		check_message(&msg);
	}
	return 0;
}
