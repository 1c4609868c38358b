#include "host/office/http.h"

#include "firmware/core/err.h"
#include "host/office/clock.h"
#include "host/office/deriver.h"
#include "host/office/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define CONNECTIONS_MAX    2000u /* a browser keeps up to six for each page */
#define FILES_MAX          (CONNECTIONS_MAX + 200u)
#define CONNECTION_MEMORY  16384u
#define CONNECTION_IDLE_S  60u
#define BACKLOG            64
#define DISCARDED_BODY_MAX ((size_t)4 * LQ_BODY_MAX) /* read on behind a body that is too long */
#define PAGE_BLOCK         8192u
#define BODY_FIRST         4096u

/* A page that listens to the stream. */
struct page {
	struct lq_http *http;
	struct MHD_Connection *connection;
	struct lq_stream_place place;
	char *cookie;
	char *authorization;
	bool suspended;
	bool ended; /* its session is over */
	struct page *next;
	struct page **link; /* what points here */
};

struct lq_http {
	struct lq_office *office;
	struct MHD_Daemon *daemon;
	int fd; /* epoll: of the library, and the deriver's */
	struct lq_deriver *deriver;
	struct page *pages;
	int64_t shown_until_ms; /* when what they were shown is paid off, LQ_STREAM_PAUSE_MS each */
	int64_t beat_ms;        /* when all of them were woken */
};

/* One request, from its first line to the end of its answer. */
struct call {
	char *target;
	bool old; /* HTTP/1.0 */
	bool begun;
	bool refused; /* with `refusal`, which waits until the client has said everything */
	struct lq_reply refusal;
	size_t most; /* bytes of the body */
	size_t discarded;
	char *body;
	size_t length;
	size_t capacity;
	char address[INET6_ADDRSTRLEN];
	struct MHD_Connection *connection;
	struct lq_derivation derivation;
};

/* ---- what came ---- */

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	}
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static void write_address(const struct sockaddr *address, char ret_text[INET6_ADDRSTRLEN])
{
	const void *bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	if (address->sa_family == AF_INET) {
		bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	}
	if (inet_ntop(address->sa_family, bytes, ret_text, INET6_ADDRSTRLEN) == NULL) {
		ret_text[0] = '\0';
	}
}

/* "127.0.0.1:8080", by our own port. A name that the browser resolved to here may have been
 * another's a moment ago, and another port is somebody who hands on what they are told. */
static bool names_us(const char *host, uint16_t port)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	char own[32];
	for (size_t i = 0; host != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(own, sizeof(own), "%s:%u", names[i], (unsigned)port);
		if (strcasecmp(host, own) == 0 || (port == 80 && strcasecmp(host, names[i]) == 0)) {
			return true;
		}
	}
	return false;
}

/* A proxy may say nothing of whom it speaks for: nginx by itself sends none of the headers, and
 * names us. But it speaks HTTP/1.0, and the browser behind it tells of the page's true address. */
static bool is_proxied(struct MHD_Connection *connection, const struct call *call, uint16_t port)
{
	static const char *const told[] = {"X-Forwarded-For", "X-Forwarded-Proto",
		"X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"};
	static const char http[] = "http://";
	const char *origin = header(connection, "Origin");
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (header(connection, told[i]) != NULL) {
			return true;
		}
	}
	return call->old || (origin != NULL && (strncmp(origin, http, sizeof(http) - 1) != 0 ||
						       !names_us(origin + sizeof(http) - 1, port)));
}

/* Behind a proxy on this machine, who asked the proxy: the last address that it wrote. */
static void take_forwarded(const char *forwarded, struct call *call)
{
	const char *last = strrchr(forwarded, ',');
	last = last != NULL ? last + 1 : forwarded;
	last += strspn(last, " ");
	(void)snprintf(call->address, sizeof(call->address), "%.*s", (int)strcspn(last, " "), last);
}

static void set_peer(struct MHD_Connection *connection, struct call *call, uint16_t port,
	struct lq_exchange *exchange)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const char *forwarded = header(connection, "X-Forwarded-For");
	const char *scheme = header(connection, "X-Forwarded-Proto");
	if (info == NULL || info->client_addr == NULL) {
		return;
	}
	bool local = is_loopback(info->client_addr);
	write_address(info->client_addr, call->address);
	if (local && forwarded != NULL) {
		take_forwarded(forwarded, call);
	}
	exchange->loopback = local && names_us(header(connection, "Host"), port) &&
			     !is_proxied(connection, call, port);
	exchange->tls = local && scheme != NULL && strcmp(scheme, "https") == 0;
}

