#include "host/office/webhook_error.h"

#include <curl/curl.h>
#include <string.h>

static const struct {
	int code;
	const char *en;
	const char *fr;
} known[] = {
	{CURLE_COULDNT_RESOLVE_HOST, "the host is not known", "l’hôte est inconnu"},
	{CURLE_COULDNT_CONNECT, "could not connect", "connexion impossible"},
	{CURLE_OPERATION_TIMEDOUT, "no answer in time", "pas de réponse à temps"},
	{CURLE_PEER_FAILED_VERIFICATION, "the certificate does not hold for this address",
		"le certificat ne vaut pas pour cette adresse"},
	{CURLE_SSL_CONNECT_ERROR, "no TLS connection came about",
		"aucune connexion TLS n’a été établie"},
	{CURLE_WEIRD_SERVER_REPLY, "the answer was not HTTP", "la réponse n’était pas du HTTP"},
	{CURLE_UNSUPPORTED_PROTOCOL, "the answer was not HTTP", "la réponse n’était pas du HTTP"},
	{CURLE_GOT_NOTHING, "the connection was closed without an answer",
		"la connexion a été fermée sans réponse"},
	{CURLE_SEND_ERROR, "the connection broke off", "la connexion s’est interrompue"},
	{CURLE_RECV_ERROR, "the connection broke off", "la connexion s’est interrompue"},
	{CURLE_PARTIAL_FILE, "the connection broke off", "la connexion s’est interrompue"},
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

const char *lq_webhook_error_of(int code)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i].code == code) {
			return known[i].en;
		}
	}
	return curl_easy_strerror((CURLcode)code);
}

const char *lq_webhook_error_in(const char *english, enum lq_language language)
{
	for (size_t i = 0; i < KNOWN && language == LQ_LANGUAGE_FR; i++) {
		if (strcmp(known[i].en, english) == 0) {
			return known[i].fr;
		}
	}
	return english;
}
