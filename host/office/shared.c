#include "host/office/shared.h"

#include "host/office/api_doors.h"
#include "host/office/api_muster.h"
#include "host/office/api_now.h"

#include <stdlib.h>
#include <string.h>

/* They say the same to all who may call them, but for the names of the hidden: these are for who
 * may see the past, and in the list of an evacuation for no program. */
bool lq_shared_by_all(lq_handler *handler)
{
	return handler == lq_api_now || handler == lq_api_doors_list || handler == lq_api_muster;
}

static bool sees_history(const struct lq_request *request)
{
	return (request->caller.scopes & 1u << LQ_SCOPE_HISTORY) != 0;
}

static bool is_program(const struct lq_request *request)
{
	return request->caller.account == 0;
}

static bool holds(const struct lq_shared_body *body, const struct lq_stream *stream, int64_t now_ms)
{
	return body->shown == stream->shown && now_ms >= body->made_ms &&
	       now_ms - body->made_ms < LQ_SHARED_MS;
}

static bool copy(const char *text, size_t length, char **ret_copy)
{
	char *bytes = malloc(length + 1);
	if (bytes == NULL) {
		return false;
	}
	memcpy(bytes, text, length);
	bytes[length] = '\0';
	*ret_copy = bytes;
	return true;
}

bool lq_shared_take(const struct lq_shared *shared, const struct lq_stream *stream,
	lq_handler *handler, const struct lq_request *request, struct lq_answer *answer)
{
	for (size_t i = 0; i < LQ_SHARED_BODIES; i++) {
		const struct lq_shared_body *body = &shared->bodies[i];
		if (body->handler == handler && body->history == sees_history(request) &&
			body->program == is_program(request) &&
			holds(body, stream, request->now_ms) &&
			copy(body->text, body->length, &answer->text)) {
			answer->text_length = body->length;
			answer->type = "application/json";
			return true;
		}
	}
	return false;
}

static void release(struct lq_shared_body *body)
{
	free(body->text);
	*body = (struct lq_shared_body){0};
}

static struct lq_shared_body *place_for(
	struct lq_shared *shared, const struct lq_shared_body *wanted)
{
	for (size_t i = 0; i < LQ_SHARED_BODIES; i++) {
		struct lq_shared_body *body = &shared->bodies[i];
		if (body->handler == wanted->handler && body->history == wanted->history &&
			body->program == wanted->program) {
			return body;
		}
	}
	return &shared->bodies[shared->next++ % LQ_SHARED_BODIES];
}

void lq_shared_keep(struct lq_shared *shared, const struct lq_stream *stream, lq_handler *handler,
	const struct lq_request *request, const struct lq_answer *answer)
{
	struct lq_shared_body body = {.handler = handler,
		.history = sees_history(request),
		.program = is_program(request),
		.shown = stream->shown,
		.made_ms = request->now_ms,
		.length = answer->text_length};
	if (answer->text != NULL && copy(answer->text, answer->text_length, &body.text)) {
		struct lq_shared_body *place = place_for(shared, &body);
		release(place);
		*place = body;
	}
}

void lq_shared_forget(struct lq_shared *shared)
{
	for (size_t i = 0; i < LQ_SHARED_BODIES; i++) {
		release(&shared->bodies[i]);
	}
}
