#include "firmware/link/command.h"

#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/core/json.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

static int refuse(struct lq_command_refusal *ret_refusal, const char *text)
{
	*ret_refusal = (struct lq_command_refusal){
		.error = "invalid", .reason = LQ_REFUSAL_MALFORMED, .text = text};
	return LQ_ERR_INVALID;
}

static bool take_correlation(json_t *object, struct lq_command *command)
{
	json_t *value = json_object_get(object, "correlation");
	if (value == NULL) {
		return true;
	}
	if (!json_is_string(value) || json_string_length(value) > LQ_COMMAND_CORRELATION) {
		return false;
	}
	memcpy(command->correlation, json_string_value(value), json_string_length(value) + 1);
	return true;
}

static bool is_order(const char *text, size_t length)
{
	/* What the beginning of a JSON object looks like in base64url. */
	return length > 2 && text[0] == 'e' && text[1] == 'y' &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") >=
		       length;
}

static int take_order(const char *text, size_t length, struct lq_command *command,
	struct lq_command_refusal *ret_refusal)
{
	if (length > LQ_COMMAND_ORDER_MAX) {
		return refuse(ret_refusal, "the signed command is longer than 2048 bytes");
	}
	memcpy(command->order, text, length);
	command->order[length] = '\0';
	return LQ_OK;
}

static int take_jws(
	json_t *object, struct lq_command *command, struct lq_command_refusal *ret_refusal)
{
	json_t *jws = json_object_get(object, "jws");
	size_t fields = json_object_get(object, "correlation") == NULL ? 1 : 2;
	if (!json_is_string(jws) || !is_order(json_string_value(jws), json_string_length(jws))) {
		return refuse(ret_refusal, "\"jws\" must be a signed command");
	}
	if (json_object_size(object) != fields) {
		return refuse(ret_refusal, "the command has an unknown field");
	}
	return take_order(json_string_value(jws), json_string_length(jws), command, ret_refusal);
}

static int understand(
	json_t *object, struct lq_command *command, struct lq_command_refusal *ret_refusal)
{
	if (!json_is_object(object)) {
		return refuse(ret_refusal, "a command is a JSON object");
	}
	if (!take_correlation(object, command)) {
		return refuse(ret_refusal, "\"correlation\" must be a text of at most 128 bytes");
	}
	return take_jws(object, command, ret_refusal);
}

int lq_command_parse(const char *text, size_t length, struct lq_command *ret_command,
	struct lq_command_refusal *ret_refusal)
{
	json_error_t error;
	*ret_command = (struct lq_command){0};
	if (length > LQ_COMMAND_MAX) {
		return refuse(ret_refusal, "the command is longer than 4096 bytes");
	}
	char first[LQ_COMMAND_MAX + 1];
	memcpy(first, text, length);
	first[length] = '\0';
	if (is_order(first, length)) {
		return take_order(first, length, ret_command, ret_refusal);
	}
	json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
	if (object == NULL) {
		bool utf8 = json_error_code(&error) != json_error_invalid_utf8;
		return refuse(ret_refusal,
			utf8 ? "the command is not valid JSON" : "the command is not valid UTF-8");
	}
	int r = understand(object, ret_command, ret_refusal);
	json_decref(object);
	return r;
}

size_t lq_command_answer(const struct lq_command *command, const struct lq_command_refusal *refusal,
	char ret_text[LQ_COMMAND_RESPONSE_MAX])
{
	size_t length = 0;
	struct lq_json json = lq_json_begin(ret_text, LQ_COMMAND_RESPONSE_MAX);
	lq_json_open(&json, NULL);
	lq_json_bool(&json, "ok", false);
	lq_json_text(&json, "error", refusal->error);
	if (refusal->reason != LQ_REFUSAL_COUNT) {
		lq_json_text(&json, "reason", lq_refusal_word(refusal->reason));
	}
	lq_json_text(&json, "text", refusal->text);
	if (command->correlation[0] != '\0') {
		lq_json_text(&json, "correlation", command->correlation);
	}
	lq_json_close(&json);
	int r = lq_json_finish(&json, &length);
	LQ_ASSERT(r == LQ_OK); /* 128 bytes are at most 768 escaped ones */
	return length;
}
