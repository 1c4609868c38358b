#include "host/cli/words.h"

#include "firmware/core/door_mode.h"
#include "firmware/core/err.h"

#include <string.h>
#include <strings.h>

int lq_word_number(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret_number)
{
	uint64_t number = 0;
	if (*text == '\0') {
		return LQ_ERR_INVALID;
	}
	for (const char *c = text; *c != '\0'; c++) {
		if (*c < '0' || *c > '9' || number > (UINT64_MAX - 9) / 10) {
			return LQ_ERR_INVALID;
		}
		number = number * 10 + (uint64_t)(*c - '0');
	}
	if (number < minimum || number > maximum) {
		return LQ_ERR_INVALID;
	}
	*ret_number = number;
	return LQ_OK;
}

int lq_word_roster_id(const char *text, char letter, uint32_t *ret_id)
{
	uint64_t number = 0;
	int r = lq_word_number(*text == letter ? text + 1 : text, 1, UINT32_MAX, &number);
	if (r == LQ_OK) {
		*ret_id = (uint32_t)number;
	}
	return r;
}

static bool is_name(const char *text, size_t length)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	return length > 0 && length < LQ_NAME_SIZE && strspn(text, allowed) >= length;
}

bool lq_word_is_name(const char *text)
{
	return is_name(text, strlen(text));
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	if (c >= 'A' && c <= 'F') {
		return c - 'A' + 10;
	}
	return -1;
}

int lq_word_uid(const char *text, char ret_uid[LQ_UID_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char uid[LQ_UID_TEXT_SIZE] = {0};
	size_t count = 0;
	for (const char *c = text; *c != '\0'; c++) {
		/* A separator stands between two bytes. */
		if (count > 0 && count % 2 == 0 && strchr(":- ", *c) != NULL &&
			hex_value(c[1]) >= 0) {
			continue;
		}
		int value = hex_value(*c);
		if (value < 0 || count == LQ_UID_TEXT_SIZE - 1) {
			return LQ_ERR_INVALID;
		}
		uid[count++] = digits[value];
	}
	if (count != 8 && count != 14 && count != 20) {
		return LQ_ERR_INVALID;
	}
	memcpy(ret_uid, uid, sizeof(uid));
	return LQ_OK;
}

static bool is_access_point(const char *text, size_t length)
{
	if (length == 1 && *text == '*') {
		return true;
	}
	size_t door = strcspn(text, "/");
	if (door >= length || !is_name(text, door)) {
		return false;
	}
	const char *direction = text + door;
	size_t rest = length - door;
	return (rest == strlen("/entry") && strncmp(direction, "/entry", rest) == 0) ||
	       (rest == strlen("/exit") && strncmp(direction, "/exit", rest) == 0);
}

int lq_word_place(const char *text, struct lq_place *ret_place)
{
	struct lq_place place = {0};
	size_t length = strcspn(text, "@");
	if (!is_access_point(text, length)) {
		return LQ_ERR_INVALID;
	}
	memcpy(place.access_point, text, length);
	if (text[length] == '@') {
		const char *schedule = text + length + 1;
		if (!lq_word_is_name(schedule)) {
			return LQ_ERR_INVALID;
		}
		memcpy(place.schedule, schedule, strlen(schedule));
	}
	*ret_place = place;
	return LQ_OK;
}

const char *lq_word_mode(const char *text)
{
	for (int mode = 0; mode < LQ_MODE_COUNT; mode++) {
		const char *word = lq_door_mode_text((enum lq_door_mode)mode);
		if (strcasecmp(word, text) == 0) {
			return word;
		}
	}
	return NULL;
}
