#include "firmware/link/press.h"

#include <stdio.h>
#include <string.h>

#define HEAD     "/doors/"
#define TAIL     "/set"
#define EVERY_MS 1000u
#define AHEAD_US ((uint64_t)(LQ_PRESS_BURST - 1u) * EVERY_MS * 1000u)

static bool is(const char *payload, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(payload, word, length) == 0;
}

enum lq_order_kind lq_press_read(const char *payload, size_t length, struct lq_order *order)
{
	enum lq_order_kind kind = LQ_ORDER_COUNT;
	struct lq_order_arguments arguments = {.given = 0};
	if (is(payload, length, LQ_PRESS_UNLOCK) || is(payload, length, LQ_PRESS_OPEN)) {
		kind = LQ_ORDER_DOOR_OPEN;
	} else if (is(payload, length, LQ_PRESS_LOCK)) {
		kind = LQ_ORDER_DOOR_MODE;
		arguments.given = LQ_ARGUMENT_MODE | LQ_ARGUMENT_UNLESS_REFUSING;
		arguments.mode = LQ_MODE_LOCKED;
		arguments.unless_refusing = true;
	}
	if (kind != LQ_ORDER_COUNT) {
		(void)snprintf(order->command, sizeof(order->command), "%s", lq_order_word(kind));
		order->arguments = arguments;
	}
	return kind;
}

const char *lq_press_door(
	const struct lq_topics *topics, const char *topic, char ret_door[LQ_NAME_SIZE])
{
	size_t base = strlen(topics->base);
	if (strncmp(topic, topics->base, base) != 0 ||
		strncmp(topic + base, HEAD, sizeof(HEAD) - 1) != 0) {
		return NULL;
	}
	const char *name = topic + base + sizeof(HEAD) - 1;
	size_t length = strcspn(name, "/");
	if (length >= LQ_NAME_SIZE || strcmp(name + length, TAIL) != 0) {
		return NULL;
	}
	memcpy(ret_door, name, length);
	ret_door[length] = '\0';
	return ret_door;
}

bool lq_press_pace(struct lq_mono *pace, struct lq_mono now)
{
	struct lq_mono at = pace->us > now.us ? *pace : now;
	if (at.us - now.us > AHEAD_US) {
		return false;
	}
	*pace = lq_mono_after_ms(at, EVERY_MS);
	return true;
}
