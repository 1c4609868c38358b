#include "host/office/api_session.h"

#include "firmware/core/err.h"
#include "host/office/access.h"
#include "host/office/accounts.h"
#include "host/office/body.h"
#include "host/office/derivation.h"
#include "host/office/office.h"
#include "host/office/refusals.h"
#include "host/office/settings.h"
#include "host/office/zones.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

static int no_session(const struct lq_request *request, struct lq_answer *answer)
{
	int64_t accounts = 0;
	int r = lq_account_count(request->db, &accounts);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	int status = lq_problem(request, answer, 401, "session", NULL, "log in first",
		"ouvrez d’abord une session");
	(void)json_object_set_new(answer->json, "firstRun", json_boolean(accounts == 0));
	return status;
}

static json_t *zones_json(const struct lq_request *request)
{
	const struct lq_office *office = request->office;
	json_t *names = NULL;
	int r = lq_zones_list(request->db, request->config, office->doors, &names);
	return r == LQ_OK ? names : json_array();
}

static json_t *session_json(
	const struct lq_request *request, const struct lq_account *account, const char *secret)
{
	char csrf[LQ_SECRET_TEXT_SIZE];
	char title[LQ_SETTING_SIZE];
	lq_access_csrf(secret, csrf);
	lq_setting_text(request->db, LQ_SETTING_TITLE, title);
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:i, s:o, s:b}", "account",
		account->name, "role", account->role, "scopes",
		lq_scopes_json(lq_role_scopes(account->role)), "csrf", csrf, "language",
		account->language, "space", *title != '\0' ? title : request->config->space,
		"timeZone", request->config->time_zone, "dayCut", (int)request->config->day_cut,
		"zones", zones_json(request), "firstRun", 0);
}

static int get_session(const struct lq_request *request, struct lq_answer *answer)
{
	char secret[LQ_SECRET_TEXT_SIZE];
	struct lq_account account;
	if (request->caller.account == 0 || !lq_access_cookie(request->exchange, secret)) {
		return no_session(request, answer);
	}
	int r = lq_account_by_id(request->db, request->caller.account, &account);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	answer->json = session_json(request, &account, secret);
	return 0;
}

/* ---- logging in ---- */

struct login {
	char name[LQ_NAME_SIZE];
	char password[LQ_PASSWORD_MAX + 1];
};

static const struct lq_field login_fields[] = {
	{.key = "name",
		.type = LQ_FIELD_NAME,
		.offset = offsetof(struct login, name),
		.size = LQ_NAME_SIZE},
	{.key = "password",
		.type = LQ_FIELD_TEXT,
		.offset = offsetof(struct login, password),
		.size = LQ_PASSWORD_MAX + 1},
};

#define LOGIN_FIELDS (sizeof(login_fields) / sizeof(login_fields[0]))

/* Who guesses: by address, and by account from wherever. Of the account not for long: whoever it
 * belongs to could be kept out of it by others. */
struct keys {
	char address[LQ_THROTTLE_KEY_SIZE];
	char account[LQ_THROTTLE_KEY_SIZE];
};

static struct keys keys_of(const struct lq_request *request, const char *account)
{
	struct keys keys;
	lq_throttle_key_of(request->exchange->address, keys.address);
	(void)snprintf(keys.account, sizeof(keys.account), "account:%s", account);
	return keys;
}

static int too_many(const struct lq_request *request, struct lq_answer *answer, uint32_t wait_s)
{
	char en[96];
	char fr[96];
	(void)snprintf(en, sizeof(en), "too many attempts: try again in %u s", wait_s);
	(void)snprintf(fr, sizeof(fr), "trop de tentatives : réessayez dans %u s", wait_s);
	answer->retry_after_s = wait_s;
	return lq_problem(request, answer, 429, "throttled", NULL, en, fr);
}

