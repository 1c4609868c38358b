/* Who asks: sessions of people by cookie, tokens of programs by bearer, and what either may do. */
#ifndef LQ_OFFICE_ACCESS_H
#define LQ_OFFICE_ACCESS_H

#include "host/office/api.h"
#include "host/office/serve.h"

#define LQ_COOKIE_NAME      "loquet"
#define LQ_SECRET_TEXT_SIZE 44u /* 32 bytes in base64url and a terminator */
#define LQ_SECRET_HASH_SIZE 32u

/* A session ends when nothing was asked under it for so long, or when it is so old. */
#define LQ_SESSION_IDLE_MS (INT64_C(12) * 3600 * 1000)
#define LQ_SESSION_AGE_MS  (INT64_C(7) * 24 * 3600 * 1000)

#define LQ_TOKEN_PREFIX "loquet_"

/* 1 << enum lq_scope of a role; 0: there is no such role. */
uint32_t lq_role_scopes(const char *role);

/* "now" and so on; LQ_SCOPES for a word that is none. LQ_SCOPE_NOBODY has no word. */
const char *lq_scope_word(enum lq_scope scope);
enum lq_scope lq_scope_of_word(const char *word);

/* The words of a set of scopes. */
json_t *lq_scopes_json(uint32_t scopes);

struct lq_identity {
	struct lq_caller caller; /* `name` points into this struct */
	char name[80];
	bool by_cookie;
};

/* Finds out who sent a request and notes that they did. `ret_identity` is nobody where neither a
 * cookie nor a token of it holds. LQ_OK or an error of the database. */
int lq_access_identify(struct lq_db *db, const struct lq_exchange *exchange, int64_t now_ms,
	struct lq_identity *ret_identity);

/* The same for a request that was noted when it came, and is still being answered. */
int lq_access_look_again(struct lq_db *db, const struct lq_exchange *exchange, int64_t now_ms,
	struct lq_identity *ret_identity);

/* The value of our cookie, false when the request has none of the right form. */
bool lq_access_cookie(const struct lq_exchange *exchange, char ret_secret[LQ_SECRET_TEXT_SIZE]);

/* What a page sends along with every change, made of its cookie. */
void lq_access_csrf(const char *secret, char ret_csrf[LQ_SECRET_TEXT_SIZE]);

/* Whether the request carries the right X-Loquet-CSRF for its cookie. */
bool lq_access_csrf_holds(const struct lq_exchange *exchange);

/* A new secret, 256 bits. LQ_ERR_IO: there is no entropy. */
int lq_access_secret(char ret_secret[LQ_SECRET_TEXT_SIZE]);

/* What is kept of a secret. */
void lq_access_hash(const char *secret, uint8_t ret_hash[LQ_SECRET_HASH_SIZE]);

#endif
