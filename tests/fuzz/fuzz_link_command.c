/* Any message on the command topic: it is understood or refused, and the answer is valid JSON that
 * says which. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/link/command.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <string.h>

static void check_answer(const struct lq_command *command, const struct lq_command_refusal *refusal)
{
	char text[LQ_COMMAND_RESPONSE_MAX];
	size_t length = lq_command_answer(command, refusal, text);
	LQ_ASSERT(length > 0 && length <= sizeof(text));
	json_t *answer = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	LQ_ASSERT(json_is_object(answer));
	LQ_ASSERT(json_is_true(json_object_get(answer, "ok")) == (refusal == NULL));
	const char *correlation = json_string_value(json_object_get(answer, "correlation"));
	LQ_ASSERT(strcmp(correlation != NULL ? correlation : "", command->correlation) == 0);
	json_decref(answer);
}

static void check_understood(const struct lq_command *command, size_t length)
{
	LQ_ASSERT(length <= LQ_COMMAND_MAX);
	if (command->order[0] != '\0') {
		LQ_ASSERT(strncmp(command->order, "ey", 2) == 0);
		return;
	}
	LQ_ASSERT(command->from >= 1 && command->from <= INT64_MAX);
	check_answer(command, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct lq_command command;
	struct lq_command_refusal refusal = {NULL, NULL};
	int r = lq_command_parse((const char *)bytes, length, &command, &refusal);
	if (r == LQ_OK) {
		check_understood(&command, length);
	} else {
		LQ_ASSERT(r == LQ_ERR_INVALID || r == LQ_ERR_UNSUPPORTED);
		LQ_ASSERT(refusal.error != NULL && refusal.text != NULL);
		check_answer(&command, &refusal);
	}
	return 0;
}