static struct lq_exchange exchange_of(const struct lq_http *http, struct MHD_Connection *connection,
	struct call *call, const char *method)
{
	struct lq_exchange exchange = {
		.method = method,
		.target = call->target,
		.target_length = strlen(call->target),
		.address = call->address,
		.accept_encoding = header(connection, "Accept-Encoding"),
		.accept_language = header(connection, "Accept-Language"),
		.authorization = header(connection, "Authorization"),
		.content_type = header(connection, "Content-Type"),
		.cookie = header(connection, "Cookie"),
		.csrf = header(connection, "X-Loquet-CSRF"),
		.if_none_match = header(connection, "If-None-Match"),
		.last_event_id = header(connection, "Last-Event-ID"),
		.body = call->body,
		.body_length = call->length,
		.derivation = &call->derivation,
	};
	set_peer(connection, call, http->office->config->office.port, &exchange);
	return exchange;
}

/* ---- what goes back ---- */

static const struct {
	const char *name;
	const char *value;
} always[] = {
	{"Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; "
				    "frame-ancestors 'none'; object-src 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
};

static void add(struct MHD_Response *response, const char *name, const char *value)
{
	if (value != NULL && *value != '\0') {
		(void)MHD_add_response_header(response, name, value);
	}
}

static void add_answer(struct MHD_Response *response, const struct lq_reply *reply)
{
	const struct lq_answer *answer = &reply->answer;
	char text[96] = "";
	add(response, "Cache-Control", "no-store");
	add(response, "Content-Type", answer->type);
	add(response, "Location", answer->location);
	add(response, "Set-Cookie", answer->cookie);
	add(response, "Allow", reply->status == 405 ? reply->methods : NULL);
	add(response, "WWW-Authenticate", reply->status == 401 ? "Bearer" : NULL);
	if (answer->filename[0] != '\0') {
		(void)snprintf(text, sizeof(text), "attachment; filename=\"%s\"", answer->filename);
		add(response, "Content-Disposition", text);
	}
	if (answer->retry_after_s != 0) {
		(void)snprintf(text, sizeof(text), "%u", answer->retry_after_s);
		add(response, "Retry-After", text);
	}
}

static struct MHD_Response *response_of_answer(struct lq_reply *reply)
{
	struct lq_answer *answer = &reply->answer;
	struct MHD_Response *response =
		answer->text != NULL
			? MHD_create_response_from_buffer_with_free_callback(
				  answer->text_length, answer->text, free)
			: MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	if (response != NULL) {
		answer->text = NULL;
		add_answer(response, reply);
	}
	return response;
}

/* The library only reads it. */
static void *as_buffer(const unsigned char *bytes)
{
	union {
		const unsigned char *bytes;
		void *buffer;
	} view = {.bytes = bytes};
	return view.buffer;
}

static struct MHD_Response *response_of_file(const struct lq_reply *reply)
{
	const struct lq_web_file *file = reply->file;
	size_t length = reply->packed ? file->packed_length : file->length;
	const unsigned char *bytes = reply->packed ? file->packed : file->bytes;
	struct MHD_Response *response = MHD_create_response_from_buffer(
		reply->status == 304 ? 0 : length, as_buffer(bytes), MHD_RESPMEM_PERSISTENT);
	if (response != NULL) {
		add(response, "Cache-Control", "no-cache");
		add(response, "Content-Type", lq_web_file_type(file));
		add(response, "Content-Encoding", reply->packed ? "gzip" : NULL);
		add(response, "ETag", file->tag);
		add(response, "Vary", "Accept-Encoding");
	}
	return response;
}

/* ---- pages that listen ---- */

static ssize_t read_page(void *ctx, uint64_t at, char *out, size_t capacity)
{
	struct page *page = ctx;
	(void)at;
	if (page->ended) {
		return MHD_CONTENT_READER_END_OF_STREAM;
	}
	size_t count = lq_stream_read(&page->http->office->stream, &page->place, out, capacity);
	if (count == 0) {
		page->suspended = true;
		MHD_suspend_connection(page->connection);
	}
	return (ssize_t)count;
}

static void free_page(void *ctx)
{
	struct page *page = ctx;
	*page->link = page->next;
	if (page->next != NULL) {
		page->next->link = page->link;
	}
	free(page->cookie);
	free(page->authorization);
	free(page);
}

static char *copy_of(const char *text)
{
	return text != NULL ? strdup(text) : NULL;
}

static struct page *make_page(struct lq_http *http, struct MHD_Connection *connection)
{
	struct page *page = calloc(1, sizeof(*page));
	if (page == NULL) {
		return NULL;
	}
	page->http = http;
	page->connection = connection;
	page->cookie = copy_of(header(connection, "Cookie"));
	page->authorization = copy_of(header(connection, "Authorization"));
	page->place = lq_stream_join(&http->office->stream, header(connection, "Last-Event-ID"));
	page->next = http->pages;
	page->link = &http->pages;
	if (page->next != NULL) {
		page->next->link = &page->next;
	}
	http->pages = page;
	return page;
}

static void resume(struct page *page)
{
	if (page->suspended) {
		page->suspended = false;
		MHD_resume_connection(page->connection);
	}
}

static struct MHD_Response *response_of_stream(
	struct lq_http *http, struct MHD_Connection *connection, const struct lq_reply *reply)
{
	struct page *page = make_page(http, connection);
	struct MHD_Response *response =
		page != NULL ? MHD_create_response_from_callback(
				       MHD_SIZE_UNKNOWN, PAGE_BLOCK, read_page, page, free_page)
			     : NULL;
	if (response != NULL) {
		add_answer(response, reply);
	} else if (page != NULL) {
		free_page(page);
	}
	return response;
}

/* Somebody who went is noticed by writing to them. */
static void beat(struct lq_http *http)
{
	http->beat_ms = lq_office_mono_ms();
	for (struct page *page = http->pages; page != NULL; page = page->next) {
		const struct lq_exchange exchange = {
			.cookie = page->cookie, .authorization = page->authorization};
		page->place.beat = true;
		page->ended = !lq_serve_still(http->office, &exchange);
		resume(page);
	}
}

/* How long until pages may be shown something new again. What comes after a quiet while is shown at
 * once, and so are the next few: they are one tap's. */
static int64_t pause_left(const struct lq_http *http)
{
	int64_t left_ms = http->shown_until_ms -
			  (int64_t)(LQ_STREAM_BURST - 1) * LQ_STREAM_PAUSE_MS - lq_office_mono_ms();
	return left_ms > 0 ? left_ms : 0;
}

static void show(struct lq_http *http)
{
	int64_t now = lq_office_mono_ms();
	lq_stream_show(&http->office->stream);
	http->shown_until_ms =
		(http->shown_until_ms > now ? http->shown_until_ms : now) + LQ_STREAM_PAUSE_MS;
}

static void wake(struct lq_http *http)
{
	if (lq_office_mono_ms() - http->beat_ms >= LQ_STREAM_HEARTBEAT_MS) {
		beat(http);
	}
	if (!lq_stream_is_ahead(&http->office->stream) || pause_left(http) > 0) {
		return;
	}
	show(http);
	for (struct page *page = http->pages; page != NULL; page = page->next) {
		resume(page);
	}
}

/* ---- a request ---- */

static enum MHD_Result send_reply(
	struct lq_http *http, struct MHD_Connection *connection, struct lq_reply *reply)
{
	struct MHD_Response *response = NULL;
	if (reply->answer.stream) {
		response = response_of_stream(http, connection, reply);
	} else {
		response =
			reply->file != NULL ? response_of_file(reply) : response_of_answer(reply);
	}
	unsigned status = (unsigned)reply->status;
	enum MHD_Result sent = MHD_NO;
	for (size_t i = 0; response != NULL && i < sizeof(always) / sizeof(always[0]); i++) {
		add(response, always[i].name, always[i].value);
	}
	if (response != NULL) {
		sent = MHD_queue_response(connection, status, response);
		MHD_destroy_response(response);
	}
	lq_reply_free(reply);
	return sent;
}

/* Before anything else is known of it. */
static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
	struct call *call = calloc(1, sizeof(*call));
	(void)ctx;
	if (call != NULL) {
		call->connection = connection;
		call->target = strdup(target);
	}
	return call;
}

