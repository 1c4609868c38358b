#include "firmware/core/utf8.h"

#include <string.h>

static size_t sequence_length(unsigned char first)
{
	if (first < 0x80) {
		return 1;
	}
	if (first < 0xc2 || first > 0xf4) {
		return 0;
	}
	return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

size_t lq_utf8_decode(const char *bytes, size_t length, uint32_t *ret_character)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned char first = (unsigned char)bytes[0];
	size_t taken = sequence_length(first);
	if (taken == 0 || taken > length) {
		return 0;
	}
	uint32_t character = first & first_bits[taken];
	for (size_t i = 1; i < taken; i++) {
		unsigned char next = (unsigned char)bytes[i];
		if ((next & 0xc0) != 0x80) {
			return 0;
		}
		character = character << 6 | (next & 0x3f);
	}
	bool surrogate = character >= 0xd800 && character <= 0xdfff;
	if (character < smallest[taken] || surrogate || character > 0x10ffff) {
		return 0;
	}
	*ret_character = character;
	return taken;
}

bool lq_utf8_printable(uint32_t character)
{
	static const struct {
		uint32_t from;
		uint32_t to;
	} hidden[] = {
		{0x00, 0x1f},
		{0x7f, 0x9f},
		{0x200b, 0x200f},
		{0x2028, 0x202e},
		{0x2060, 0x206f},
		{0xfeff, 0xfeff},
	};
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (character >= hidden[i].from && character <= hidden[i].to) {
			return false;
		}
	}
	return true;
}

bool lq_utf8_all_printable(const char *bytes, size_t length)
{
	while (length > 0) {
		uint32_t character = 0;
		size_t taken = lq_utf8_decode(bytes, length, &character);
		if (taken == 0 || !lq_utf8_printable(character)) {
			return false;
		}
		bytes += taken;
		length -= taken;
	}
	return true;
}

/* Unicode's space separators. */
static bool is_space(uint32_t character)
{
	return character == 0x20 || character == 0xa0 || character == 0x1680 ||
	       (character >= 0x2000 && character <= 0x200a) || character == 0x202f ||
	       character == 0x205f || character == 0x3000;
}

bool lq_utf8_blank(const char *bytes, size_t length)
{
	while (length > 0) {
		uint32_t character = 0;
		size_t taken = lq_utf8_decode(bytes, length, &character);
		if (taken == 0 || !is_space(character)) {
			return false;
		}
		bytes += taken;
		length -= taken;
	}
	return true;
}

size_t lq_utf8_fit(const char *text, size_t capacity)
{
	size_t length = strlen(text);
	if (length <= capacity) {
		return length;
	}
	/* At most three bytes continue a character; more of them are not UTF-8 anyway. */
	size_t cut = capacity;
	while (cut > 0 && capacity - cut < 3 && ((unsigned char)text[cut] & 0xc0) == 0x80) {
		cut--;
	}
	return ((unsigned char)text[cut] & 0xc0) == 0x80 ? capacity : cut;
}
