/* Which addresses a webhook may have. Any thread. */
#ifndef LQ_OFFICE_WEBHOOK_URL_H
#define LQ_OFFICE_WEBHOOK_URL_H

#define LQ_WEBHOOK_URL_SIZE  513u
#define LQ_WEBHOOK_HOST_SIZE 256u

enum lq_webhook_url {
	LQ_WEBHOOK_URL_OK,
	LQ_WEBHOOK_URL_LENGTH,
	LQ_WEBHOOK_URL_CHARACTERS, /* other than ASCII's visible ones */
	LQ_WEBHOOK_URL_FORM,       /* not an absolute URL, or without a host */
	LQ_WEBHOOK_URL_SCHEME,
	LQ_WEBHOOK_URL_LOGIN,
	LQ_WEBHOOK_URL_FRAGMENT,
	LQ_WEBHOOK_URL_PORT,
};

/* It is read by the same library that goes there, so that nobody takes it for something else. */
enum lq_webhook_url lq_webhook_url_check(const char *url);

/* Where it leads: the host alone, "?" when there is none. */
void lq_webhook_url_host(const char *url, char ret_host[LQ_WEBHOOK_HOST_SIZE]);

#endif