static void on_end(void *ctx, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode why)
{
	struct call *call = *request;
	(void)ctx;
	(void)connection;
	(void)why;
	if (call != NULL) {
		lq_reply_free(&call->refusal);
		OPENSSL_cleanse(&call->derivation, sizeof(call->derivation));
		free(call->target);
		free(call->body);
		free(call);
	}
	*request = NULL;
}

static uint64_t announced_length(struct MHD_Connection *connection)
{
	const char *length = header(connection, "Content-Length");
	return length != NULL ? strtoull(length, NULL, 10) : 0;
}

static enum MHD_Result begin_call(struct lq_http *http, struct MHD_Connection *connection,
	struct call *call, const char *method)
{
	struct lq_reply reply;
	struct lq_exchange exchange = exchange_of(http, connection, call, method);
	uint64_t length = announced_length(connection);
	call->begun = true;
	if (length == 0 && header(connection, "Transfer-Encoding") == NULL) {
		return MHD_YES;
	}
	if (lq_serve_admit(http->office, &exchange, length, &call->most, &reply)) {
		return MHD_YES;
	}
	/* Who is sending still would see the connection break, and no answer. */
	if (length > DISCARDED_BODY_MAX || header(connection, "Expect") != NULL) {
		return send_reply(http, connection, &reply);
	}
	call->refused = true;
	call->refusal = reply;
	return MHD_YES;
}

