#include "firmware/config/utf8.h"

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

size_t lq_utf8_decode(struct lq_span span, uint32_t *ret_character)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned char first = (unsigned char)span.at[0];
	size_t length = sequence_length(first);
	if (length == 0 || length > span.length) {
		return 0;
	}
	uint32_t character = first & first_bits[length];
	for (size_t i = 1; i < length; i++) {
		unsigned char next = (unsigned char)span.at[i];
		if ((next & 0xc0) != 0x80) {
			return 0;
		}
		character = character << 6 | (next & 0x3f);
	}
	bool surrogate = character >= 0xd800 && character <= 0xdfff;
	if (character < smallest[length] || surrogate || character > 0x10ffff) {
		return 0;
	}
	*ret_character = character;
	return length;
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

bool lq_utf8_all_printable(struct lq_span span)
{
	while (span.length > 0) {
		uint32_t character = 0;
		size_t length = lq_utf8_decode(span, &character);
		if (length == 0 || !lq_utf8_printable(character)) {
			return false;
		}
		span.at += length;
		span.length -= length;
	}
	return true;
}