static int write_cookie(const struct lq_request *request, struct lq_answer *answer,
	const char *secret, int64_t age_s)
{
	(void)snprintf(answer->cookie, sizeof(answer->cookie),
		LQ_COOKIE_NAME "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", secret,
		(long long)age_s, request->exchange->tls ? "; Secure" : "");
	return LQ_OK;
}

static int open_session(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_account *account)
{
	char secret[LQ_SECRET_TEXT_SIZE];
	uint8_t bytes[LQ_SECRET_HASH_SIZE];
	const struct lq_blob hash = {bytes, sizeof(bytes)};
	struct lq_request author = *request;
	author.caller.name = account->name;
	int r = lq_access_secret(secret);
	if (r != LQ_OK) {
		return r;
	}
	lq_access_hash(secret, bytes);
	int64_t done = lq_db_run(request->db, "DELETE FROM login WHERE used <= ?1 OR made <= ?2",
		"ii", request->now_ms - LQ_SESSION_IDLE_MS, request->now_ms - LQ_SESSION_AGE_MS);
	done = done >= 0 ? lq_db_run(request->db,
				   "INSERT INTO login (hash, account, made, used) VALUES (?1, ?2, "
				   "?3, ?3)",
				   "bii", &hash, account->id, request->now_ms)
			 : done;
	r = done < 0 ? (int)done : lq_audit(&author, "session.open", account->name, "");
	if (r == LQ_OK) {
		answer->json = session_json(request, account, secret);
		r = write_cookie(request, answer, secret, LQ_SESSION_AGE_MS / 1000);
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	return r;
}

/* A guess that was wrong. */
static int note_failure(const struct lq_request *request, struct lq_answer *answer,
	const struct keys *keys, const char *act, int64_t account)
{
	struct lq_office *office = request->office;
	lq_throttle_failed(&office->throttle, keys->address, request->now_ms);
	lq_throttle_failed(&office->throttle, keys->account, request->now_ms);
	return lq_refusal_note(request, answer, act, account);
}

static int refuse_login(const struct lq_request *request, struct lq_answer *answer,
	const struct keys *keys, int64_t account)
{
	int r = note_failure(request, answer, keys, "session.refuse", account);
	return r == LQ_OK ? lq_problem(request, answer, 401, "password", NULL,
				    "the name or the password is wrong",
				    "le nom ou le mot de passe est faux")
			  : lq_problem_db(request, answer, r);
}

/* Seconds until they may try; 0: now. */
static uint32_t wait_of(const struct lq_request *request, const struct keys *keys)
{
	const struct lq_office *office = request->office;
	uint32_t wait_s = lq_throttle_wait(
		&office->throttle, keys->address, LQ_THROTTLE_MAX_S, request->now_ms);
	uint32_t other_s = lq_throttle_wait(
		&office->throttle, keys->account, LQ_THROTTLE_SOME_S, request->now_ms);
	return wait_s > other_s ? wait_s : other_s;
}

static int try_login(
	const struct lq_request *request, struct lq_answer *answer, const struct login *login)
{
	struct lq_office *office = request->office;
	struct lq_account account = {0};
	struct keys keys = keys_of(request, login->name);
	bool holds = false;
	uint32_t wait_s = wait_of(request, &keys);
	if (wait_s > 0) {
		return too_many(request, answer, wait_s);
	}
	int r = lq_account_by_name(request->db, login->name, &account);
	if (r != LQ_OK && r != LQ_ERR_NOT_FOUND) {
		return lq_problem_db(request, answer, r);
	}
	r = lq_derivation_holds(
		request, r == LQ_OK ? &account.password : NULL, login->password, &holds);
	if (r != LQ_OK) {
		return lq_derivation_later(request, answer);
	}
	if (!holds) {
		return refuse_login(request, answer, &keys, account.id);
	}
	lq_throttle_passed(&office->throttle, keys.account);
	r = open_session(request, answer, &account);
	return r == LQ_OK ? 0 : lq_problem_db(request, answer, r);
}

static int post_session(const struct lq_request *request, struct lq_answer *answer)
{
	struct login login = {0};
	uint32_t given = 0;
	int status = lq_body_read(request, answer, login_fields, LOGIN_FIELDS, &login, &given);
	status = status == 0 ? lq_body_need(request, answer, login_fields, LOGIN_FIELDS, 3, given)
			     : status;
	status = status == 0 ? try_login(request, answer, &login) : status;
	OPENSSL_cleanse(&login, sizeof(login));
	return status;
}

/* ---- one's own password ---- */

struct change {
	char password[LQ_PASSWORD_MAX + 1]; /* as it was */
	char fresh[LQ_PASSWORD_MAX + 1];
};

static const struct lq_field change_fields[] = {
	{.key = "password",
		.type = LQ_FIELD_TEXT,
		.offset = offsetof(struct change, password),
		.size = LQ_PASSWORD_MAX + 1},
	{.key = "newPassword",
		.type = LQ_FIELD_TEXT,
		.offset = offsetof(struct change, fresh),
		.size = LQ_PASSWORD_MAX + 1},
};

#define CHANGE_FIELDS (sizeof(change_fields) / sizeof(change_fields[0]))

static int refuse_fresh(
	const struct lq_request *request, struct lq_answer *answer, const struct change *change)
{
	if (strlen(change->fresh) < LQ_PASSWORD_MIN) {
		return lq_problem(request, answer, 400, "invalid", "/newPassword",
			"a password has 10 to 128 bytes", "un mot de passe a de 10 à 128 octets");
	}
	return strcmp(change->fresh, change->password) != 0
		       ? 0
		       : lq_problem(request, answer, 400, "same_password", "/newPassword",
				 "this is the password as it was", "c’est le mot de passe actuel");
}

/* Every session ends; whoever asked for it goes on in a new one. */
static int renew_password(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_account *account, const char *text)
{
	struct lq_password password = {.cost = 0};
	char object[40];
	(void)snprintf(object, sizeof(object), "account/%lld", (long long)account->id);
	int r = lq_derivation_make(request, text, &password);
	r = r == LQ_OK ? lq_account_set_password(request->db, account->id, &password) : r;
	r = r == LQ_OK ? lq_audit(request, "password.change", object, "") : r;
	return r == LQ_OK ? open_session(request, answer, account) : r;
}

/* Who holds a session that somebody left open does not know the password, and may guess no more
 * often than at the door. */
static int change_own(const struct lq_request *request, struct lq_answer *answer,
	const struct lq_account *account, const struct change *change)
{
	struct lq_office *office = request->office;
	struct keys keys = keys_of(request, account->name);
	bool holds = false;
	uint32_t wait_s = wait_of(request, &keys);
	if (wait_s > 0) {
		return too_many(request, answer, wait_s);
	}
	int r = lq_derivation_holds(request, &account->password, change->password, &holds);
	if (r != LQ_OK) {
		return lq_derivation_later(request, answer);
	}
	if (!holds) {
		r = note_failure(request, answer, &keys, "password.refuse", account->id);
		return r == LQ_OK ? lq_problem(request, answer, 403, "password", "/password",
					    "this is not your password",
					    "ce n’est pas votre mot de passe")
				  : lq_problem_db(request, answer, r);
	}
	r = renew_password(request, answer, account, change->fresh);
	if (r == LQ_ERR_BUSY) {
		return lq_derivation_later(request, answer);
	}
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	lq_throttle_passed(&office->throttle, keys.account);
	return 0;
}

static int put_password(const struct lq_request *request, struct lq_answer *answer)
{
	struct change change = {0};
	struct lq_account account = {0};
	uint32_t given = 0;
	if (request->caller.account == 0) {
		return no_session(request, answer);
	}
	int status = lq_body_read(request, answer, change_fields, CHANGE_FIELDS, &change, &given);
	status = status == 0 ? lq_body_need(request, answer, change_fields, CHANGE_FIELDS, 3, given)
			     : status;
	status = status == 0 ? refuse_fresh(request, answer, &change) : status;
	int r = status == 0 ? lq_account_by_id(request->db, request->caller.account, &account)
			    : LQ_OK;
	if (r != LQ_OK) {
		status = lq_problem_db(request, answer, r);
	}
	status = status == 0 ? change_own(request, answer, &account, &change) : status;
	OPENSSL_cleanse(&change, sizeof(change));
	return status;
}

static int delete_session(const struct lq_request *request, struct lq_answer *answer)
{
	char secret[LQ_SECRET_TEXT_SIZE];
	uint8_t bytes[LQ_SECRET_HASH_SIZE];
	const struct lq_blob hash = {bytes, sizeof(bytes)};
	if (request->caller.account == 0 || !lq_access_cookie(request->exchange, secret)) {
		return no_session(request, answer);
	}
	lq_access_hash(secret, bytes);
	int64_t r = lq_db_run(request->db, "DELETE FROM login WHERE hash = ?1", "b", &hash);
	r = r >= 0 ? lq_audit(request, "session.close", request->caller.name, "") : r;
	if (r < 0) {
		return lq_problem_db(request, answer, (int)r);
	}
	(void)write_cookie(request, answer, "", 0);
	return 0;
}

/* ---- the first account ---- */

struct first {
	char title[121];
	int64_t legal;
	int64_t soft;
	int language;
	bool exits_badged;
	char name[LQ_NAME_SIZE];
	char password[LQ_PASSWORD_MAX + 1];
	char code[32];
};

#define FIRST(member) offsetof(struct first, member)

static const struct lq_field first_fields[] = {
	{.key = "title", .type = LQ_FIELD_TEXT, .offset = FIRST(title), .size = 121},
	{.key = "name", .type = LQ_FIELD_NAME, .offset = FIRST(name), .size = LQ_NAME_SIZE},
	{.key = "password",
		.type = LQ_FIELD_TEXT,
		.offset = FIRST(password),
		.size = LQ_PASSWORD_MAX + 1},
	{.key = "capacityLegal", .type = LQ_FIELD_NUMBER, .offset = FIRST(legal), .max = 100000},
	{.key = "capacitySoft", .type = LQ_FIELD_NUMBER, .offset = FIRST(soft), .max = 100000},
	{.key = "language",
		.type = LQ_FIELD_WORD,
		.offset = FIRST(language),
		.words = lq_account_languages},
	{.key = "exitsBadged", .type = LQ_FIELD_BOOL, .offset = FIRST(exits_badged)},
	{.key = "code", .type = LQ_FIELD_LABEL, .offset = FIRST(code), .size = 32},
};

#define FIRST_FIELDS (sizeof(first_fields) / sizeof(first_fields[0]))
#define FIRST_NEEDED 7u

/* Who sits at this machine, or has read its log. */
static int prove_owner(const struct lq_request *request, struct lq_answer *answer, const char *code)
{
	struct lq_office *office = request->office;
	static const char key[] = "first-run";
	uint32_t wait_s =
		lq_throttle_wait(&office->throttle, key, LQ_THROTTLE_SOME_S, request->now_ms);
	if (request->exchange->loopback) {
		return 0;
	}
	if (wait_s > 0) {
		return too_many(request, answer, wait_s);
	}
	size_t length = strlen(office->first_code);
	if (length > 0 && strlen(code) == length &&
		CRYPTO_memcmp(code, office->first_code, length) == 0) {
		return 0;
	}
	lq_throttle_failed(&office->throttle, key, request->now_ms);
	int r = lq_refusal_note(request, answer, "first_run.refuse", 0);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	return lq_problem(request, answer, 403, "first_code", "code",
		"from another machine the first account needs the code that stands in the "
		"office's log",
		"depuis une autre machine, le premier compte demande le code inscrit dans le "
		"journal du bureau");
}

static int write_number(struct lq_db *db, enum lq_setting setting, int64_t value)
{
	char text[24];
	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	return lq_setting_write(db, setting, text);
}

static int set_up(const struct lq_request *request, const struct first *first)
{
	struct lq_db *db = request->db;
	const char *language = lq_account_languages[first->language];
	struct lq_account account = {0};
	struct lq_request author = *request;
	(void)snprintf(account.name, sizeof(account.name), "%s", first->name);
	(void)snprintf(account.role, sizeof(account.role), "manager");
	(void)snprintf(account.language, sizeof(account.language), "%s", language);
	author.caller.name = account.name;
	int r = lq_derivation_make(request, first->password, &account.password);
	r = r == LQ_OK ? lq_account_add(db, &account, request->now_ms, &account.id) : r;
	r = r == LQ_OK ? lq_setting_write(db, LQ_SETTING_TITLE, first->title) : r;
	r = r == LQ_OK ? lq_setting_write(db, LQ_SETTING_LANGUAGE, language) : r;
	r = r == LQ_OK ? write_number(db, LQ_SETTING_CAPACITY_LEGAL, first->legal) : r;
	r = r == LQ_OK ? write_number(db, LQ_SETTING_CAPACITY_SOFT, first->soft) : r;
	r = r == LQ_OK ? write_number(db, LQ_SETTING_EXITS_BADGED, first->exits_badged) : r;
	return r == LQ_OK ? lq_audit(&author, "first_run", account.name, "") : r;
}

static int refuse_first(
	const struct lq_request *request, struct lq_answer *answer, const struct first *first)
{
	int64_t accounts = 0;
	int r = lq_account_count(request->db, &accounts);
	if (r != LQ_OK) {
		return lq_problem_db(request, answer, r);
	}
	if (accounts > 0) {
		return lq_problem(request, answer, 409, "set_up", NULL,
			"this office is set up already", "ce bureau est déjà configuré");
	}
	if (strlen(first->password) < LQ_PASSWORD_MIN) {
		return lq_problem(request, answer, 400, "invalid", "/password",
			"a password has 10 to 128 bytes", "un mot de passe a de 10 à 128 octets");
	}
	if (first->legal > 0 && first->soft > first->legal) {
		return lq_problem(request, answer, 400, "invalid", "/capacitySoft",
			"capacitySoft: expected no more than capacityLegal",
			"capacitySoft : attendu au plus capacityLegal");
	}
	return prove_owner(request, answer, first->code);
}

static int post_first_run(const struct lq_request *request, struct lq_answer *answer)
{
	struct first first = {.language = (int)request->language};
	uint32_t given = 0;
	int status = lq_body_read(request, answer, first_fields, FIRST_FIELDS, &first, &given);
	status = status == 0 ? lq_body_need(request, answer, first_fields, FIRST_FIELDS,
				       FIRST_NEEDED, given)
			     : status;
	status = status == 0 ? refuse_first(request, answer, &first) : status;
	int r = status == 0 ? set_up(request, &first) : LQ_OK;
	OPENSSL_cleanse(&first, sizeof(first));
	if (r == LQ_ERR_BUSY) {
		return lq_derivation_later(request, answer);
	}
	return r == LQ_OK ? status : lq_problem_db(request, answer, r);
}

const struct lq_route lq_routes_session[] = {
	{"GET", "/session", LQ_SCOPE_NOBODY, get_session},
	{"POST", "/session", LQ_SCOPE_NOBODY, post_session},
	{"DELETE", "/session", LQ_SCOPE_NOBODY, delete_session},
	{"PUT", "/session/password", LQ_SCOPE_NOBODY, put_password},
	{"POST", "/first-run", LQ_SCOPE_NOBODY, post_first_run},
};

const size_t lq_routes_session_count = sizeof(lq_routes_session) / sizeof(lq_routes_session[0]);
