#include "host/office/webhook_turn.h"

#include "firmware/core/err.h"
#include "host/cli/cli.h"
#include "host/office/clock.h"
#include "host/office/occupancy.h"
#include "host/office/webhook_visits.h"
#include "host/office/webhooks.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS  50 /* the queue is looked at so often at most, but for what came to its end */
#define COUNT_MS 1000
#define SWEEP_MS 60000

int lq_webhook_post_begin(struct lq_webhook_post *post)
{
	*post = (struct lq_webhook_post){.pending = true};
	return lq_sender_new(&post->sender);
}

void lq_webhook_post_end(struct lq_webhook_post *post)
{
	lq_sender_free(post->sender);
	post->sender = NULL;
}

int lq_webhook_post_fd(const struct lq_webhook_post *post)
{
	return lq_sender_fd(post->sender);
}

int lq_webhook_post_timeout(const struct lq_webhook_post *post, int most_ms)
{
	int64_t left_ms = post->looked_ms + LOOK_MS - lq_office_mono_ms();
	if (post->pending && left_ms < most_ms) {
		most_ms = left_ms > 0 ? (int)left_ms : 0;
	}
	return lq_sender_timeout(post->sender, most_ms);
}

static bool is_due(int64_t *last_ms, int64_t mono, int64_t every_ms)
{
	bool due = *last_ms == 0 || mono - *last_ms >= every_ms;
	*last_ms = due ? mono : *last_ms;
	return due;
}

/* ---- what became of what was sent ---- */

/* What is to be said of it, once it is on disk. */
struct notices {
	struct notice {
		int64_t webhook;
		enum lq_webhook_turn turn;
		char host[LQ_WEBHOOK_HOST_SIZE];
	} list[LQ_WEBHOOKS_MAX];
	size_t count;
};

static void add_notice(struct notices *notices, const struct lq_webhook_outcome *outcome,
	enum lq_webhook_turn turn)
{
	if (turn == LQ_WEBHOOK_GOES_ON || notices->count == LQ_WEBHOOKS_MAX) {
		return;
	}
	struct notice *notice = &notices->list[notices->count++];
	notice->webhook = outcome->webhook;
	notice->turn = turn;
	lq_webhook_url_host(outcome->url, notice->host);
}

static void say(const struct lq_office *office, const struct notice *notice)
{
	static const struct {
		const char *en;
		const char *fr;
	} words[] = {
		[LQ_WEBHOOK_GOES_ON] = {"", ""},
		[LQ_WEBHOOK_RECOVERS] = {"answers again", "répond de nouveau"},
		[LQ_WEBHOOK_FAILS] = {"does not take what it is told",
			"ne prend pas ce qui lui est dit"},
		[LQ_WEBHOOK_IS_GONE] = {"has answered 410 and is told nothing any more",
			"a répondu 410 et n’est plus prévenu"},
	};
	bool french = office->config->language == LQ_LANGUAGE_FR;
	lq_say(stderr,
		french ? "loquet-office : le webhook %lld (%s) %s"
		       : "loquet-office: webhook %lld (%s) %s",
		(long long)notice->webhook, notice->host,
		french ? words[notice->turn].fr : words[notice->turn].en);
}

static void tell_pages(struct lq_office *office)
{
	lq_stream_add(&office->stream, "settings", "{\"topic\":\"settings\"}");
}

static uint32_t chance(void)
{
	uint32_t random = 0;
	return RAND_bytes((unsigned char *)&random, sizeof(random)) == 1 ? random : UINT32_MAX / 2;
}

static int settle(struct lq_db *db, const struct lq_webhook_outcome *outcome, int64_t now_ms,
	struct notices *notices)
{
	enum lq_webhook_turn turn = LQ_WEBHOOK_GOES_ON;
	int r = lq_db_begin(db);
	r = r == LQ_OK ? lq_webhook_settle(db, outcome, now_ms, chance(), &turn) : r;
	if (r == LQ_OK) {
		add_notice(notices, outcome, turn);
	}
	return r;
}

/* Commits what was settled, so that nothing that fails behind it takes it back. */
static int keep(struct lq_office *office, const struct notices *notices)
{
	int r = lq_db_commit(office->db);
	for (size_t i = 0; i < notices->count && r == LQ_OK; i++) {
		say(office, &notices->list[i]);
		tell_pages(office);
	}
	return r;
}

/* Returns how many, or an error. */
static int settle_all(struct lq_webhook_post *post, struct lq_office *office, int64_t now_ms)
{
	struct lq_webhook_outcome outcome;
	struct notices notices = {.count = 0};
	int count = 0;
	int r = LQ_OK;
	while (r == LQ_OK && lq_sender_take(post->sender, &outcome)) {
		r = settle(office->db, &outcome, now_ms, &notices);
		count++;
	}
	r = r == LQ_OK ? keep(office, &notices) : r;
	return r < 0 ? r : count;
}

/* ---- what is to be told ---- */

static int count_now(struct lq_office *office, const struct lq_space_rules *rules, int64_t now_ms)
{
	json_t *message = NULL;
	int64_t same = 0;
	int r = lq_occupancy_message(office->db, rules, now_ms, &message);
	char *text = r == LQ_OK ? json_dumps(message, JSON_COMPACT) : NULL;
	if (text == NULL) {
		json_decref(message);
		return r == LQ_OK ? LQ_ERR_NO_MEMORY : r;
	}
	r = lq_db_integer(office->db, &same, 0,
		"SELECT 1 FROM webhook_occupancy WHERE id = 1 AND told = ?1", "t", text);
	r = r == LQ_OK && same == 0 ? lq_db_begin(office->db) : r;
	if (r == LQ_OK && same == 0) {
		const struct lq_webhook_news news = {.type = LQ_WEBHOOK_OCCUPANCY_CHANGED,
			.space = office->config->space,
			.at_ms = now_ms,
			.data = json_incref(message)};
		int64_t kept = lq_db_run(office->db,
			"INSERT INTO webhook_occupancy (id, told) VALUES (1, ?1) "
			"ON CONFLICT (id) DO UPDATE SET told = excluded.told",
			"t", text);
		r = lq_webhook_tell(office->db, &news, now_ms);
		r = kept < 0 ? (int)kept : r;
	}
	free(text);
	json_decref(message);
	return r;
}

