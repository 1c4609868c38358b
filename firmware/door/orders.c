/* Signed commands: taken or refused, recorded, done, answered. The link only carries them. A
 * command that opens a door is done once its row and its nonce are on disk, and not otherwise:
 * unlike a tap, it could come again. */
#include "firmware/core/err.h"
#include "firmware/door/daemon.h"
#include "firmware/door/order_token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_MS 5000u

/* A broker that was taken over may not fill the journal, and rubbish takes no room from what is
 * signed: then a row tells of many. */
#define JUDGED_BURST      200u
#define JUDGED_REFILL_MS  10000u
#define CARRIED_BURST     30u
#define CARRIED_REFILL_MS 60000u

void lq_orders_start(struct lq_daemon *daemon)
{
	struct lq_mono now = lq_daemon_mono(daemon);
	daemon->orders.judged = lq_tally_make(JUDGED_BURST, JUDGED_REFILL_MS, now);
	daemon->orders.carried = lq_tally_make(CARRIED_BURST, CARRIED_REFILL_MS, now);
}

/* ---- what is refused ---- */

static void tell_held(struct lq_daemon *daemon, struct lq_tally *tally)
{
	enum lq_refusal refusal = LQ_REFUSAL_COUNT;
	uint32_t count = 0;
	while (lq_tally_take(tally, lq_daemon_mono(daemon), &refusal, &count)) {
		struct lq_event event = lq_daemon_event(daemon, LQ_EVENT_COMMAND_REFUSED);
		event.cause = lq_refusal_word(refusal);
		event.count = count;
		lq_daemon_record(daemon, &event);
	}
}

struct lq_mono lq_orders_tick(struct lq_daemon *daemon)
{
	tell_held(daemon, &daemon->orders.judged);
	tell_held(daemon, &daemon->orders.carried);
	struct lq_mono judged = lq_tally_due(&daemon->orders.judged);
	struct lq_mono carried = lq_tally_due(&daemon->orders.carried);
	return judged.us < carried.us ? judged : carried;
}

void lq_orders_refused_by_link(struct lq_daemon *daemon, const char *word, uint32_t count)
{
	static const enum lq_refusal known[] = {LQ_REFUSAL_MALFORMED, LQ_REFUSAL_RETAINED,
		LQ_REFUSAL_RESPONSE_TOPIC, LQ_REFUSAL_UNREACHABLE, LQ_REFUSAL_EXPIRED,
		LQ_REFUSAL_WRONG_DOOR, LQ_REFUSAL_TOO_MANY, LQ_REFUSAL_NOT_POSSIBLE};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(word, lq_refusal_word(known[i])) == 0) {
			lq_tally_add(&daemon->orders.carried, known[i], count);
		}
	}
	tell_held(daemon, &daemon->orders.carried);
	lq_daemon_wake(daemon, lq_tally_due(&daemon->orders.carried));
}

/* ---- answers ---- */

static json_t *answer_head(bool ok, const struct lq_event *event)
{
	json_t *answer = json_pack("{s:b}", "ok", ok);
	if (event->action != NULL) {
		(void)json_object_set_new(answer, "command", json_string(event->action));
	}
	if (event->text[0] != '\0') {
		(void)json_object_set_new(answer, "jti", json_string(event->text));
	}
	return answer;
}

void lq_orders_failed(
	struct lq_daemon *daemon, const struct lq_event *order, enum lq_refusal refusal)
{
	struct lq_event event = *order;
	event.type = LQ_EVENT_COMMAND_REFUSED;
	event.at = lq_daemon_wall(daemon);
	event.cause = lq_refusal_word(refusal);
	event.count = 1;
	if (lq_tally_pass(&daemon->orders.judged, refusal, lq_daemon_mono(daemon))) {
		lq_daemon_record(daemon, &event);
	} else {
		lq_daemon_wake(daemon, lq_tally_due(&daemon->orders.judged));
	}
}

static void refuse(struct lq_daemon *daemon, uint64_t id, enum lq_refusal refusal, const char *text,
	const struct lq_event *event)
{
	lq_orders_failed(daemon, event, refusal);
	json_t *answer = answer_head(false, event);
	(void)json_object_set_new(answer, "error", json_string("refused"));
	(void)json_object_set_new(answer, "reason", json_string(lq_refusal_word(refusal)));
	(void)json_object_set_new(answer, "text", json_string(text));
	lq_link_answer(daemon, id, answer);
}

