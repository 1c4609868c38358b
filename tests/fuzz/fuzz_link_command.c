/* Any message on the command topic: it is understood, or refused with an answer that is valid JSON.
 */
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
	LQ_ASSERT(json_is_false(json_object_get(answer, "ok")));
	const char *correlation = json_string_value(json_object_get(answer, "correlation"));
	LQ_ASSERT(strcmp(correlation != NULL ? correlation : "", command->correlation) == 0);
	json_decref(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct lq_command command;
	struct lq_command_refusal refusal = {.error = NULL};
	int r = lq_command_parse((const char *)bytes, length, &command, &refusal);
	if (r == LQ_OK) {
		LQ_ASSERT(length <= LQ_COMMAND_MAX && strncmp(command.order, "ey", 2) == 0);
	} else {
		LQ_ASSERT(r == LQ_ERR_INVALID);
		LQ_ASSERT(refusal.error != NULL && refusal.text != NULL);
		check_answer(&command, &refusal);
	}
	return 0;
}