static int tell_visits(struct lq_webhook_post *post, struct lq_office *office,
	const struct lq_space_rules *rules, int64_t now_ms)
{
	bool pending = false;
	int r = lq_webhook_visits_pending(office->db, now_ms, &pending);
	if (r != LQ_OK || !pending) {
		return r;
	}
	post->pending = true;
	r = lq_db_begin(office->db);
	r = r == LQ_OK ? lq_webhook_visits_turn(office->db, office->config, &rules->visits, now_ms)
		       : r;
	return r < 0 ? r : LQ_OK;
}

static int sweep(struct lq_db *db, int64_t now_ms)
{
	int r = lq_db_begin(db);
	return r == LQ_OK ? lq_webhook_sweep(db, now_ms) : r;
}

/* To look takes no transaction: others who write must not wait for nothing, nor be waited for. */
static int gather(struct lq_webhook_post *post, struct lq_office *office,
	const struct lq_space_rules *rules, int64_t now_ms)
{
	int64_t wanted = 0;
	int64_t mono = lq_office_mono_ms();
	int r = lq_webhook_wanted(office->db, &wanted);
	if (r == LQ_OK && (wanted & LQ_WEBHOOK_VISITS) != 0) {
		r = tell_visits(post, office, rules, now_ms);
	}
	if (r == LQ_OK && (wanted & LQ_WEBHOOK_BIT(OCCUPANCY_CHANGED)) != 0 &&
		is_due(&post->counted_ms, mono, COUNT_MS)) {
		r = count_now(office, rules, now_ms);
	}
	return r == LQ_OK && is_due(&post->swept_ms, mono, SWEEP_MS) ? sweep(office->db, now_ms)
								     : r;
}

/* ---- sending ---- */

/* What cannot be made ready is noted where it belongs, as a try that failed: the others go on. */
static int note_unsent(
	struct lq_office *office, int64_t webhook, int64_t delivery, int error, int64_t now_ms)
{
	struct notices notices = {.count = 0};
	struct lq_webhook_outcome outcome = {.webhook = webhook, .delivery = delivery};
	struct lq_webhook known;
	int r = lq_webhook_get(office->db, webhook, &known);
	if (r != LQ_OK) {
		return r;
	}
	(void)snprintf(outcome.url, sizeof(outcome.url), "%s", known.url);
	(void)snprintf(outcome.error, sizeof(outcome.error), "not sent: %s", lq_err_text(error));
	r = settle(office->db, &outcome, now_ms, &notices);
	return r == LQ_OK ? keep(office, &notices) : r;
}

static int send_one(
	struct lq_webhook_post *post, struct lq_db *db, int64_t delivery, int64_t now_ms)
{
	struct lq_webhook_parcel parcel = {0};
	int r = lq_webhook_pack(db, delivery, now_ms, &parcel);
	if (r == LQ_ERR_NOT_FOUND) {
		post->pending = true;
		return LQ_OK;
	}
	return r == LQ_OK ? lq_sender_send(post->sender, &parcel) : r;
}

static int send_due(struct lq_webhook_post *post, struct lq_office *office, int64_t now_ms)
{
	int64_t webhooks[LQ_WEBHOOKS_MAX];
	int64_t deliveries[LQ_WEBHOOKS_MAX];
	int count = lq_webhook_due(office->db, now_ms, deliveries, webhooks);
	int r = count < 0 ? count : LQ_OK;
	for (int i = 0; i < count && r == LQ_OK; i++) {
		if (lq_sender_is_busy(post->sender, webhooks[i])) {
			continue;
		}
		int sent = send_one(post, office->db, deliveries[i], now_ms);
		if (sent != LQ_OK) {
			r = note_unsent(office, webhooks[i], deliveries[i], sent, now_ms);
		}
	}
	return r;
}

static int turn(struct lq_webhook_post *post, struct lq_office *office,
	const struct lq_space_rules *rules, int64_t now_ms)
{
	int settled = settle_all(post, office, now_ms);
	int64_t mono = lq_office_mono_ms();
	if (settled < 0) {
		return settled;
	}
	if (settled == 0 && post->looked_ms != 0 && mono - post->looked_ms < LOOK_MS) {
		post->pending = true;
		return LQ_OK;
	}
	post->looked_ms = mono;
	post->pending = false;
	int r = gather(post, office, rules, now_ms);
	r = r == LQ_OK ? lq_db_commit(office->db) : r;
	r = r == LQ_OK ? send_due(post, office, now_ms) : r;
	return r == LQ_OK ? lq_db_commit(office->db) : r;
}

void lq_webhook_post_turn(struct lq_webhook_post *post, struct lq_office *office,
	const struct lq_space_rules *rules, int64_t now_ms)
{
	lq_sender_run(post->sender);
	int r = turn(post, office, rules, now_ms);
	if (r != LQ_OK && r != post->failure) {
		lq_say(stderr, "loquet-office: webhooks: %s: %s", lq_err_text(r),
			lq_db_error(office->db));
	}
	if (r != LQ_OK) {
		lq_db_rollback(office->db);
	}
	post->failure = r;
}