void lq_orders_refuse(struct lq_daemon *daemon, uint64_t id, enum lq_refusal refusal,
	const struct lq_event *event)
{
	refuse(daemon, id, refusal, lq_refusal_text(refusal, daemon->config->language), event);
}

void lq_orders_badge_read(
	struct lq_daemon *daemon, uint64_t id, const struct lq_event *order, const uint8_t key[16])
{
	char text[33];
	json_t *answer = answer_head(true, order);
	for (size_t i = 0; i < 16; i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", key[i]);
	}
	(void)json_object_set_new(answer, "key", json_string(text));
	lq_link_answer(daemon, id, answer);
}

static struct lq_job_change *make_change(
	const struct lq_daemon *daemon, const struct lq_order_pending *order)
{
	struct lq_job_change *change = calloc(1, sizeof(*change));
	if (change == NULL) {
		return NULL;
	}
	if (order->target.kind == LQ_ORDER_BADGE_ENROL_NEXT) {
		change->credential.holder = order->arguments.member;
	}
	if (order->target.kind != LQ_ORDER_CONFIG_RELOAD) {
		return change;
	}
	change->reload = lq_reload_new(daemon);
	if (change->reload == NULL) {
		free(change);
		return NULL;
	}
	return change;
}

static void free_change(struct lq_job_change *change)
{
	free(change->reload);
	free(change);
}

/* ---- doing ---- */

static const char *say_blind(const struct lq_daemon *daemon)
{
	return lq_in(daemon->config->language,
		"uid.key is lost: restore it from the backup and restart loquetd",
		"uid.key est perdu : le restaurer depuis la sauvegarde et redémarrer loquetd");
}

static const char *say_other(const struct lq_daemon *daemon)
{
	return lq_refusal_text(LQ_REFUSAL_NOT_POSSIBLE, daemon->config->language);
}

static const char *open_door(struct lq_daemon *daemon, const struct lq_order_pending *order)
{
	if (lq_door_mode_refuses(daemon->doors[order->target.door].door.mode)) {
		return lq_in(daemon->config->language,
			"the door is blocked or locked down: set another mode first",
			"la porte est condamnée ou en confinement : changer d’abord son mode");
	}
	lq_doorway_release(
		daemon, order->target.door, order->arguments.extended, order->event.transaction);
	return NULL;
}

/* Judged when it is done and not when it came: the mode may have changed since. */
static bool is_spared(const struct lq_daemon *daemon, const struct lq_order_pending *order)
{
	return order->arguments.unless_refusing &&
	       lq_door_mode_refuses(daemon->doors[order->target.door].door.mode);
}

static const char *set_mode(struct lq_daemon *daemon, const struct lq_order_pending *order)
{
	lq_doorway_apply_mode(
		daemon, order->target.door, order->arguments.mode, order->event.transaction);
	return NULL;
}

static const char *identify(struct lq_daemon *daemon, const struct lq_order_pending *order)
{
	lq_doorway_identify(daemon, order->target.door);
	return NULL;
}

static uint32_t badge_timeout_s(const struct lq_order_pending *order)
{
	uint32_t timeout_s = order->arguments.timeout_s;
	return timeout_s == 0 ? LQ_ENROL_TIMEOUT_S : timeout_s;
}

static const char *wait_problem(const struct lq_daemon *daemon, int r)
{
	if (r == LQ_OK) {
		return NULL;
	}
	if (daemon->enrolment.client == 0) {
		return say_other(daemon);
	}
	return lq_in(daemon->config->language,
		"another enrolment waits for its badge: try again when it has ended",
		"un autre enrôlement attend son badge : réessayer quand il sera terminé");
}

static const char *enrol_next(struct lq_daemon *daemon, const struct lq_order_pending *order)
{
	if (lq_office_keeps(daemon)) {
		return lq_in(daemon->config->language,
			"the office keeps the roster: enrol the badge there",
			"le bureau tient la liste : enrôler le badge là-bas");
	}
	if (order->holder_unknown) {
		return lq_in(daemon->config->language, "there is no member of this number",
			"aucun membre n’a ce numéro");
	}
	if (daemon->keys.blind) {
		return say_blind(daemon);
	}
	return wait_problem(
		daemon, lq_control_enrol_next(daemon, order->target.door, order->arguments.member,
				badge_timeout_s(order), &order->event));
}

