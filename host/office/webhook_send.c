#include "host/office/webhook_send.h"

#include "firmware/core/err.h"
#include "host/office/back_off.h"
#include "host/office/clock.h"
#include "host/office/webhook_error.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 16
#define CONNECTIONS    8L /* kept open for the next delivery */

struct sending {
	CURL *curl; /* NULL: free */
	struct curl_slist *headers;
	char *body;
	size_t received;
	struct lq_webhook_outcome outcome;
};

struct lq_sender {
	CURLM *multi;
	int fd;
	int64_t due_ms; /* on the monotonic clock; -1: nothing */
	struct sending sendings[LQ_WEBHOOKS_MAX];
};

/* ---- the library's sockets and time ---- */

/* A socket that the library closed is out of the set already. */
static int on_socket(CURL *curl, curl_socket_t fd, int what, void *ctx, void *known)
{
	struct lq_sender *sender = ctx;
	struct epoll_event event = {.data.fd = fd};
	(void)curl;
	(void)known;
	if (what == CURL_POLL_REMOVE) {
		(void)epoll_ctl(sender->fd, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	event.events = (what & CURL_POLL_IN) != 0 ? EPOLLIN : 0;
	event.events |= (what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0;
	if (epoll_ctl(sender->fd, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT) {
		(void)epoll_ctl(sender->fd, EPOLL_CTL_ADD, fd, &event);
	}
	return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct lq_sender *sender = ctx;
	(void)multi;
	sender->due_ms = timeout_ms < 0 ? -1 : lq_office_mono_ms() + timeout_ms;
	return 0;
}

int lq_sender_fd(const struct lq_sender *sender)
{
	return sender->fd;
}

int lq_sender_timeout(const struct lq_sender *sender, int most_ms)
{
	if (sender->due_ms < 0) {
		return most_ms;
	}
	int64_t left_ms = sender->due_ms - lq_office_mono_ms();
	left_ms = left_ms > 0 ? left_ms : 0;
	return left_ms < most_ms ? (int)left_ms : most_ms;
}

void lq_sender_run(struct lq_sender *sender)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int running = 0;
	int count = epoll_wait(sender->fd, events, EVENTS_AT_ONCE, 0);
	for (int i = 0; i < count; i++) {
		int what = (events[i].events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0;
		what |= (events[i].events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0;
		what |= (events[i].events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0;
		(void)curl_multi_socket_action(sender->multi, events[i].data.fd, what, &running);
	}
	if (sender->due_ms >= 0 && sender->due_ms <= lq_office_mono_ms()) {
		sender->due_ms = -1;
		(void)curl_multi_socket_action(sender->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
}

/* ---- a request ---- */

/* What a receiver says beyond its status is dropped, and no more of it read than is polite. */
// NOLINTNEXTLINE(readability-non-const-parameter): the library's signature
static size_t on_answer(char *bytes, size_t size, size_t count, void *ctx)
{
	struct sending *sending = ctx;
	(void)bytes;
	sending->received += size * count;
	return sending->received <= LQ_WEBHOOK_ANSWER_MAX ? size * count : 0;
}

static bool add_header(struct sending *sending, const char *name, const char *value)
{
	char line[256];
	(void)snprintf(line, sizeof(line), "%s: %s", name, value);
	struct curl_slist *longer = curl_slist_append(sending->headers, line);
	sending->headers = longer != NULL ? longer : sending->headers;
	return longer != NULL;
}

static bool add_headers(struct sending *sending, const struct lq_webhook_parcel *parcel)
{
	char timestamp[24];
	(void)snprintf(timestamp, sizeof(timestamp), "%" PRId64, parcel->timestamp_s);
	struct curl_slist *first = curl_slist_append(NULL, "Expect:");
	sending->headers = first;
	return first != NULL &&
	       add_header(sending, "Content-Type", "application/cloudevents+json; charset=utf-8") &&
	       add_header(sending, "webhook-id", parcel->name) &&
	       add_header(sending, "webhook-timestamp", timestamp) &&
	       add_header(sending, "webhook-signature", parcel->signature);
}

/* CURLOPT_QUICK_EXIT: a look-up that takes longer than the time there is must not be waited for. */
static bool set_manners(CURL *curl, struct sending *sending)
{
	return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) ==
		       CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)LQ_WEBHOOK_CONNECT_MS) ==
		       CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)LQ_WEBHOOK_ANSWER_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_USERAGENT, "loquet-office") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, sending) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PRIVATE, sending) == CURLE_OK;
}

static bool set_request(CURL *curl, struct sending *sending, const struct lq_webhook_parcel *parcel)
{
	return add_headers(sending, parcel) && set_manners(curl, sending) &&
	       curl_easy_setopt(curl, CURLOPT_URL, parcel->url) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HTTPHEADER, sending->headers) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)parcel->length) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sending->body) == CURLE_OK;
}

static void clear(struct lq_sender *sender, struct sending *sending)
{
	if (sending->curl != NULL) {
		(void)curl_multi_remove_handle(sender->multi, sending->curl);
		curl_easy_cleanup(sending->curl);
	}
	curl_slist_free_all(sending->headers);
	free(sending->body);
	memset(sending, 0, sizeof(*sending));
}