static bool grow(struct call *call, size_t length)
{
	size_t capacity = call->capacity != 0 ? call->capacity : BODY_FIRST;
	while (capacity < length + 1) {
		capacity *= 2;
	}
	char *body = capacity != call->capacity ? realloc(call->body, capacity) : call->body;
	if (body == NULL) {
		return false;
	}
	call->body = body;
	call->capacity = capacity;
	return true;
}

static enum MHD_Result gather(struct call *call, const char *bytes, size_t *length)
{
	size_t count = *length;
	*length = 0;
	if (call->discarded > 0 || count > call->most - call->length) {
		call->discarded += count;
		return call->discarded <= DISCARDED_BODY_MAX ? MHD_YES : MHD_NO;
	}
	if (!grow(call, call->length + count)) {
		return MHD_NO;
	}
	memcpy(call->body + call->length, bytes, count);
	call->length += count;
	call->body[call->length] = '\0';
	return MHD_YES;
}

/* ---- passwords ---- */

/* True when the call is made again later. Nobody goes on to send anything meanwhile, and nobody who
 * leaves is noticed: the connection stands until it is resumed. */
static bool waits_for_hash(struct lq_http *http, struct call *call, struct lq_reply *reply)
{
	if (!call->derivation.wanted || lq_deriver_put(http->deriver, &call->derivation) != LQ_OK) {
		return false;
	}
	lq_reply_free(reply);
	MHD_suspend_connection(call->connection);
	return true;
}

static struct call *call_of(struct lq_derivation *derivation)
{
	return (struct call *)(void *)((char *)derivation - offsetof(struct call, derivation));
}

static void resume_calls(struct lq_http *http)
{
	struct lq_derivation *derivation = lq_deriver_take(http->deriver);
	for (; derivation != NULL; derivation = lq_deriver_take(http->deriver)) {
		MHD_resume_connection(call_of(derivation)->connection);
	}
}

static enum MHD_Result answer_call(struct lq_http *http, struct MHD_Connection *connection,
	struct call *call, const char *method)
{
	struct lq_reply reply;
	struct lq_exchange exchange = exchange_of(http, connection, call, method);
	if (call->discarded > 0) {
		lq_serve_too_long(http->office, &exchange, &reply);
	} else {
		lq_serve(http->office, &exchange, &reply);
	}
	return waits_for_hash(http, call, &reply) ? MHD_YES : send_reply(http, connection, &reply);
}

// NOLINTNEXTLINE(readability-function-size): as the library calls it
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *bytes, size_t *length, void **request)
{
	struct lq_http *http = ctx;
	struct call *call = *request;
	(void)url;
	if (call == NULL || call->target == NULL) {
		return MHD_NO;
	}
	if (!call->begun) {
		call->old = strcmp(version, "HTTP/1.0") == 0;
		return begin_call(http, connection, call, method);
	}
	if (*length > 0) {
		return gather(call, bytes, length);
	}
	if (call->refused) {
		return send_reply(http, connection, &call->refusal);
	}
	return answer_call(http, connection, call, method);
}

/* lq_target_read() decodes. */
static size_t leave_encoded(void *ctx, struct MHD_Connection *connection, char *text)
{
	(void)ctx;
	(void)connection;
	return strlen(text);
}

/* ---- the socket ---- */

