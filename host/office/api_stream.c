#include "host/office/api_stream.h"

/* The server goes on from here. */
static int get_stream(const struct lq_request *request, struct lq_answer *answer)
{
	(void)request;
	answer->stream = true;
	answer->type = "text/event-stream";
	return 200;
}

const struct lq_route lq_routes_stream[] = {
	{"GET", "/stream", LQ_SCOPE_NOW, get_stream},
};

const size_t lq_routes_stream_count = sizeof(lq_routes_stream) / sizeof(lq_routes_stream[0]);