static uint16_t find_reader(const struct lq_site *site, uint16_t door, const char *name)
{
	for (uint16_t i = 0; i < site->reader_count; i++) {
		if (site->readers[i].door == door && strcmp(site->readers[i].name, name) == 0) {
			return i;
		}
	}
	return LQ_NONE;
}

static const char *read_next(struct lq_daemon *daemon, const struct lq_order_pending *order)
{
	const char *name = order->arguments.reader;
	uint16_t reader = find_reader(&daemon->site, order->target.door, name);
	if (daemon->keys.blind) {
		return say_blind(daemon);
	}
	if (name[0] != '\0' && reader == LQ_NONE) {
		return lq_in(daemon->config->language, "there is no such reader at this door",
			"cette porte n’a pas de tel lecteur");
	}
	return wait_problem(daemon, lq_control_read_next(daemon, order->target.door, reader,
					    badge_timeout_s(order), order->id, &order->event));
}

static const char *reload(struct lq_daemon *daemon, const struct lq_order_pending *order)
{
	if (lq_reload_apply(daemon, order->reload) == LQ_OK) {
		return NULL;
	}
	const char *problem = order->reload->error.message;
	return problem[0] != '\0' ? problem : say_other(daemon);
}

static const char *replay(struct lq_daemon *daemon, const struct lq_order_pending *order)
{
	uint64_t from = order->arguments.from;
	if (from > daemon->head) {
		return lq_in(daemon->config->language, "the journal does not reach that row yet",
			"le journal n’atteint pas encore cette ligne");
	}
	return lq_link_ask_replay(daemon, from) == LQ_OK ? NULL : say_other(daemon);
}

/* NULL when it is done, otherwise why it cannot be done now. */
static const char *(*const acts[LQ_ORDER_COUNT])(
	struct lq_daemon *daemon, const struct lq_order_pending *order) = {
	[LQ_ORDER_DOOR_OPEN] = open_door,
	[LQ_ORDER_JOURNAL_REPLAY] = replay,
	[LQ_ORDER_DOOR_MODE] = set_mode,
	[LQ_ORDER_READER_IDENTIFY] = identify,
	[LQ_ORDER_BADGE_ENROL_NEXT] = enrol_next,
	[LQ_ORDER_CONFIG_RELOAD] = reload,
	[LQ_ORDER_BADGE_READ] = read_next,
};

static void act(struct lq_daemon *daemon, const struct lq_order_pending *order)
{
	const char *problem = acts[order->target.kind](daemon, order);
	if (problem != NULL) {
		refuse(daemon, order->id, LQ_REFUSAL_NOT_POSSIBLE, problem, &order->event);
		return;
	}
	json_t *answer = answer_head(true, &order->event);
	if (order->target.kind == LQ_ORDER_BADGE_READ) {
		(void)json_object_set_new(answer, "waiting", json_integer(badge_timeout_s(order)));
	}
	lq_link_answer(daemon, order->id, answer);
}

static void finish(struct lq_daemon *daemon, struct lq_order_pending *order, int error)
{
	bool late = lq_mono_due(order->until, lq_daemon_mono(daemon));
	struct lq_event *event = &order->event;
	if (error == LQ_ERR_EXISTS) {
		lq_orders_refuse(daemon, order->id, LQ_REFUSAL_REPLAYED, event);
	} else if (error != LQ_OK || late) {
		lq_orders_refuse(daemon, order->id, LQ_REFUSAL_NOT_RECORDED, event);
	} else if (is_spared(daemon, order)) {
		lq_orders_refuse(daemon, order->id, LQ_REFUSAL_REFUSING, event);
	} else {
		act(daemon, order);
	}
	order->token = 0;
}

void lq_orders_recorded(struct lq_daemon *daemon, const struct lq_job *job)
{
	for (size_t i = 0; i < LQ_ORDERS_MAX; i++) {
		struct lq_order_pending *order = &daemon->orders.pending[i];
		if (order->token == job->token) {
			order->holder_unknown = job->change->holder_unknown;
			finish(daemon, order, job->error);
			break;
		}
	}
	free_change(job->change);
}

/* ---- taking ---- */

