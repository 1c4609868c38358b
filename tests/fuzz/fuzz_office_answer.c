/* Any bytes in the place of a door's answer to a command: only one that names a command which is
 * still waited for changes anything, and what is kept of it is clean and bounded. */
#include "firmware/core/assert.h"
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "host/office/post.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define NOW_MS  INT64_C(1800000000000)
#define LATE_MS (NOW_MS + INT64_C(86400000))

/* The first command's nonce is AAAAAAAAAAAAAAAAAAAAAA, the second's AQEB…. */
static int fill(void *ctx, uint8_t *out, size_t count)
{
	uint8_t *next = ctx;
	memset(out, (*next)++, count);
	return LQ_OK;
}

static const struct lq_sending *send(struct lq_post *post, enum lq_order_kind kind)
{
	const struct lq_sending_wish wish = {
		.controller = "front-board", .door = "front", .kind = kind, .by = "somebody"};
	const struct lq_sending *sending = NULL;
	LQ_ASSERT(lq_post_send(post, &wish, NOW_MS, &sending) == LQ_OK);
	return sending;
}

static void check_text(const char *text, size_t size)
{
	size_t length = strnlen(text, size);
	LQ_ASSERT(length < size);
	LQ_ASSERT(length == 0 || lq_utf8_all_printable(text, length));
}

static void check_changed(const struct lq_sending *sending)
{
	check_text(sending->reason, sizeof(sending->reason));
	check_text(sending->text, sizeof(sending->text));
	LQ_ASSERT(sending->state == LQ_SENDING_TAKEN || sending->state == LQ_SENDING_DONE ||
		  sending->state == LQ_SENDING_REFUSED);
	LQ_ASSERT(!sending->has_key || sending->state == LQ_SENDING_DONE);
	LQ_ASSERT(sending->until_ms > NOW_MS && sending->until_ms < LATE_MS);
}

/* What came to its end is not changed any more. */
static void check_again(
	struct lq_post *post, const char *body, size_t length, const struct lq_sending *changed)
{
	bool awaited = changed->state == LQ_SENDING_TAKEN;
	const struct lq_sending *again = lq_post_answer(post, "front-board", body, length, NOW_MS);
	LQ_ASSERT(again == (awaited ? changed : NULL));
}

static void answer(struct lq_post *post, const char *body, size_t length)
{
	const struct lq_sending *first = send(post, LQ_ORDER_DOOR_OPEN);
	const struct lq_sending *second = send(post, LQ_ORDER_DOOR_MODE);
	LQ_ASSERT(lq_post_answer(post, "back-board", body, length, NOW_MS) == NULL);
	const struct lq_sending *changed =
		lq_post_answer(post, "front-board", body, length, NOW_MS);
	LQ_ASSERT(changed == NULL || changed == first || changed == second);
	LQ_ASSERT(first == changed || first->state == LQ_SENDING_WAITING);
	LQ_ASSERT(second == changed || second->state == LQ_SENDING_WAITING);
	if (changed != NULL) {
		check_changed(changed);
		check_again(post, body, length, changed);
	}
	(void)lq_post_expire(post, LATE_MS);
	LQ_ASSERT(lq_post_answer(post, "front-board", body, length, LATE_MS) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t next = 0;
	const struct lq_entropy entropy = {&next, fill};
	const struct lq_keys key = {.sign_seed = {7}};
	struct lq_post *post = NULL;
	LQ_ASSERT(lq_post_new("demo", &key, &entropy, &post) == LQ_OK);
	lq_post_set_up(post, true);
	answer(post, (const char *)bytes, length);
	lq_post_free(post);
	return 0;
}
