#include "host/office/post.h"

#include "firmware/core/base64url.h"
#include "firmware/core/err.h"
#include "firmware/core/utf8.h"
#include "host/office/office_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONCE_BYTES   ((size_t)16)
#define EARLY_S       30 /* the clocks need not agree to the second */
#define VALID_S       60
#define ANSWER_MAX    1024u
#define BADGE_GRACE_S 5

_Static_assert(LQ_BASE64URL_LENGTH(NONCE_BYTES) < LQ_SENDING_ID_SIZE, "a nonce is an id");

struct lq_post {
	char space[LQ_NAME_SIZE];
	struct lq_keys key;
	struct lq_entropy entropy;
	bool up;
	size_t first; /* of the ring */
	size_t count;
	struct lq_parcel parcels[LQ_PARCELS_MAX];
	size_t next_sending;
	struct lq_sending sendings[LQ_SENDINGS_MAX];
};

int lq_post_new(const char *space, const struct lq_keys *key, const struct lq_entropy *entropy,
	struct lq_post **ret_post)
{
	struct lq_post *post = calloc(1, sizeof(*post));
	if (post == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	(void)snprintf(post->space, sizeof(post->space), "%s", space);
	post->key = *key;
	post->entropy = *entropy;
	*ret_post = post;
	return LQ_OK;
}

const struct lq_keys *lq_post_key(const struct lq_post *post)
{
	return &post->key;
}

/* ---- messages ---- */

static struct lq_parcel *parcel_at(struct lq_post *post, size_t place)
{
	return &post->parcels[(post->first + place) % LQ_PARCELS_MAX];
}

static void drop_retained(struct lq_post *post, const char *topic)
{
	size_t kept = 0;
	for (size_t i = 0; i < post->count; i++) {
		struct lq_parcel parcel = *parcel_at(post, i);
		if (parcel.retain && strcmp(parcel.topic, topic) == 0) {
			free(parcel.bytes);
		} else {
			*parcel_at(post, kept++) = parcel;
		}
	}
	post->count = kept;
}

int lq_office_publish(
	struct lq_post *post, const char *topic, const void *payload, size_t length, bool retain)
{
	if (strlen(topic) >= LQ_PARCEL_TOPIC_MAX) {
		return LQ_ERR_INVALID;
	}
	uint8_t *bytes = malloc(length + 1);
	if (bytes == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	if (retain) {
		drop_retained(post, topic);
	}
	if (post->count == LQ_PARCELS_MAX) {
		free(bytes);
		return LQ_ERR_FULL;
	}
	struct lq_parcel *parcel = parcel_at(post, post->count++);
	if (length > 0) {
		memcpy(bytes, payload, length);
	}
	*parcel = (struct lq_parcel){.retain = retain, .bytes = bytes, .length = length};
	memcpy(parcel->topic, topic, strlen(topic) + 1);
	return LQ_OK;
}

const struct lq_parcel *lq_post_next(const struct lq_post *post)
{
	return post->count > 0 ? &post->parcels[post->first] : NULL;
}

void lq_post_done(struct lq_post *post)
{
	free(post->parcels[post->first].bytes);
	post->parcels[post->first] = (struct lq_parcel){0};
	post->first = (post->first + 1) % LQ_PARCELS_MAX;
	post->count--;
}

size_t lq_post_waiting(const struct lq_post *post)
{
	return post->count;
}

void lq_post_take_back(struct lq_post *post, size_t count)
{
	while (post->count > count) {
		struct lq_parcel *parcel = parcel_at(post, --post->count);
		free(parcel->bytes);
		*parcel = (struct lq_parcel){0};
	}
}

void lq_post_free(struct lq_post *post)
{
	if (post != NULL) {
		while (post->count > 0) {
			lq_post_done(post);
		}
		lq_keys_wipe(&post->key);
		free(post);
	}
}

bool lq_post_is_up(const struct lq_post *post)
{
	return post->up;
}

void lq_post_set_up(struct lq_post *post, bool up)
{
	size_t left = post->up && !up ? post->count : 0;
	post->up = up;
	for (; left > 0; left--) {
		struct lq_parcel parcel = post->parcels[post->first];
		if (parcel.retain) {
			post->parcels[post->first] = (struct lq_parcel){0};
			post->first = (post->first + 1) % LQ_PARCELS_MAX;
			*parcel_at(post, post->count - 1) = parcel;
		} else {
			lq_post_done(post);
		}
	}
}

/* ---- commands ---- */

static char *sign(const struct lq_post *post, const struct lq_sending_wish *wish, const char *nonce,
	int64_t now_s)
{
	char audience[2 * LQ_NAME_SIZE];
	(void)snprintf(audience, sizeof(audience), "%s/%s", post->space, wish->controller);
	json_t *payload = json_pack("{s:s, s:s, s:I, s:I, s:s, s:s*, s:O*}", "aud", audience, "cmd",
		lq_order_word(wish->kind), "nbf", (json_int_t)(now_s - EARLY_S), "exp",
		(json_int_t)(now_s + VALID_S), "jti", nonce, "door", wish->door, "args",
		wish->arguments);
	char *text = payload != NULL ? json_dumps(payload, JSON_COMPACT) : NULL;
	char *token = text != NULL ? lq_office_sign(&post->key, text, strlen(text)) : NULL;
	free(text);
	json_decref(payload);
	return token;
}

static int queue(
	struct lq_post *post, const struct lq_sending_wish *wish, const char *nonce, int64_t now_ms)
{
	char topic[LQ_PARCEL_TOPIC_MAX];
	char *token = sign(post, wish, nonce, now_ms / 1000);
	json_t *message =
		token != NULL ? json_pack("{s:s, s:s}", "jws", token, "correlation", nonce) : NULL;
	char *text = message != NULL ? json_dumps(message, JSON_COMPACT) : NULL;
	(void)snprintf(
		topic, sizeof(topic), "loquet/1/%s/%s/command", post->space, wish->controller);
	int r = text != NULL ? lq_office_publish(post, topic, text, strlen(text), false)
			     : LQ_ERR_NO_MEMORY;
	free(text);
	json_decref(message);
	free(token);
	return r;
}

int lq_post_send(struct lq_post *post, const struct lq_sending_wish *wish, int64_t now_ms,
	const struct lq_sending **ret_sending)
{
	uint8_t bytes[NONCE_BYTES];
	struct lq_sending sending = {
		.kind = wish->kind,
		.person = wish->person,
		.until_ms = now_ms + LQ_SENDING_WAIT_MS,
	};
	int r = post->up ? post->entropy.fill(post->entropy.ctx, bytes, sizeof(bytes))
			 : LQ_ERR_CLOSED;
	if (r == LQ_OK) {
		lq_base64url_encode(bytes, sizeof(bytes), sending.id);
		r = queue(post, wish, sending.id, now_ms);
	}
	json_decref(wish->arguments);
	if (r != LQ_OK) {
		return r;
	}
	(void)snprintf(sending.controller, sizeof(sending.controller), "%s", wish->controller);
	(void)snprintf(
		sending.door, sizeof(sending.door), "%s", wish->door != NULL ? wish->door : "");
	(void)snprintf(sending.by, sizeof(sending.by), "%s", wish->by);
	struct lq_sending *place = &post->sendings[post->next_sending];
	post->next_sending = (post->next_sending + 1) % LQ_SENDINGS_MAX;
	*place = sending;
	*ret_sending = place;
	return LQ_OK;
}

const struct lq_sending *lq_post_sending(const struct lq_post *post, const char *id)
{
	for (size_t i = 0; *id != '\0' && i < LQ_SENDINGS_MAX; i++) {
		if (strcmp(post->sendings[i].id, id) == 0) {
			return &post->sendings[i];
		}
	}
	return NULL;
}

static bool awaits(const struct lq_sending *sending)
{
	return sending->id[0] != '\0' &&
	       (sending->state == LQ_SENDING_WAITING || sending->state == LQ_SENDING_TAKEN);
}

static struct lq_sending *find_awaiting(
	struct lq_post *post, const char *controller, const json_t *answer)
{
	const char *id = json_string_value(json_object_get(answer, "correlation"));
	for (size_t i = 0; id != NULL && i < LQ_SENDINGS_MAX; i++) {
		struct lq_sending *sending = &post->sendings[i];
		if (awaits(sending) && strcmp(sending->id, id) == 0 &&
			strcmp(sending->controller, controller) == 0) {
			return sending;
		}
	}
	return NULL;
}

/* What a foreign text may put into ours. */
static void copy_text(const json_t *value, char *out, size_t size)
{
	const char *text = json_string_value(value);
	out[0] = '\0';
	if (text != NULL && strlen(text) < size && lq_utf8_all_printable(text, strlen(text))) {
		memcpy(out, text, strlen(text) + 1);
	}
}

static bool read_key(const json_t *value, uint8_t out[16])
{
	const char *text = json_string_value(value);
	if (text == NULL || strlen(text) != 32 || strspn(text, "0123456789abcdef") != 32) {
		return false;
	}
	for (size_t i = 0; i < 16; i++) {
		const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
		out[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

static void take_answer(struct lq_sending *sending, const json_t *answer, int64_t now_ms)
{
	json_int_t wait_s = json_integer_value(json_object_get(answer, "waiting"));
	if (!json_is_true(json_object_get(answer, "ok"))) {
		const json_t *reason = json_object_get(answer, "reason");
		sending->state = LQ_SENDING_REFUSED;
		copy_text(reason != NULL ? reason : json_object_get(answer, "error"),
			sending->reason, sizeof(sending->reason));
		copy_text(json_object_get(answer, "text"), sending->text, sizeof(sending->text));
	} else if (wait_s > 0 && wait_s <= LQ_ENROL_TIMEOUT_S_MAX) {
		sending->state = LQ_SENDING_TAKEN;
		sending->until_ms = now_ms + (wait_s + BADGE_GRACE_S) * 1000;
	} else {
		sending->state = LQ_SENDING_DONE;
		sending->has_key = read_key(json_object_get(answer, "key"), sending->key);
	}
}

const struct lq_sending *lq_post_answer(struct lq_post *post, const char *controller,
	const char *body, size_t length, int64_t now_ms)
{
	json_t *answer = length <= ANSWER_MAX
				 ? json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL)
				 : NULL;
	struct lq_sending *sending = find_awaiting(post, controller, answer);
	if (sending != NULL) {
		take_answer(sending, answer, now_ms);
	}
	json_decref(answer);
	return sending;
}

void lq_post_fail(struct lq_post *post, const char *id, const char *reason, const char *text)
{
	for (size_t i = 0; i < LQ_SENDINGS_MAX; i++) {
		struct lq_sending *sending = &post->sendings[i];
		if (strcmp(sending->id, id) == 0) {
			sending->state = LQ_SENDING_REFUSED;
			(void)snprintf(sending->reason, sizeof(sending->reason), "%s", reason);
			(void)snprintf(sending->text, sizeof(sending->text), "%s", text);
		}
	}
}

size_t lq_post_expire(struct lq_post *post, int64_t now_ms)
{
	size_t count = 0;
	for (size_t i = 0; i < LQ_SENDINGS_MAX; i++) {
		struct lq_sending *sending = &post->sendings[i];
		if (awaits(sending) && now_ms >= sending->until_ms) {
			sending->state = LQ_SENDING_SILENT;
			count++;
		}
	}
	return count;
}
