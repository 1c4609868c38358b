#include "host/office/accept_language.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define LANGUAGES 2
#define NOT_NAMED (-1)
#define BLANKS    " \t"

/* "q=0.25" in thousandths, NOT_NAMED for what is none. */
static int quality_of(const char *text, size_t length)
{
	int quality = 0;
	if (length < 3 || strncasecmp(text, "q=", 2) != 0 || text[2] < '0' || text[2] > '1' ||
		length > strlen("q=0.000") || (length > 3 && text[3] != '.')) {
		return NOT_NAMED;
	}
	quality = (text[2] - '0') * 1000;
	for (size_t i = 4, weight = 100; i < length; i++, weight /= 10) {
		if (text[i] < '0' || text[i] > '9') {
			return NOT_NAMED;
		}
		quality += (int)weight * (text[i] - '0');
	}
	return quality <= 1000 ? quality : NOT_NAMED;
}

static size_t trimmed(const char *text, size_t length)
{
	while (length > 0 && strchr(BLANKS, text[length - 1]) != NULL) {
		length--;
	}
	return length;
}

/* A language with its quality: what it is of is its first subtag, "fr" of "fr-CA". */
struct wish {
	const char *tag;
	size_t length;
	int quality;
};

static struct wish wish_of(const char *text, size_t length)
{
	const char *end = text + length;
	const char *behind = memchr(text, ';', length);
	size_t whole = trimmed(text, behind != NULL ? (size_t)(behind - text) : length);
	struct wish wish = {.tag = text, .quality = 1000};
	wish.length = strcspn(text, "-;, \t");
	wish.length = wish.length < whole ? wish.length : whole;
	if (behind != NULL) {
		behind++;
		behind += strspn(behind, BLANKS);
		size_t left = behind < end ? trimmed(behind, (size_t)(end - behind)) : 0;
		wish.quality = quality_of(behind, left);
	}
	return wish;
}

static bool names(const struct wish *wish, const char *language)
{
	return wish->length == strlen(language) &&
	       strncasecmp(wish->tag, language, wish->length) == 0;
}

/* The quality of each, and where it was named first. */
struct wanted {
	int quality[LANGUAGES];
	size_t place[LANGUAGES];
	int others; /* "*" */
};

static void take(struct wanted *wanted, const struct wish *wish, size_t place)
{
	static const char *const names_of[LANGUAGES] = {
		[LQ_LANGUAGE_EN] = "en", [LQ_LANGUAGE_FR] = "fr"};
	if (wish->quality == NOT_NAMED) {
		return;
	}
	if (names(wish, "*")) {
		wanted->others = wish->quality;
	}
	for (size_t i = 0; i < LANGUAGES; i++) {
		/* Of en-GB and en, the one that is wanted more. */
		if (names(wish, names_of[i]) && wish->quality > wanted->quality[i]) {
			wanted->quality[i] = wish->quality;
			wanted->place[i] = place;
		}
	}
}

enum lq_language lq_accept_language(const char *accepted, enum lq_language usual)
{
	struct wanted wanted = {{NOT_NAMED, NOT_NAMED}, {SIZE_MAX, SIZE_MAX}, .others = NOT_NAMED};
	const char *at = accepted != NULL ? accepted : "";
	for (size_t place = 0; *at != '\0'; place++) {
		at += strspn(at, "," BLANKS);
		size_t length = strcspn(at, ",");
		struct wish wish = wish_of(at, length);
		take(&wanted, &wish, place);
		at += length;
	}
	enum lq_language other = usual == LQ_LANGUAGE_EN ? LQ_LANGUAGE_FR : LQ_LANGUAGE_EN;
	int of_usual = wanted.quality[usual] != NOT_NAMED ? wanted.quality[usual] : wanted.others;
	int of_other = wanted.quality[other] != NOT_NAMED ? wanted.quality[other] : wanted.others;
	if (of_usual == of_other) {
		return wanted.place[other] < wanted.place[usual] && of_usual != 0 ? other : usual;
	}
	return of_usual == 0 || (of_other > of_usual && of_other > 0) ? other : usual;
}
