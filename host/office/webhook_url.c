#include "host/office/webhook_url.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_visible(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text <= ' ' || *text > '~') {
			return false;
		}
	}
	return true;
}

static bool has(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;
	curl_free(text);
	return there;
}

static bool scheme_is_http(CURLU *url)
{
	char *scheme = NULL;
	bool is = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		  (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	curl_free(scheme);
	return is;
}

/* What the library has decoded of %-signs may be anything. */
static bool host_is_plain(CURLU *url)
{
	char *host = NULL;
	bool plain = curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK && is_visible(host) &&
		     strpbrk(host, "/?#@\\") == NULL;
	curl_free(host);
	return plain;
}

/* The library takes port 0. */
static bool port_is_possible(CURLU *url)
{
	char *port = NULL;
	bool none = curl_url_get(url, CURLUPART_PORT, &port, 0) != CURLUE_OK;
	bool possible = none || strtol(port, NULL, 10) > 0;
	curl_free(port);
	return possible;
}

static enum lq_webhook_url check(CURLU *url, CURLUcode parsed, const char *text)
{
	if (parsed == CURLUE_BAD_PORT_NUMBER) {
		return LQ_WEBHOOK_URL_PORT;
	}
	if (parsed != CURLUE_OK) {
		return LQ_WEBHOOK_URL_FORM;
	}
	if (!scheme_is_http(url)) {
		return LQ_WEBHOOK_URL_SCHEME;
	}
	if (has(url, CURLUPART_USER) || has(url, CURLUPART_PASSWORD)) {
		return LQ_WEBHOOK_URL_LOGIN;
	}
	if (strchr(text, '#') != NULL) {
		return LQ_WEBHOOK_URL_FRAGMENT;
	}
	if (!host_is_plain(url)) {
		return LQ_WEBHOOK_URL_FORM;
	}
	return port_is_possible(url) ? LQ_WEBHOOK_URL_OK : LQ_WEBHOOK_URL_PORT;
}

enum lq_webhook_url lq_webhook_url_check(const char *text)
{
	size_t length = strlen(text);
	if (length == 0 || length >= LQ_WEBHOOK_URL_SIZE) {
		return LQ_WEBHOOK_URL_LENGTH;
	}
	if (!is_visible(text)) {
		return LQ_WEBHOOK_URL_CHARACTERS;
	}
	/* The library forgives one slash or three. */
	const char *colon = strchr(text, ':');
	if (colon == NULL || strncmp(colon, "://", 3) != 0 || colon[3] == '/') {
		return LQ_WEBHOOK_URL_FORM;
	}
	CURLU *url = curl_url();
	if (url == NULL) {
		return LQ_WEBHOOK_URL_FORM;
	}
	enum lq_webhook_url found =
		check(url, curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME), text);
	curl_url_cleanup(url);
	return found;
}

void lq_webhook_url_host(const char *text, char ret_host[LQ_WEBHOOK_HOST_SIZE])
{
	CURLU *url = curl_url();
	char *host = NULL;
	(void)snprintf(ret_host, LQ_WEBHOOK_HOST_SIZE, "?");
	if (url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
		curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		(void)snprintf(ret_host, LQ_WEBHOOK_HOST_SIZE, "%s", host);
	}
	curl_free(host);
	curl_url_cleanup(url);
}