static struct sending *find_free(struct lq_sender *sender)
{
	for (size_t i = 0; i < LQ_WEBHOOKS_MAX; i++) {
		if (sender->sendings[i].curl == NULL) {
			return &sender->sendings[i];
		}
	}
	return NULL;
}

int lq_sender_send(struct lq_sender *sender, struct lq_webhook_parcel *parcel)
{
	struct sending *sending = find_free(sender);
	char *body = parcel->body;
	parcel->body = NULL;
	if (sending == NULL) {
		free(body);
		return LQ_ERR_FULL;
	}
	sending->body = body;
	sending->outcome.webhook = parcel->webhook;
	sending->outcome.delivery = parcel->delivery;
	(void)snprintf(sending->outcome.url, sizeof(sending->outcome.url), "%s", parcel->url);
	sending->curl = curl_easy_init();
	if (sending->curl == NULL || !set_request(sending->curl, sending, parcel) ||
		curl_multi_add_handle(sender->multi, sending->curl) != CURLM_OK) {
		clear(sender, sending);
		return LQ_ERR_NO_MEMORY;
	}
	return LQ_OK;
}

bool lq_sender_is_busy(const struct lq_sender *sender, int64_t webhook)
{
	for (size_t i = 0; i < LQ_WEBHOOKS_MAX; i++) {
		if (sender->sendings[i].curl != NULL &&
			sender->sendings[i].outcome.webhook == webhook) {
			return true;
		}
	}
	return false;
}

/* How long somebody who is overburdened wants to be left alone. As seconds or as a moment: the
 * library reads both. */
static int64_t asked_ms_of(CURL *curl, int status)
{
	curl_off_t asked_s = 0;
	if ((status != 429 && status != 503) ||
		curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &asked_s) != CURLE_OK ||
		asked_s < 0) {
		return 0;
	}
	return asked_s < LQ_BACK_OFF_MOST_MS / 1000 ? (int64_t)asked_s * 1000 : LQ_BACK_OFF_MOST_MS;
}

/* An answer whose end was not waited for has said what counts. */
static void conclude(struct sending *sending, CURLcode code)
{
	struct lq_webhook_outcome *outcome = &sending->outcome;
	long status = 0;
	(void)curl_easy_getinfo(sending->curl, CURLINFO_RESPONSE_CODE, &status);
	bool cut = code == CURLE_WRITE_ERROR && sending->received > LQ_WEBHOOK_ANSWER_MAX;
	outcome->status = code == CURLE_OK || cut ? (int)status : 0;
	outcome->asked_ms = asked_ms_of(sending->curl, outcome->status);
	if (outcome->status == 0) {
		(void)snprintf(outcome->error, sizeof(outcome->error), "%s",
			lq_webhook_error_of((int)code));
	}
}

bool lq_sender_take(struct lq_sender *sender, struct lq_webhook_outcome *ret_outcome)
{
	int left = 0;
	CURLMsg *message = curl_multi_info_read(sender->multi, &left);
	while (message != NULL && message->msg != CURLMSG_DONE) {
		message = curl_multi_info_read(sender->multi, &left);
	}
	if (message == NULL) {
		return false;
	}
	struct sending *sending = NULL;
	CURLcode code = message->data.result;
	(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&sending);
	conclude(sending, code);
	*ret_outcome = sending->outcome;
	clear(sender, sending);
	return true;
}

/* ---- from beginning to end ---- */

static bool set_up(struct lq_sender *sender)
{
	sender->fd = epoll_create1(EPOLL_CLOEXEC);
	sender->multi = curl_multi_init();
	return sender->fd >= 0 && sender->multi != NULL &&
	       curl_multi_setopt(sender->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
	       curl_multi_setopt(sender->multi, CURLMOPT_SOCKETDATA, sender) == CURLM_OK &&
	       curl_multi_setopt(sender->multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
	       curl_multi_setopt(sender->multi, CURLMOPT_TIMERDATA, sender) == CURLM_OK &&
	       curl_multi_setopt(sender->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS) == CURLM_OK;
}

int lq_sender_new(struct lq_sender **ret_sender)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		return LQ_ERR_IO;
	}
	struct lq_sender *sender = calloc(1, sizeof(*sender));
	if (sender == NULL) {
		curl_global_cleanup();
		return LQ_ERR_NO_MEMORY;
	}
	sender->fd = -1;
	sender->due_ms = -1;
	if (!set_up(sender)) {
		lq_sender_free(sender);
		return LQ_ERR_IO;
	}
	*ret_sender = sender;
	return LQ_OK;
}

void lq_sender_free(struct lq_sender *sender)
{
	if (sender == NULL) {
		return;
	}
	for (size_t i = 0; i < LQ_WEBHOOKS_MAX && sender->multi != NULL; i++) {
		clear(sender, &sender->sendings[i]);
	}
	(void)curl_multi_cleanup(sender->multi);
	if (sender->fd >= 0) {
		(void)close(sender->fd);
	}
	free(sender);
	curl_global_cleanup();
}
