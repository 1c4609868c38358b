/* What comes from the broker, and where it goes. */
#include "firmware/core/err.h"
#include "host/office/enrol.h"
#include "host/office/listen_internal.h"

#include <mosquitto.h>
#include <stdio.h>
#include <string.h>

static void say_finding(const struct lq_listener *l, const struct lq_feed_event *event,
	enum lq_books_finding finding)
{
	unsigned long long seq = event->seq;
	switch (finding) {
	case LQ_BOOKS_NEW:
	case LQ_BOOKS_KNOWN:
		break;
	case LQ_BOOKS_CONFLICT:
		lq_say(stderr,
			lq_tr(l->cli,
				"loquet-office: %s/%llu came again with other words: the first "
				"stay",
				"loquet-office : %s/%llu est revenu avec un autre contenu : le "
				"premier reste"),
			event->controller, seq);
		break;
	case LQ_BOOKS_GAP:
		lq_say(stderr,
			lq_tr(l->cli, "loquet-office: rows before %s/%llu are missing",
				"loquet-office : il manque des lignes avant %s/%llu"),
			event->controller, seq);
		break;
	case LQ_BOOKS_BROKEN:
		lq_say(stderr,
			lq_tr(l->cli,
				"loquet-office: %s/%llu: the signature does not hold for what came",
				"loquet-office : %s/%llu : la signature ne vaut pas pour ce qui "
				"est "
				"arrivé"),
			event->controller, seq);
		break;
	}
}

/* Parts loquet/1/<space>/<controller>/<end>; `ret_end` points into the topic. */
static bool split_topic(const struct lq_listener *l, const char *topic,
	char ret_controller[LQ_NAME_SIZE], const char **ret_end)
{
	char begin[16 + LQ_NAME_SIZE];
	size_t skip = (size_t)snprintf(begin, sizeof(begin), "loquet/1/%s/", l->cli->config.space);
	if (strncmp(topic, begin, skip) != 0) {
		return false;
	}
	size_t length = strcspn(topic + skip, "/");
	if (length == 0 || length >= LQ_NAME_SIZE || topic[skip + length] != '/') {
		return false;
	}
	memcpy(ret_controller, topic + skip, length);
	ret_controller[length] = '\0';
	*ret_end = topic + skip + length + 1;
	return true;
}

/* Pages show with the doors whether their journals are whole. */
static void note_finding(struct lq_listener *l, enum lq_books_finding finding)
{
	switch (finding) {
	case LQ_BOOKS_NEW:
	case LQ_BOOKS_KNOWN:
	case LQ_BOOKS_CONFLICT:
		break;
	case LQ_BOOKS_GAP:
	case LQ_BOOKS_BROKEN:
		lq_arrivals_add(&l->arrivals, LQ_NEWS_DOORS);
		break;
	}
}

/* What is no event of ours would come again for ever: it is told of and acknowledged. */
void lq_incoming_event(struct lq_listener *l, const char *topic, const char *body, size_t length)
{
	struct lq_feed_event event;
	enum lq_books_finding finding = LQ_BOOKS_NEW;
	if (lq_feed_read(l->cli->config.space, topic, body, length, &event) != LQ_OK) {
		lq_say(stderr,
			lq_tr(l->cli, "loquet-office: not an event, on %s: left out",
				"loquet-office : pas un événement, sur %s : laissé de côté"),
			topic);
		return;
	}
	l->failure = lq_books_begin(l->books);
	if (l->failure == LQ_OK) {
		l->failure = lq_books_take(l->books, &event, body, length, &finding);
	}
	if (l->failure == LQ_OK) {
		say_finding(l, &event, finding);
		note_finding(l, finding);
	}
	if (l->failure == LQ_OK && finding != LQ_BOOKS_KNOWN && finding != LQ_BOOKS_CONFLICT) {
		l->failure = lq_arrivals_note(&l->arrivals, l->office.db, &event,
			lq_books_zone(l->books, &event), lq_office_now_ms());
		l->failure = l->failure == LQ_OK
				     ? lq_books_tell(l->books, &event, lq_office_now_ms())
				     : l->failure;
	}
}

/* A badge that was read for somebody becomes theirs. */
static void enrol(struct lq_listener *l, const struct lq_sending *sending)
{
	int r = lq_books_begin(l->books);
	r = r == LQ_OK ? lq_badge_was_read(lq_books_db(l->books), sending, lq_office_now_ms()) : r;
	if (r == LQ_ERR_EXISTS) {
		lq_post_fail(l->post, sending->id, "exists",
			lq_tr(l->cli, "this badge is enrolled already",
				"ce badge est déjà attribué"));
	} else if (r == LQ_ERR_NOT_FOUND) {
		lq_post_fail(l->post, sending->id, "not_found",
			lq_tr(l->cli, "there is nobody of that number", "personne n’a ce numéro"));
	} else {
		l->failure = r;
	}
}

static void take_answer(struct lq_listener *l, const char *controller,
	const struct mosquitto_message *message, size_t length)
{
	const struct lq_sending *sending =
		lq_post_answer(l->post, controller, message->payload, length, lq_office_now_ms());
	if (sending != NULL) {
		lq_arrivals_add(&l->arrivals, LQ_NEWS_COMMANDS);
	}
	if (sending != NULL && sending->has_key && sending->person != 0) {
		lq_arrivals_add(&l->arrivals, LQ_NEWS_PEOPLE);
		enrol(l, sending);
	}
}

static void hear_version(struct lq_listener *l, const char *controller)
{
	const json_t *health = lq_doors_health(l->doors, controller);
	int64_t version = json_integer_value(json_object_get(health, "rosterVersion"));
	lq_publisher_heard(l->publisher, version, lq_office_now_ms());
}

/* False when it is no picture of a door or controller. */
static bool take_picture(struct lq_listener *l, const char *controller, const char *end,
	const struct mosquitto_message *message, size_t length)
{
	switch (lq_doors_take(l->doors, controller, end, message->payload, length)) {
	case LQ_DOORS_STRANGE:
		return false;
	case LQ_DOORS_AS_BEFORE:
		break;
	case LQ_DOORS_ALARMED:
		lq_arrivals_add(&l->arrivals, LQ_NEWS_ALARMS);
		lq_arrivals_add(&l->arrivals, LQ_NEWS_DOORS);
		break;
	case LQ_DOORS_CHANGED:
		lq_arrivals_add(&l->arrivals, LQ_NEWS_DOORS);
		hear_version(l, controller);
		break;
	}
	return true;
}

void lq_incoming_take(struct lq_listener *l, const struct mosquitto_message *message)
{
	char controller[LQ_NAME_SIZE];
	const char *end = NULL;
	size_t length = message->payloadlen > 0 ? (size_t)message->payloadlen : 0;
	if (l->failure != LQ_OK ||
		(split_topic(l, message->topic, controller, &end) &&
			take_picture(l, controller, end, message, length)) ||
		message->retain) {
		return;
	}
	if (end != NULL && strcmp(end, "command/response") == 0) {
		take_answer(l, controller, message, length);
	} else {
		lq_incoming_event(l, message->topic, message->payload, length);
	}
}
