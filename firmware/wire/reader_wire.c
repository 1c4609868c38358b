#include "firmware/wire/reader_wire.h"

#include "firmware/core/err.h"

#include <string.h>

static bool terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

int lq_reader_msg_decode(const void *packet, size_t length, struct lq_reader_msg *ret_msg)
{
	struct lq_reader_msg msg;
	if (length != sizeof(msg)) {
		return LQ_ERR_INVALID;
	}
	memcpy(&msg, packet, sizeof(msg));
	bool valid = msg.type >= LQ_MSG_HELLO && msg.type < LQ_MSG_TYPE_END &&
		     terminated(msg.name, sizeof(msg.name)) &&
		     terminated(msg.text, sizeof(msg.text)) && msg.uid_len <= LQ_UID_MAX &&
		     msg.malformed <= 1 && msg.byte_count <= LQ_WIRE_APDU_MAX;
	if (!valid) {
		return LQ_ERR_INVALID;
	}
	*ret_msg = msg;
	return LQ_OK;
}

struct lq_sighting lq_reader_msg_sighting(const struct lq_reader_msg *msg)
{
	struct lq_sighting sighting = {
		.cards = msg->cards,
		.uid_len = msg->uid_len,
		.sak = msg->sak,
		.atqa = {msg->atqa[0], msg->atqa[1]},
		.malformed = msg->malformed != 0,
	};
	memcpy(sighting.uid, msg->uid, sizeof(sighting.uid));
	return sighting;
}
