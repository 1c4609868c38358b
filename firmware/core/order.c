#include "firmware/core/order.h"

#include "firmware/core/assert.h"

#include <string.h>

const char *lq_order_word(enum lq_order_kind kind)
{
	static const char *const words[] = {
#define ORDER(id, word, door, needs, may) word,
#include "firmware/core/order.def"
#undef ORDER
	};
	LQ_ASSERT(kind < LQ_ORDER_COUNT);
	return words[kind];
}

struct lq_order_form lq_order_form(enum lq_order_kind kind)
{
	static const struct lq_order_form forms[] = {
#define ORDER(id, word, door, needs, may) {door, needs, may},
#include "firmware/core/order.def"
#undef ORDER
	};
	LQ_ASSERT(kind < LQ_ORDER_COUNT);
	return forms[kind];
}

const char *lq_argument_word(enum lq_argument_index index)
{
	static const char *const words[] = {
#define ARGUMENT(id, word) word,
#include "firmware/core/order.def"
#undef ARGUMENT
	};
	LQ_ASSERT(index < LQ_ARGUMENT_COUNT);
	return words[index];
}

const char *lq_refusal_word(enum lq_refusal refusal)
{
	static const char *const words[] = {
#define REFUSAL(id, word, en, fr) word,
#include "firmware/core/order.def"
#undef REFUSAL
	};
	LQ_ASSERT(refusal < LQ_REFUSAL_COUNT);
	return words[refusal];
}

const char *lq_refusal_text(enum lq_refusal refusal, enum lq_language language)
{
	static const char *const texts[][2] = {
#define REFUSAL(id, word, en, fr) {en, fr},
#include "firmware/core/order.def"
#undef REFUSAL
	};
	LQ_ASSERT(refusal < LQ_REFUSAL_COUNT);
	return texts[refusal][language == LQ_LANGUAGE_FR ? 1 : 0];
}

enum lq_order_kind lq_order_find(const char *word, size_t length)
{
	for (unsigned i = 0; i < LQ_ORDER_COUNT; i++) {
		const char *known = lq_order_word((enum lq_order_kind)i);
		if (strlen(known) == length && memcmp(known, word, length) == 0) {
			return (enum lq_order_kind)i;
		}
	}
	return LQ_ORDER_COUNT;
}

static bool is_for(const struct lq_order *order, const struct lq_site *site)
{
	size_t space = strlen(site->space);
	return strncmp(order->audience, site->space, space) == 0 && order->audience[space] == '/' &&
	       strcmp(order->audience + space + 1, site->controller) == 0;
}

static enum lq_refusal judge_time(
	const struct lq_order *order, enum lq_trust trust_min, struct lq_wall now)
{
	if (now.trust < trust_min) {
		return LQ_REFUSAL_CLOCK_NOT_TRUSTED;
	}
	if (order->expires_s <= order->not_before_s ||
		order->expires_s - order->not_before_s > LQ_ORDER_WINDOW_S) {
		return LQ_REFUSAL_WINDOW_TOO_LONG;
	}
	if (now.unix_ms < order->not_before_s * 1000) {
		return LQ_REFUSAL_NOT_YET_VALID;
	}
	return now.unix_ms >= order->expires_s * 1000 ? LQ_REFUSAL_EXPIRED : LQ_REFUSAL_COUNT;
}

static uint16_t find_door(const struct lq_site *site, const char *name)
{
	for (uint16_t i = 0; i < site->door_count; i++) {
		if (strcmp(site->doors[i], name) == 0) {
			return i;
		}
	}
	return LQ_NONE;
}

/* A command without what it needs, or with what says nothing to it, is malformed. */
static bool is_complete(const struct lq_order *order, const struct lq_order_target *target)
{
	struct lq_order_form form = lq_order_form(target->kind);
	unsigned given = order->arguments.given;
	return form.door == (target->door != LQ_NONE) && (given & form.needs) == form.needs &&
	       (given & ~(form.needs | form.may)) == 0;
}

static bool is_permitted(const struct lq_signer *signer, const struct lq_order_target *target)
{
	if ((signer->commands & 1u << target->kind) == 0) {
		return false;
	}
	return target->door == LQ_NONE ? signer->doors == UINT32_MAX
				       : (signer->doors & 1u << target->door) != 0;
}

enum lq_refusal lq_order_judge(const struct lq_order *order, const struct lq_signer *signer,
	const struct lq_site *site, enum lq_trust trust_min, struct lq_wall now,
	struct lq_order_target *ret_target)
{
	struct lq_order_target target = {.door = LQ_NONE};
	if (!is_for(order, site)) {
		return LQ_REFUSAL_WRONG_CONTROLLER;
	}
	enum lq_refusal refusal = judge_time(order, trust_min, now);
	if (refusal != LQ_REFUSAL_COUNT) {
		return refusal;
	}
	target.kind = lq_order_find(order->command, strlen(order->command));
	if (target.kind == LQ_ORDER_COUNT) {
		return LQ_REFUSAL_UNKNOWN_COMMAND;
	}
	if (order->door[0] != '\0') {
		target.door = find_door(site, order->door);
		if (target.door == LQ_NONE) {
			return LQ_REFUSAL_WRONG_DOOR;
		}
	}
	if (!is_complete(order, &target)) {
		return LQ_REFUSAL_MALFORMED;
	}
	if (!is_permitted(signer, &target)) {
		return LQ_REFUSAL_NOT_PERMITTED;
	}
	*ret_target = target;
	return LQ_REFUSAL_COUNT;
}

static bool same_nonce(const struct lq_nonce *a, const struct lq_nonce *b)
{
	return strcmp(a->signer, b->signer) == 0 && strcmp(a->nonce, b->nonce) == 0;
}

enum lq_refusal lq_nonces_spend(
	struct lq_nonces *nonces, const struct lq_nonce *nonce, struct lq_wall now)
{
	for (size_t i = 0; i < nonces->count;) {
		if (now.unix_ms >= nonces->items[i].expires_s * 1000) {
			nonces->items[i] = nonces->items[--nonces->count];
			continue;
		}
		if (same_nonce(&nonces->items[i], nonce)) {
			return LQ_REFUSAL_REPLAYED;
		}
		i++;
	}
	if (nonces->count == LQ_ORDER_NONCES_MAX) {
		return LQ_REFUSAL_TOO_MANY;
	}
	nonces->items[nonces->count++] = *nonce;
	return LQ_REFUSAL_COUNT;
}