static const struct lq_signer *find_signer(const struct lq_config *config, const char *name)
{
	for (size_t i = 0; i < config->signer_count; i++) {
		if (strcmp(config->signers[i].name, name) == 0) {
			return &config->signers[i];
		}
	}
	return NULL;
}

/* Form, key and signature, in this order; only then what it says. */
static enum lq_refusal read_order(const struct lq_config *config, const char *text, size_t length,
	const struct lq_signer **ret_signer, struct lq_order *ret_order)
{
	struct lq_jws token;
	if (lq_order_token_parse(text, length, &token) != LQ_OK) {
		return LQ_REFUSAL_MALFORMED;
	}
	const struct lq_signer *signer = find_signer(config, token.signer);
	if (signer == NULL) {
		return LQ_REFUSAL_UNKNOWN_KEY;
	}
	if (lq_keys_verify(signer->key, (const uint8_t *)text, token.signed_length,
		    token.signature) != LQ_OK) {
		return LQ_REFUSAL_WRONG_KEY;
	}
	*ret_signer = signer;
	return lq_order_payload_parse(&token, ret_order) == LQ_OK ? LQ_REFUSAL_COUNT
								  : LQ_REFUSAL_MALFORMED;
}

static struct lq_order_pending *free_place(struct lq_daemon *daemon)
{
	for (size_t i = 0; i < LQ_ORDERS_MAX; i++) {
		if (daemon->orders.pending[i].token == 0) {
			return &daemon->orders.pending[i];
		}
	}
	return NULL;
}

/* Spends the nonce in memory at once, and on disk together with the row. */
static enum lq_refusal submit(
	struct lq_daemon *daemon, struct lq_order_pending *order, const struct lq_nonce *nonce)
{
	struct lq_order_pending *place = free_place(daemon);
	struct lq_job_change *change = place == NULL ? NULL : make_change(daemon, order);
	if (change == NULL) {
		return LQ_REFUSAL_TOO_MANY;
	}
	enum lq_refusal refusal = lq_nonces_spend(&daemon->orders.nonces, nonce, order->event.at);
	order->token = ++daemon->tokens;
	order->reload = change->reload;
	change->nonce = *nonce;
	struct lq_job job = {
		.kind = LQ_JOB_ORDER,
		.token = order->token,
		.event = order->event,
		.change = change,
	};
	if (refusal == LQ_REFUSAL_COUNT && lq_writer_submit(daemon->writer, &job) != LQ_OK) {
		refusal = LQ_REFUSAL_NOT_RECORDED;
	}
	if (refusal != LQ_REFUSAL_COUNT) {
		free_change(change);
		return refusal;
	}
	*place = *order;
	return LQ_REFUSAL_COUNT;
}

void lq_orders_take(struct lq_daemon *daemon, uint64_t id, const char *text, size_t length)
{
	const struct lq_signer *signer = NULL;
	struct lq_order order = {.nonce = ""};
	struct lq_order_pending pending = {
		.id = id,
		.until = lq_mono_after_ms(lq_daemon_mono(daemon), RECORD_MS),
		.target = {.kind = LQ_ORDER_COUNT, .door = LQ_NONE},
		.event = lq_daemon_event(daemon, LQ_EVENT_COMMAND_ACCEPTED),
	};
	struct lq_event *event = &pending.event;
	struct lq_nonce nonce = {.expires_s = 0};
	enum lq_refusal refusal = read_order(daemon->config, text, length, &signer, &order);
	if (signer != NULL) {
		memcpy(event->actor, signer->name, sizeof(event->actor));
		lq_event_set_text(event, order.nonce);
	}
	if (refusal == LQ_REFUSAL_COUNT) {
		refusal = lq_order_judge(&order, signer, &daemon->site, daemon->config->clock_trust,
			event->at, &pending.target);
	}
	if (refusal == LQ_REFUSAL_COUNT) {
		pending.arguments = order.arguments;
		event->door = pending.target.door;
		event->action = lq_order_word(pending.target.kind);
		event->transaction = lq_doorway_transaction(daemon);
		memcpy(nonce.signer, signer->name, sizeof(nonce.signer));
		memcpy(nonce.nonce, order.nonce, sizeof(nonce.nonce));
		nonce.expires_s = order.expires_s;
		refusal = submit(daemon, &pending, &nonce);
	}
	if (refusal != LQ_REFUSAL_COUNT) {
		lq_orders_refuse(daemon, id, refusal, event);
	}
}
