/* The lock of Home Assistant: what is asked for by its topic is signed with the key that the
 * operator gave for it, and judged by loquetd as any other signed command. */
#include "firmware/core/err.h"
#include "firmware/link/link_internal.h"
#include "firmware/link/log.h"
#include "firmware/store/order_sign.h"
#include "hal/linux/linux_entropy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LOG_AGAIN_MS 60000u /* another line of them */

void lq_latch_open(struct lq_link *link)
{
	struct lq_link_latch *latch = &link->latch;
	const char *file = link->config->mqtt.home_assistant_key;
	if (file[0] == '\0') {
		return;
	}
	int r = lq_keys_load_signer(file, &latch->keys);
	latch->state = r == LQ_OK ? LQ_LATCH_NOT_TRUSTED : LQ_LATCH_NO_KEY;
	if (r != LQ_OK) {
		lq_log("home_assistant_key: %s is no key that can be read (%s): no lock is "
		       "announced",
			file, lq_err_text(r));
		return;
	}
	latch->signer = lq_config_signer(link->config, latch->keys.sign_public);
	if (latch->signer == NULL) {
		lq_log("home_assistant_key: no [command NAME] trusts it: no lock is announced");
		return;
	}
	latch->state = LQ_LATCH_READY;
}

void lq_latch_close(struct lq_link *link)
{
	lq_keys_wipe(&link->latch.keys);
}

bool lq_latch_listens(const struct lq_link *link)
{
	return link->latch.state == LQ_LATCH_READY;
}

bool lq_latch_shows(const struct lq_link *link, uint16_t door)
{
	const struct lq_signer *signer = link->latch.signer;
	return signer != NULL && (signer->commands & 1u << LQ_ORDER_DOOR_OPEN) != 0 &&
	       (signer->doors & 1u << door) != 0;
}

static const char *state_word(enum lq_latch_state state)
{
	switch (state) {
	case LQ_LATCH_UNUSED:
		break;
	case LQ_LATCH_NO_KEY:
		return "no_key";
	case LQ_LATCH_NOT_TRUSTED:
		return "not_trusted";
	case LQ_LATCH_READY:
		return "ready";
	}
	return "";
}

json_t *lq_latch_figures(const struct lq_link *link)
{
	const struct lq_link_latch *latch = &link->latch;
	if (latch->state == LQ_LATCH_UNUSED) {
		return NULL;
	}
	return json_pack("{s:s, s:I, s:I, s:s*}", "state", state_word(latch->state), "taken",
		(json_int_t)latch->taken, "refused", (json_int_t)latch->refused, "why",
		latch->refused > 0 ? latch->why : NULL);
}

/* ---- presses ---- */

/* Whoever may write to the topic may not fill the log, with whatever they ask for in turns. */
static void refuse(struct lq_link *link, const char *why)
{
	struct lq_link_latch *latch = &link->latch;
	latch->refused++;
	if (lq_mono_due(latch->log_at, link->now)) {
		latch->log_at = lq_mono_after_ms(link->now, LOG_AGAIN_MS);
		lq_log("refused what Home Assistant's lock asks for: %s (%llu since the start)",
			why, (unsigned long long)latch->refused);
	}
	(void)snprintf(latch->why, sizeof(latch->why), "%s", why);
	lq_health_changed(link);
}

void lq_latch_answered(struct lq_link *link, const json_t *answer)
{
	const json_t *reason = json_object_get(answer, "reason");
	if (json_is_true(json_object_get(answer, "ok"))) {
		link->latch.taken++;
		lq_health_changed(link);
		return;
	}
	const char *why =
		json_string_value(reason != NULL ? reason : json_object_get(answer, "error"));
	refuse(link, why == NULL ? "unknown" : why);
}

static bool find_door(const struct lq_config *config, const char *name, uint16_t *ret_door)
{
	for (uint16_t i = 0; i < config->door_count; i++) {
		if (strcmp(config->doors[i].name, name) == 0) {
			*ret_door = i;
			return true;
		}
	}
	return false;
}

/* NULL, with `ret_order` filled but for its time and nonce, or why not. */
static const char *read_press(
	struct lq_link *link, const struct lq_broker_message *message, struct lq_order *ret_order)
{
	uint16_t door = 0;
	enum lq_order_kind kind = lq_press_read(message->payload, message->length, ret_order);
	if (message->retained) {
		return "retained";
	}
	if (message->stale) {
		return "stale";
	}
	if (kind == LQ_ORDER_COUNT) {
		return "unknown_payload";
	}
	if (lq_press_door(&link->topics, message->topic, ret_order->door) == NULL ||
		!find_door(link->config, ret_order->door, &door)) {
		return "unknown_door";
	}
	return lq_press_pace(&link->latch.paces[door], link->now) ? NULL : "too_fast";
}

static const char *carry(struct lq_link *link, struct lq_order *order)
{
	char token[LQ_ORDER_TOKEN_MAX + 1];
	struct lq_entropy entropy = lq_linux_entropy();
	int64_t now_s = (int64_t)time(NULL);
	order->not_before_s = now_s - LQ_ORDER_EARLY_S;
	order->expires_s = now_s + LQ_PRESS_VALID_S;
	(void)snprintf(order->audience, sizeof(order->audience), "%s/%s", link->config->space,
		link->config->controller);
	if (lq_order_make_nonce(&entropy, order->nonce) != LQ_OK ||
		lq_order_sign(&link->latch.keys, link->latch.signer->name, order, token) != LQ_OK) {
		return "not_signed";
	}
	switch (lq_answer_carry(link, token)) {
	case LQ_OK:
		return NULL;
	case LQ_ERR_BUSY:
		return "busy";
	default:
		return "unreachable";
	}
}

/* As the journal calls it. */
static enum lq_refusal refusal_of(const char *why)
{
	static const struct {
		const char *why;
		enum lq_refusal refusal;
	} words[] = {
		{"retained", LQ_REFUSAL_RETAINED},
		{"stale", LQ_REFUSAL_EXPIRED},
		{"unknown_payload", LQ_REFUSAL_MALFORMED},
		{"unknown_door", LQ_REFUSAL_WRONG_DOOR},
		{"too_fast", LQ_REFUSAL_TOO_MANY},
		{"busy", LQ_REFUSAL_TOO_MANY},
		{"unreachable", LQ_REFUSAL_UNREACHABLE},
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(why, words[i].why) == 0) {
			return words[i].refusal;
		}
	}
	return LQ_REFUSAL_NOT_POSSIBLE; /* it could not be signed */
}

void lq_latch_take(struct lq_link *link, const struct lq_broker_message *message)
{
	struct lq_order order = {.nonce = ""};
	const char *why = read_press(link, message, &order);
	why = why == NULL ? carry(link, &order) : why;
	if (why != NULL) {
		refuse(link, why);
		lq_tally_add(&link->refused, refusal_of(why), 1);
	}
}