static int bind_to(const struct sockaddr *address, socklen_t size, int *ret_fd)
{
	const int on = 1;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return LQ_ERR_IO;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, address, size) != 0 || listen(fd, BACKLOG) != 0) {
		int r = errno == EADDRINUSE ? LQ_ERR_BUSY : LQ_ERR_IO;
		(void)close(fd);
		return r;
	}
	*ret_fd = fd;
	return LQ_OK;
}

static int make_socket(const struct lq_config_office *config, int *ret_fd)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(config->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(config->port)};
	if (inet_pton(AF_INET, config->listen, &v4.sin_addr) == 1) {
		return bind_to((const struct sockaddr *)&v4, sizeof(v4), ret_fd);
	}
	if (inet_pton(AF_INET6, config->listen, &v6.sin6_addr) == 1) {
		return bind_to((const struct sockaddr *)&v6, sizeof(v6), ret_fd);
	}
	return LQ_ERR_INVALID;
}

static struct MHD_Daemon *start_daemon(struct lq_http *http, int fd)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0, NULL,
		NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_IDLE_S, MHD_OPTION_URI_LOG_CALLBACK,
		on_target, http, MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, http,
		MHD_OPTION_NOTIFY_COMPLETED, on_end, http, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_END);
}

/* Who is not let in waits until somebody leaves: for ever, where every page keeps its stream. */
static void allow_files(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FILES_MAX) {
		limit.rlim_cur = limit.rlim_max < FILES_MAX ? limit.rlim_max : FILES_MAX;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int poll_both(struct lq_http *http)
{
	int library = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	struct epoll_event ready = {.events = EPOLLIN};
	http->fd = epoll_create1(EPOLL_CLOEXEC);
	return http->fd >= 0 && epoll_ctl(http->fd, EPOLL_CTL_ADD, library, &ready) == 0 &&
			       epoll_ctl(http->fd, EPOLL_CTL_ADD, lq_deriver_fd(http->deriver),
				       &ready) == 0
		       ? LQ_OK
		       : LQ_ERR_IO;
}

static int start(struct lq_http *http)
{
	int fd = -1;
	allow_files();
	int r = make_socket(&http->office->config->office, &fd);
	r = r == LQ_OK ? lq_deriver_new(&http->deriver) : r;
	http->daemon = r == LQ_OK ? start_daemon(http, fd) : NULL;
	if (http->daemon != NULL) {
		return poll_both(http);
	}
	(void)(fd >= 0 ? close(fd) : 0);
	return r == LQ_OK ? LQ_ERR_IO : r;
}

int lq_http_start(struct lq_office *office, struct lq_http **ret_http)
{
	struct lq_http *http = calloc(1, sizeof(*http));
	if (http == NULL) {
		return LQ_ERR_NO_MEMORY;
	}
	http->office = office;
	http->fd = -1;
	http->beat_ms = lq_office_mono_ms();
	http->shown_until_ms = http->beat_ms;
	int r = start(http);
	if (r != LQ_OK) {
		lq_http_stop(http);
		return r;
	}
	*ret_http = http;
	return LQ_OK;
}

int lq_http_fd(const struct lq_http *http)
{
	return http->fd;
}

int lq_http_timeout(const struct lq_http *http, int most_ms)
{
	MHD_UNSIGNED_LONG_LONG ms = 0;
	if (lq_stream_is_ahead(&http->office->stream) && pause_left(http) < most_ms) {
		most_ms = (int)pause_left(http);
	}
	bool pressing = MHD_get_timeout(http->daemon, &ms) == MHD_YES;
	return pressing && ms < (MHD_UNSIGNED_LONG_LONG)most_ms ? (int)ms : most_ms;
}

void lq_http_run(struct lq_http *http)
{
	wake(http);
	resume_calls(http);
	(void)MHD_run(http->daemon);
	if (lq_stream_is_ahead(&http->office->stream) && pause_left(http) == 0) {
		wake(http);
		(void)MHD_run(http->daemon);
	}
}

static void stop_daemon(struct lq_http *http)
{
	for (struct page *page = http->pages; page != NULL; page = page->next) {
		page->ended = true;
		resume(page);
	}
	lq_deriver_stop(http->deriver);
	resume_calls(http);
	(void)MHD_run(http->daemon);
	MHD_stop_daemon(http->daemon);
}

void lq_http_stop(struct lq_http *http)
{
	if (http == NULL) {
		return;
	}
	if (http->daemon != NULL) {
		stop_daemon(http);
	}
	lq_deriver_free(http->deriver);
	(void)(http->fd >= 0 ? close(http->fd) : 0);
	free(http);
}
