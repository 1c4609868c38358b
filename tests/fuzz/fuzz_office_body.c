/* Any body of a call: it is refused with a whole problem, which names a place, or every field that
 * is said to be given has a value that its row of the table allows. */
#include "firmware/core/assert.h"
#include "firmware/core/utf8.h"
#include "host/office/body.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define UNTOUCHED 0x5a

struct body {
	char text[12];
	char label[12];
	char name[LQ_NAME_SIZE];
	bool flag;
	int word;
	int64_t number;
	int64_t time;
	const json_t *json;
};

enum { TEXT, LABEL, NAME, FLAG, WORD, NUMBER, TIME, JSON, FIELDS };

static const char *const words[] = {"one", "two", "three", NULL};

#define PLACE(member) .offset = offsetof(struct body, member)

static const struct lq_field fields[FIELDS] = {
	[TEXT] = {.key = "text", .type = LQ_FIELD_TEXT, PLACE(text), .size = 12},
	[LABEL] = {.key = "label", .type = LQ_FIELD_LABEL, PLACE(label), .size = 12},
	[NAME] = {.key = "name", .type = LQ_FIELD_NAME, PLACE(name), .size = LQ_NAME_SIZE},
	[FLAG] = {.key = "flag", .type = LQ_FIELD_BOOL, PLACE(flag)},
	[WORD] = {.key = "word", .type = LQ_FIELD_WORD, PLACE(word), .words = words},
	[NUMBER] = {.key = "number",
		.type = LQ_FIELD_NUMBER,
		PLACE(number),
		.min = -5,
		.max = 1000,
		.none = -6},
	[TIME] = {.key = "time", .type = LQ_FIELD_TIME, PLACE(time)},
	[JSON] = {.key = "json", .type = LQ_FIELD_JSON, PLACE(json)},
};

static void check_text(const char *text, size_t size, size_t least)
{
	size_t length = strnlen(text, size);
	LQ_ASSERT(length < size && length >= least);
	LQ_ASSERT(length == 0 || lq_utf8_all_printable(text, length));
}

/* What was not given is as it was. */
static bool given_or_untouched(const struct body *body, uint32_t given, int field, size_t size)
{
	static const unsigned char untouched[sizeof(struct body)] = {0};
	const unsigned char *place = (const unsigned char *)body + fields[field].offset;
	if ((given & UINT32_C(1) << field) != 0) {
		return true;
	}
	LQ_ASSERT(memcmp(place, untouched, size) == 0);
	return false;
}

static void check_texts(const struct body *body, uint32_t given)
{
	if (given_or_untouched(body, given, TEXT, sizeof(body->text))) {
		check_text(body->text, sizeof(body->text), 1);
	}
	if (given_or_untouched(body, given, LABEL, sizeof(body->label))) {
		check_text(body->label, sizeof(body->label), 0);
	}
	if (given_or_untouched(body, given, NAME, sizeof(body->name))) {
		check_text(body->name, sizeof(body->name), 1);
		LQ_ASSERT(lq_is_name(body->name));
	}
}

static void check_numbers(const struct body *body, uint32_t given)
{
	if (given_or_untouched(body, given, WORD, sizeof(body->word))) {
		LQ_ASSERT(body->word >= 0 && words[body->word] != NULL);
	}
	if (given_or_untouched(body, given, NUMBER, sizeof(body->number))) {
		LQ_ASSERT(body->number >= -6 && body->number <= 1000);
	}
	if (given_or_untouched(body, given, TIME, sizeof(body->time))) {
		LQ_ASSERT(body->time >= 0);
	}
}

static void check_others(const struct body *body, uint32_t given)
{
	if (given_or_untouched(body, given, JSON, sizeof(const json_t *))) {
		LQ_ASSERT(body->json != NULL);
	}
	(void)given_or_untouched(body, given, FLAG, sizeof(body->flag));
}

static void check_problem(const struct lq_answer *answer, int status)
{
	const char *detail = json_string_value(json_object_get(answer->json, "detail"));
	const char *pointer = json_string_value(json_object_get(answer->json, "pointer"));
	LQ_ASSERT(status == 400 && answer->status == 400);
	LQ_ASSERT(detail != NULL && *detail != '\0');
	LQ_ASSERT(pointer != NULL && (*pointer == '\0' || *pointer == '/'));
}

static void check_need(const struct lq_request *request, uint32_t given)
{
	const uint32_t all = (UINT32_C(1) << FIELDS) - 1;
	struct lq_answer answer = {0};
	int status = lq_body_need(request, &answer, fields, FIELDS, all, given);
	LQ_ASSERT((status == 0) == (given == all));
	if (status != 0) {
		check_problem(&answer, status);
	}
	json_decref(answer.json);
}

static void read_once(struct lq_request *request, enum lq_language language)
{
	struct body body = {0};
	struct lq_answer answer = {0};
	uint32_t given = UNTOUCHED;
	request->language = language;
	int status = lq_body_read(request, &answer, fields, FIELDS, &body, &given);
	if (status != 0) {
		LQ_ASSERT(given == UNTOUCHED);
		check_problem(&answer, status);
	} else {
		LQ_ASSERT(answer.json == NULL && given >> FIELDS == 0);
		check_texts(&body, given);
		check_numbers(&body, given);
		check_others(&body, given);
		check_need(request, given);
	}
	json_decref(answer.json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	json_t *root = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, NULL);
	if (root == NULL) {
		return 0;
	}
	struct lq_request request = {.body = root};
	read_once(&request, LQ_LANGUAGE_EN);
	read_once(&request, LQ_LANGUAGE_FR);
	json_decref(root);
	return 0;
}
