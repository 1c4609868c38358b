#include "host/office/fold.h"

#include "firmware/core/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LATIN_FIRST 0xC0u
#define LATIN_END   0x180u

/* U+00C0 to U+017F, two characters each. */
static const char latin[] = "a a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thss"
			    "a a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thy "
			    "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g "
			    "g g g g h h h h i i i i i i i i i i ijijj j k k k l l l l l l l "
			    "l l l n n n n n n n n n o o o o o o oeoer r r r r r s s s s s s "
			    "s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s ";

_Static_assert(sizeof(latin) == 2 * (LATIN_END - LATIN_FIRST) + 1, "two characters each");

struct folding {
	char *out;
	size_t size;
	size_t length;
	bool blank; /* one is due before the next letter */
};

static void put(struct folding *f, const char *bytes, size_t count)
{
	size_t blank = f->blank && f->length > 0 ? 1 : 0;
	if (f->length + blank + count >= f->size) {
		f->size = 0; /* nothing behind what was cut */
		return;
	}
	if (blank != 0) {
		f->out[f->length++] = ' ';
	}
	memcpy(f->out + f->length, bytes, count);
	f->length += count;
	f->blank = false;
}

static void put_ascii(struct folding *f, const char *c)
{
	static const char great[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char small[] = "abcdefghijklmnopqrstuvwxyz";
	const char *at = *c != '\0' ? strchr(great, *c) : NULL;
	if (at != NULL) {
		put(f, small + (at - great), 1);
	} else if ((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9')) {
		put(f, c, 1);
	} else {
		f->blank = true;
	}
}

static void put_latin(struct folding *f, uint32_t character)
{
	const char *letters = latin + (size_t)2 * (character - LATIN_FIRST);
	if (letters[0] == ' ') {
		f->blank = true;
	} else {
		put(f, letters, letters[1] == ' ' ? 1 : 2);
	}
}

/* Of Greek and Cyrillic, whose small letters lie at the same distance from the great ones. */
static uint32_t small_letter(uint32_t character)
{
	if ((character >= 0x391 && character <= 0x3A9) ||
		(character >= 0x410 && character <= 0x42F)) {
		return character + 0x20;
	}
	return character >= 0x400 && character <= 0x40F ? character + 0x50 : character;
}

static void put_other(struct folding *f, uint32_t character, const char *bytes, size_t count)
{
	bool accent = character >= 0x300 && character <= 0x36F;
	bool sign = character < LATIN_FIRST || (character >= 0x2000 && character <= 0x206F) ||
		    character == 0x3000;
	if (sign) {
		f->blank = true;
	} else if (!accent) {
		uint32_t small = small_letter(character);
		const uint8_t pair[2] = {
			(uint8_t)(0xC0u | small >> 6), (uint8_t)(0x80u | (small & 0x3Fu))};
		put(f, small != character ? (const char *)pair : bytes, count);
	}
}

void lq_fold(const char *text, char *out, size_t size)
{
	struct folding f = {.out = out, .size = size};
	size_t left = strlen(text);
	while (left > 0) {
		uint32_t character = 0;
		size_t count = lq_utf8_decode(text, left, &character);
		if (count <= 1) {
			put_ascii(&f, text);
			count = 1;
		} else if (character >= LATIN_FIRST && character < LATIN_END) {
			put_latin(&f, character);
		} else {
			put_other(&f, character, text, count);
		}
		text += count;
		left -= count;
	}
	out[f.length] = '\0';
}
